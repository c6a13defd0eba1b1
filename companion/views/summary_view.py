"""A network as a table, in every medium."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from answers.derivation.document import value_document as exact
from answers.errors import InputError
from answers.expressions.size import Size
from answers.network.graph import Network
from answers.network.summary import Row, Summary, Total, summary
from answers.receptive_field.field import Field
from answers.receptive_field.walk import fields
from companion.options import Everywhere
from companion.views import table_text
from companion.views.calculator_json import layer_rows, total, totals
from companion.views.columns import Column, write
from companion.views.formula_text import FormulaText
from companion.views.paper import Paper

Path = tuple[str, ...]
_MOST_WRITTEN = 60
_COLUMNS = (
    Column("layer"),
    Column("kind", spare=3),
    Column("output", right=True),
    Column("parameters", right=True),
    Column("MACs", right=True, spare=1),
    Column("field", right=True, spare=2),
)


@dataclass(frozen=True)
class Table:
    """What a summary shows.

    fields: what each layer's units see of the input; empty where there is no single input to look
    at (`no_fields` says why).
    """

    network: Network
    summary: Summary
    fields: Mapping[Path, Field]
    no_fields: str

    @classmethod
    def of(cls, network: Network) -> Table:
        """The table of a network. Raises: InputError of a layer that does not fit."""
        seen, no_fields = _fields(network)
        return cls(network, summary(network), seen, no_fields)

    @cached_property
    def notation(self) -> str:
        """The network in one line; '' where it can't be written, for the reason `no_notation`."""
        return self._written[0]

    @property
    def no_notation(self) -> str:
        """Why there is no notation."""
        return self._written[1]

    @cached_property
    def _written(self) -> tuple[str, str]:
        return _notation(self.network)


def _fields(network: Network) -> tuple[dict[Path, Field], str]:
    """The field of each layer's first call."""
    seen: dict[Path, Field] = {}
    try:
        found = fields(network)
    except InputError as error:
        return {}, error.message
    for calls, outputs in found.by_path.items():
        field = outputs[0] if outputs else None
        if field is not None:
            seen.setdefault(tuple(name for name, _ in calls), field)
    return seen, ""


def _notation(network: Network) -> tuple[str, str]:
    from answers.notation.printer import to_notation

    try:
        return to_notation(network, keep_names=False), ""
    except InputError as error:
        return "", error.message


def document(table: Table) -> dict[str, Any]:
    """The result of `summary --json`."""
    rows = layer_rows(table.summary)
    for row, found in zip(rows, table.summary.rows, strict=True):
        row["receptive_field"] = _field_document(table.fields.get(found.path))
    return {
        **totals(table.summary),
        "macs": total(table.summary.macs),
        "output_shapes": [exact(shape) for shape in table.summary.outputs],
        "notation": table.notation or None,
        "layers": rows,
    }


def _field_document(field: Field | None) -> Any:
    if field is None:
        return None
    if field.whole and not _is_part(field):
        return "whole"
    return [exact(size) for size in _seen_sizes(field)]


def _is_part(field: Field) -> bool:
    """Whether all units see the same, and that is known to be less than the input."""
    return any(axis.shared is not None and not axis.complete for axis in field.axes)


def _seen_sizes(field: Field) -> tuple[Size | None, ...]:
    """Along each axis how many positions a unit sees; where all see the same, that many."""
    return tuple(axis.shared.count if axis.shared else axis.size for axis in field.axes)


def draw(table: Table, everywhere: Everywhere, *, rows: bool = True) -> None:
    """The table in the terminal; on a narrow one it loses columns, never digits.

    rows: whether the layers are shown, or the totals alone.
    """
    words, paper = FormulaText.of(sys.stdout), Paper.of(everywhere)
    if rows:
        write(paper, _COLUMNS, _cells(table, words))
        paper.line()
    for line in _totals(table, words):
        paper.line(line, bold=True)
    if not rows:
        return
    if table.no_fields:
        paper.line(f"No receptive fields: {table.no_fields}", dim=True)
    if len(table.summary.rows) > _MOST_WRITTEN:
        return  # a line that fills the screen tells nobody anything, and takes its time
    if not table.notation:
        paper.line(f"No notation: {table.no_notation}", dim=True)
    elif len(table.notation) <= 4 * paper.width:
        paper.line(table.notation, dim=True)


def _cells(table: Table, words: FormulaText) -> list[tuple[str, ...]]:
    return [
        (
            "/".join(row.path),
            row.kind + (" (frozen)" if row.frozen and row.weights else ""),
            ", ".join(map(words.value, (row.output, *row.beside))),
            words.value(row.parameters),
            words.value(row.macs),
            _field_cell(table, row, words),
        )
        for row in table.summary.rows
    ]


def _remark(row: Row) -> str:
    """' (frozen)', ' (3 times)' for a shared layer, both, or nothing."""
    said = ["frozen"] if row.frozen and row.weights else []
    said += [f"{row.calls} times"] if row.calls > 1 else []
    return f" ({', '.join(said)})" if said else ""


def _field_cell(table: Table, row: Row, words: FormulaText) -> str:
    field = table.fields.get(row.path)
    if field is None:
        return ""
    if field.whole and not _is_part(field):
        return "whole"
    sizes = _seen_sizes(field)
    if all(size is None for size in sizes):
        return "?"
    least = "≥ " if field.unknown else ""
    return least + words.shape(sizes)


def _totals(table: Table, words: FormulaText) -> list[str]:
    found = table.summary
    still = Total(found.parameters.value - found.trainable.value, found.parameters.at_least)
    return [
        (
            f"{_said(found.parameters, words)} parameters: "
            f"{_said(found.trainable, words)} trainable, {_said(still, words)} not"
        ),
        f"{_said(found.macs, words)} MACs for one sample",
    ]


def _said(found: Total, words: FormulaText) -> str:
    return ("at least " if found.at_least else "") + words.value(found.value)


def as_text(table: Table, form: Literal["latex", "markdown"]) -> str:
    """The table in Markdown or LaTeX."""
    words = FormulaText()
    rows = _cells(table, words)
    return "\n".join([table_text.as_text(form, _COLUMNS, rows), "", *_totals(table, words)])

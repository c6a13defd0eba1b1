"""What the documents of calculators hold: exact numbers, and the rows of a network."""

from __future__ import annotations

from typing import Any

from answers.derivation.document import value_document as exact
from answers.network.summary import Row, Summary, Total


def totals(table: Summary) -> dict[str, Any]:
    """The parameters of a network."""
    total, trainable = table.parameters, table.trainable
    return {
        "total": exact(total.value),
        "trainable": exact(trainable.value),
        "non_trainable": exact(total.value - trainable.value),
        "at_least": total.at_least,
    }


def total(found: Total) -> dict[str, Any]:
    """A sum that may be a lower bound."""
    return {"value": exact(found.value), "at_least": found.at_least}


def layer_rows(table: Summary) -> list[dict[str, Any]]:
    """A document for each layer."""
    return list(map(_row, table.rows))


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": "/".join(row.path),
        "kind": row.kind,
        "output_shape": exact(row.output),
        **({"beside_shapes": list(map(exact, row.beside))} if row.beside else {}),
        "parameters": exact(row.parameters),
        "trainable": exact(row.trainable),
        "macs": exact(row.macs),
        "calls": row.calls,
    }

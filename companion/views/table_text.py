"""A small table as Markdown or LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from companion.views.columns import Column

_SPECIAL = str.maketrans(
    {"_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}",
     "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}",
     "·": r"$\cdot$", "−": "$-$", "⌊": r"$\lfloor$", "⌋": r"$\rfloor$", "≥": r"$\ge$",
     "⌈": r"$\lceil$", "⌉": r"$\rceil$",
     **{sign: f"$^{power}$" for power, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}}
)  # fmt: skip
_MARKDOWN = str.maketrans({"|": "\\|", "<": "&lt;", "*": "\\*", "_": "\\_", "`": "\\`"})


def as_text(
    form: Literal["latex", "markdown"], columns: Sequence[Column], rows: Sequence[Sequence[str]]
) -> str:
    """The table; what a name holds can't change it."""
    titles = [column.title for column in columns]
    lines = [titles, *map(list, rows)]
    return _markdown(columns, lines) if form == "markdown" else _latex(columns, lines)


def _markdown(columns: Sequence[Column], lines: list[list[str]]) -> str:
    titles, *rows = [[cell.translate(_MARKDOWN) for cell in row] for row in lines]
    rule = ["---:" if column.right else "---" for column in columns]
    return "\n".join("| " + " | ".join(row) + " |" for row in (titles, rule, *rows))


def _latex(columns: Sequence[Column], lines: list[list[str]]) -> str:
    spec = "".join("r" if column.right else "l" for column in columns)
    rows = [" & ".join(cell.translate(_SPECIAL) for cell in row) + r" \\" for row in lines]
    table = [rf"\begin{{tabular}}{{{spec}}}", rows[0], r"\hline", *rows[1:], r"\end{tabular}"]
    return "\n".join(table)

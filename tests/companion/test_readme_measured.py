"""README's table of speeds is what the benchmark found, and nothing that was typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "tests" / "benchmarks" / "grade_against_script.json"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- end -->"


def table(document: dict[str, Any]) -> str:
    """The rows, each a median with the smallest and the largest; and what they ran on."""
    found = document["versions"]
    ran_on = ", ".join(f"{name} {number}" for name, number in found.items())
    head = (
        "| grade / script | time | peak memory | share of matrix products |",
        "|---|---|---|---|",
    )
    rows = [
        f"| {row['what']} | {spread(row['wall'])} | {spread(row['memory'])} | {spread(row['share'])} |"
        for row in document["rows"]
    ]
    said = f"Medians of {document['rounds']} rounds (smallest to largest), {document['cores']} cores, {ran_on}."
    return "\n".join((*head, *rows, "", said))


def spread(values: list[float] | None) -> str:
    if values is None:
        return "–"
    middle, low, high = values
    return f"**{middle:.2f}** ({low:.2f} to {high:.2f})"


def test_the_table_of_speeds_is_what_was_measured() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    document = json.loads(FOUND.read_text("utf-8"))
    shown = text.split(BEGIN)[1].split(END)[0].strip()
    assert shown == table(document).strip(), f"README should say:\n{table(document)}"

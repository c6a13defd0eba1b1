"""The few words that the engine adds to a text, in its language: a file each in languages/."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from answers.record import record
from answers.textbook.table import read_table


@record(kw_only=True)
class Wording:
    """Words around a text.

    name: of the language, in itself. too_narrow: in place of a drawing that has {needed} columns.
    """

    name: str
    sources: str
    see_also: str
    homework: str
    answer: str
    answers: str
    result: str
    code: str
    given: str
    mask: str
    probabilities: str
    layer: str
    gradient: str
    recall: str
    precision: str
    too_narrow: str


def read_wording(path: Path) -> Wording:
    """The words of a language.

    Raises: Fault.
    """
    table = read_table(path)
    found = Wording(**{field.name: table.text(field.name) for field in fields(Wording)})
    table.done()
    return found

"""Mistakes that practice can name: what they are called, what helps, what to read, what they are worth."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path

from answers.misconceptions.slip import slips
from answers.record import record
from answers.textbook.table import Table, line_of, read_table, read_text

RULES = "misconceptions.toml"
_HERE = Path(__file__).parent


@record(kw_only=True)
class Misconception:
    """A mistake that has a name.

    sentence: what was done, and what helps on; it holds no answer. topic: what to read.
    credit: which part of the points the way so far is worth. line: where it stands in its table.
    """

    code: str
    name: str
    sentence: str
    topic: str
    credit: Fraction
    line: int = 0


@cache
def misconceptions(language: str = "en", folder: Path = _HERE) -> dict[str, Misconception]:
    """All of them by code: those of the textbook, and the engine's slips.

    folder: of the textbook. Slips have their words in English alone.
    Raises: Fault.
    """
    file = folder / RULES
    text, rules = read_text(file), read_table(file)
    words = read_table(folder / f"misconceptions.{language}.toml")
    own = rules.table("misconception")
    named = {
        code: _misconception(code, _at(own, code, text, "misconception"), _words(words, code))
        for code in own.keys()  # noqa: SIM118  # not a dict
    }
    found = named | _slips(rules.table("slip"), text)
    rules.done()
    words.done()
    return found


def words_file(language: str) -> str:
    """The file that names the misconceptions in a language."""
    return f"misconceptions.{language}.toml"


def _at(tables: Table, code: str, text: str, kind: str) -> Table:
    found = tables.table(code)
    found.line = line_of(text, f"[{kind}.{code}]")
    return found


def _words(words: Table, code: str) -> tuple[str, str]:
    if not words.has(code):
        raise words.fault(f"The misconception {code!r:.60} has no words here.")
    table = words.table(code)
    found = table.text("name"), table.text("sentence")
    table.done()
    return found


def _slips(rules: Table, text: str) -> dict[str, Misconception]:
    known = {slip.code: slip for slip in slips()}
    for code in rules.keys():  # noqa: SIM118  # not a dict
        if code not in known:
            raise _at(rules, code, text, "slip").fault(f"The engine knows no slip {code!r:.60}.")
    return {
        code: _misconception(code, _at(rules, code, text, "slip"), (slip.name, slip.sentence))
        for code, slip in known.items()
        if rules.has(code)
    }


def _misconception(code: str, table: Table, words: tuple[str, str]) -> Misconception:
    name, sentence = words
    credit = table.number("credit")
    if not 0 <= credit < 1:
        raise table.fault(f"credit is {credit}: a part of the points, below 1.")
    found = Misconception(
        code=code,
        name=name,
        sentence=sentence,
        topic=table.text("topic"),
        credit=credit,
        line=table.line,
    )
    table.done()
    return found

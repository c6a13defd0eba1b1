"""The words of a question in one language, and the numbers that are put into them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from answers.errors import InputError
from answers.record import record
from answers.textbook.fault import Fault
from answers.textbook.table import Table, line_of, read_table, read_text

_MENTION = re.compile(r"\{\{\s*([a-z_][A-Za-z0-9_-]*)\s*(?::([^{}]*))?\}\}")
_FORMAT = re.compile(r"\.([0-9])([f%e])")
Said: TypeAlias = Mapping[str, Fraction | str]


@record(kw_only=True)
class QuestionWords:
    """What a question says. file, line: where.

    text: the question. nudge, formula, step, solution: hints, each telling more; step and solution
    may be empty. options: what options and things to be ordered are called. because: why a wrong
    option is wrong. remarks: what is said of another convention that is right.
    """

    file: Path
    line: int
    text: str
    nudge: str
    formula: str
    step: str
    solution: str
    options: Mapping[str, str]
    because: Mapping[str, str]
    remarks: Mapping[str, str]


def read_words(folder: Path, language: str) -> dict[str, Callable[[], QuestionWords]]:
    """A function for each question of a topic's folder that reads its words; they raise Fault.

    Raises: Fault where the file as a whole can't be read.
    """
    file = folder / f"{language}.toml"
    text, whole = read_text(file), read_table(file)
    return {name: _reader(whole, name, line_of(text, f"[{name}]")) for name in whole.keys()}  # noqa: SIM118  # not a dict


def _reader(whole: Table, name: str, line: int) -> Callable[[], QuestionWords]:
    def read() -> QuestionWords:
        table = whole.table(name)
        table.line = line
        found = QuestionWords(
            file=table.file,
            line=line,
            text=_filled_in(table, "text"),
            nudge=_filled_in(table, "nudge"),
            formula=_filled_in(table, "formula"),
            step=table.text("step", "").strip(),
            solution=table.text("solution", "").strip(),
            options=_texts(table, "options"),
            because=_texts(table, "because"),
            remarks=_texts(table, "remarks"),
        )
        table.done()
        return found

    return read


def _filled_in(table: Table, key: str) -> str:
    found = table.text(key).strip()
    if not found:
        raise table.fault(f"{key} is empty.")
    return found


def _texts(table: Table, key: str) -> dict[str, str]:
    inner = table.table(key)
    inner.line = table.line
    return {name: _filled_in(inner, name) for name in inner.keys()}  # noqa: SIM118  # not a dict


def filled(text: str, said: Said) -> str:
    """The text with its numbers: {{tp}}, {{rate:.1%}}.

    Raises: InputError `words-name` for a name that nobody knows, `words-format`.

    >>> filled("{{part:.1%}} of {{all}}", {"part": Fraction(8, 9), "all": Fraction(4608)})
    '88.9% of 4,608'
    """

    def put_in(found: re.Match[str]) -> str:
        name, form = found[1], found[2]
        if name not in said:
            known = ", ".join(sorted(said)) or "none"
            raise InputError("words-name", f"{{{{{name}}}}} is not known here; known are {known}.")
        return _shown(said[name], form or "")

    return _MENTION.sub(put_in, text)


def mentioned(text: str) -> frozenset[str]:
    """The names that a text mentions."""
    return frozenset(found[1] for found in _MENTION.finditer(text))


def unfilled(text: str) -> str:
    """The text before numbers are drawn: the names stand where they will be.

    >>> unfilled("{{f}} filters of {{k}}x{{k}}")
    'f filters of kxk'
    """
    return _MENTION.sub(lambda found: found[1], text)


def _shown(value: Fraction | str, form: str) -> str:
    if isinstance(value, str):
        return value
    if not form:
        return number_words(value)
    found = _FORMAT.fullmatch(form)
    if found is None:
        raise InputError(
            "words-format", f"{form!r:.40} is no format.", hint="Write .3f, .1% or .2e."
        )
    with localcontext() as context:
        context.prec = 50
        return format(Decimal(value.numerator) / Decimal(value.denominator), form)


def number_words(value: Fraction) -> str:
    """An exact number for a person: 4,608 or 8/9."""
    if value.denominator == 1:
        return f"{value.numerator:,}"
    return f"{value.numerator}/{value.denominator}"


def missing(file: Path, name: str) -> Fault:
    """The fault of a question that has no words in a language."""
    return Fault("words-missing", f"The question {name!r:.60} has no words here.", file=file)

"""Reading questions.toml: a table for each question becomes a record, or a fault with its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from answers.errors import InputError
from answers.expressions.parse import parse_expression
from answers.textbook.drawing import Condition, Draw, condition, numbers_of
from answers.textbook.fault import Fault
from answers.textbook.formulas import TAKES, Counted, Rule
from answers.textbook.question import (
    KINDS,
    PLACES,
    Asks,
    Calculation,
    Choice,
    Kind,
    Named,
    Ordering,
    Question,
)
from answers.textbook.table import Table, line_of, read_table, read_text

FILE = "questions.toml"
MOST_PLACES = 9
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LETTER = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")


def read_questions(folder: Path) -> tuple[Question, ...]:
    """The questions of a topic's folder, in the order of the file; none where it has no file.

    Raises: Fault at the first table that is not as it must be.
    """
    return tuple(read() for read in readers(folder))


def readers(folder: Path) -> tuple[Callable[[], Question], ...]:
    """A function for each question that reads it, so that a linter can meet every fault.

    Raises: Fault where the file as a whole can't be read.
    """
    file = folder / FILE
    if not file.is_file():
        return ()
    text, whole = read_text(file), read_table(file)
    lines = {name: line_of(text, f"[{name}]") for name in whole.keys()}  # noqa: SIM118  # not a dict
    return tuple(_reader(folder.name, whole, name, line) for name, line in lines.items())


def _reader(topic: str, whole: Table, name: str, line: int) -> Callable[[], Question]:
    def read() -> Question:
        table = whole.table(name)
        table.line = line
        try:
            return _question(topic, name, table)
        except Fault:
            raise
        except InputError as error:
            raise table.fault(error.message, hint=error.hint) from None

    return read


def _question(topic: str, name: str, table: Table) -> Question:
    if not _NAME.fullmatch(name):
        raise table.fault(f"{name!r:.60} is no name: small letters, digits and hyphens make one.")
    kind: Kind = table.word("kind", KINDS)  # type: ignore[assignment]  # one of these words
    found = Question(
        topic=topic,
        name=name,
        kind=kind,
        asks=_ASKS[kind](table),
        file=table.file,
        line=table.line,
        draws=_draws(table, "draw"),
        where=_conditions(table),
        values=_named(_inner(table, "values")),
    )
    table.done()
    return found


def _draws(table: Table, key: str) -> tuple[Draw, ...]:
    inner = _inner(table, key)
    return tuple(Draw(letter, _numbers(inner, letter)) for letter in inner.keys())  # noqa: SIM118  # not a dict


def _numbers(table: Table, letter: str) -> range | tuple[int, ...]:
    if not _LETTER.fullmatch(letter):
        raise table.fault(f"{letter!r:.60} is no letter of a formula.")
    if table.holds(letter, str):
        return numbers_of(table.text(letter))
    found = table.wholes(letter)
    if not found:
        raise table.fault(f"{letter} can be no number at all.")
    return found


def _conditions(table: Table) -> tuple[Condition, ...]:
    return tuple(map(condition, table.texts("where")))


def _named(table: Table) -> tuple[Named, ...]:
    return tuple(Named(name, _rule(table, name)) for name in table.keys())  # noqa: SIM118  # not a dict


def _rule(table: Table, key: str) -> Rule:
    """A formula, or a table with a network."""
    if table.holds(key, dict):
        inner = _inner(table, key)
        found = _counted(inner)
        inner.done()
        return found
    return parse_expression(table.text(key))


def _counted(table: Table) -> Counted:
    take = table.word("take", TAKES)
    return Counted(table.text("network"), take)  # type: ignore[arg-type]  # one of these words


def _calculation(table: Table) -> Asks:
    if table.has("network") == table.has("answer"):
        raise table.fault("Either network (with take) or answer is needed, and not both.")
    letters = _letters(table)
    places = table.whole("places", PLACES)
    if not 0 <= places <= MOST_PLACES:
        raise table.fault(f"places is {places}, which is not from 0 to {MOST_PLACES}.")
    accepted_here = table.holds("accepted", dict)
    return Calculation(
        answer=_counted(table) if table.has("network") else parse_expression(table.text("answer")),
        letters=letters,
        places=places,
        slips=table.texts("slips"),
        mistakes=_named(_inner(table, "mistakes")),
        accepted_slips=() if accepted_here else table.texts("accepted"),
        accepted=_named(_inner(table, "accepted")) if accepted_here else (),
    )


def _inner(table: Table, key: str) -> Table:
    found = table.table(key)
    found.line = table.line
    return found


def _letters(table: Table) -> tuple[Draw, ...]:
    """A formula has letters that stay; a number has none."""
    is_formula = table.text("kind") == "formula"
    if is_formula != table.has("letters"):
        what = "A formula needs letters" if is_formula else "Only a formula has letters"
        raise table.fault(f"{what}.", hint='Write letters = { n = "5..200" }: what n can be.')
    return _draws(table, "letters") if is_formula else ()


def _choice(table: Table) -> Asks:
    right, wrong = table.text("right"), table.texts("wrong")
    if not wrong or right in wrong or len({right, *wrong}) != len(wrong) + 1:
        raise table.fault("wrong needs at least one option, each named once, none of them right.")
    mistakes = _inner(table, "mistakes")
    pairs = tuple((option, mistakes.text(option)) for option in mistakes.keys())  # noqa: SIM118  # not a dict
    for option, _ in pairs:
        if option not in wrong:
            raise table.fault(f"mistakes names {option!r:.60}, which is no wrong option.")
    return Choice(right=right, wrong=wrong, mistakes=pairs)


def _ordering(table: Table) -> Asks:
    found = Ordering(order=table.texts("order"), ascending=_named(_inner(table, "ascending")))
    if bool(found.order) == bool(found.ascending):
        raise table.fault("Either order or ascending is needed, and not both.")
    if not 2 <= len(set(found.names)) == len(found.names) <= 9:
        raise table.fault("From 2 to 9 things can be ordered, each named once.")
    return found


_ASKS: dict[Kind, Callable[[Table], Asks]] = {
    "number": _calculation,
    "formula": _calculation,
    "choice": _choice,
    "ordering": _ordering,
}

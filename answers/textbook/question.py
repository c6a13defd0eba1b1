"""A question: what is drawn, what is asked, what is right, and which mistakes are known."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from answers.record import record
from answers.textbook.drawing import Condition, Draw
from answers.textbook.formulas import Rule

Kind: TypeAlias = Literal["number", "formula", "choice", "ordering"]
KINDS: tuple[Kind, ...] = ("number", "formula", "choice", "ordering")
PLACES = 2


@record()
class Named:
    """A rule with its name: of a mistake, another convention, a value, something to be ordered."""

    name: str
    rule: Rule


@record(kw_only=True)
class Calculation:
    """A number or a formula.

    answer: the rule of the right one. letters: those that stay, with the numbers they can be; none
    for a number. places: how many decimals of a fraction are enough. slips, accepted_slips: codes of
    the engine's slips, mistakes or right by another convention. mistakes, accepted: by rules.
    """

    answer: Rule
    letters: tuple[Draw, ...] = ()
    places: int = PLACES
    slips: tuple[str, ...] = ()
    mistakes: tuple[Named, ...] = ()
    accepted_slips: tuple[str, ...] = ()
    accepted: tuple[Named, ...] = ()

    @property
    def ranges(self) -> dict[str, range]:
        """The numbers of each letter; of a list all those between as well."""
        return {draw.letter: range(min(draw.values), max(draw.values) + 1) for draw in self.letters}


@record(kw_only=True)
class Choice:
    """One right option among wrong ones. mistakes: pairs of a wrong option and a misconception."""

    right: str
    wrong: tuple[str, ...]
    mistakes: tuple[tuple[str, str], ...] = ()


@record(kw_only=True)
class Ordering:
    """Things that are put in order: as they stand in `order`, or by what `ascending` comes to."""

    order: tuple[str, ...] = ()
    ascending: tuple[Named, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What is ordered; a fixed order is the right one."""
        return self.order or tuple(item.name for item in self.ascending)


Asks: TypeAlias = Calculation | Choice | Ordering


@record(kw_only=True)
class Question:
    """A question of a topic, whatever the language.

    name: within its topic. file, line: where it stands. draws: letters that get numbers, under the
    conditions of `where`. values: further names for formulas and words.
    """

    topic: str
    name: str
    kind: Kind
    asks: Asks
    file: Path
    line: int = 0
    draws: tuple[Draw, ...] = ()
    where: tuple[Condition, ...] = ()
    values: tuple[Named, ...] = ()

    @property
    def id(self) -> str:
        """How a person calls it: conv-parameters/one-layer."""
        return f"{self.topic}/{self.name}"

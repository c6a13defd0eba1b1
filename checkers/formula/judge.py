"""Judging an answer: right, right by another convention, a mistake that has a name, or none known.

A misconception is named only where it gives the student's answer and no other one does: formulas
are compared as functions of their letters, numbers exactly, or as far as they are rounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from answers.errors import InputError
from answers.expressions.identity import exact_number, identical
from answers.record import record
from answers.textbook.asked import Asked, Mistake
from answers.textbook.formulas import Counted, Value
from answers.textbook.misconceptions import Misconception
from answers.textbook.question import Calculation
from answers.textbook.telling_apart import tells
from checkers.formula.reading import Reading, check_bounds, plain, read_answer

REVERSED = "order-reversed"
_SEPARATORS = re.compile(r"[\s,;<>→]+")


@record(kw_only=True)
class Judgement:
    """What is said of an answer.

    echo: what it was read as. is_right: so by one convention or another. remark: on a right answer,
    which convention it follows. misconception: the mistake, where exactly one is known to give this
    answer; sentence: what helps; both empty where nothing is recognised. credit: of the points.
    topic: what to read.
    """

    echo: str
    is_right: bool
    credit: Fraction
    topic: str
    remark: str = ""
    misconception: Misconception | None = None
    sentence: str = ""

    @property
    def is_recognised(self) -> bool:
        """Whether a wrong answer was understood."""
        return not self.is_right and bool(self.sentence)


Catalogue = Mapping[str, Misconception]


def judge(asked: Asked, text: str, catalogue: Catalogue) -> Judgement:
    """What is said of a student's answer.

    Raises: InputError where the answer can't be read: it is invalid then, not wrong.
    """
    asks = asked.question.asks
    if isinstance(asks, Calculation):
        return _Calculated(asked, asks, catalogue).judged(text)
    return _ordered(asked, _named(asked, text), catalogue)


class _Calculated:
    """A number or a formula against all that is known of it."""

    def __init__(self, asked: Asked, asks: Calculation, catalogue: Catalogue) -> None:
        self.asked, self.asks, self.catalogue = asked, asks, catalogue
        self.letters = tuple(draw.letter for draw in asks.letters)
        self.ranges = asks.ranges

    def judged(self, text: str) -> Judgement:
        reading = self.read(text)
        if self.is_one_of(reading, self.asked.right):
            return _right(self.asked, reading.echo)
        for item in self.asked.accepted:
            if self.is_one_of(reading, item.values):
                return _right(self.asked, reading.echo, item.remark)
        found = [item for item in self.asked.mistakes if self.is_one_of(reading, item.values)]
        if not found:
            self.check_writing(reading)
            found = self.other_slips(reading)
        return _wrong(self.asked, reading.echo, found, self.catalogue)

    def read(self, text: str) -> Reading:
        """One formula, or as many sizes as a right answer has."""
        sizes = sorted({len(value) for value in self.asked.right})
        if len(sizes) == 1:
            return read_answer(text, self.letters, sizes=sizes[0])
        try:
            return read_answer(text, self.letters, sizes=sizes[-1])
        except InputError as error:
            if error.code != "answer-sizes":
                raise
        return read_answer(text, self.letters, sizes=sizes[0])

    def is_one_of(self, reading: Reading, values: Iterable[Value]) -> bool:
        return any(self.same(reading, value) for value in values)

    def same(self, reading: Reading, value: Value) -> bool:
        if len(reading.parts) != len(value):
            return False
        if not self.letters and reading.places is not None:
            return self.rounded(reading, exact_number(value[0]))
        pairs = zip(reading.parts, value, strict=True)
        return all(identical(mine, right, self.ranges) for mine, right in pairs)

    def rounded(self, reading: Reading, value: Fraction) -> bool:
        """Equal, or the value rounded to the decimals that were written, if these are enough."""
        mine, places = exact_number(reading.parts[0]), reading.places or 0
        if mine == value:
            return True
        enough = value.denominator != 1 and places >= self.asks.places
        return enough and abs(mine - value) <= Fraction(1, 2 * 10**places)

    def check_writing(self, reading: Reading) -> None:
        """Raises: InputError `answer-too-coarse`, `answer-percent` for a known number, badly written."""
        if self.letters or len(reading.parts) > 1:
            return
        mine, places = exact_number(reading.parts[0]), reading.places
        known = [*self.asked.right, *(v for item in self.asked.mistakes for v in item.values)]
        numbers = [exact_number(value[0]) for value in known if len(value) == 1]
        if places is not None and places < self.asks.places and _any_near(mine, numbers, places):
            raise InputError(
                "answer-too-coarse",
                f"{reading.echo} is rounded too far to be judged.",
                hint=f"Give {self.asks.places} decimals at least, or a fraction.",
            )
        shares = [value * 100 for value in numbers if 0 < value < 1]
        if mine > 1 and _any_near(mine, shares, places or 0):
            raise InputError(
                "answer-percent",
                f"{reading.echo} is larger than 1, and a share is asked for.",
                hint="Write 50% or 0.5 for one half.",
            )

    def other_slips(self, reading: Reading) -> list[Mistake]:
        """The engine's other slips; none where several give this answer."""
        if not isinstance(self.asks.answer, Counted) or not self.asked.network:
            return []
        from checkers.formula.slips import slips_that_give

        rule = Counted(self.asked.network, self.asks.answer.take)
        return [self.silent(item) for item in slips_that_give(rule, reading.parts, self.ranges)]

    def silent(self, mistake: Mistake) -> Mistake:
        """A sentence of the engine may hold this very answer; then the mistake is only named."""
        known = self.catalogue.get(mistake.code)
        if known is None or not tells(mistake.sentence, self.asked):
            return mistake
        return replace(mistake, sentence=f"This looks like: {known.name}.")


def _any_near(mine: Fraction, numbers: list[Fraction], places: int) -> bool:
    """Whether a number is one of some that are no whole ones, rounded to its decimals."""
    unit = Fraction(1, 2 * 10**places)
    return any(value.denominator != 1 and abs(value - mine) <= unit for value in numbers)


def _right(asked: Asked, echo: str, remark: str = "") -> Judgement:
    return Judgement(
        echo=echo, is_right=True, credit=Fraction(1), topic=asked.question.topic, remark=remark
    )


def _wrong(asked: Asked, echo: str, found: list[Mistake], catalogue: Catalogue) -> Judgement:
    """A wrong answer, with its mistake where there is just one."""
    mistake = found[0] if len(found) == 1 else Mistake(code="", sentence="")
    known = catalogue.get(mistake.code)
    elsewhere = known is not None and known.code != REVERSED
    return Judgement(
        echo=echo,
        is_right=False,
        credit=known.credit if known else Fraction(0),
        topic=known.topic if known and elsewhere else asked.question.topic,
        misconception=known,
        sentence=mistake.sentence,
    )


def _ordered(asked: Asked, names: tuple[str, ...], catalogue: Catalogue) -> Judgement:
    """An option, or an order."""
    words = {option.name: option.words.rstrip(".") for option in asked.options}
    echo = ", ".join(words[name] for name in names)
    if names == asked.order:
        return _right(asked, echo)
    found = [item for item in asked.mistakes if item.option == names[0]]
    if len(names) > 1 and names == asked.order[::-1] and REVERSED in catalogue:
        found = [Mistake(code=REVERSED, sentence=catalogue[REVERSED].sentence)]
    return _wrong(asked, echo, found, catalogue)


def _named(asked: Asked, text: str) -> tuple[str, ...]:
    """The options of "b", "b a c", "bac" or "b < a < c".

    Raises: InputError `answer-empty`, `unknown-option`, `answer-options`.
    """
    check_bounds(text)
    letters = {option.letter: option.name for option in asked.options}
    names = {option.name: option.name for option in asked.options}
    words = [word for word in _SEPARATORS.split(plain(text).strip().lower()) if word]
    if not words:
        raise InputError("answer-empty", "The answer is empty.", hint=_how(asked))
    if len(words) == 1 and words[0] not in names and len(words[0]) == len(asked.order) > 1:
        words = list(words[0])
    known = letters | names
    for word in words:
        word_alone = word.strip("().")
        if word_alone not in known:
            raise InputError(
                "unknown-option", f"There is no option {word!r:.60}.", hint=_how(asked)
            )
    found = tuple(known[word.strip("().")] for word in words)
    if len(set(found)) != len(asked.order) or len(found) != len(asked.order):
        raise InputError(
            "answer-options",
            f"{len(found)} options are named; {len(asked.order)} are asked for, each once.",
            hint=_how(asked),
        )
    return found


def _how(asked: Asked) -> str:
    letters = [option.letter for option in asked.options]
    if len(asked.order) == 1:
        return f"Answer with one of {', '.join(letters)}."
    return f"Name all of {', '.join(letters)}, in order: {' '.join(letters)}."

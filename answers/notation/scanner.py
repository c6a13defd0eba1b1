"""The text of a notation and the place that is read: characters, sizes, numbers, and errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from answers.errors import InputError
from answers.expressions.size import Size
from answers.expressions.text_error import TextError
from answers.layers.fields import LARGEST

Span = tuple[int, int]
NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
LETTERS = re.compile(r"[A-Za-z_]+")
SIGNED = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9.])")
DIGITS = re.compile(r"[0-9]+")
# a quoted name keeps its own; of one that is never closed the quote at the end may be missing
_DASHES = re.compile('("(?:[^"\\\\\\n]|\\\\.)*"?)|[\u2010\u2011\u2012\u2013\u2212]')
_SPACE = re.compile(r"(?:\s+|#[^\n]*)*")
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"')
MOST_FORMULAS = 1_000  # different ones: a computer algebra takes a millisecond for each
_LONGEST_NUMBER = 40  # digits of a number that is no whole one
_LONGEST_WORD = 60  # what of a word is shown in a message


@dataclass
class Scanner:
    """What is read, and how far: `at` counts characters from 0."""

    text: str
    at: int = 0
    formulas: dict[str, Size] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # what a word processor or a PDF makes of the hyphen in conv3-16; the columns stay
        self.text = _DASHES.sub(lambda found: found.group(1) or "-", self.text)

    def skip(self) -> None:
        """Go on to the next character that is no space and in no comment."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def sees(self, sign: str) -> bool:
        """Whether `sign` stands here."""
        return self.text.startswith(sign, self.at)

    def take(self, sign: str) -> bool:
        """Go behind `sign` where it is the next thing, spaces apart."""
        here = self.at
        self.skip()
        if self.sees(sign):
            self.at += len(sign)
            return True
        self.at = here
        return False

    def comes(self, sign: str) -> bool:
        """Whether `sign` is the next thing, spaces apart; goes nowhere."""
        here = self.at
        found = self.take(sign)
        self.at = here
        return found

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """What a pattern finds right here; goes behind it."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found.group()

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.text)

    def error(
        self, code: str, message: str, span: Span, *, expected: str = "", hint: str = ""
    ) -> TextError:
        """An error at a place of this text."""
        start, end = span
        return TextError(
            code, message, text=self.text, start=start, end=end, expected=expected, hint=hint
        )

    def unexpected(self, expected: str, hint: str = "") -> TextError:
        """What stands here is not what should."""
        self.skip()
        found = self._thing()
        what = f"{_cut(found)!r} stands" if found else "The text ends"
        message = f"{what} where {expected} is expected."
        span = (self.at, self.at + len(found))
        return self.error("notation-syntax", message, span, expected=expected, hint=hint)

    def size(self, expected: str) -> Size:
        """A whole number, or an expression in braces."""
        if self.sees("{"):
            return self._braces()
        start = self.at
        digits = self.match(DIGITS)
        if digits is None:
            letter = self.text[start : start + 1].isalpha()
            hint = "A letter that stands for a number is put in braces: {n}." if letter else ""
            raise self.unexpected(expected, hint)
        return self.whole(digits, (start, self.at))

    def whole(self, digits: str, span: Span) -> int:
        """Digits as a number below 2^63."""
        short = digits.lstrip("0")
        if len(short) > 19 or int(short or "0") > LARGEST:
            raise self.error(
                "notation-number",
                f"The number {_cut(digits)} is too large: numbers must be smaller than 2^63.",
                span,
            )
        return int(short or "0")

    def real(self, written: str, span: Span) -> float:
        """A number with a point or an exponent."""
        value = float(written) if len(written) <= _LONGEST_NUMBER else float("inf")
        if value in (float("inf"), float("-inf")):
            raise self.error("notation-number", f"{_cut(written)} is no finite number.", span)
        return value

    def times(self) -> bool:
        """Whether an x between two sizes stands here; goes behind it."""
        return self.match(_TIMES) is not None

    def sizes(self, expected: str) -> tuple[Size, ...]:
        """Sizes with x between them: 1x7, {k}x{k}."""
        found = [self.size(expected)]
        while self.times():
            found.append(self.size("a size"))
        return tuple(found)

    def quoted(self) -> str | None:
        """A text in double quotes, written as in JSON."""
        start = self.at
        written = self.match(_QUOTED)
        if written is None:
            return None
        try:
            return str(json.loads(written, strict=False))
        except ValueError:
            message = "The text in quotes can't be read: \\ starts an escape, as in JSON."
            raise self.error("notation-syntax", message, (start, self.at)) from None

    def _braces(self) -> Size:
        start = self.at
        end = self.text.find("}", start)
        if end < 0:
            message = "The brace is never closed."
            raise self.error("notation-syntax", message, (start, start + 1), expected="'}'")
        self.at = end + 1
        formula = self.text[start + 1 : end]
        if formula not in self.formulas:
            self._check_formulas((start, end + 1))
            self.formulas[formula] = self._value(start + 1, end)
        return self.formulas[formula]

    def _check_formulas(self, span: Span) -> None:
        if len(self.formulas) >= MOST_FORMULAS:
            message = f"The notation has more than {MOST_FORMULAS:,} different formulas in braces."
            raise self.error("notation-too-many-formulas", message, span)

    def _value(self, start: int, end: int) -> Size:
        # these modules are loaded for symbols only: a line of plain numbers must start at once
        from answers.expressions.parse import parse_expression
        from answers.expressions.value import value_of

        try:
            return value_of(parse_expression(self.text[start:end]))
        except TextError as error:
            span = (start + error.start, start + error.end)
            raise self.error(
                error.code, error.message, span, expected=error.expected, hint=error.hint
            ) from None
        except InputError as error:
            raise self.error(error.code, error.message, (start, end), hint=error.hint) from None

    def _thing(self) -> str:
        """The word or character that stands here."""
        found = NAME.match(self.text, self.at) or DIGITS.match(self.text, self.at)
        return found.group() if found else self.text[self.at : self.at + 1]


_TIMES = re.compile(r"[x×](?=[0-9{?A-Za-z])")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that looks most like `word`; empty where none does."""
    from difflib import get_close_matches

    by_lower = {item.lower(): item for item in known}
    found = get_close_matches(word.lower()[:_LONGEST_WORD], by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else ""


def placed(error: InputError, text: str, span: Span) -> TextError:
    """The fact that a layer states, with the place in the text it is about."""
    made = TextError(
        error.code, error.message, text=text, start=span[0], end=span[1], hint=error.hint
    )
    made.where = error.where
    return made


def _cut(word: str) -> str:
    return word if len(word) <= _LONGEST_WORD else f"{word[: _LONGEST_WORD - 1]}…"

"""A student's answer as a text: digits of three scripts, decimals, percent, sizes with x between.

Length and depth are looked at before any parser sees the text. Nothing is evaluated here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from answers.errors import InputError
from answers.expressions.expression import Expression, Name, substitute
from answers.expressions.identity import check_degree, exact_number, letters_in
from answers.expressions.parse import parse_expression
from answers.expressions.text import to_text
from answers.expressions.text_error import TextError
from answers.record import record

MOST_CHARACTERS = 500
DEEPEST = 50
MOST_SIZES = 6

# one sign for one: a caret under the student's text points at the right place
_DIGITS = {
    ord(sign): str(digit)
    for digits in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩")
    for digit, sign in enumerate(digits)
}
_SIGNS = {
    **{ord(sign): plain for sign, plain in zip("٫٬٪–’", ".,%-'", strict=True)},
    **dict.fromkeys(map(ord, "\u00a0\u2009\u202f"), " "),  # no-break, thin, narrow no-break
}
# 2 424 and 2'424: whole groups of three, also behind the x of sizes; the parser knows 2_424
_GROUPS = re.compile(
    r"(?<![0-9A-WYZa-wyz_.,'])(?<![0-9] )[0-9]{1,3}([ '])[0-9]{3}(?:\1[0-9]{3})*(?![0-9_.,']| [0-9])"
)
_INVISIBLE = "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff"
_LITERAL = re.compile(r"\s*-?\s*([0-9][0-9,_]*)?(?:\.([0-9]+))?\s*(%?)\s*")
_COMMA = re.compile(r"(?<![0-9])0,[0-9]|[0-9],(?![0-9]{3}(?![0-9]))[0-9]")


@record(kw_only=True)
class Reading:
    """What was understood.

    text: as it was written. parts: one formula, or sizes along axes. places: decimals of a number
    that is written with decimals or percent, and so may be rounded; None for anything else.
    """

    text: str
    parts: tuple[Expression, ...]
    places: int | None = None

    @property
    def echo(self) -> str:
        """What it was read as: 448·(n − 2)²."""
        if self.places is not None:
            return " ".join(plain(self.text).replace("_", ",").split())
        return "x".join(map(self._side, self.parts))

    def _side(self, part: Expression) -> str:
        text = to_text(part, thousands=len(self.parts) == 1)
        return f"({text})" if len(self.parts) > 1 and " " in text else text


def plain(text: str) -> str:
    """The text with the digits, signs and groups of digits that the parser knows, one for one."""
    return _GROUPS.sub(_joined, text.translate(_DIGITS | _SIGNS))


def _joined(found: re.Match[str]) -> str:
    return found.group().replace(found[1], "_")


def read_answer(text: str, letters: tuple[str, ...], *, sizes: int = 1) -> Reading:
    """The answer that a text writes down.

    letters: those that may stand in it. sizes: how many sizes an answer has; 5x5 is a product
    where it has one.
    Raises: InputError `answer-empty`, `answer-sizes`, `formula-too-large`,
    `formula-divides-by-zero`; TextError `formula-too-long`, `formula-too-deep`,
    `formula-unreadable`, `unknown-letter`, with the place in the student's text.
    """
    check_bounds(text)
    understood = _visible(plain(text))
    if not understood.strip():
        raise InputError(
            "answer-empty", "The answer is empty.", hint="Write a number or a formula."
        )
    try:
        parts = tuple(_parts(understood, letters, sizes))
    except TextError as error:
        raise _in_words_of(text, error) from None
    if len(parts) != sizes:
        raise _wrong_sizes(len(parts), sizes)
    return Reading(text=text, parts=parts, places=_places(understood) if sizes == 1 else None)


def check_bounds(text: str) -> None:
    """Raises: TextError `formula-too-long`, `formula-too-deep`; nothing has looked at the text then."""
    if len(text) > MOST_CHARACTERS:
        raise TextError(
            "formula-too-long",
            f"The answer has {len(text):,} characters; the limit is {MOST_CHARACTERS}.",
            text=text[:60],
            start=60,
            end=60,
        )
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in "([{⌊⌈") - (sign in ")]}⌋⌉")
        if depth > DEEPEST:
            raise TextError(
                "formula-too-deep",
                f"More than {DEEPEST} brackets stand inside one another.",
                text=text,
                start=place,
                end=place + 1,
            )


def _visible(text: str) -> str:
    """Marks of the writing direction are no part of a formula; a space keeps the columns."""
    return text.translate(dict.fromkeys(map(ord, _INVISIBLE), " "))


def _in_words_of(text: str, error: TextError) -> TextError:
    """The same error under the text as the student wrote it."""
    return TextError(
        error.code,
        error.message,
        text=text,
        start=error.start,
        end=error.end,
        expected=error.expected,
        hint=error.hint,
    )


def _parts(text: str, letters: tuple[str, ...], sizes: int) -> Iterator[Expression]:
    for start, end in _spans(text, letters) if sizes > 1 else [(0, len(text))]:
        yield _formula(text, start, end, letters)


def _spans(text: str, letters: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The sizes of 5x5 or (n - 2)x(n - 2)x16: what stands between the x that no bracket holds."""
    signs = "×," if "x" in letters else "×xX,"
    depth = start = 0
    for place, sign in enumerate(text):
        depth += (sign in "([⌊⌈") - (sign in ")]⌋⌉")
        if sign in signs and depth == 0:
            yield start, place
            start = place + 1
    yield start, len(text)


def _formula(text: str, start: int, end: int, letters: tuple[str, ...]) -> Expression:
    """The formula of a span; blanks in front keep its columns."""
    comma = _COMMA.search(text, start, end)
    if comma and "max" not in text.lower():
        raise _at(
            text, comma.start(), comma.end(), "A comma can't stand for the point of a decimal.",
            "Write 0.5, or a fraction such as 1/2.",
        )  # fmt: skip
    found = parse_expression(" " * start + text[start:end], decimals=True)
    found = _in_case(found, letters)
    _check_letters(text, found, letters)
    check_degree(found)
    if not letters_in(found):
        exact_number(found)  # too large, or a division by zero: said now
    return found


def _in_case(formula: Expression, letters: tuple[str, ...]) -> Expression:
    """N for n, where the question has no two letters that differ in this alone."""
    known = {letter.lower(): letter for letter in letters}
    if len(known) < len(letters):
        return formula
    strange = [name for name in letters_in(formula) if name not in letters]
    same = {name: Name(known[name.lower()]) for name in strange if name.lower() in known}
    return substitute(formula, same)


def _at(text: str, start: int, end: int, message: str, hint: str) -> TextError:
    return TextError("formula-unreadable", message, text=text, start=start, end=end, hint=hint)


def _check_letters(text: str, formula: Expression, letters: tuple[str, ...]) -> None:
    strange = [name for name in letters_in(formula) if name not in letters]
    if not strange:
        return
    name = min(strange, key=text.find)
    place = re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text)
    start = place.start() if place else text.find(name)
    raise TextError(
        "unknown-letter",
        f"{name!r:.60} is no letter of this question: {_known(letters)}.",
        text=text,
        start=start,
        end=start + len(name),
        hint=_hint(name, letters),
    )


def _known(letters: tuple[str, ...]) -> str:
    return f"it has {', '.join(letters)}" if letters else "it asks for a number"


def _hint(name: str, letters: tuple[str, ...]) -> str:
    if letters and all(sign in letters for sign in name):
        return f"Write * between letters: {'*'.join(name)}."
    if re.fullmatch(r"[xX][0-9]*", name):
        return "Write * or × to multiply."
    near = get_close_matches(name.lower(), [letter.lower() for letter in letters], 1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return "Leave words and units away."


def _places(text: str) -> int | None:
    """How many decimals a plain number has; two more with percent. None where it is exact."""
    found = _LITERAL.fullmatch(text)
    if found is None or not (found[1] or found[2]) or not (found[2] or found[3]):
        return None
    return len(found[2] or "") + (2 if found[3] else 0)


def _wrong_sizes(given: int, wanted: int) -> InputError:
    example = "x".join(["32", "32", "16"][:wanted] if wanted <= 3 else ["8"] * wanted)
    return InputError(
        "answer-sizes",
        f"The answer has {given} sizes; {wanted} are asked for.",
        hint=f"Write them with x between, such as {example}.",
    )

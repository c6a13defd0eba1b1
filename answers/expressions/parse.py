"""Reading a formula that a person wrote, without ever handing the text to an evaluator.

    sum     = ["-"] term {("+" | "-") term}
    term    = factor {("*" | "·" | "×" | "/" | "//" | nothing) factor}
    factor  = "-" factor | power ["%"]
    power   = atom [("^" | "**") exponent | raised digits]
    atom    = number | name | "(" sum ")" | "⌊" sum "⌋" | "⌈" sum "⌉" | function
    function = ("floor" | "ceil" | "ceiling" | "max") "(" sum {"," sum} ")"

'Nothing' multiplies where it can be read in one way: 2n, 2(n − 1), (n − 1)(n − 2), n(n − 1).
With decimals=True a number may have decimals (0.5, .5), and % divides by a hundred; both stay exact.
The text has at most 2,000 characters and 48 brackets inside one another.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches

from answers.expressions.expression import (
    Ceiling,
    Expression,
    Floor,
    Largest,
    Name,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
)
from answers.expressions.text_error import TextError

MOST_CHARACTERS = 2_000
MOST_BRACKETS = 48
MOST_EXPONENT = 64
LONGEST_NAME = 40

_FUNCTIONS = {"floor": "floor", "ceil": "ceil", "ceiling": "ceil", "max": "max"}
_RAISED = {ord(sign): str(digit) for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_ONE_SIGN = {"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "**": "^", "÷": "/"}
_CLOSING = {"(": ")", "⌊": "⌋", "⌈": "⌉"}
_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:_[0-9]{3})*)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*)"
    r"|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<sign>\*\*|//|[-+*/^(),⌊⌋⌈⌉−–×·⋅∗÷])"
)
_DECIMAL = re.compile(r"[0-9]*\.[0-9]+")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")
_Rule = Callable[[], Expression]
_ALL = "a number, a name or a bracket"


@dataclass(frozen=True)
class _Token:
    kind: str  # number, decimal, name, raised, sign, end
    text: str
    start: int
    end: int


def parse_expression(text: str, *, decimals: bool = False) -> Expression:
    """The formula that a text writes down.

    decimals: whether 0.5 and 50% may stand in it; they become quotients of whole numbers.
    Raises: TextError (an InputError) `formula-unreadable` or `formula-too-long`, with the place.

    >>> parse_expression("2n + 1")
    Sum(terms=(Product(factors=(Number(value=2), Name(text='n'))), Number(value=1)))
    """
    if len(text) > MOST_CHARACTERS:
        raise TextError(
            "formula-too-long",
            f"The formula has {len(text):,} characters; the limit is {MOST_CHARACTERS:,}.",
            text=text[:MOST_CHARACTERS],
            start=MOST_CHARACTERS,
            end=MOST_CHARACTERS,
        )
    return _Parser(text, _tokens(text, decimals=decimals)).whole()


def _tokens(text: str, *, decimals: bool) -> list[_Token]:
    found: list[_Token] = []
    lists: list[bool] = []  # for each open bracket: whether commas divide a list in it
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        token = (_decimal(text, place) if decimals else None) or _token(
            text, place, in_list=bool(lists) and lists[-1]
        )
        _track(lists, token, found)
        found.append(token)
        place = token.end
    return [*found, _Token("end", "", len(text), len(text))]


def _track(lists: list[bool], token: _Token, before: list[_Token]) -> None:
    if token.text in _CLOSING:
        lists.append(bool(before) and before[-1].text.lower() == "max")
    elif token.text in _CLOSING.values() and lists:
        lists.pop()


def _decimal(text: str, place: int) -> _Token | None:
    """A number with decimals, or the sign of percent."""
    found = _DECIMAL.match(text, place)
    if found is not None:
        return _Token("decimal", found.group(), place, found.end())
    return _Token("sign", "%", place, place + 1) if text[place] == "%" else None


def _token(text: str, place: int, *, in_list: bool) -> _Token:
    thousands = None if in_list else _THOUSANDS.match(text, place)
    if thousands:
        return _Token("number", thousands.group().replace(",", ""), place, thousands.end())
    found = _TOKEN.match(text, place)
    if found is None or found.lastgroup is None:
        sign = text[place]
        hint = "Write whole numbers, or a fraction such as 7/2." if sign in ".," else ""
        raise _wrong(text, place, place + 1, f"{sign!r} can't stand in a formula.", hint=hint)
    words = found.group()
    if found.lastgroup == "name" and len(words) > LONGEST_NAME:
        raise _wrong(text, place, found.end(), f"A name has at most {LONGEST_NAME} letters.")
    return _Token(found.lastgroup, _ONE_SIGN.get(words, words), place, found.end())


def _wrong(
    text: str, start: int, end: int, message: str, *, expected: str = "", hint: str = ""
) -> TextError:
    return TextError(
        "formula-unreadable", message, text=text, start=start, end=end, expected=expected, hint=hint
    )


@dataclass
class _Parser:
    text: str
    tokens: list[_Token]
    at: int = 0
    open: list[_Token] = field(default_factory=list)

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.next
        self.at += token.kind != "end"
        return token

    def whole(self) -> Expression:
        if self.next.kind == "end":
            raise _wrong(self.text, 0, len(self.text), "The formula is empty.", expected=_ALL)
        found = self.sum()
        if self.next.kind != "end":
            raise self.unexpected("an operation such as + or *")
        return found

    def unexpected(self, expected: str) -> TextError:
        token = self.next
        what = "The formula ends" if token.kind == "end" else f"{self.shown(token)} stands"
        message = f"{what} where {expected} is expected."
        return _wrong(self.text, token.start, token.end, message, expected=expected)

    def shown(self, token: _Token) -> str:
        return f"'{self.text[token.start : token.end]}'"

    def sum(self) -> Expression:
        terms = list(_terms(self.term()))
        while self.next.text in ("+", "-"):
            if self.take().text == "+":
                terms += _terms(self.term())
            else:
                terms.append(Negative(self.term()))
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    def term(self) -> Expression:
        if self.next.text == "-":
            self.take()
            return Negative(self.enter(self.term))
        value, divided = self.factor(), False
        while True:
            if self.next.text == "*":
                self.take()
                value, divided = _times(value, self.factor()), False
            elif self.next.text in ("/", "//"):
                kind = Quotient if self.take().text == "/" else Floor
                value, divided = kind(value, self.factor()), True
            elif self.multiplies():
                self.check_one_reading(divided=divided)
                value = _times(value, self.factor())
            else:
                return value

    def multiplies(self) -> bool:
        """Whether the next token is a factor although no sign stands before it."""
        before, token = self.tokens[self.at - 1], self.next
        if token.text in _CLOSING:
            return True
        closed = before.text in _CLOSING.values() or before.kind == "raised"
        return token.kind == "name" and (before.kind in ("number", "decimal") or closed)

    def check_one_reading(self, *, divided: bool) -> None:
        if divided:
            raise _wrong(
                self.text,
                self.next.start,
                self.next.end,
                "This can be read in two ways: 1/2n may be 1/(2n) or (1/2)·n.",
                expected="*, or brackets",
                hint="Put brackets around what is below the line, or write *.",
            )

    def factor(self) -> Expression:
        if self.next.text == "-":
            self.take()
            return Negative(self.enter(self.factor))
        base = self.power()
        if self.next.text == "%":
            self.take()
            return Quotient(base, Number(100))
        return base

    def power(self) -> Expression:
        base = self.atom()
        if self.next.kind == "raised":
            return Power(base, self.bounded(self.take()))
        if self.next.text == "^":
            self.take()
            return Power(base, self.exponent())
        return base

    def exponent(self) -> int:
        closing = self.next.text == "("
        if closing:
            self.take()
        if self.next.kind != "number":
            raise self.unexpected("a whole number as the exponent")
        value = self.bounded(self.take())
        if closing:
            self.close(")")
        if self.next.text == "^":
            raise self.unexpected("brackets around the power before it")
        return value

    def bounded(self, token: _Token) -> int:
        digits = token.text.translate(_RAISED).replace("_", "")
        if len(digits) > 3 or int(digits) > MOST_EXPONENT:
            message = f"The exponent {digits} is too large; the limit is {MOST_EXPONENT}."
            raise _wrong(self.text, token.start, token.end, message)
        return int(digits)

    def atom(self) -> Expression:
        token = self.next
        if token.kind == "number":
            return Number(int(self.take().text.replace("_", "")))
        if token.kind == "decimal":
            whole, _, part = self.take().text.partition(".")
            return Quotient(Number(int(whole + part)), Number(10 ** len(part)))
        if token.kind == "name":
            return self.name()
        if token.text in _CLOSING:
            return self.bracket()
        raise self.unexpected(_ALL)

    def bracket(self) -> Expression:
        sign = self.take().text
        inner = self.enter(self.sum)
        self.close(_CLOSING[sign])
        return {"(": _same, "⌊": _floor, "⌈": _ceiling}[sign](inner)

    def enter(self, rule: _Rule) -> Expression:
        self.open.append(self.tokens[self.at - 1])
        if len(self.open) > MOST_BRACKETS:
            token = self.open[-1]
            message = f"More than {MOST_BRACKETS} brackets or signs stand inside one another."
            raise _wrong(self.text, token.start, token.end, message)
        found = rule()
        self.open.pop()
        return found

    def close(self, sign: str) -> None:
        if self.next.text != sign:
            raise self.unexpected(f"'{sign}'")
        self.take()

    def name(self) -> Expression:
        token = self.take()
        function = _FUNCTIONS.get(token.text.lower())
        if self.next.text != "(":
            return Name(token.text)
        if function is None:
            self.check_factor(token)
            return Name(token.text)
        return self.call(function, token)

    def check_factor(self, token: _Token) -> None:
        """A letter before a bracket multiplies it, n(n − 1); a word looks like a function."""
        if len(token.text.split("_")[0]) == 1:
            return
        near = get_close_matches(token.text.lower(), _FUNCTIONS, 1)
        hint = f"Did you mean {near[0]}(…)?" if near else "To multiply, write * before the bracket."
        message = f"{self.shown(token)} is no function; floor, ceil and max are."
        raise _wrong(self.text, token.start, token.end, message, hint=hint)

    def call(self, function: str, token: _Token) -> Expression:
        self.take()
        items = [self.enter(self.sum)]
        while self.next.text == ",":
            self.take()
            items.append(self.enter(self.sum))
        self.close(")")
        if function == "max":
            return Largest(tuple(items)) if len(items) > 1 else items[0]
        if len(items) > 1:
            message = f"{self.shown(token)} takes one formula, but it gets {len(items)}."
            raise _wrong(self.text, token.start, self.tokens[self.at - 1].end, message)
        return (_floor if function == "floor" else _ceiling)(items[0])


def _terms(term: Expression) -> tuple[Expression, ...]:
    return term.terms if isinstance(term, Sum) else (term,)


def _times(first: Expression, second: Expression) -> Expression:
    parts = (first, second)
    groups = (part.factors if isinstance(part, Product) else (part,) for part in parts)
    return Product(tuple(factor for group in groups for factor in group))


def _same(inner: Expression) -> Expression:
    return inner


def _floor(inner: Expression) -> Expression:
    match inner:
        case Quotient(top, bottom):
            return Floor(top, bottom)
    return Floor(inner, Number(1))


def _ceiling(inner: Expression) -> Expression:
    match inner:
        case Quotient(top, bottom):
            return Ceiling(top, bottom)
    return Ceiling(inner, Number(1))

"""What a field of a record may hold, read from its annotation: one rule for checking and JSON.

A layer's annotations are its schema: `Count` is a whole number of at least 1, `tuple[Count, Count]`
two of them, `Literal[...]` one of some words. `checked` turns what JSON can hold (lists for
tuples, whole floats stay floats) into what the annotation says, or raises an InputError. As in
Keras, one number may stand for a tuple of equal ones: a kernel of 3 is 3x3.
"""

from __future__ import annotations

import math
from dataclasses import fields
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from answers.errors import InputError
from answers.expressions.size import is_symbolic, surely
from answers.record import record


@record()
class AtLeast:
    """The smallest whole number that a field accepts."""

    low: int


LARGEST = 2**63 - 1  # no array of any engine has more numbers along an axis, or in all
Count = Annotated[int, AtLeast(1)]
Margin = Annotated[int, AtLeast(0)]


def schema(record: type) -> dict[str, Any]:
    """The annotation of each field of a dataclass, with `Annotated` kept."""
    return _schema(record)


@cache
def _schema(record: type) -> dict[str, Any]:
    hints = get_type_hints(record, include_extras=True)
    return {field.name: hints[field.name] for field in fields(record)}


def checked(value: Any, hint: Any, where: str) -> Any:
    """`value` as the annotation wants it.

    Raises: InputError `config-value`, naming the place, the value and what must stand there.
    """
    try:
        return _convert(value, hint)
    except _Unfit:
        raise InputError(
            "config-value",
            f"{where} must be {describe(hint)}, but it is {shown(value)}.",
            hint="Compare the setting with the layer's page in the Keras documentation.",
        ) from None
    except _TooLarge:
        raise InputError(
            "config-value", f"{where} must be smaller than 2^63, but it is {shown(value)}."
        ) from None


def shown(value: Any) -> str:
    """A value as it stands in a message: its repr, cut to a length that fits on a line."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python writes no whole number of over 4,300 digits
        return f"too long to be shown ({type(value).__name__})"
    return text if len(text) <= 60 else f"{text[:57]}…"


class _Unfit(Exception):  # noqa: N818  # a private signal, never shown
    """The value does not fit the annotation."""


class _TooLarge(Exception):  # noqa: N818  # a private signal, never shown
    """A whole number that no engine can hold."""


def _convert(value: Any, hint: Any) -> Any:
    origin = get_origin(hint)
    if origin is Annotated:
        return _at_least(_convert(value, get_args(hint)[0]), get_args(hint)[1])
    if origin is Literal:
        return _word(value, get_args(hint))
    if origin in (Union, UnionType):
        return _first_fit(value, get_args(hint))
    if origin is tuple:
        return _tuple(value, get_args(hint))
    return _plain(value, hint)


def _at_least(value: int, bound: AtLeast) -> int:
    if surely(value < bound.low):
        raise _Unfit
    return value


def _word(value: Any, words: tuple[Any, ...]) -> Any:
    if type(value) is not str or value not in words:
        raise _Unfit
    return value


def _first_fit(value: Any, hints: tuple[Any, ...]) -> Any:
    for hint in hints:
        try:
            return _convert(value, hint)
        except _Unfit:
            continue
    raise _Unfit


def _tuple(value: Any, hints: tuple[Any, ...]) -> tuple[Any, ...]:
    if Ellipsis not in hints and (type(value) is int or is_symbolic(value)):
        value = (value,) * len(hints)
    if not isinstance(value, list | tuple):
        raise _Unfit
    if len(hints) == 2 and hints[1] is Ellipsis:
        return tuple(_convert(item, hints[0]) for item in value)
    if len(value) != len(hints):
        raise _Unfit
    return tuple(_convert(item, hint) for item, hint in zip(value, hints, strict=True))


def _plain(value: Any, hint: Any) -> Any:
    if is_symbolic(value) and hint is int:
        return value
    if type(value) is int and abs(value) > LARGEST:
        raise _TooLarge
    if hint is float and type(value) in (int, float):
        if not math.isfinite(value):
            raise _Unfit
        return float(value)
    if hint in (None, NoneType):
        hint = NoneType
    # bool is a kind of int in Python; in a layer's settings it never is
    if hint in (int, bool, str, NoneType):
        if type(value) is hint:
            return value
        raise _Unfit
    if isinstance(hint, type) and isinstance(value, hint):
        return value
    raise _Unfit


def describe(hint: Any) -> str:
    """An annotation in words, for a message."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return f"a whole number of at least {arguments[1].low}"
    if origin is Literal:
        return "one of " + ", ".join(map(str, arguments))
    if origin in (Union, UnionType):
        return " or ".join(describe(item) for item in arguments)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return f"a list, each {describe(arguments[0])}"
        if len(set(arguments)) > 1:
            return "a list of " + ", ".join(describe(item) for item in arguments)
        return f"a list of {len(arguments)}, each {describe(arguments[0])}"
    words: dict[Any, str] = {int: "a whole number", float: "a finite number", bool: "true or false"}
    words |= {str: "a text", None: "null", NoneType: "null"}
    return words.get(hint, getattr(hint, "__name__", str(hint)))

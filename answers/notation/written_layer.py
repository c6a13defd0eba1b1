"""A layer's record → the text of the notation."""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, Field, fields
from typing import Any

from answers.errors import InputError
from answers.expressions.size import Size, is_symbolic
from answers.layers.base import Layer
from answers.layers.core import InputLayer
from answers.layers.fields import checked, schema
from answers.notation.arguments import is_list, word_setting
from answers.notation.grammar import RESERVED
from answers.notation.scanner import NAME
from answers.notation.words import FROZEN, LETTERS_OF_OPTIONS, Word, word_for

_KEYWORDS = ("true", "false", "none")
_REAL = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?")
# the order in which options are written; all others come behind in the order of the record
_FIRST = (*LETTERS_OF_OPTIONS.values(), "padding", "use_bias", "activation")
_LETTER = {name: letter for letter, name in LETTERS_OF_OPTIONS.items()}


def layer_text(layer: Layer, *, trainable: bool = True) -> str:
    """conv3-64/s2/same: the word, its numbers, and what differs from Keras's defaults.

    Raises: InputError `no-notation` for a value that can't be written.
    """
    inner = _inner(layer)
    word, holder = (word_for(inner, wrapped=True), inner) if inner else (word_for(layer), layer)
    said = {name for name, _ in word.fixed} if not inner else set()
    sizes = _sizes_text(word, holder)
    count = _size_text(getattr(holder, word.count)) if word.count else None
    said |= set(word.sizes if sizes else ()) | ({word.count} if count else set())
    options = _options(holder, said)
    if inner:
        options += _options(layer, {"layer"})
    dash = f"-{count}" if count else ""
    return "".join((word.word, sizes or "", dash, *options, _frozen(trainable=trainable)))


def input_text(layer: InputLayer) -> str:
    """32x32x3, with ? for a size left open."""
    if not layer.shape:
        raise InputError("no-notation", "The notation can't write an input of a single number.")
    sizes = ("?" if size is None else _size_text(size) or "" for size in layer.shape)
    return "".join(("x".join(sizes), *_options(layer, {"shape"})))


def name_text(name: str) -> str:
    """A name as it stands in a text: in quotes where it is no plain word."""
    plain = NAME.fullmatch(name) is not None and name not in RESERVED
    return name if plain else json.dumps(name, ensure_ascii=not name.isprintable())


def _frozen(*, trainable: bool) -> str:
    return "" if trainable else f"/{FROZEN}"


def _inner(layer: Layer) -> Layer | None:
    """The layer that bilstm and the like put in both directions."""
    inner: Layer | None = getattr(layer, "layer", None)
    if layer.kind != "Bidirectional" or inner is None or not word_for(inner, wrapped=True).inner:
        return None
    own = {item.name for item in _differing(layer)} - {"layer"}
    return None if own & set(schema(type(inner))) else inner


def _differing(layer: Layer) -> list[Field[Any]]:
    """The arguments that are not what they are when nobody sets them."""
    return [
        item
        for item in fields(layer)
        if item.default is MISSING or getattr(layer, item.name) != item.default
    ]


def _options(layer: Layer, said: set[str]) -> list[str]:
    names = [item.name for item in _differing(layer) if item.name not in said]
    order = {name: place for place, name in enumerate(_FIRST)}
    return [_option(layer, name) for name in sorted(names, key=lambda n: order.get(n, len(order)))]


def _option(layer: Layer, name: str) -> str:
    """An argument in its shortest form."""
    value = getattr(layer, name)
    if name in _LETTER:
        sizes = _joined_sizes(layer, name)
        if sizes is not None:
            return f"/{_LETTER[name]}{sizes}"
    for word in _words(name, value):
        if word != FROZEN and word_setting(type(layer), word) == (name, value):
            return f"/{word}"
    return f"/{name}={_value_text(value)}"


def _words(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, bool):
        return (name,) if value else ("nobias", f"no{name}")
    if isinstance(value, str) and NAME.fullmatch(value):
        return (value,)
    return ()


def _sizes_text(word: Word, layer: Layer) -> str | None:
    """What stands right behind the word; None where it has to be an option."""
    if not word.sizes:
        return None
    if word.real:
        return _real_text(getattr(layer, word.sizes[0]))
    if len(word.sizes) == 1:
        return _joined_sizes(layer, word.sizes[0])
    sizes = [_size_text(getattr(layer, name)) for name in word.sizes]
    return None if None in sizes else "x".join(filter(None, sizes))


def _joined_sizes(layer: Layer, name: str) -> str | None:
    """3 for (3, 3), 1x7 for (1, 7); None where sizes can't say it, as (0, 1) before and after."""
    value, hint = getattr(layer, name), schema(type(layer))[name]
    short = value if is_list(hint) else _shortest(value)
    parts = short if isinstance(short, tuple) else (short,)
    texts = [_size_text(part) for part in parts]
    given = parts if len(parts) > 1 or is_list(hint) else parts[0]
    if None in texts or not _means(given, hint, value):
        return None
    return "x".join(filter(None, texts)) or None


def _means(given: Any, hint: Any, value: Any) -> bool:
    try:
        return bool(checked(given, hint, "") == value)
    except InputError:
        return False


def _shortest(value: Any) -> Any:
    """A tuple of equal things as one of them."""
    if not isinstance(value, tuple) or not value:
        return value
    items = tuple(map(_shortest, value))
    return items[0] if all(item == items[0] for item in items) else items


def _size_text(size: Any) -> str | None:
    """A whole number, or a formula in braces; None for anything else."""
    if is_symbolic(size):
        return f"{{{_formula(size)}}}"
    return str(size) if type(size) is int and size >= 0 else None


def _formula(size: Size) -> str:
    from answers.expressions.symbolic import to_expression
    from answers.expressions.text import to_text

    return to_text(to_expression(size), ascii=True)


def _real_text(value: Any) -> str | None:
    if not isinstance(value, float):
        return None
    short = _float_text(value)
    below = round(1 / value) if 0 < value < 1 and len(short) > 8 else 0
    if below and 1 / below == value:
        return f"1/{below}"
    return short if _REAL.fullmatch(short) else None


def _float_text(value: float) -> str:
    return repr(value).removesuffix(".0")


def _value_text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, str):
        return value if NAME.fullmatch(value) and value not in _KEYWORDS else json.dumps(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_value_text, value))})"
    if isinstance(value, Layer):
        return _record_text(value)
    return str(value) if type(value) is int else _symbolic_text(value)


def _symbolic_text(value: Any) -> str:
    written = _size_text(value)
    if written is None:
        raise InputError("no-notation", f"The notation can't write the value {value!r}.")
    return written


def _record_text(layer: Layer) -> str:
    """A layer as the value of an argument: LSTM(units=64)."""
    pairs = (f"{item.name}={_value_text(getattr(layer, item.name))}" for item in _differing(layer))
    return f"{layer.kind}({', '.join(pairs)})"

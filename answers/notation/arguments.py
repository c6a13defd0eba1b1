"""Which argument of a layer a word or a letter behind a slash sets, and back."""

from __future__ import annotations

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from answers.layers.base import Layer
from answers.layers.fields import schema
from answers.notation.words import FROZEN, LETTERS_OF_OPTIONS

Setting = tuple[str, Any]  # an argument and its value


def is_list(hint: Any) -> bool:
    """Whether an argument takes as many values as one gives: Reshape's target_shape."""
    return get_origin(hint) is tuple and Ellipsis in get_args(hint)


def letter_setting(kind: type[Layer], letter: str) -> str | None:
    """The argument that a letter sets (s: strides); None where the layer has none such."""
    name = LETTERS_OF_OPTIONS[letter]
    return name if name in schema(kind) else None


def word_setting(kind: type[Layer], word: str) -> Setting | None:
    """What a word alone says: same, relu, nobias, keepdims, noscale; None where nothing.

    A word belongs to the first argument that may be it.
    """
    hints = schema(kind)
    if word == "nobias" and "use_bias" in hints:
        return "use_bias", False
    negated = word.removeprefix("no")
    for name, hint in hints.items():
        if hint is bool and word == name:
            return name, True
        if hint is bool and word != negated and negated == name:
            return name, False
        if word in _words(hint):
            return name, word
    return None


def words_of(kind: type[Layer]) -> list[str]:
    """Every word that may stand behind a slash of this layer."""
    found = [FROZEN]
    for name, hint in schema(kind).items():
        if hint is bool:
            found += ["nobias"] if name == "use_bias" else [name, f"no{name}"]
        found += _words(hint)
    return found


def letters_of(kind: type[Layer]) -> list[str]:
    """The letters that may stand behind a slash of this layer."""
    return [letter for letter, name in LETTERS_OF_OPTIONS.items() if name in schema(kind)]


def _words(hint: Any) -> tuple[Any, ...]:
    origin = get_origin(hint)
    if origin is Literal:
        return get_args(hint)
    if origin in (Union, UnionType):
        return tuple(word for item in get_args(hint) for word in _words(item))
    return ()

"""A notation as it is written: items in a row, before anyone asks which layers they are."""

from __future__ import annotations

from dataclasses import dataclass

from answers.expressions.size import Size
from answers.layers.base import Layer
from answers.notation.scanner import Span
from answers.notation.words import Word

Value = None | bool | int | float | str | Layer | tuple["Value", ...]


@dataclass(frozen=True)
class Reference:
    """A name that somebody gave. quoted: in quotes, so that it never is a word of the notation."""

    name: str
    span: Span
    quoted: bool = False


@dataclass(frozen=True)
class Option:
    """What stands behind a slash: a word (same), a letter with sizes (s2), or a key with a value.

    key: the word, the letter, or the argument. value: None for a word alone.
    """

    key: str
    span: Span
    sizes: tuple[Size, ...] = ()
    value: Value = None
    is_pair: bool = False


@dataclass(frozen=True, eq=False)
class LayerText:
    """A layer: conv3-64/same(a). sizes: behind the word; count: behind the dash."""

    word: Word
    span: Span
    sizes: tuple[Size, ...] | float | None = None
    count: Size | None = None
    options: tuple[Option, ...] = ()
    inputs: tuple[Reference, ...] = ()


@dataclass(frozen=True, eq=False)
class Again:
    """again(a): the layer a once more, with the same weights."""

    layer: Reference
    span: Span
    inputs: tuple[Reference, ...] = ()


@dataclass(frozen=True, eq=False)
class Join:
    """Branches from one place, and the layer that takes what comes out of them."""

    branches: tuple[Sequence, ...]
    step: LayerText | Again


@dataclass(frozen=True, eq=False)
class Repeat:
    """3*(…)"""

    count: int
    body: Sequence
    span: Span


@dataclass(frozen=True, eq=False)
class From:
    """from(a): go on from there."""

    place: Reference


@dataclass(frozen=True, eq=False)
class Out:
    """out(a, b): these are the outputs."""

    places: tuple[Reference, ...]
    span: Span


@dataclass(frozen=True, eq=False)
class Item:
    """One thing in a row, and the name it was given."""

    step: LayerText | Again | Join | Repeat | From | Out
    name: Reference | None = None


Sequence = tuple[Item, ...]


@dataclass(frozen=True)
class InputText:
    """One input: its sizes (None where a size is left open) and its options."""

    sizes: tuple[Size | None, ...]
    span: Span
    name: Reference | None = None
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Notation:
    """The whole text. inputs: empty where nothing is said of them."""

    text: str
    inputs: tuple[InputText, ...]
    body: Sequence

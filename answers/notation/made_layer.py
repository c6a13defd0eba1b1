"""A layer as it is written → its record."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from answers.errors import InputError
from answers.expressions.size import Size
from answers.expressions.text_error import TextError
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS
from answers.layers.core import InputLayer
from answers.layers.fields import schema
from answers.notation.arguments import is_list, letter_setting, letters_of, word_setting, words_of
from answers.notation.canonical import canonical
from answers.notation.scanner import Span, nearest, placed
from answers.notation.syntax import InputText, LayerText, Option
from answers.notation.words import FROZEN, LETTERS_OF_OPTIONS, Word, short_word

_COUNTS = {3: "three", 4: "four", 5: "five"}


@dataclass(frozen=True)
class MadeLayer:
    """A layer's record, and whether training may change it."""

    layer: Layer
    trainable: bool


def made_layer(written: LayerText, axes: int, text: str) -> MadeLayer:
    """The record of a layer on an input with so many spatial axes.

    text: the whole notation, for the caret of an error.
    Raises: TextError where the layer has no such option, or its record refuses a value.
    """
    word = written.word
    kind = LAYERS[_class_name(written, axes, text)]
    arguments = _Arguments(kind, text, written.span)
    for name, value in word.fixed:
        arguments.set(name, value, written.span)
    inner = _Arguments(LAYERS[word.inner], text, written.span) if word.inner else None
    target = inner or arguments
    _take_sizes(written, target)
    _take_count(written, target)
    trainable = _take_options(written.options, arguments, inner)
    if inner is not None:
        arguments.set("layer", inner.record(), written.span)
    return MadeLayer(canonical(arguments.record()), trainable)


def made_input(written: InputText, text: str) -> MadeLayer:
    """The InputLayer of an input."""
    arguments = _Arguments(InputLayer, text, written.span)
    arguments.set("shape", written.sizes, written.span)
    trainable = _take_options(written.options, arguments, None)
    return MadeLayer(arguments.record(), trainable)


def _class_name(written: LayerText, axes: int, text: str) -> str:
    """Keras's class: where it depends on the axes, those of the kernel say it first."""
    word = written.word
    if not word.by_rank:
        return word.classes[0]
    sizes = written.sizes if isinstance(written.sizes, tuple) else ()
    rank = len(sizes) if len(sizes) > 1 else axes
    if len(sizes) <= 1 and not 1 <= axes <= 3:
        rank = 2  # the layer itself says that its input has no such axes
    if not 1 <= rank <= len(word.classes):
        most = "or two" if len(word.classes) == 2 else "to three"
        count = _COUNTS.get(rank, str(rank))
        message = f"{word.word} works on one {most} axes, but here are {count}."
        raise _error(written, text, "notation-axes", message)
    return word.classes[rank - 1]


@dataclass
class _Arguments:
    """The arguments of one layer, each set once."""

    kind: type[Layer]
    text: str
    span: Span
    values: dict[str, Any] = field(default_factory=dict)

    def set(self, name: str, value: Any, span: Span) -> None:
        if name in self.values:
            raise self.error("notation-option-twice", f"{name} is set twice.", span)
        self.values[name] = value

    def sizes(self, name: str, sizes: tuple[Size, ...], span: Span) -> None:
        several = len(sizes) > 1 or is_list(schema(self.kind)[name])
        self.set(name, sizes if several else sizes[0], span)

    def record(self) -> Layer:
        try:
            return self.kind(**self.values)
        except InputError as error:
            raise placed(error, self.text, self.span) from None
        except TypeError:
            missing = [name for name in _required(self.kind) if name not in self.values]
            message = f"The layer needs {', '.join(missing)}."
            hint = _by_name(self.kind)
            raise self.error("notation-arguments", message, (self.span[1],) * 2, hint) from None

    def error(self, code: str, message: str, span: Span, hint: str = "") -> TextError:
        start, end = span
        return TextError(code, message, text=self.text, start=start, end=end, hint=hint)


def _required(kind: type[Layer]) -> list[str]:
    """The arguments without a default."""
    return [item.name for item in fields(kind) if item.default is MISSING]


def _by_name(kind: type[Layer]) -> str:
    """How a layer is written that somebody calls by Keras's name of its class."""
    name = kind.__name__
    short, required = short_word(name), _required(kind)
    by_name = name + "".join(f"/{argument}=…" for argument in required)
    if short is not None:
        return f"Write {short.example} ({short.meaning}), or {by_name}."
    if not required:
        return f"Write {name}; companion notation shows how arguments are said."
    return f"Say its arguments by their names: {by_name}."


def _as_in(target: _Arguments, word: Word) -> str:
    return (
        _by_name(target.kind) if word.example == target.kind.__name__ else f"Write {word.example}."
    )


def _take_sizes(written: LayerText, target: _Arguments) -> None:
    word, sizes = written.word, written.sizes
    if sizes is None:
        _check_given(word.sizes, written, target, "a size right behind it")
        return
    if not word.sizes:
        message = f"{word.word} takes no number right behind it."
        raise target.error("notation-arguments", message, written.span, _as_in(target, word))
    if isinstance(sizes, float):
        target.set(word.sizes[0], sizes, written.span)
    elif len(word.sizes) == 1:
        target.sizes(word.sizes[0], sizes, written.span)
    else:
        _spread(written, sizes, target)


def _spread(written: LayerText, sizes: tuple[Size, ...], target: _Arguments) -> None:
    """One size for all arguments, or one for each."""
    names = written.word.sizes
    if len(sizes) not in (1, len(names)):
        message = f"{written.word.word} takes {len(names)} sizes, but here are {len(sizes)}."
        raise target.error("notation-arguments", message, written.span)
    for name, size in zip(names, sizes * (len(names) // len(sizes)), strict=True):
        target.set(name, size, written.span)


def _take_count(written: LayerText, target: _Arguments) -> None:
    word = written.word
    if written.count is None:
        _check_given((word.count,) if word.count else (), written, target, "a number after a dash")
    elif word.count:
        target.set(word.count, written.count, written.span)
    else:
        message = f"{word.word} takes no number after a dash."
        raise target.error("notation-arguments", message, written.span, _as_in(target, word))


def _check_given(names: tuple[str, ...], written: LayerText, target: _Arguments, what: str) -> None:
    """An argument without a default must be written, at its place or as an option."""
    keys = {option.key for option in written.options if option.is_pair}
    by_name = {item.name: item for item in fields(target.kind)}
    for name in names:
        if name not in keys and by_name[name].default is MISSING:
            word = written.word
            message = f"{word.word} needs {what}: {name}, as in {word.example}."
            raise target.error("notation-arguments", message, (written.span[1],) * 2)


def _take_options(
    options: tuple[Option, ...], arguments: _Arguments, inner: _Arguments | None
) -> bool:
    """Set what the options say; whether training may change the layer."""
    trainable = True
    for option in options:
        if option.key == FROZEN and not option.is_pair and trainable:
            trainable = False
        elif not (inner is not None and _take(option, inner)) and not _take(option, arguments):
            raise _unknown_option(option, inner or arguments)
    return trainable


def _take(option: Option, target: _Arguments) -> bool:
    """Set one option, where the layer has it."""
    if option.sizes:
        name = letter_setting(target.kind, option.key)
        if name is not None:
            target.sizes(name, option.sizes, option.span)
        return name is not None
    if option.is_pair:
        if option.key in schema(target.kind):
            target.set(option.key, option.value, option.span)
        return option.key in schema(target.kind)
    found = word_setting(target.kind, option.key)
    if found is not None:
        target.set(*found, option.span)
    return found is not None


def _unknown_option(option: Option, target: _Arguments) -> TextError:
    kind = target.kind.__name__
    if option.sizes:
        name = LETTERS_OF_OPTIONS[option.key]
        known = ", ".join(letters_of(target.kind))
        hint = f"Letters that it takes: {known}." if known else ""
        message = f"A {kind} has no {name}."
    elif option.is_pair:
        message = f"A {kind} has no argument {option.key[:60]!r}."
        like = nearest(option.key, schema(target.kind))
        hint = f"Did you mean {like}?" if like else ""
    else:
        message = f"{option.key[:60]!r} is no option of a {kind}."
        like = nearest(option.key, words_of(target.kind))
        hint = f"Did you mean {like}?" if like else _options_hint(target.kind)
    return target.error("notation-unknown-option", message, option.span, hint)


def _options_hint(kind: type[Layer]) -> str:
    skipped = {"dtype", "activation"}
    words = [
        word for word in words_of(kind) if (word_setting(kind, word) or ("",))[0] not in skipped
    ]
    return f"Options that it takes: {', '.join([*words, *letters_of(kind)])}."


def _error(written: LayerText, text: str, code: str, message: str) -> TextError:
    start, end = written.span
    return TextError(code, message, text=text, start=start, end=end)

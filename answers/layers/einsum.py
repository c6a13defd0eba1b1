"""Einstein's sums: an equation of letters, and the dense layer that is one.

Every letter is an axis. Letters behind the arrow stay, the others are summed over; '...' stands for
the axes that are not named, which stay in front.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import ClassVar

from answers.errors import InputError
from answers.expressions.expression import Expression, Name, Product, Values, written
from answers.expressions.size import Size, is_symbolic
from answers.layers.activation import ActivationLayer, Function
from answers.layers.base import Dim, Layer, Shape, Weight, known, one, possible, text
from answers.layers.fields import Count
from answers.layers.taps import UNRULED, InputTaps
from answers.record import record

_TERM = r"(?:\.\.\.)?[A-Za-z]*(?:\.\.\.)?"
_EQUATION = re.compile(rf"{_TERM}(?:,{_TERM})*->{_TERM}")
_MOST_LETTERS = 64
_MOST_CHARACTERS = 200  # of the text, with its spaces


@record()
class Equation:
    """What stands before the commas, and behind the arrow. rest: '...' stands in it, in front."""

    inputs: tuple[str, ...]
    output: str
    rest: bool = False

    def check_batch(self) -> None:
        """Refuse an equation that mixes the samples of a batch.

        Raises: InputError batch-axis.
        """
        first = self.output[:1]
        everywhere = all(term.startswith(first) for term in self.inputs)
        if not self.rest and not (first and everywhere):
            raise InputError(
                "batch-axis", f"The equation {self.text!r} mixes the pictures of a batch."
            )
        if self.rest:
            raise InputError("config-value", f"The equation {self.text!r} leaves axes open.")

    def without_batch(self) -> Equation:
        """The equation for one sample."""
        return Equation(tuple(term[1:] for term in self.inputs), self.output[1:])

    @property
    def text(self) -> str:
        """The equation as it is written."""
        dots = "..." if self.rest else ""
        return f"{dots}{','.join(self.inputs)}->{dots}{self.output}"

    def sizes(self, *inputs: Shape) -> dict[str, Dim]:
        """The size of each letter.

        Raises: InputError input-count, input-rank, shapes-differ.
        """
        if len(inputs) != len(self.inputs):
            raise InputError(
                "input-count",
                f"{self.text!r} takes {len(self.inputs)} inputs, but it gets {len(inputs)}.",
            )
        found: dict[str, Dim] = {}
        for letter, size in self._pairs(inputs):
            before = found.get(letter)
            if None not in (before, size) and before != size:
                raise InputError(
                    "shapes-differ", f"In {self.text!r} the axis {letter} is {before} and {size}."
                )
            found[letter] = size if before is None else before
        return found

    def _pairs(self, inputs: tuple[Shape, ...]) -> Iterator[tuple[str, Dim]]:
        for term, shape in zip(self.inputs, inputs, strict=True):
            if len(term) != len(shape):
                raise InputError(
                    "input-rank", f"{self.text!r} does not fit an input of {text(shape)}."
                )
            yield from zip(term, shape, strict=True)

    def output_shape(self, *inputs: Shape) -> Shape:
        """The sizes of the letters behind the arrow."""
        sizes = self.sizes(*inputs)
        return tuple(sizes[letter] for letter in self.output)

    def products(self) -> Expression | None:
        """Multiply-accumulates: every letter's size, once for each product of two inputs."""
        if len(self.inputs) < 2:
            return None
        letters = tuple(dict.fromkeys("".join(self.inputs)))
        each = tuple(map(Name, letters)) or (written(1),)
        times = len(self.inputs) - 1
        return Product(each) if times == 1 else Product((written(times), *each))


@lru_cache(maxsize=64)
def equation_of(said: str) -> Equation:
    """The equation of a text.

    Raises: InputError config-value where it can't be read, names an axis twice in a term, or has
    a letter behind the arrow that stands in no input.
    """
    if len(said) > _MOST_CHARACTERS:
        raise _unreadable(said)
    plain = said.replace(" ", "")
    letters = plain.replace("...", "").replace(",", "").replace("->", "")
    if len(letters) > _MOST_LETTERS or not _EQUATION.fullmatch(plain):
        raise _unreadable(said)
    before, output = plain.split("->")
    inputs = before.split(",")
    rest = "..." in plain
    if rest:
        fits = inputs[0].startswith("...") and output.startswith("...")
        inputs[0], output = inputs[0][3:], output[3:]
        if not fits or any("..." in term for term in (*inputs, output)):
            raise _unreadable(said)
    twice = any(len(set(term)) != len(term) for term in (*inputs, output))
    if twice or not set(output) <= set("".join(inputs)):
        raise _unreadable(said)
    return Equation(tuple(inputs), output, rest)


def _unreadable(said: str) -> InputError:
    return InputError(
        "config-value",
        f"The equation {said!r:.80} can't be read: it should be one like 'abc,cd->abd', with '...' "
        "in front at the most.",
    )


Wish = tuple[Count | None, ...] | Count


@record(kw_only=True)
class EinsumDense(Layer):
    """A dense layer on any axes: activation(Σ x·kernel + bias), by its equation 'abc,cd->abd'.

    output_sizes: the sizes of the output without the batch, None for those of the input.
    bias_axes: the letters along which the bias differs; None for no bias.
    """

    equation: str
    output_sizes: Wish
    bias_axes: str | None = None
    activation: Function | ActivationLayer = "linear"
    mixes_channels: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        equation = equation_of(self.equation)
        if len(equation.inputs) != 2:
            raise InputError("config-value", f"{self.equation!r} should have two inputs.")
        given, kernel, output = *equation.inputs, equation.output
        if not equation.rest and not (output[:1] == given[:1] != "" and output[0] not in kernel):
            raise InputError(
                "batch-axis", f"The equation {self.equation!r} mixes the pictures of a batch."
            )
        if not set(kernel) <= set(given + output):
            raise InputError(
                "config-value", f"In {self.equation!r} an axis of the kernel stands nowhere else."
            )
        axes = self.bias_axes or ""
        if len(set(axes)) != len(axes) or not set(axes) <= set(
            output if equation.rest else output[1:]
        ):
            raise InputError(
                "config-value", f"bias_axes {axes!r:.80} are no axes of the output {output!r}."
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The sizes of the letters behind the arrow, the batch apart."""
        equation, sizes, before = self._sizes(one(inputs))
        named = equation.output if equation.rest else equation.output[1:]
        return possible((*before, *(sizes[letter] for letter in named)))

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The kernel, whose axes are the second term's; the bias with sizes of 1 elsewhere."""
        equation, sizes, _ = self._sizes(one(inputs))
        shape = tuple(known(sizes[letter], f"The axis {letter}") for letter in equation.inputs[1])
        count = Product(tuple(map(Name, equation.inputs[1])) or (written(1),))
        kernel = Weight("kernel", possible_sizes(shape), count=count)
        if self.bias_axes is None:
            return (kernel,)
        return (kernel, Weight("bias", self._bias(equation, sizes), count=self._bias_count()))

    def letters(self, *inputs: Shape) -> Values:
        """The size of each letter, and how many positions the axes of '...' have."""
        equation, sizes, before = self._sizes(one(inputs))
        own = {letter: size for letter, size in sizes.items() if letter != self._batch(equation)}
        if not equation.rest:
            return own
        number = None if None in before else _times(before)
        return {**own, "positions": number}

    def mac_rule(self, *inputs: Shape) -> Expression:
        """The product of all letters, at each position of '...'."""
        one(inputs)
        equation = equation_of(self.equation)
        letters = dict.fromkeys("".join(equation.inputs))
        letters.pop(self._batch(equation), None)
        first = (Name("positions"),) if equation.rest else ()
        return Product((*first, *map(Name, letters)))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Not followed: any axis may be summed over."""
        self.output_shape(*inputs)
        return (UNRULED,)

    @staticmethod
    def _batch(equation: Equation) -> str:
        return "" if equation.rest else equation.output[0]

    def _bias(self, equation: Equation, sizes: dict[str, Dim]) -> tuple[Size, ...]:
        """Keras drops the axes before the first that the bias has."""
        axes = self.bias_axes or ""
        first = min((equation.output.index(letter) for letter in axes), default=0)
        left = equation.output[first:]
        return tuple(known(sizes[n], f"The axis {n}") if n in axes else 1 for n in left)

    def _bias_count(self) -> Expression:
        return Product(tuple(map(Name, self.bias_axes or "")) or (written(1),))

    def _sizes(self, shape: Shape) -> tuple[Equation, dict[str, Dim], Shape]:
        """The equation, the size of each letter, and the axes that '...' stands for."""
        equation = equation_of(self.equation)
        given, output = equation.inputs[0], equation.output
        axes = shape if equation.rest else (None, *shape)
        if len(axes) < len(given) or (not equation.rest and len(axes) != len(given)):
            raise InputError(
                "input-rank", f"{self.equation!r} does not fit an input of {text(shape)}."
            )
        before = axes[: len(axes) - len(given)]
        sizes = dict(zip(given, axes[len(before) :], strict=True))
        return equation, sizes | self._wanted(output, sizes), before

    def _wanted(self, output: str, sizes: dict[str, Dim]) -> dict[str, Dim]:
        """The sizes of the output's letters; those that the settings leave open are the input's."""
        said = self.output_sizes if isinstance(self.output_sizes, tuple) else (self.output_sizes,)
        named = output if equation_of(self.equation).rest else output[1:]
        if len(said) != len(named):
            raise self._misfit(named)
        found: dict[str, Dim] = {}
        for letter, size in zip(named, said, strict=True):
            own = sizes.get(letter)
            if size is None and letter not in sizes:
                raise self._misfit(named)
            if None not in (own, size) and not is_symbolic(own) and own != size:
                raise self._misfit(named)
            found[letter] = own if size is None else size
        return found

    def _misfit(self, named: str) -> InputError:
        return InputError(
            "shapes-differ",
            f"EinsumDense.output_shape {self.output_sizes} does not fit the axes {named!r} of "
            f"{self.equation!r}.",
        )


def possible_sizes(shape: tuple[Size, ...]) -> tuple[Size, ...]:
    """The sizes of an array that can exist; see `possible`."""
    possible(shape)
    return shape


def _times(sizes: Shape) -> Size:
    total: Size = 1
    for size in sizes:
        total = total * known(size, "A size")
    return total

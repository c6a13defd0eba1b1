"""What every layer is: a frozen record of Keras's arguments that knows its shapes and weights.

Shapes carry no batch axis. A size that a model leaves open is None, and stays None in whatever
is derived from it. A size, like any argument that counts something, may also be a SymPy expression
(`answers/expressions/size.py`): shapes, weights and costs are then expressions too.

A formula stands once, as an `Expression` over the layer's `letters`; its value, its line in a
derivation and its LaTeX come from there.
"""

from __future__ import annotations

from dataclasses import field
from math import prod
from typing import ClassVar, Literal

from answers.errors import InputError
from answers.expressions.expression import Expression, Name, Product, Values, evaluate
from answers.expressions.size import Size, is_symbolic
from answers.layers.fields import LARGEST, checked, schema
from answers.layers.taps import ITSELF, InputTaps
from answers.record import record

Dim = Size | None
Shape = tuple[Dim, ...]
MOST_AXES = 32  # what NumPy 1 can hold
Policy = Literal[
    "float16", "float32", "float64", "bfloat16", "mixed_float16", "mixed_bfloat16"
]  # Keras's dtype policies; mixed ones compute in 16 bits and store in 32


@record()
class Weight:
    """One array of a layer.

    name: as Keras 3 has it. trainable: whether training changes it.
    count: the formula for how many numbers it holds, over the layer's letters; where a layer gives
        none it is the product of the sizes.
    """

    name: str
    shape: tuple[Size, ...]
    trainable: bool = True
    count: Expression | None = field(default=None, compare=False)

    @property
    def size(self) -> Size:
        """How many numbers it holds."""
        return prod(self.shape)


@record(kw_only=True)
class Layer:
    """The arguments of one Keras layer that change its output, named as Keras names them.

    dtype: Keras's dtype policy.
    Raises: InputError `config-value` when a field does not hold what its annotation says.
    """

    dtype: Policy = "float32"

    # an output depends on all channels of its position (a convolution, a dense layer)
    mixes_channels: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for name, hint in schema(type(self)).items():
            value = checked(getattr(self, name), hint, f"{self.kind}.{name}")
            object.__setattr__(self, name, value)

    @property
    def kind(self) -> str:
        """Keras's class name of this layer."""
        return type(self).__name__

    def output_shape(self, *inputs: Shape) -> Shape:
        """The shape that comes out when `inputs` go in."""
        return one(inputs)

    @property
    def output_count(self) -> int:
        """How many tensors come out; beside the first they are states or scores."""
        return 1

    def output_shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        """The shape of each tensor that comes out."""
        return (self.output_shape(*inputs),)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:  # noqa: ARG002  # most layers have none
        """The arrays this layer owns when it is built on `inputs`, in Keras's order of creation."""
        return ()

    def letters(self, *inputs: Shape) -> Values:  # noqa: ARG002  # most layers have no formula
        """What the letters of this layer's formulas stand for when it is built on `inputs`."""
        return {}

    def mac_rule(self, *inputs: Shape) -> Expression | None:  # noqa: ARG002  # most multiply nothing
        """Multiply-accumulates for one sample as a formula; None where it multiplies nothing.

        Taps on zero padding count; bias, normalisation, activation and pooling do not.
        """
        return None

    def macs(self, *inputs: Shape) -> Size:
        """Multiply-accumulates for one sample: the value of `mac_rule`."""
        rule = self.mac_rule(*inputs)
        return 0 if rule is None else evaluate(rule, self.letters(*inputs))

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """For each input, what each axis of the output reads of it (channels apart).

        Unless a layer says otherwise, each position reads itself.
        """
        return tuple((ITSELF,) * (len(shape) - 1) for shape in inputs)


def one(inputs: tuple[Shape, ...]) -> Shape:
    """The only input of a layer that takes one."""
    if len(inputs) != 1:
        raise InputError("input-count", f"The layer takes one input, but it gets {len(inputs)}.")
    return inputs[0]


def known(size: Dim, what: str) -> int:
    """A size that must be known."""
    if size is None:
        raise InputError(
            "size-unknown",
            f"{what} is left open, but it is needed here.",
            hint="Give the input all its sizes, channels included: in 32x32x3: …",
        )
    return size


def spatial(shape: Shape, rank: int) -> tuple[Shape, Dim]:
    """Split a shape into its `rank` spatial sizes and its channels (channels last)."""
    if len(shape) != rank + 1:
        raise InputError(
            "input-rank",
            f"The layer takes {rank} spatial sizes and channels, but its input is {text(shape)}.",
        )
    return shape[:-1], shape[-1]


def channels_of(shape: Shape, rank: int) -> Size:
    """The number of channels, which must be known."""
    return known(spatial(shape, rank)[1], "The number of channels")


def positions(sizes: Shape) -> int:
    """How many positions a grid of these sizes has."""
    return prod(known(size, "A spatial size") for size in sizes)


def possible(shape: Shape) -> Shape:
    """A shape that an array can have.

    Raises: InputError `too-many-axes`, `tensor-too-large`; without them the sizes of a small file
    could grow to numbers of thousands of digits.
    """
    if len(shape) > MOST_AXES:
        raise InputError(
            "too-many-axes", f"The output has {len(shape)} axes; the limit is {MOST_AXES}."
        )
    if prod(_at_least(size) for size in shape if size is not None) > LARGEST:
        raise InputError("tensor-too-large", f"The output is too large: {text(shape)}.")
    return shape


def _at_least(size: Size) -> int:
    """A number that the size does not fall below, as far as one is seen without algebra."""
    if not is_symbolic(size):
        return size
    number, rest = size.as_coeff_Mul()  # type: ignore[attr-defined]  # SymPy's: it is symbolic
    return int(number) if rest.is_Symbol and number >= 1 else 1


def axis_of(axis: int, shape: Shape) -> int:
    """The place in `shape` of an axis that Keras counts with the batch axis.

    Raises: InputError `input-rank` where the shape has no such axis, `batch-axis` for the batch.
    """
    rank = len(shape) + 1
    if not -rank <= axis < rank:
        raise InputError("input-rank", f"The input {text(shape)} has no axis {axis}.")
    if axis in (0, -rank):
        raise InputError("batch-axis", f"Axis {axis} of the input {text(shape)} is the batch.")
    return axis - 1 if axis > 0 else axis + rank - 1


def text(shape: Shape) -> str:
    """A shape for people: 32x32x3, with ? for a size left open."""
    return "x".join(map(_size_text, shape)) or "a single number"


def _size_text(size: Dim) -> str:
    if size is None:
        return "?"
    return f"({size})" if is_symbolic(size) and not getattr(size, "is_Atom", True) else str(size)


_AXES = {
    "k": {1: ("k",), 2: ("k_h", "k_w"), 3: ("k_d", "k_h", "k_w")},
    "n": {1: ("n",), 2: ("n_h", "n_w"), 3: ("n_d", "n_h", "n_w")},
    "o": {1: ("o",), 2: ("o_h", "o_w"), 3: ("o_d", "o_h", "o_w")},
}


def axis_names(letter: Literal["k", "n", "o"], rank: int) -> tuple[str, ...]:
    """A letter for each spatial axis: k of the kernel, n of the input, o of the output."""
    return _AXES[letter][rank]


def product_of(letter: Literal["k", "n", "o"], rank: int) -> Expression:
    """The product over the spatial axes, as a group: k_h·k_w."""
    return Product(tuple(map(Name, axis_names(letter, rank))))

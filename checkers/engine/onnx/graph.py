"""A graph in the making: every operator gives a value, which has a name and a shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from checkers.engine.onnx import protobuf
from checkers.engine.onnx.protobuf import Attribute, Dims

Sizes = tuple[int, ...]
# numbers, or what makes them: who only asks what is covered makes none
Numbers = ArrayLike | Callable[[], ArrayLike]
_BATCH = "batch"


def known_sizes(shape: Iterable[Any]) -> Sizes:
    """Sizes that are all known: what goes into the graph is."""
    return tuple(int(size) for size in shape)


@dataclass(frozen=True)
class Value:
    """What an operator gave. shape: of one sample, channels last; the batch axis is before it."""

    name: str
    shape: Sizes

    @property
    def rank(self) -> int:
        """The axes, the batch included."""
        return len(self.shape) + 1


@dataclass
class Graph:
    """Nodes and constants, in the order in which they were made."""

    nodes: list[bytes] = field(default_factory=list)
    constants: dict[tuple[str, Sizes, bytes], str] = field(default_factory=dict)
    given: list[bytes] = field(default_factory=list)
    _made: int = 0

    def input(self, shape: Sizes, dtype: str = "float32", name: str = "") -> Value:
        """An input of the graph, sample by sample."""
        name = name or self._name("input")
        self.given.append(protobuf.value(name, (_BATCH, *shape), dtype))
        return Value(name, shape)

    def setting(self, name: str, dims: Dims) -> str:
        """The name of float32 numbers that are given at each run, the same for every sample."""
        self.given.append(protobuf.value(name, dims))
        return name

    def constant(self, numbers: Numbers, dtype: Any = np.float32) -> str:
        """The name of numbers that stand in the graph; equal ones stand there once.

        A layer that is called a hundred times would bring its weights along each time.
        numbers: a function where they are many and have to be worked out.
        """
        array = np.asarray(numbers() if callable(numbers) else numbers, dtype)
        key = (array.dtype.name, array.shape, protobuf.numbers(array))
        return self.constants.setdefault(key, "") or self._named(key)

    def _named(self, key: tuple[str, Sizes, bytes]) -> str:
        self.constants[key] = self._name("c")
        return self.constants[key]

    def whole(self, *numbers: int) -> str:
        """The name of a row of int64 numbers: sizes, axes, places."""
        return self.constant(numbers, np.int64)

    def number(self, value: float) -> str:
        """The name of a single float32 number."""
        return self.constant(value)

    def do(
        self, operator: str, *inputs: Value | str, shape: Sizes, **attributes: Attribute
    ) -> Value:
        """One node with one output. inputs: values, or names of constants; shape: what comes out."""
        name = self._name("v")
        given = [item.name if isinstance(item, Value) else item for item in inputs]
        self.nodes.append(protobuf.node(operator, given, [name], attributes))
        return Value(name, shape)

    def several(
        self,
        operator: str,
        *inputs: Value | str,
        shapes: Iterable[Sizes | None],
        **given: Attribute,
    ) -> list[Value]:
        """A node with several outputs. shapes: of each; None for one that nobody uses."""
        made = [None if shape is None else Value(self._name("v"), shape) for shape in shapes]
        names = [item.name if isinstance(item, Value) else item for item in inputs]
        outputs = ["" if value is None else value.name for value in made]
        self.nodes.append(protobuf.node(operator, names, outputs, given))
        return [value for value in made if value is not None]

    def each(self, operator: str, value: Value, *others: str, **attributes: Attribute) -> Value:
        """A node that leaves the shape as it is."""
        return self.do(operator, value, *others, shape=value.shape, **attributes)

    def both(self, operator: str, a: Value, b: Value) -> Value:
        """Two values number by number; sizes of 1 are stretched, and the axes are as many."""
        shape = tuple(int(size) for size in np.broadcast_shapes(a.shape, b.shape))
        return self.do(operator, a, b, shape=shape)

    def over(self, operator: str, value: Value, axes: Iterable[int]) -> Value:
        """A node that leaves one number of some axes, which keep a size of 1; 0 is the batch."""
        gone = sorted(axes)
        shape = tuple(1 if axis in gone else n for axis, n in enumerate(value.shape, start=1))
        return self.do(operator, value, self.whole(*gone), shape=shape, keepdims=1)

    def matmul(self, left: Value, right: Value) -> Value:
        """(…, a, b) by (…, b, c) → (…, a, c); sizes of 1 before them are stretched."""
        before = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
        shape = (*map(int, before), left.shape[-2], right.shape[-1])
        return self.do("MatMul", left, right, shape=shape)

    def linear(self, value: Value, matrix: Numbers, width: int) -> Value:
        """The last axis by a matrix of `width` columns."""
        shape = (*value.shape[:-1], width)
        return self.do("MatMul", value, self.constant(matrix), shape=shape)

    def reshape(self, value: Value, shape: Sizes) -> Value:
        """The same numbers of each sample in another shape."""
        if shape == value.shape:
            return value
        return self.do("Reshape", value, self.whole(-1, *shape), shape=shape)

    def transpose(self, value: Value, order: Sizes) -> Value:
        """The axes in another order; 0 is the batch, which stays in front."""
        shape = tuple(value.shape[axis - 1] for axis in order[1:])
        return self.do("Transpose", value, shape=shape, perm=order)

    def transpose_free(self, value: Value, order: Sizes) -> Value:
        """The axes in an order that moves the batch; the shape is that of the value."""
        return self.do("Transpose", value, shape=value.shape, perm=order)

    def channels_first(self, value: Value) -> Value:
        """(…, channels) → (channels, …)."""
        return self.transpose(value, (0, value.rank - 1, *range(1, value.rank - 1)))

    def channels_last(self, value: Value) -> Value:
        """(channels, …) → (…, channels)."""
        return self.transpose(value, (0, *range(2, value.rank), 1))

    def to_bytes(self, outputs: list[Value]) -> bytes:
        """The model with these outputs."""
        made = protobuf.graph(
            self.nodes,
            (protobuf.tensor(name, *key) for key, name in self.constants.items()),
            self.given,
            [protobuf.value(v.name, (_BATCH, *v.shape)) for v in outputs],
        )
        return protobuf.model(made)

    def _name(self, letter: str) -> str:
        self._made += 1
        return f"{letter}{self._made}"


Arrays = list[NDArray[np.float32]]


class NotCovered(Exception):  # noqa: N818  # it is an answer, not an error: another engine takes over
    """A setting that ONNX can't express exactly as Keras means it."""

"""Sizes that a model takes from its own tensors while it runs: tf.shape(x)[1:3] for a resize.

TensorFlow keeps each step of it as an operation of the graph. Here they are worked out from the
shapes that the layers before have, and put into the arguments that name them, as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import add, floordiv, mul, sub
from typing import Any

from answers.errors import CompanionError, RefusedError
from answers.layers.base import MOST_AXES, Layer, Shape, possible
from answers.layers.core import InputLayer
from answers.layers.tensor_operations import Part
from answers.layers.unknown import Unknown
from answers.network.graph import Network
from answers.network.shapes import output_shapes
from checkers.model_file.calls import Reference, is_reference, reference

_BATCH, _OPEN = "the batch", "an open size"
_SHAPES = ("shape", "compat.v1.shape")
_COMPUTED: Mapping[str, Callable[[int, int], int]] = {
    **dict.fromkeys(("math.add", "__operators__.add"), add),
    **dict.fromkeys(("math.floordiv", "compat.v1.floor_div"), floordiv),
    "math.multiply": mul,
    "math.subtract": sub,
}
_JOINED = ("stack", "concat")
_DERIVED = (*_COMPUTED, *_JOINED, "__operators__.getitem", "cast", "unstack")
_WIDE = ("int32", "int64", "float32", "float64")  # in a byte 300 would be 44
_LARGEST = 1 << 31
_DEEPEST = 20  # an honest size is worked out in a handful of steps
Calls = tuple[tuple[Reference, ...], ...]


@dataclass
class ComputedSizes:
    """The operations of a graph of Keras 2 that compute sizes, and the shapes that they read.

    entries: all layers of the graph by name.
    """

    entries: Mapping[str, dict[str, Any]]
    names: frozenset[str] = frozenset()
    _waiting: list[tuple[str, Layer | Network, Calls]] = field(default_factory=list)
    _shapes: dict[Reference, Shape] = field(default_factory=dict)
    _values: dict[tuple[str, int], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found: set[str] = set()
        for name, entry in self.entries.items():
            word = _function(entry)
            given = [item[0] for item in _items(entry) if is_reference(item)]
            derived = word in _DERIVED and any(one in found for one in given)
            if word in _SHAPES or derived:
                found.add(name)
        self.names = frozenset(found)

    def follow(self, name: str, layer: Layer | Network, calls: Calls) -> None:
        """A layer that was read; those that it takes its tensors from came before."""
        if self.names:
            self._waiting.append((name, layer, calls))

    def without(self, calls: Calls) -> Calls:
        """The tensors of calls, those that are sizes left out."""
        return tuple(tuple(one for one in call if one[0] not in self.names) for call in calls)

    def put_in(self, entry: dict[str, Any]) -> dict[str, Any]:
        """An operation with the numbers in the place of the tensors that are sizes.

        Raises: RefusedError call-argument for a size that can't be known, or is used otherwise.
        """
        if not self.names or _function(entry) is None:
            return entry
        nodes = entry.get("inbound_nodes", [])  # an operation without calls is refused when read
        return entry | {"inbound_nodes": [self._node(node) for node in nodes]}

    def _node(self, node: Any) -> Any:
        if not isinstance(node, list):
            return node
        if len(node) == 4 and isinstance(node[3], dict):
            if is_reference(node) and node[0] in self.names:
                raise _unknown_size()
            return [*node[:3], {key: self._argument(key, value) for key, value in node[3].items()}]
        return [self._node(item) for item in node]

    def _argument(self, key: str, value: Any) -> Any:
        found = self._replaced(value)
        if found is value or type(found) is int:
            return found
        if not isinstance(found, list):
            raise _unknown_size()
        free = key in ("shape", "newshape")
        return [_as_number(size, place, free=free) for place, size in enumerate(found)]

    def _replaced(self, value: Any) -> Any:
        if is_reference(value) and value[0] in self.names:
            return self._value(value[0], value[2], 1)
        if isinstance(value, list) and any(is_reference(item) for item in value):
            return [self._replaced(item) for item in value]
        return value

    def _value(self, name: str, output: int, depth: int) -> Any:
        """What an operation computes: a size, or a list of them."""
        key = (name, output)
        if key not in self._values:
            self._values[key] = self._worked_out(name, output, depth)
        return self._values[key]

    def _worked_out(self, name: str, output: int, depth: int) -> Any:
        entry = self.entries[name]
        word, items = _function(entry), list(_items(entry))
        if depth > _DEEPEST or not items or not isinstance(items[0][3], dict):
            raise _unknown_size()
        arguments = items[0][3]
        if word in _SHAPES:
            return [_BATCH, *(_OPEN if n is None else n for n in self._shape(items[0]))]
        taken = [self._taken(item, depth) for item in items]
        if word in _JOINED:
            return _joined(word, taken)
        if word in _COMPUTED:
            other = arguments.get("y")
            second = self._taken(other, depth) if is_reference(other) else other
            return _computed(_COMPUTED[word], taken[0], second)
        if word == "cast" and arguments.get("dtype") in _WIDE:
            return taken[0]
        if word == "cast":
            raise _unknown_size()
        return _part(taken[0], output if word == "unstack" else arguments.get("slice_spec"))

    def _taken(self, item: Any, depth: int) -> Any:
        if item[0] == "_CONSTANT_VALUE":
            return item[2]
        if not is_reference(item) or item[0] not in self.names:
            raise _unknown_size()
        return self._value(item[0], item[2], depth + 1)

    def _shape(self, item: Any) -> Shape:
        """The shape of a tensor, once all layers that came are walked through."""
        for name, layer, calls in self._waiting:
            self._walk(name, layer, calls)
        self._waiting.clear()
        if not is_reference(item) or (found := self._shapes.get(reference(item))) is None:
            raise _unknown_size()
        return found

    def _walk(self, name: str, layer: Layer | Network, calls: Calls) -> None:
        if isinstance(layer, Unknown) or (isinstance(layer, Network) and len(calls) > 1):
            return  # nobody knows; or which call is which is not said yet
        for number, call in enumerate(calls):
            if not all(one in self._shapes for one in call):
                continue
            given = tuple(self._shapes[one] for one in call)
            try:
                self._shapes.update(_made(name, number, layer, given))
            except CompanionError:
                continue  # the network says so later, with the layer's name


def _made(
    name: str, number: int, layer: Layer | Network, given: tuple[Shape, ...]
) -> Iterator[tuple[Reference, Shape]]:
    if isinstance(layer, InputLayer):
        yield (name, 0, 0), layer.shape
    elif isinstance(layer, Network):
        for output, shape in enumerate(output_shapes(layer, given)):
            for call in (0, 1):  # Keras 2 counts from 1 where the model was made before
                yield (name, call, output), shape
    elif isinstance(layer, Part):
        for output in range(_MOST_PARTS):
            try:
                shape = replace(layer, place=output).output_shape(*given)
            except CompanionError:
                return
            yield (name, number, output), shape
    else:
        for output, shape in enumerate(layer.output_shapes(*given)):
            yield (name, number, output), possible(shape)


_MOST_PARTS = 64


def _function(entry: Mapping[str, Any]) -> Any:
    config = entry.get("config")
    known = entry.get("class_name") in ("TFOpLambda", "SlicingOpLambda")
    return config.get("function") if known and isinstance(config, dict) else None


def _items(entry: Mapping[str, Any]) -> Iterator[list[Any]]:
    """What the first argument of the only call stands for: one tensor or number, or several."""
    nodes = entry.get("inbound_nodes")
    node = nodes[0] if isinstance(nodes, list) and len(nodes) == 1 else None
    if not isinstance(node, list) or not node:
        return
    for item in node if isinstance(node[0], list) else [node]:
        if isinstance(item, list) and len(item) == 4:
            yield item


def _joined(word: Any, taken: Sequence[Any]) -> list[Any]:
    """Sizes, or lists of them, as one list."""
    lists = [[part] for part in taken] if word == "stack" else taken
    if not all(isinstance(part, list) for part in lists):
        raise _unknown_size()
    if sum(map(len, lists)) > MOST_AXES or any(isinstance(s, list) for part in lists for s in part):
        raise _unknown_size()
    return [size for part in lists for size in part]


def _computed(join: Callable[[int, int], int], a: Any, b: Any) -> int:
    if type(a) is not int or type(b) is not int or (join is floordiv and not b):
        raise _unknown_size()
    found = join(a, b)
    if abs(found) > _LARGEST:
        raise _unknown_size()
    return found


def _part(sizes: Any, index: Any) -> Any:
    """One of the sizes, or some in a row."""
    if isinstance(index, list) and len(index) == 1:
        (index,) = index
    if isinstance(index, dict):
        ends = [index.get(name) for name in ("start", "stop", "step")]
        if not all(end is None or type(end) is int for end in ends) or ends[2] == 0:
            raise _unknown_size()
        index = slice(*ends)
    elif (
        type(index) is not int
        or not isinstance(sizes, list)
        or not -len(sizes) <= index < len(sizes)
    ):
        raise _unknown_size()
    if not isinstance(sizes, list):
        raise _unknown_size()
    return sizes[index]


def _as_number(size: Any, place: int, *, free: bool) -> Any:
    """A size of a shape; -1 for the one that follows from the others."""
    if type(size) is not str:
        return size
    if free and size == (_BATCH if place == 0 else _OPEN):
        return -1
    raise _unknown_size()


def _unknown_size() -> RefusedError:
    return RefusedError(
        "call-argument",
        "An operation takes a size that is only known when the model runs.",
        hint="Give keras.Input all sizes, and write the numbers instead of tf.shape.",
    )

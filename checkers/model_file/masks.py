"""Masks that Keras 3 wrote into a graph: which steps of a sequence are padding.

An Embedding with mask_zero and a Masking layer make a mask, which Keras hands from layer to layer by
itself. Keras 3 writes it down as well: operations (NotEqual, Any, …) that make it, and an argument
`mask` of the layers that use it. The engine is Keras, and makes its masks anew; so those operations
are left out where they say what Keras will make, and the model is refused where they don't.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from answers.errors import RefusedError
from answers.layers.base import Layer
from answers.layers.core import Masking, TrainingOnly
from answers.layers.embedding import Embedding
from answers.layers.merging import Concatenate
from answers.layers.preprocessing import RandomLayer
from answers.layers.recurrent import Recurrent
from answers.layers.wrappers import Bidirectional
from answers.network.graph import Call, Network, Tensor
from checkers.model_file.calls import Reference, keras3_mask, reference, references_in

_SOURCES = ("NotEqual", "OnesLike", "ZerosLike")
_OPERATIONS = (*_SOURCES, "Any", "Concatenate", "ConvertToTensor", "ExpandDims", "LogicalOr")
_DEEPEST = 100  # an honest mask is made in a handful of steps
# Layers that give the mask of their first input on (`supports_masking` in Keras 3).
PASSING = frozenset(
    """
    Activation BatchNormalization Dense ELU GroupNormalization GroupQueryAttention Identity
    LayerNormalization LeakyReLU MultiHeadAttention Normalization PReLU ReLU Rescaling Softmax
    TimeDistributed UnitNormalization
    """.split()  # noqa: SIM905  # a text reads better than a column
)
OF_THE_FIRST = frozenset({"AdditiveAttention", "Attention"})
EITHER = frozenset({"Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"})

Mask = int | None  # a number of the book; None: no mask
Path = tuple[Any, ...]


@dataclass(frozen=True)
class WrittenMasks:
    """What a graph says of masks.

    nodes: the operations that make masks, by name. said: for each layer and call the masks that it
    is called with, None where it is said that there is none.
    """

    nodes: Mapping[str, dict[str, Any]]
    said: Mapping[tuple[str, int], tuple[Reference | None, ...]]


def written_masks(entries: Iterable[tuple[str, dict[str, Any]]]) -> WrittenMasks:
    """The masks in the entries of a graph."""
    by_name = dict(entries)
    said = {
        (name, number): masks
        for name, entry in by_name.items()
        for number, node in enumerate(_calls(entry))
        if (masks := keras3_mask(node)) is not None
    }
    begin = [mask[0] for masks in said.values() for mask in masks if mask is not None]
    return WrittenMasks(dict(_makers(begin, by_name)), said)


def _calls(entry: dict[str, Any]) -> list[Any]:
    nodes = entry.get("inbound_nodes")
    return nodes if isinstance(nodes, list) else []


def _makers(
    names: list[str], by_name: Mapping[str, dict[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    seen, left = set(), list(names)
    while left:
        name = left.pop()
        entry = by_name.get(name, {})
        if name in seen or not _is_maker(entry):
            continue
        seen.add(name)
        yield name, entry
        if entry["class_name"] not in _SOURCES:
            left += [taken[0] for taken in references_in(_calls(entry)[0])]


def _is_maker(entry: dict[str, Any]) -> bool:
    module, calls, config = entry.get("module"), _calls(entry), entry.get("config")
    ours = module is None or (isinstance(module, str) and module.startswith("keras.src.ops."))
    plain = isinstance(config, dict) and "trainable" not in config
    once = len(calls) == 1 and isinstance(calls[0], dict)
    return ours and plain and once and entry.get("class_name") in _OPERATIONS


@dataclass(frozen=True)
class _Book:
    """A number for each mask: equal masks have equal numbers, however large what they say is."""

    numbers: dict[Any, int] = field(default_factory=dict)

    def number(self, *said: Any) -> int:
        """The number of what is said."""
        return self.numbers.setdefault(said, len(self.numbers))

    def differs(self, path: Path, tensor: Tensor, value: float) -> int:
        """True where a tensor is not the value."""
        return self.number("differs", path, tensor, value)


# --- what the file says ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Made:
    """What an operation makes. wide: the mask of a step stands once for each of its channels."""

    mask: int
    wide: bool = False


@dataclass(frozen=True)
class _Reading:
    """Reads the operations of one graph. named: a reference of the file as a tensor of ours."""

    written: WrittenMasks
    book: _Book
    named: Callable[[Reference], Tensor]
    known: dict[str, _Made] = field(default_factory=dict)

    def mask(self, said: Reference | None) -> Mask:
        """The mask of a reference.

        Raises: RefusedError call-argument for what no Keras makes.
        """
        if said is None:
            return None
        made = self._made(said[0], 1)
        if made.wide:
            raise _other_mask()
        return made.mask

    def _made(self, name: str, depth: int) -> _Made:
        if name not in self.known:
            if depth > _DEEPEST or name not in self.written.nodes:
                raise _other_mask()
            self.known[name] = self._read(self.written.nodes[name], depth)
        return self.known[name]

    def _read(self, entry: dict[str, Any], depth: int) -> _Made:
        kind, config, (call,) = entry["class_name"], entry["config"], _calls(entry)
        given = call.get("args")
        if call.get("kwargs") or not isinstance(given, list):
            raise _other_mask()
        if kind in ("OnesLike", "ZerosLike"):
            return _Made(self.book.number(kind), wide=True)
        if kind == "NotEqual":
            return self._differs(given)
        taken = [self._made(inner[0], depth + 1) for inner in references_in(call)]
        made = _JOINED[kind](self.book, config, taken) if taken else None
        if made is None:
            raise _other_mask()
        return made

    def _differs(self, given: list[Any]) -> _Made:
        names = references_in({"args": given[:1]})
        if len(given) != 2 or len(names) != 1 or type(given[1]) not in (int, float):
            raise _other_mask()
        return _Made(self.book.differs((), self.named(reference(list(names[0]))), float(given[1])))


def _any(book: _Book, config: dict[str, Any], taken: list[_Made]) -> _Made | None:
    if config.get("axis") not in (-1, [-1]) or config.get("keepdims"):
        return None
    (made,) = taken
    return _Made(made.mask if made.wide else book.number("any", made.mask))


def _expanded(book: _Book, config: dict[str, Any], taken: list[_Made]) -> _Made | None:  # noqa: ARG001  # one of a table
    last = config.get("axis") == -1 and not taken[0].wide
    return _Made(taken[0].mask, wide=True) if last else None


def _or(book: _Book, config: dict[str, Any], taken: list[_Made]) -> _Made | None:  # noqa: ARG001  # one of a table
    if len(taken) != 2 or taken[0].wide != taken[1].wide:
        return None
    one, other = taken
    if other.mask == book.number("ZerosLike"):
        return one
    return _Made(book.number("or", one.mask, other.mask), one.wide)


def _side_by_side(book: _Book, config: dict[str, Any], taken: list[_Made]) -> _Made | None:
    axis = config.get("axis")
    if type(axis) is not int or not all(made.wide for made in taken):
        return None
    return _Made(book.number("joined", axis, *(made.mask for made in taken)), wide=True)


_JOINED: Mapping[str, Callable[[_Book, dict[str, Any], list[_Made]], _Made | None]] = {
    "Any": lambda book, config, taken: _any(book, config, taken) if len(taken) == 1 else None,
    "Concatenate": _side_by_side,
    "ConvertToTensor": lambda _, __, taken: taken[0],
    "ExpandDims": _expanded,
    "LogicalOr": _or,
}


def _other_mask() -> RefusedError:
    return RefusedError(
        "call-argument",
        "A layer is called with a mask that Keras does not make by itself.",
        hint="Leave mask away when you call a layer: Keras hands the mask of an Embedding with "
        "mask_zero, or of a Masking layer, from layer to layer.",
    )


# --- what Keras makes -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Keras:
    """Which masks Keras makes in a network, as our engine builds it.

    through: follow masks into the models inside. Keras does when it computes, and does not when a
    model is written.
    operations: records of operations, by their id: a mask ends there, and our layers give it on.
    """

    book: _Book
    through: bool
    operations: Mapping[int, Layer] = field(default_factory=dict)

    def masks(self, network: Network, path: Path, given: Iterable[Mask]) -> dict[Tensor, Mask]:
        """The mask of each tensor, None where it has none."""
        made: dict[Tensor, Mask] = dict(zip(network.inputs, given, strict=True))
        for call in network.order:
            if call.inputs:
                taken = [made[tensor] for tensor in call.inputs]
                found = self._of_call(call, path, taken)
                made |= {Tensor(*call.key, n): mask for n, mask in enumerate(found)}
        return made

    def _of_call(self, call: Call, path: Path, taken: list[Mask]) -> list[Mask]:
        layer = call.node.layer
        if not isinstance(layer, Network):
            found = self._of_layer(layer, (path, call.inputs[0]), taken)
            if found is not None and id(layer) in self.operations:
                raise _mask_ends().at(f"layer {call.node.name}")
            twice = isinstance(layer, Bidirectional) and layer.merge_mode is None
            made = [found, found] if twice else [found]
            return made + [None] * (layer.output_count - len(made))
        if not self.through:
            return [None] * len(layer.outputs)
        if any(mask is not None for mask in taken) and makes_masks(layer):
            raise _other_mask().at(f"layer {call.node.name}")
        inner = self.masks(layer, (*path, *call.key), taken)
        return [inner[tensor] for tensor in layer.outputs]

    def _of_layer(self, layer: Layer, source: tuple[Path, Tensor], taken: list[Mask]) -> Mask:
        if isinstance(layer, Embedding):
            return self.book.differs(*source, 0.0) if layer.mask_zero else None
        if isinstance(layer, Masking):
            return self.book.number("any", self.book.differs(*source, layer.mask_value))
        if isinstance(layer, Recurrent | Bidirectional):
            steps = layer if isinstance(layer, Recurrent) else layer.layer
            return taken[0] if steps.return_sequences else None
        if isinstance(layer, Concatenate):
            return self._joined(layer.axis, taken)
        if layer.kind in EITHER:
            return self._either(taken)
        ends = isinstance(layer, RandomLayer)  # the only ones of these that a mask doesn't pass
        through = isinstance(layer, TrainingOnly) and not ends
        return taken[0] if through or layer.kind in PASSING | OF_THE_FIRST else None

    def _joined(self, axis: int, taken: list[Mask]) -> Mask:
        if all(mask is None for mask in taken):
            return None
        whole = self.book.number("OnesLike")
        return self.book.number("joined", axis, *(whole if m is None else m for m in taken))

    def _either(self, taken: list[Mask]) -> Mask:
        if any(mask is None for mask in taken):
            return None
        first, *rest = taken
        for mask in rest:
            first = self.book.number("or", first, mask)
        return first


def _mask_ends() -> RefusedError:
    return RefusedError(
        "call-argument",
        "An operation takes a tensor with a mask, which ends there; that can't be graded yet.",
        hint="Use a layer of Keras in its place, which gives the mask on.",
    )


def makes_masks(network: Network) -> bool:
    """Whether a layer of a network, or of one inside it, makes a mask."""
    layers = [node.layer for node in network.nodes]
    inner = [layer for layer in layers if isinstance(layer, Network)]
    own = any(isinstance(layer, Masking) or getattr(layer, "mask_zero", False) for layer in layers)
    return own or any(map(makes_masks, inner))


def check_operations(network: Network, operations: Mapping[int, Layer]) -> None:
    """Refuse a network in which an operation would give a mask on, as a layer of ours does.

    operations: the records that stand for operations, by their id.
    Raises: RefusedError call-argument.
    """
    if operations and makes_masks(network):
        none = [None] * len(network.inputs)
        _Keras(_Book(), through=True, operations=operations).masks(network, (), none)


def check_masks(
    network: Network, written: WrittenMasks, named: Callable[[Reference], Tensor]
) -> None:
    """Refuse a network whose written masks are others than those that Keras makes of it.

    network: without the operations that make masks. named: a reference of the file as a tensor.
    Raises: RefusedError call-argument.
    """
    if not any(mask is not None for masks in written.said.values() for mask in masks):
        return
    book = _Book()
    reading, none = _Reading(written, book, named), [None] * len(network.inputs)
    when_written = _Keras(book, through=False).masks(network, (), none)
    when_run = _Keras(book, through=True).masks(network, (), none)
    for (name, number), said in written.said.items():
        if name not in network.by_name:
            raise _other_mask().at(f"layer {name}")
        inputs = network.by_name[name].calls[number]
        if isinstance(network.by_name[name].layer, Recurrent | Bidirectional):
            inputs = inputs[:1]  # the mask is that of the steps: a state has none
        masks = [reading.mask(mask) for mask in said]
        masks = masks * len(inputs) if masks == [None] else masks
        same = masks == [when_written[tensor] for tensor in inputs]
        kept = all(m in (None, when_run[t]) for m, t in zip(masks, inputs, strict=False))
        if not same or not kept:
            raise _other_mask().at(f"layer {name}")

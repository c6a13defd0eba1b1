"""Text → network: the items of a notation put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from answers.errors import InputError
from answers.expressions.text_error import TextError
from answers.layers.base import Layer
from answers.layers.core import InputLayer
from answers.network.graph import Network, Node, Tensor
from answers.notation.auto_names import FreeNames, auto_stem
from answers.notation.grammar import read_notation
from answers.notation.made_layer import MadeLayer, made_input, made_layer
from answers.notation.scanner import Span, nearest, placed
from answers.notation.syntax import (
    Again,
    From,
    InputText,
    Item,
    Join,
    LayerText,
    Notation,
    Out,
    Reference,
    Repeat,
    Sequence,
)

MOST_LAYERS = 20_000
INPUT = "in"


@dataclass(frozen=True)
class Parsed:
    """A network, and where each of its layers stands in the text.

    spans: from a node's name to the first and the last character (from 0, the last excluded).
    """

    text: str
    network: Network
    spans: Mapping[str, Span]

    def located(self, error: InputError) -> InputError:
        """An error about one layer (its name is its place), with the place in the text.

        Errors about no layer of this network come back as they are.
        """
        span = self.spans.get(error.where) or self.spans.get(error.where.split(": ")[0])
        if span is None or isinstance(error, TextError):
            return error
        return placed(error, self.text, span)


def parse(text: str, *, name: str = "network") -> Network:
    """The network that a notation writes down.

    Raises: TextError (an InputError) with the place; InputError `notation-too-long`. Whether the
    shapes fit is the layers' business: nothing is said of them here.
    """
    return parse_spans(text, name=name).network


def parse_spans(text: str, *, name: str = "network") -> Parsed:
    """As `parse`, with the place of each layer in the text."""
    return _Builder(read_notation(text)).built(name)


@dataclass
class _Made:
    """A node while its calls are still coming."""

    layer: Layer
    trainable: bool
    span: Span
    calls: list[tuple[Tensor, ...]]


@dataclass
class _Builder:
    notation: Notation
    nodes: dict[str, _Made] = field(default_factory=dict)
    places: dict[str, Tensor] = field(default_factory=dict)
    axes: dict[Tensor, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    outputs: tuple[Tensor, ...] = ()
    steps: int = 0
    records: dict[tuple[LayerText, int], MadeLayer] = field(default_factory=dict)
    reach: dict[tuple[int, tuple[int, ...]], int] = field(default_factory=dict)

    @cached_property
    def free(self) -> FreeNames:
        """Names for layers without one; what is given anywhere in the text is taken."""
        given = {item.name.name for item in _items(self.notation.body) if item.name is not None}
        given |= {item.name.name for item in self.notation.inputs if item.name is not None}
        return FreeNames(given)

    def built(self, name: str) -> Parsed:
        inputs = self.inputs()
        last = self.row(self.notation.body, inputs[0])
        outputs = self.outputs or (last,)
        network = Network(
            name=name,
            kind="Functional",
            nodes=tuple(
                Node(key, made.layer, tuple(made.calls), made.trainable)
                for key, made in self.nodes.items()
            ),
            inputs=inputs,
            outputs=outputs,
            output_names=tuple(tensor.node for tensor in outputs),
        )
        spans = {key: made.span for key, made in self.nodes.items()}
        return Parsed(self.notation.text, network, spans)

    # -- inputs ---------------------------------------------------------------------------------

    def inputs(self) -> tuple[Tensor, ...]:
        written = self.notation.inputs or (InputText(open_sizes(self.notation.body), (0, 0)),)
        return tuple(map(self.input, written))

    def input(self, written: InputText) -> Tensor:
        made = made_input(written, self.notation.text)
        key = self.new_key(written.name, made.layer)
        self.nodes[key] = _Made(made.layer, made.trainable, written.span, [()])
        tensor = Tensor(key)
        if written.name is not None:
            self.places[written.name.name] = tensor
        self.axes[tensor] = len(written.sizes) - 1
        return tensor

    # -- items ----------------------------------------------------------------------------------

    def row(self, row: Sequence, tensor: Tensor) -> Tensor:
        for item in row:
            tensor = self.item(item, tensor)
        return tensor

    def item(self, item: Item, tensor: Tensor) -> Tensor:
        self.count(item)
        match item.step:
            case LayerText() as layer:
                return self.layer(layer, (tensor,), item.name)
            case Again() as again:
                return self.again(again, (tensor,), item.name)
            case Join(branches, step):
                ends = tuple(self.row(branch, tensor) for branch in branches)
                if isinstance(step, Again):
                    return self.again(step, ends, item.name)
                return self.layer(step, ends, item.name)
            case Repeat(times, body):
                return self.repeat(times, body, tensor)
            case From(place):
                return self.place(place)
            case Out(places, span):
                return self.out(places, span)

    def count(self, item: Item) -> None:
        """One more step; a few characters of a text may ask for any number of them."""
        self.steps += 1
        if self.steps > MOST_LAYERS:
            raise self.error(
                "notation-too-many-layers",
                f"The network has more than {MOST_LAYERS:,} layers.",
                _span(item),
            )

    def repeat(self, times: int, body: Sequence, tensor: Tensor) -> Tensor:
        for _ in range(times):
            tensor = self.row(body, tensor)
        return tensor

    def out(self, places: tuple[Reference, ...], span: Span) -> Tensor:
        if self.outputs:
            message = "The outputs are given twice."
            raise self.error("notation-outputs", message, span)
        self.outputs = tuple(map(self.place, places))
        return self.outputs[-1]

    # -- layers ---------------------------------------------------------------------------------

    def layer(
        self, written: LayerText, comes: tuple[Tensor, ...], name: Reference | None
    ) -> Tensor:
        inputs = (*comes, *map(self.place, written.inputs))
        made = self.record(written, self.axes[inputs[0]])
        key = self.new_key(name, made.layer)
        self.nodes[key] = _Made(made.layer, made.trainable, written.span, [])
        return self.call(key, inputs, name)

    def again(self, again: Again, comes: tuple[Tensor, ...], name: Reference | None) -> Tensor:
        key = self.place(again.layer).node
        if isinstance(self.nodes[key].layer, InputLayer):
            message = f"{again.layer.name} is an input: only a layer can be used again."
            raise self.error("notation-again", message, again.layer.span)
        return self.call(key, (*comes, *map(self.place, again.inputs)), name)

    def call(self, key: str, inputs: tuple[Tensor, ...], name: Reference | None) -> Tensor:
        made = self.nodes[key]
        tensor = Tensor(key, len(made.calls))
        made.calls.append(inputs)
        self.axes[tensor] = self.axes_after(made.layer, tuple(self.axes[item] for item in inputs))
        if name is not None:
            self.places[name.name] = tensor
        return tensor

    def record(self, written: LayerText, axes: int) -> MadeLayer:
        found = self.records.get((written, axes))
        if found is None:
            found = made_layer(written, axes, self.notation.text)
            self.records[written, axes] = found
        return found

    def axes_after(self, layer: Layer, given: tuple[int, ...]) -> int:
        """How many spatial axes come out; where the layer can't say, as many as go in."""
        key = (id(layer), given)
        if key not in self.reach:
            shapes = tuple((None,) * (axes + 1) for axes in given)
            try:
                self.reach[key] = len(layer.output_shape(*shapes)) - 1
            except InputError:
                self.reach[key] = given[0]
        return self.reach[key]

    # -- names ----------------------------------------------------------------------------------

    def new_key(self, name: Reference | None, layer: Layer) -> str:
        if name is None:
            return self.free.new(auto_stem(layer))
        if name.name in self.used:  # in a repetition
            return self.free.new(name.name)
        self.used.add(name.name)
        return name.name

    def place(self, name: Reference) -> Tensor:
        """What a name stands for by now."""
        if name.name == INPUT and not name.quoted:
            return Tensor(next(iter(self.nodes)))
        if name.name in self.places:
            return self.places[name.name]
        raise self.unknown(name)

    def unknown(self, name: Reference) -> TextError:
        known = list(self.places)
        if known:
            like = nearest(name.name, known)
            listed = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
            hint = f"Did you mean {like}?" if like else f"Names that are given so far: {listed}."
        else:
            hint = "A layer is given a name in front of it: a=conv3-64."
        message = f"No layer before this place is called {name.name[:60]!r}."
        return self.error("notation-unknown-name", message, name.span, hint)

    def error(self, code: str, message: str, span: Span, hint: str = "") -> TextError:
        start, end = span
        text = self.notation.text
        return TextError(code, message, text=text, start=start, end=end, hint=hint)


def _items(row: Sequence) -> Iterator[Item]:
    """Every item of a row, those inside others too."""
    for item in row:
        yield item
        match item.step:
            case Repeat(_, body):
                yield from _items(body)
            case Join(branches, _):
                for branch in branches:
                    yield from _items(branch)


def _span(item: Item) -> Span:
    match item.step:
        case Join(_, step):
            return step.span
        case From(place):
            return place.span
        case LayerText() | Again() | Repeat() | Out() as step:
            return step.span


def open_sizes(row: Sequence) -> tuple[None, ...]:
    """The open sizes of an input that nobody described: as many axes as the layers show.

    A kernel of several sizes says it first; then a layer over pictures (two axes) or over
    sequences (one); a network of none of these takes a plain vector.
    """
    written = list(_layers(row))
    for layer in written:
        if layer.word.by_rank and isinstance(layer.sizes, tuple) and len(layer.sizes) > 1:
            return (None,) * (len(layer.sizes) + 1)
    for layer in written:
        if layer.word.by_rank:
            return (None, None, None)
        if layer.word.axes is not None:
            return (None,) * (layer.word.axes + 1)
    return (None,) if any(layer.word.count for layer in written) else (None, None, None)


def _layers(row: Sequence) -> Iterator[LayerText]:
    for item in _items(row):
        match item.step:
            case LayerText() as layer:
                yield layer
            case Join(_, LayerText() as layer):
                yield layer

"""The smallest input for which a network has an output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from answers.derivation.derivation import Step
from answers.errors import InputError
from answers.expressions.size import Size, surely
from answers.expressions.symbolic import replaced, symbols_of
from answers.layers.base import Shape, text
from answers.layers.core import InputLayer
from answers.network.graph import Network, Node
from answers.network.shapes import ShapeTable, input_shapes
from answers.network.symbols import letters_of
from answers.receptive_field.unfolded import unfold

MOST_LAYERS_RUN = 100_000  # in the search: about two seconds
LARGEST_TRIED = 2**24
MOST_LETTER_TRIED = 2_000
Outcome = Literal["fits", "too small", "does not fit"]


@dataclass(frozen=True)
class SmallestInput:
    """The smallest sizes, axis by axis, with which a network gives something.

    sizes: of the first input's axes, each as small as it can be with the others as they are here;
    None where none up to LARGEST_TRIED was found. output: what comes out then. next_fails: one
    more along every axis does not do (sizes must fit together further on).
    """

    sizes: tuple[int, ...] | None
    output: Shape | None
    next_fails: bool
    answer: str
    steps: tuple[Step, ...]


def smallest_input(network: Network) -> SmallestInput:
    """Try the network's own shape rules, from 1 on.

    Several inputs get the same sizes. Sizes that the network's inputs say are opened first.
    Raises: InputError `size-unknown` where the channels are open, `unknown-letter` for letters in
    its settings.
    """
    opened = _opened(network)
    _without_letters(opened)
    search = _Search(opened)
    axes = len(input_shapes(opened)[0]) - 1
    if axes < 1:
        raise InputError("nothing-to-solve", "The network's input has no spatial sizes.")
    side = search.first(lambda size: (size,) * axes)
    if side is None:
        answer = "No size was found with which the network has an output."
        return SmallestInput(None, None, False, answer, search.why((1,) * axes))
    sizes = _each_axis(search, axes, side)
    return _found(search, sizes)


def smallest_letter(network: Network, letter: str) -> int | None:
    """The smallest whole number for a letter with which every size in a network is at least 1.

    None where there is none up to MOST_LETTER_TRIED.
    """
    sizes = {size for step in unfold(network).steps for size in step.shape or ()}
    written = [size for size in sizes if size is not None and letter in symbols_of(size)]
    tried = range(1, MOST_LETTER_TRIED + 1)
    return next((value for value in tried if _all_possible(written, letter, value)), None)


def _all_possible(sizes: list[Size], letter: str, value: int) -> bool:
    return not any(surely(replaced(size, {letter: value}) < 1) for size in sizes)


def _found(search: _Search, sizes: tuple[int, ...]) -> SmallestInput:
    output = search.output(sizes)
    grown = tuple(size + 1 for size in sizes)
    next_fails = search.outcome(grown) != "fits"
    warning = " Not every larger size does: what is joined must have equal sizes."
    answer = f"{text(sizes)}: the network gives {text(output)}.{warning if next_fails else ''}"
    fits = Step(rule=f"With {text(sizes)} every layer has an output.", value=output)
    less = tuple(max(1, size - 1) for size in sizes)
    why = search.why(less) if less != sizes else ()
    return SmallestInput(sizes, output, next_fails, answer, (*why, fits))


def _each_axis(search: _Search, axes: int, side: int) -> tuple[int, ...]:
    """Axes whose kernels are smaller than the others' may be smaller."""
    square = (side,) * axes
    if axes == 1:
        return square
    sizes = tuple(_along(search, square, axis) for axis in range(axes))
    return sizes if search.outcome(sizes) == "fits" else square


def _along(search: _Search, square: tuple[int, ...], axis: int) -> int:
    def along(size: int) -> tuple[int, ...]:
        return (*square[:axis], size, *square[axis + 1 :])

    return search.first(along) or square[axis]


class _Search:
    """Tries sizes, and counts the work."""

    def __init__(self, network: Network) -> None:
        self.network = network
        layers = max(1, sum(len(node.calls) for node in network.nodes))
        self.tries = max(40, min(512, MOST_LAYERS_RUN // layers))

    def output(self, sizes: tuple[int, ...]) -> Shape:
        shapes = (_sized(shape, sizes) for shape in input_shapes(self.network))
        return ShapeTable().of(self.network, tuple(shapes))[0]

    def outcome(self, sizes: tuple[int, ...]) -> Outcome:
        error = self.error(sizes)
        if error is None:
            return "fits"
        return "too small" if error.code == "window-too-large" else "does not fit"

    def error(self, sizes: tuple[int, ...]) -> InputError | None:
        try:
            self.output(sizes)
        except InputError as error:
            return error
        return None

    def why(self, sizes: tuple[int, ...]) -> tuple[Step, ...]:
        error = self.error(sizes)
        if error is None:
            return ()
        place = f"{error.where}: " if error.where else ""
        return (
            Step(rule=f"With {text(sizes)} it is not enough. {place}{error.message}", value=None),
        )

    def first(self, sizes: Callable[[int], tuple[int, ...]]) -> int | None:
        """The smallest that fits: all small ones in turn, then by doubling and halving.

        Beyond the small ones 'too small' is taken to end once and for all, as it does where
        kernels are what makes the size matter.
        """
        for size in range(1, self.tries + 1):
            if self.outcome(sizes(size)) == "fits":
                return size
        low, high = self.tries, 2 * self.tries
        while high <= LARGEST_TRIED and self.outcome(sizes(high)) == "too small":
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            small = self.outcome(sizes(middle)) == "too small"
            low, high = (middle, high) if small else (low, middle)
        later = range(high, high + self.tries)
        return next((size for size in later if self.outcome(sizes(size)) == "fits"), None)


def _sized(shape: Shape, sizes: tuple[int, ...]) -> Shape:
    return (*sizes, shape[-1]) if len(shape) == len(sizes) + 1 else shape


def _opened(network: Network) -> Network:
    """The network with every spatial size of its inputs left open, nested ones too."""
    return replace(network, nodes=tuple[Node, ...](map(_opened_node, network.nodes)))


def _opened_node(node: Node) -> Node:
    layer = node.layer
    if isinstance(layer, Network):
        return replace(node, layer=_opened(layer))
    if isinstance(layer, InputLayer) and layer.shape:
        shape = (*(None for _ in layer.shape[:-1]), layer.shape[-1])
        return replace(node, layer=replace(layer, shape=shape))
    return node


def _without_letters(network: Network) -> None:
    letters = letters_of(network)
    if letters:
        raise InputError("nothing-to-solve", f"Give {', '.join(letters)} a number first.")

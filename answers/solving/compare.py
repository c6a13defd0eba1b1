"""Two networks side by side: what each costs, and for which sizes which one is smaller."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from answers.errors import InputError
from answers.expressions.size import Size, is_symbolic
from answers.expressions.symbolic import settled
from answers.layers.base import Shape
from answers.network.graph import Network
from answers.network.summary import Total, summary
from answers.network.symbols import letters_of
from answers.receptive_field.walk import receptive_field
from answers.solving.crossing import Crossing, crossing
from answers.solving.smallest_input import smallest_letter

What = Literal["parameters", "macs"]


@dataclass(frozen=True)
class Measure:
    """One number of both networks.

    difference: first − second. ratio: first / second, exactly; None where the second is 0.
    crossing: which is smaller for which size; None without a single letter, or where it can't be
    told. at_least: a layer without a rule makes the numbers lower bounds: then nothing is known of
    their difference and ratio.
    """

    what: What
    first: Size
    second: Size
    difference: Size | None
    ratio: Fraction | Size | None
    crossing: Crossing | None
    at_least: bool = False


@dataclass(frozen=True)
class Side:
    """One of the two.

    outputs: their shapes, None where not known. field: along each axis of the input; None where
    there is no single one.
    """

    name: str
    outputs: tuple[Shape | None, ...]
    field: tuple[Size | None, ...] | None


@dataclass(frozen=True)
class Comparison:
    """Two networks, and the numbers in which they can differ."""

    first: Side
    second: Side
    parameters: Measure
    macs: Measure

    @property
    def same_output(self) -> bool:
        """Whether the same shapes come out."""
        return self.first.outputs == self.second.outputs


def compare(first: Network, second: Network) -> Comparison:
    """Compare two networks, each on what its own input says.

    Raises: InputError of a layer that does not fit.
    """
    start = _start(first, second)
    return Comparison(
        first=_side(first),
        second=_side(second),
        parameters=_measure("parameters", first, second, start),
        macs=_measure("macs", first, second, start),
    )


def _side(network: Network) -> Side:
    return Side(network.name, summary(network).outputs, _field(network))


def _field(network: Network) -> tuple[Size | None, ...] | None:
    try:
        return receptive_field(network).checked().sizes
    except InputError:  # several inputs, branches of different jumps: there is no single field
        return None


def _start(first: Network, second: Network) -> int:
    """From which value of their only letter on both networks have an output."""
    letters = {*letters_of(first), *letters_of(second)}
    if len(letters) != 1:
        return 1
    (letter,) = letters
    sides = [side for side in (first, second) if letters_of(side)]
    return max(smallest_letter(side, letter) or 1 for side in sides)


def _measure(what: What, first: Network, second: Network, start: int) -> Measure:
    a, b = _total(what, first), _total(what, second)
    if a.at_least or b.at_least:
        return Measure(what, a.value, b.value, None, None, None, at_least=True)
    return Measure(
        what,
        a.value,
        b.value,
        _difference(a.value, b.value),
        ratio_of(a.value, b.value),
        _crossing(a.value, b.value, start),
    )


def _total(what: What, network: Network) -> Total:
    found = summary(network)
    return found.parameters if what == "parameters" else found.macs


def _difference(first: Size, second: Size) -> Size:
    if not (is_symbolic(first) or is_symbolic(second)):
        return first - second
    import sympy

    return settled(sympy.expand(first - second))


def ratio_of(first: Size, second: Size) -> Fraction | Size | None:
    """The exact ratio: a fraction, or an expression in lowest terms."""
    if second == 0:
        return None
    if not (is_symbolic(first) or is_symbolic(second)):
        return Fraction(first, second)
    import sympy

    found: Any = sympy.cancel(sympy.sympify(first) / second)
    if found.is_Rational:
        return Fraction(int(found.p), int(found.q))
    ratio: Size = sympy.factor(found)
    return ratio


def _crossing(first: Size, second: Size, start: int) -> Crossing | None:
    try:
        return crossing(first, second, start=start)
    except InputError:  # no letter, or several
        return None

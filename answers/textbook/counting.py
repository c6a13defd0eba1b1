"""What the engine says of a question's network: the right number, and what slips make of it."""

from __future__ import annotations

from collections.abc import Iterable

from answers.derivation.derivation import Derivation
from answers.expressions.size import Size
from answers.expressions.symbolic import to_expression
from answers.misconceptions.recognise import right_number, wrong_numbers
from answers.misconceptions.slip import Quantity
from answers.network.graph import Network
from answers.record import record
from answers.textbook.formulas import Counted, Take, Value

_QUANTITIES: dict[Take, Quantity] = {
    "parameters": "parameters",
    "macs": "macs",
    "flops": "flops",
    "memory": "memory",
    "field": "receptive-field",
    "output": "shape",
}


@record()
class Slipped:
    """What a slip makes of an answer. sentence: what was done; true of the layers at hand."""

    code: str
    values: tuple[Value, ...]
    sentence: str


def read(text: str) -> Network:
    """The network of a notation.

    Raises: TextError of the notation.
    """
    from answers.notation.reading import parse

    return parse(text)


def quantity(take: Take) -> Quantity | None:
    """What slips know it by; None where they know nothing of it."""
    return _QUANTITIES.get(take)


def counted(rule: Counted) -> tuple[Value, ...]:
    """The number of a rule whose letters are put in; a square field also by its side alone.

    Raises: InputError of the notation, or of a layer that does not fit.
    """
    return forms(rule.take, _sizes(rule.take, read(rule.network)))


def _sizes(take: Take, network: Network) -> tuple[Size, ...]:
    known = quantity(take)
    if known is not None:
        return right_number(known, network)
    from answers.network.parameters import parameters

    return (parameters(network).trainable,)


def forms(take: Take, sizes: tuple[Size, ...]) -> tuple[Value, ...]:
    """How an answer may be written: a square field of 5x5 is 5 first, then 5x5."""
    whole = tuple(map(to_expression, sizes))
    square = take == "field" and len(set(whole)) == 1 and len(whole) > 1
    return ((whole[0],), whole) if square else (whole,)


def slipped(rule: Counted, codes: Iterable[str]) -> tuple[Slipped, ...]:
    """What each slip makes of the rule's number; one that changes nothing has no values.

    Raises: as `counted`.
    """
    known, wanted = quantity(rule.take), tuple(codes)
    if known is None or not wanted:
        return ()
    found = wrong_numbers(known, read(rule.network), wanted)
    return tuple(
        Slipped(
            code,
            tuple(form for wrong in numbers for form in forms(rule.take, wrong.value)),
            numbers[0].sentence if numbers else "",
        )
        for code, numbers in found.items()
    )


def derivations(rule: Counted) -> tuple[Derivation, ...]:
    """How the number comes about; of a field that differs along the axes one for each.

    Raises: as `counted`.
    """
    from answers.derivation import field, macs, memory, parameters, shapes

    network = read(rule.network)
    if rule.take == "field":
        return field.of_network(network)
    if rule.take == "flops":
        return (macs.flops(macs.of_network(network)),)
    ways = {
        "parameters": parameters.of_network,
        "trainable": parameters.of_network,
        "macs": macs.of_network,
        "memory": memory.weights,
        "output": shapes.of_network,
    }
    return (ways[rule.take](network),)

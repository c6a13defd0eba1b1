"""Whether a network takes what an assignment feeds, and costs no more than it allows."""

from __future__ import annotations

from dataclasses import replace

from answers.data.input_contract import InputContract
from answers.errors import CompanionError, InputError, RefusedError
from answers.layers.base import Shape, text
from answers.network.cost import Cost, cost
from answers.network.graph import Network
from answers.network.parameters import parameters
from answers.network.shapes import fits, input_shapes
from checkers.assignment.assignment import Limits
from checkers.model_file.limits import ARCHIVE_RATIO, SMALL_BYTES
from checkers.model_file.record import Finding
from checkers.model_file.sniff import HAND_IN

_NUMBER_BYTES = 4
_LEAST_NUMBER_BYTES = 2  # of a weight in the file: float16
# What the layer algebra says of a network, in the word of the limit that it breaks here.
_LIMITS = {"tensor-too-large": "too-much-activation-memory"}


def fed(network: Network, contract: InputContract) -> tuple[InputContract, tuple[Finding, ...]]:
    """The contract with its size settled, and what does not fit.

    A size that the assignment leaves open is the model's own.
    """
    shapes = input_shapes(network)
    if len(shapes) != 1:
        return contract, (_misfit(shapes, "one picture"),)
    shape = shapes[0]
    size = contract.size
    if size is None and len(shape) == 3 and shape[0] is not None and shape[1] is not None:
        size = (shape[0], shape[1])
    settled = replace(contract, size=size)
    given: Shape = (*(size or (None, None)), contract.depth)
    if not fits(shape, given):
        return settled, (_misfit(shapes, f"pictures of {text(given)}"),)
    return settled, ()


def _misfit(shapes: tuple[Shape, ...], offered: str) -> Finding:
    wanted = " and ".join(text(shape) for shape in shapes)
    return Finding("input-shape", f"The model takes {wanted}; the assignment feeds {offered}.")


def cost_of(network: Network, contract: InputContract) -> Cost | None:
    """What one picture costs; None where the model's input is left open or does not fit."""
    shapes = input_shapes(network)
    given: tuple[Shape, ...] = shapes
    if contract.size is not None and len(shapes) == 1 and len(shapes[0]) == 3:
        offered = (*contract.size, shapes[0][2])
        given = (offered,) if fits(shapes[0], offered) else shapes
    try:
        return cost(network, given)
    except InputError as error:
        if error.code == "size-unknown":
            return None
        raise


def check_limits(network: Network, spent: Cost | None, limits: Limits, file_bytes: int) -> None:
    """Refuse a network that asks for more than the assignment allows, before anything is built.

    file_bytes: of the file that should hold its weights.
    Raises: RefusedError too-many-parameters, too-much-activation-memory, too-much-compute.
    """
    total = parameters(network).total
    _check("too-many-parameters", "parameters", total, limits.parameters)
    _check_room(total, file_bytes)
    if spent is not None:
        live = _NUMBER_BYTES * spent.live
        _check("too-much-activation-memory", "bytes of activations", live, limits.activations)
        _check("too-much-compute", "multiply-accumulates a picture", spent.macs, limits.macs)


def _check_room(total: int, file_bytes: int) -> None:
    """Refuse more parameters than the file can hold, however tightly it is packed."""
    needed = _LEAST_NUMBER_BYTES * total
    if needed > SMALL_BYTES and needed > ARCHIVE_RATIO * file_bytes:
        raise RefusedError(
            "too-many-parameters",
            f"The model has {total:,} parameters; a file of {file_bytes:,} bytes can't hold them.",
            hint=HAND_IN,
        )


def _check(code: str, what: str, value: int, most: int) -> None:
    if value > most:
        raise RefusedError(
            code,
            f"The model has {value:,} {what}; the assignment's limit is {most:,}.",
            hint="Make the model smaller, or raise the limit under [limits] in the assignment.",
        )


def refused(error: CompanionError) -> RefusedError:
    """An error of the layer algebra about a submitted network, as a refusal of that network."""
    code = _LIMITS.get(error.code, error.code)
    return RefusedError(code, error.message, hint=error.hint, where=error.where)

"""The [input] table and the [masks] coding in the words of `answers.data`."""

from __future__ import annotations

from collections.abc import Mapping

from answers.data.input_contract import Channels, InputContract, Scale
from answers.data.resize import Method
from answers.errors import InputError
from checkers.assignment.exact_number import exact
from checkers.assignment.fault import WrongValueError


def scale_of(value: object) -> Scale:
    """The scale of a TOML value: a word, or {mean, std}. Raises WrongValueError with sentences."""
    try:
        return Scale.parse(_with_floats(value))
    except InputError as error:
        raise WrongValueError(f"{error.message[:300]} {error.hint}") from error


def coding_of(word: str) -> str:
    """The word, when it is a coding of masks. Raises WrongValueError with sentences."""
    from answers.data.masks import check_word

    try:
        check_word(word)
    except InputError as error:
        raise WrongValueError(f"{error.message[:300]} {error.hint}") from error
    return word


def contract_of(
    size: tuple[int, int] | None, resize: Method, channels: Channels, scale: Scale
) -> InputContract:
    """The contract, as a table said it. Raises WrongValueError where grey meets three means."""
    contract = InputContract(size=size, resize=resize, channels=channels, scale=scale)
    if len(scale.mean) not in {0, 1, contract.depth}:
        raise WrongValueError(
            f"The scale has {len(scale.mean)} means, but channels = '{channels}' gives "
            f"{contract.depth} channel(s)."
        )
    return contract


def _with_floats(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return {key: _floats(item) for key, item in value.items()}


def _floats(value: object) -> object:
    if isinstance(value, list):
        return [float(exact(item)) for item in value]
    return float(exact(value))

"""Which input of a network a field is about."""

from __future__ import annotations

from answers.errors import InputError
from answers.receptive_field.unfolded import Unfolded


def chosen_input(unfolded: Unfolded, name: str | None) -> str:
    """The input called `name`; without a name the only one, or the only one with positions.

    Raises: InputError `input-choice` where the name is unknown, or several inputs have positions.
    """
    names = list(unfolded.inputs)
    if name in unfolded.inputs:
        return str(name)
    if name is not None:
        raise InputError(
            "input-choice", f"The network has no input {name!r}.", hint=f"It has {_listed(names)}."
        )
    placed = [name for name in names if unfolded.rank(unfolded.inputs[name])]
    found = names if len(names) == 1 else placed
    if len(found) != 1:
        raise InputError(
            "input-choice",
            f"The network has several inputs: {_listed(names)}. A field is about one of them.",
            hint="Say which one.",
        )
    return found[0]


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))

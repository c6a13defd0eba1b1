"""The sample models by their names, wherever a command takes a model file."""

from __future__ import annotations

import re
from pathlib import Path

from answers.errors import InputError

# no notation has a dash before a letter, and only then the samples are worth their import
_NAME = re.compile(r"[a-z]+-[a-z]+")


def sample_models() -> dict[str, Path]:
    """Where each of them lies."""
    from answers.samples.shipped import shipped_models

    return {model.name: model.path for model in shipped_models()}


def sample_named(name: str) -> Path | None:
    """Where the sample of that name lies; None for other names, and where a file is called so."""
    path = Path(name)
    if _NAME.fullmatch(name) is None or path.exists() or path.is_symlink():
        return None
    return sample_models().get(name)


def model_place(name: str) -> Path:
    """A path, or that of a sample model where there is no such path.

    Raises: InputError path-missing for no name at all, which Path would take for this folder.
    """
    if not name:
        raise InputError(
            "path-missing",
            "The name of the file is empty.",
            hint="Name a file; a variable of the shell that isn't set is empty, too.",
        )
    return sample_named(name) or Path(name)

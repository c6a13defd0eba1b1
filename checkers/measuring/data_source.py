"""Where the pictures of a grade come from: what was asked, the assignment, this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from answers.data.cifar10 import find_cifar10
from answers.data.open import open_split
from answers.data.split import Split
from answers.errors import MissingError
from checkers.assignment.assignment import Assignment, DrawnSample


@dataclass(frozen=True, kw_only=True)
class DataRequest:
    """What a person says about the data; it wins over the assignment.

    table: a CSV file that selects the split. split: its name.
    """

    path: Path | None = None
    table: Path | None = None
    split: str | None = None


def open_data(request: DataRequest, assignment: Assignment) -> Split:
    """The split to measure on.

    Raises: MissingError data-missing with the ways to have it; InputError where what lies there
    is not what the task needs.
    """
    if request.path is None and assignment.data.sample is not None:
        return _drawn(assignment.data.sample)
    path = request.path or assignment.data.path or _on_this_machine(assignment)
    if path is None:
        raise _missing(assignment)
    own = request.path is None
    return open_split(
        path,
        task=assignment.task,
        split=request.split or assignment.data.split,
        table=request.table
        or (assignment.data.table if own or _inside(path, assignment) else None),
        masks=assignment.masks.coding,
        labels=assignment.masks.labels,
    )


def _inside(path: Path, assignment: Assignment) -> bool:
    """Whether the assignment's table exists for data that the person named."""
    table = assignment.data.table
    return table is not None and (path / table).is_file()


def _drawn(name: DrawnSample) -> Split:
    from answers.samples import pictures, surfaces

    return pictures.split("test") if name == "pictures" else surfaces.split("test")


def _on_this_machine(assignment: Assignment) -> Path | None:
    if assignment.task == "classification":
        return find_cifar10()
    named = os.environ.get("COMPANION_DATA")
    return Path(named) if named else None


def _missing(assignment: Assignment) -> MissingError:
    if assignment.task == "classification":
        ways = "Give --data PATH (a folder, an archive or an .npz), set COMPANION_DATA, or "
        ways += "fetch CIFAR-10 with --download."
    else:
        ways = "Give --data PATH (a folder of pictures and masks, or an .npz), or set "
        ways += "COMPANION_DATA."
    return MissingError(
        "data-missing", f"There is no data for the assignment {assignment.name!r}.", hint=ways
    )

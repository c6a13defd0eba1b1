"""What must hold between the values of an assignment file; each rule says all its faults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from answers.data.split import Task
from checkers.assignment.assignment import (
    AVERAGED,
    AVERAGES,
    MEASURES_OF_TASK,
    OF_THE_NETWORK,
    TASK_OF_SAMPLE,
)
from checkers.assignment.fault import Fault, quoted, suggestion
from checkers.assignment.schema import CheckTable, DataTable


def data_faults(data: DataTable, task: Task) -> Iterator[Fault]:
    """A drawn sample stands alone, and is for one task; a table is for segmentation."""
    if data.sample is not None and (data.path or data.table or data.split):
        yield Fault("data.sample", "A drawn sample has no path, table or split beside it.")
    if data.sample is not None and TASK_OF_SAMPLE[data.sample] != task:
        yield Fault("data.sample", f"'{data.sample}' is for {TASK_OF_SAMPLE[data.sample]}.")
    if data.table is not None and task != "segmentation":
        yield Fault("data.table", "A table selects pictures with masks; this task has none.")


def check_faults(check: CheckTable, key: str, task: Task) -> Iterator[Fault]:
    """The rules of one check."""
    if check.measure not in MEASURES_OF_TASK[task]:
        known = ", ".join(MEASURES_OF_TASK[task])
        message = f"'{check.measure}' is not measured in {task}; these are: {known}."
        yield Fault(f"{key}.measure", message)
    yield from _average_faults(check, key)
    yield from _layer_faults(check, key) if check.measure == "layers" else _target(check, key)
    if check.zero_at is not None:
        yield from _zero_faults(check, key)


def _average_faults(check: CheckTable, key: str) -> Iterator[Fault]:
    if check.measure in AVERAGED and check.measure != "gain" and check.average is None:
        yield Fault(f"{key}.average", f"Say which mean is meant: {', '.join(AVERAGES)}.")
    if check.measure not in AVERAGED and check.average is not None:
        yield Fault(f"{key}.average", f"'{check.measure}' is no mean over pictures.")


def _target(check: CheckTable, key: str) -> Iterator[Fault]:
    given = [name for name in ("at_least", "at_most") if getattr(check, name) is not None]
    if len(given) != 1:
        found = "both are given" if given else "neither is given"
        yield Fault(f"{key}.at_least", f"Exactly one of at_least and at_most is needed; {found}.")
    if check.must_have or check.must_not_have:
        yield Fault(f"{key}.must_have", "Layers are named in a check with measure = 'layers'.")
    if check.measure in OF_THE_NETWORK:
        return
    for name in given:
        value = getattr(check, name)
        if not -1 <= value <= 1:
            yield Fault(f"{key}.{name}", f"A score lies between 0 and 1, not at {value}.")


def _layer_faults(check: CheckTable, key: str) -> Iterator[Fault]:
    if not check.must_have and not check.must_not_have:
        yield Fault(f"{key}.must_have", "Name layers under must_have or must_not_have.")
    if check.at_least is not None or check.at_most is not None:
        yield Fault(f"{key}.at_least", "A check of layers has no number to reach.")
    both = sorted(set(check.must_have) & set(check.must_not_have))
    if both:
        yield Fault(f"{key}.must_not_have", f"{both[0]} is both demanded and forbidden.")


def _zero_faults(check: CheckTable, key: str) -> Iterator[Fault]:
    if check.measure == "layers":
        yield Fault(f"{key}.zero_at", "A check of layers is all or nothing.")
        return
    target = check.at_most if check.at_least is None else check.at_least
    if target is None or check.zero_at is None:
        return
    if check.at_least is not None and check.zero_at >= target:
        yield Fault(f"{key}.zero_at", "It must lie below at_least: points grow between them.")
    if check.at_least is None and check.zero_at <= target:
        yield Fault(f"{key}.zero_at", "It must lie above at_most: points grow between them.")
    if not check.points:
        yield Fault(f"{key}.zero_at", "It says how points grow, but the check has no points.")


def need_faults(checks: Sequence[CheckTable], names: Sequence[str]) -> Iterator[Fault]:
    """Names are unique, and `needs` names other checks without going in a circle."""
    for number, (check, name) in enumerate(zip(checks, names, strict=True), 1):
        key = f"check[{number}]"
        if name in names[: number - 1]:
            yield Fault(f"{key}.name", f"Two checks are called {quoted(name)}; name one of them.")
        for need in check.needs:
            if need not in names:
                yield Fault(
                    f"{key}.needs", f"No check is called {quoted(need)}.{suggestion(need, names)}"
                )
            elif names.index(need) >= number - 1:
                yield Fault(f"{key}.needs", f"{quoted(need)} must stand before this check.")


def names_of(checks: Sequence[CheckTable]) -> list[str]:
    """The name of each check: its own, else its measure (with the average), numbered if taken."""
    names: list[str] = []
    for check in checks:
        plain = f"{check.measure}-{check.average}" if check.average else check.measure
        name, number = check.name or plain, 1
        while check.name is None and name in names:
            number += 1
            name = f"{plain}-{number}"
        names.append(name)
    return names


def relative_to(folder: Path | None, path: Path | None) -> Path | None:
    """A path in a file is meant from the folder of that file."""
    return path if path is None or folder is None else folder / path

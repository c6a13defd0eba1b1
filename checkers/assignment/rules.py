"""What must hold between the values of an assignment file; each rule says all its faults.

Names and needs are read from the raw tables, so that a fault elsewhere in a check hides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from answers.data.split import Task
from checkers.assignment.assignment import (
    ALSO_OF_CLASSES,
    AVERAGED,
    AVERAGES,
    CLASS_IDS,
    MEASURES_OF_TASK,
    OF_THE_NETWORK,
    TASK_OF_SAMPLE,
    Measure,
)
from checkers.assignment.fault import Fault, quoted, suggestion
from checkers.assignment.schema import CheckTable

_LONGEST_NAME = 65  # longer ones are faults already; here they only must not fill a screen
_MOST_NEEDS = 64


def table_faults(document: Mapping[str, Mapping[str, Any]], task: Task) -> Iterator[Fault]:
    """What the tables beside the checks say that the task has no use for.

    document: the tables as they stand in the file, by their name.
    """
    data = document.get("data", {})
    sample = data.get("sample")
    if sample is not None and {"path", "table"} & data.keys():
        yield Fault("data.sample", "A drawn sample has no path and no table beside it.")
    if sample is not None and data.get("split", "test") != "test":
        yield Fault("data.split", "A drawn sample is graded on its split 'test'.")
    for drawn, made_for in TASK_OF_SAMPLE.items():
        if drawn == sample and made_for != task:
            yield Fault("data.sample", f"The sample '{drawn}' is for {made_for}, not for {task}.")
    if task == "classification":
        yield from _mask_faults(document)
    else:
        yield from _class_faults(document)


def _class_faults(document: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    """What is said of several classes, where the masks have none, and the other way round."""
    masks = document.get("masks", {})
    if codes_classes(document):
        if "channel" in document.get("model", {}) and len(masks.get("classes", ())) > 2:
            message = "Of several classes each has a channel of its own; leave it out."
            yield Fault("model.channel", message)
        return
    message = f'It is for masks that hold class numbers: write coding = "{CLASS_IDS}" beside it.'
    yield from (Fault(f"masks.{key}", message) for key in ("ignore", "classes") if key in masks)
    if "background" in document.get("metric", {}):
        message = f'Only masks with coding = "{CLASS_IDS}" have means over classes; leave it out.'
        yield Fault("metric.background", message)


def codes_classes(document: Mapping[str, Any]) -> bool:
    """Whether the file says that masks hold class numbers."""
    masks = document.get("masks")
    return isinstance(masks, Mapping) and masks.get("coding") == CLASS_IDS


def _mask_faults(document: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    if "table" in document.get("data", {}):
        yield Fault("data.table", "A table pairs pictures with masks; classification has none.")
    if "masks" in document:
        yield Fault("masks", "Classification has no masks; leave this table out.")
    if document.get("metric", {}).get("resolution", "model") == "native":
        yield Fault("metric.resolution", 'Only masks have a "native" size; leave it out.')
    if "background" in document.get("metric", {}):
        yield Fault("metric.background", "Only masks have a background; leave it out.")
    if "channel" in document.get("model", {}):
        yield Fault("model.channel", "Only an answer in the form of a mask has channels.")


def check_faults(
    check: CheckTable,
    key: str,
    task: Task | None,
    *,
    wrong: frozenset[str] = frozenset(),
    of_classes: bool = False,
) -> Iterator[Fault]:
    """The rules of one check.

    check: without its wrong keys. key: its path. task: None where the file's is not known.
    wrong: the keys that could not be read. of_classes: whether masks hold class numbers.
    """
    if task is not None and check.measure not in _measures(task, of_classes=of_classes):
        known = ", ".join(_measures(task, of_classes=of_classes))
        message = f"'{check.measure}' is not measured in {task}; these are: {known}."
        if task == "segmentation" and check.measure in ALSO_OF_CLASSES:
            message += f' It is where masks have coding = "{CLASS_IDS}".'
        yield Fault(f"{key}.measure", message)
    if check.measure not in AVERAGED and check.average is not None:
        yield Fault(f"{key}.average", f"'{check.measure}' is no mean over pictures; leave it out.")
    yield from _layer_faults(check, key) if check.measure == "layers" else _target(check, key)
    yield from _absent(check, key, wrong)


def _measures(task: Task, *, of_classes: bool) -> tuple[Measure, ...]:
    also = ALSO_OF_CLASSES if of_classes and task == "segmentation" else ()
    return (*MEASURES_OF_TASK[task], *also)


def _absent(check: CheckTable, key: str, wrong: frozenset[str]) -> Iterator[Fault]:
    """What is not there, unless it may be there under a wrong name or with a wrong value."""
    if wrong - CheckTable.model_fields.keys():
        return
    if check.measure in {"dice", "iou"} and not _has(check, wrong, "average"):
        message = f"This key is missing; say which mean is meant: {', '.join(AVERAGES)}."
        yield Fault(f"{key}.average", message)
    if check.zero_at is not None and not check.points and "points" not in wrong:
        yield Fault(f"{key}.zero_at", "It says how points grow, but the check has no points.")
    if check.measure == "layers" and not _has(check, wrong, "must_have", "must_not_have"):
        yield Fault(key, "It names no layers: neither must_have nor must_not_have.")
    if check.measure != "layers" and not _has(check, wrong, "at_least", "at_most"):
        yield Fault(key, "It has no target: neither at_least nor at_most.")


def _has(check: CheckTable, wrong: frozenset[str], *keys: str) -> bool:
    return any(key in wrong or getattr(check, key) not in {None, ()} for key in keys)


def _target(check: CheckTable, key: str) -> Iterator[Fault]:
    if check.at_least is not None and check.at_most is not None:
        yield Fault(f"{key}.at_most", "It has at_least too; a check has one target, so write two.")
    for name in ("must_have", "must_not_have"):
        if getattr(check, name):
            message = 'Layers are named in a check with measure = "layers".'
            yield Fault(f"{key}.{name}", message)
    for name in ("at_least", "at_most", "zero_at"):
        yield from _range_faults(check, f"{key}.{name}", getattr(check, name))
    if check.zero_at is not None:
        yield from _zero_faults(check, f"{key}.zero_at", check.zero_at)


def _range_faults(check: CheckTable, key: str, value: Fraction | None) -> Iterator[Fault]:
    if value is None:
        return
    if check.measure in OF_THE_NETWORK:
        if value < 0 or value.denominator != 1:
            message = f"Parameters are counted in whole numbers from 0, so not {_plain(value)}."
            yield Fault(key, message)
        return
    least = -1 if check.measure == "gain" else 0
    if not least <= value <= 1:
        meant = f" Did you mean {_plain(value / 100)}?" if 1 < value <= 100 else ""
        yield Fault(key, f"It lies between {least} and 1, not at {_plain(value)}.{meant}")


def _plain(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"{float(value):g}"


def _zero_faults(check: CheckTable, key: str, zero: Fraction) -> Iterator[Fault]:
    if check.at_least is not None and check.at_most is None and zero >= check.at_least:
        yield Fault(key, "It must lie below at_least: the points grow from here to the target.")
    if check.at_most is not None and check.at_least is None and zero <= check.at_most:
        yield Fault(key, "It must lie above at_most: the points grow from here to the target.")


def _layer_faults(check: CheckTable, key: str) -> Iterator[Fault]:
    for name in ("at_least", "at_most", "zero_at"):
        if getattr(check, name) is not None:
            yield Fault(f"{key}.{name}", "A check of layers has no number; it is all or nothing.")
    for both in sorted(set(check.must_have) & set(check.must_not_have)):
        yield Fault(f"{key}.must_not_have", f"'{both}' is demanded by must_have.")


def name_faults(raw: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    """Names are unique, and `needs` names other checks without going in a circle."""
    names = names_of(raw)
    for number, (check, name) in enumerate(zip(raw, names, strict=True), 1):
        if name in names[: number - 1]:
            message = f"{quoted(name)} is the name of another check; names are unique."
            yield Fault(f"check[{number}].name", message)
        for need in _needs(check):
            if need not in names:
                near = suggestion(need, names)
                yield Fault(f"check[{number}].needs", f"No check is called {quoted(need)}.{near}")
    needs = dict(zip(names, map(_needs, raw), strict=True))
    for number, name in enumerate(names, 1):
        if name in _all_needed(name, needs):
            message = f"The check {quoted(name)} needs itself, alone or through other checks."
            yield Fault(f"check[{number}].needs", message)


def _needs(check: Mapping[str, Any]) -> list[str]:
    needs = check.get("needs", [])
    listed = needs[:_MOST_NEEDS] if isinstance(needs, list) else []
    return [need for need in listed if isinstance(need, str)]


def _all_needed(name: str, needs: Mapping[str, list[str]]) -> set[str]:
    """The checks that a check needs, directly or through others."""
    found: set[str] = set()
    open_ends = list(needs[name])
    while open_ends:
        need = open_ends.pop()
        if need not in found:
            found.add(need)
            open_ends += needs.get(need, [])
    return found


def names_of(raw: Sequence[Mapping[str, Any]]) -> list[str]:
    """The name of each check: its own, else its measure (with the average), numbered if taken."""
    own = {check["name"] for check in raw if isinstance(check.get("name"), str)}
    used: Counter[str] = Counter()
    names = []
    for check in raw:
        name = check.get("name")
        if not isinstance(name, str):
            name = _free(_plain_name(check), own, used)
        names.append(name[:_LONGEST_NAME])
    return names


def _plain_name(check: Mapping[str, Any]) -> str:
    parts = (check.get("measure"), check.get("average"))
    return "-".join(part for part in parts if isinstance(part, str)) or "check"


def _free(plain: str, own: set[str], used: Counter[str]) -> str:
    while True:
        used[plain] += 1
        name = plain if used[plain] == 1 else f"{plain}-{used[plain]}"
        if name not in own:
            return name

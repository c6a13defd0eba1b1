"""An assignment for people and for scripts."""

from __future__ import annotations

from typing import Any

from answers.layers.base import text as shape_text
from answers.network.parameters import parameters
from checkers.assignment.assignment import Assignment, Check
from companion.views.numbers import plain, points


def line(assignment: Assignment) -> str:
    """One line: name, title, points."""
    return f"{assignment.name}: {assignment.title} ({points(assignment.points)} points)"


def text(assignment: Assignment) -> str:
    """What it asks for, in words."""
    fed = assignment.input
    size = shape_text(fed.size) if fed.size else "the model's size"
    head = [
        line(assignment),
        f"task      {assignment.task}",
        f"from      {assignment.source}, sha256 {assignment.sha256[:12]}",
        f"data      {_data(assignment)}",
        f"input     {size}, {fed.channels}, {fed.resize}, scale '{fed.scale.kind}'",
        *_masks(assignment),
        *_reference(assignment),
    ]
    return "\n".join([*head, *(f"check     {_check(check)}" for check in assignment.checks)])


def _data(assignment: Assignment) -> str:
    data = assignment.data
    if data.sample is not None:
        return f"the drawn sample '{data.sample}'"
    parts = [str(part) for part in (data.path, data.table) if part is not None]
    split = f"split '{data.split}'" if data.split else "the whole of it"
    return ", ".join([*parts, split]) if parts else f"{split} of what --data names"


def _masks(assignment: Assignment) -> list[str]:
    """What is said of class numbers; nothing where the masks hold one object."""
    masks = assignment.masks
    if not masks.code_classes:
        return []
    names = f" ({', '.join(masks.classes)})" if masks.classes else ""
    ignored = f"; {masks.ignore} does not count" if masks.ignore is not None else ""
    means = "with" if assignment.metric.background else "without"
    return [f"masks     class numbers{names}{ignored}; means over classes {means} background"]


def _reference(assignment: Assignment) -> list[str]:
    """The architecture for files of weights only, where there is one."""
    network = assignment.model.reference
    if network is None:
        return []
    return [
        f"weights   alone are taken too, for a network of {parameters(network).total:,} parameters"
    ]


def _check(check: Check) -> str:
    worth = f", {points(check.points)} points" if check.points else ""
    grows = f" (from {plain(check.zero_at)})" if check.zero_at is not None else ""
    needs = f", needs {', '.join(check.needs)}" if check.needs else ""
    required = "required" if check.required else "points only"
    return f"{check.name}: {check.subject} {target(check)}{grows}{worth}; {required}{needs}"


def target(check: Check) -> str:
    """What is asked for: a number, or layers."""
    if check.target is None:
        wanted = [f"with {name}" for name in check.must_have]
        return ", ".join([*wanted, *(f"without {name}" for name in check.must_not_have)])
    return f"{'≥' if check.at_least is not None else '≤'} {plain(check.target)}"


def document(assignment: Assignment) -> dict[str, Any]:
    """The assignment as JSON; exact numbers are strings."""
    reference = assignment.model.reference
    return {
        "name": assignment.name,
        "title": assignment.title,
        "task": assignment.task,
        "source": assignment.source,
        "sha256": assignment.sha256,
        "input": assignment.input.to_json(),
        "resolution": assignment.metric.resolution,
        "background": assignment.metric.background,
        "masks": {
            "coding": assignment.masks.coding,
            "ignore": assignment.masks.ignore,
            "classes": list(assignment.masks.classes),
        },
        "reference_parameters": None if reference is None else parameters(reference).total,
        "points": str(assignment.points),
        "checks": [
            {
                "name": check.name,
                "measure": check.measure,
                "average": check.average,
                "at_least": None if check.at_least is None else str(check.at_least),
                "at_most": None if check.at_most is None else str(check.at_most),
                "must_have": list(check.must_have),
                "must_not_have": list(check.must_not_have),
                "points": str(check.points),
                "zero_at": None if check.zero_at is None else str(check.zero_at),
                "required": check.required,
                "needs": list(check.needs),
            }
            for check in assignment.checks
        ],
    }

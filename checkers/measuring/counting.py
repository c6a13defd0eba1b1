"""Predictions → counts, as the assignment and the answer ask for."""

from __future__ import annotations

from collections.abc import Iterable

from checkers.assignment.assignment import Assignment
from checkers.measuring.answer import Answer
from checkers.measuring.class_maps import ClassConventions, measure_class_maps
from checkers.measuring.classification import Unmeasured, measure_classes
from checkers.measuring.segmentation import measure_masks
from checkers.measuring.stream import Predicted
from checkers.model_file.record import Finding
from checkers.report import Result


def counted(
    batches: Iterable[list[Predicted]],
    answer: Answer,
    assignment: Assignment,
    classes: tuple[str, ...],
) -> tuple[Result | Unmeasured, tuple[Finding, ...]]:
    """The counts of a split, or why there are none, and remarks. classes: of the data."""
    if assignment.task == "classification":
        return measure_classes(batches, answer, classes)
    metric, ignore = assignment.metric, assignment.masks.ignore
    if not answer.by_class:
        return measure_masks(batches, answer, metric.resolution, ignore)
    conventions = ClassConventions(
        classes=classes,
        resolution=metric.resolution,
        background=metric.background,
        ignore=ignore,
    )
    return measure_class_maps(batches, answer, conventions)

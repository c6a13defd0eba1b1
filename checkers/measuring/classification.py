"""Measuring a classifier: predictions → counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from answers.metrics.classification import Confusion, answers_of
from answers.metrics.intervals import Interval, wilson
from answers.metrics.ranking import Ties
from checkers.measuring.answer import Answer
from checkers.measuring.stream import Predicted
from checkers.measuring.validity import Validity
from checkers.model_file.record import Finding

_MANY_MORE = 0.2  # of all pictures
_ENOUGH = 5  # pictures a class, below which any answers have an order that suits them


@dataclass(frozen=True, kw_only=True)
class Classified:
    """What a classifier did on a split.

    ties: rows whose two best scores lie within 1e-5; they could turn on another machine.
    """

    classes: tuple[str, ...]
    confusion: Confusion
    ties: Ties
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class Unmeasured:
    """A model ran, and its answers are no scores: which faults they have."""

    faults: tuple[Finding, ...]


def measure_classes(
    batches: Iterable[list[Predicted]], answer: Answer, classes: tuple[str, ...]
) -> tuple[Classified | Unmeasured, tuple[Finding, ...]]:
    """The counts of all batches, and remarks about the answers."""
    count = answer.shape[0] or 0
    confusion, ties, validity = Confusion.none(count), Ties(), Validity()
    constant = _Constant()
    for batch in batches:
        scores = np.concatenate([item.values for item in batch]).reshape(len(batch), -1)
        if validity.add(scores, answer):
            truth = np.array([item.sample.label for item in batch])
            confusion += Confusion.of(truth, answers_of(scores), count)
            ties += Ties.of(scores, truth)
            constant.add(scores)
    if validity.faults:
        return Unmeasured(faults=validity.faults), ()
    interval = wilson(confusion.correct, confusion.total)
    result = Classified(classes=classes, confusion=confusion, ties=ties, interval=interval)
    return result, constant.remarks + _permuted(result)


class _Constant:
    """Whether every picture gets the same scores."""

    def __init__(self) -> None:
        self._first: np.ndarray | None = None
        self._differs = False

    def add(self, scores: np.ndarray) -> None:
        if self._first is None:
            self._first = scores[0]
        self._differs = self._differs or bool((scores != self._first).any())

    @property
    def remarks(self) -> tuple[Finding, ...]:
        if self._differs or self._first is None:
            return ()
        return (Finding("constant-output", "The model gives every picture the same scores."),)


def _permuted(result: Classified) -> tuple[Finding, ...]:
    """Whether each class is answered as another one, all in their own way: it is an order of classes."""
    rows, correct, total = result.confusion.counts, result.confusion.correct, result.confusion.total
    least = max(total // 2, correct + int(_MANY_MORE * total))
    if total < _ENOUGH * len(rows) or sum(map(max, rows)) <= least:
        return ()
    taken_for = _one_to_one(rows)
    right = sum(row[place] for row, place in zip(rows, taken_for, strict=True))
    if right <= least:
        return ()
    moved = [(truth, said) for truth, said in enumerate(taken_for) if truth != said]
    names = result.classes or tuple(map(str, range(len(rows))))
    shown = ", ".join(f"{names[truth]} as {names[said]}" for truth, said in moved[:3])
    return (
        Finding(
            "classes-in-another-order",
            f"The model numbers the classes otherwise than the data: it answers {shown}"
            f"{', …' if len(moved) > 3 else ''}. Numbered alike, its accuracy would be "
            f"{right / total:.3f}.",
        ),
    )


def _one_to_one(rows: Sequence[Sequence[int]]) -> list[int]:
    """A class of its own for each class, the largest counts first."""
    cells = [
        (count, truth, said) for truth, row in enumerate(rows) for said, count in enumerate(row)
    ]
    free = set(range(len(rows)))
    found: dict[int, int] = {}
    for _, truth, said in sorted((cell for cell in cells if cell[0]), reverse=True):
        if truth not in found and said in free:
            found[truth] = said
            free.remove(said)
    left = iter(sorted(free))
    return [found[truth] if truth in found else next(left) for truth in range(len(rows))]

"""Why a score is low, looked for when the grade is there: findings that change nothing of it.

A model's own statistics, or what some pictures score under the other scales, say whether it was
trained on another scale than it is fed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from answers.data.input_contract import Scale
from answers.data.split import Split
from checkers.assignment.assignment import Assignment
from checkers.engine.predicting import Predictor
from checkers.measuring import input_scale, scale_trial
from checkers.measuring.answer import Answer
from checkers.measuring.classification import Unmeasured
from checkers.measuring.counting import counted
from checkers.measuring.rows import Fed, Rows
from checkers.measuring.scores import scores
from checkers.measuring.stream import predictions
from checkers.model_file.record import Finding
from checkers.report import OtherFeed, Score
from checkers.request import Watch

# Findings that explain a low score, so that no other scale is looked for.
_EXPLAIN = (
    "answer-inverted",
    "classes-in-another-order",
    "softmax-of-one-channel",
    "batch-dependent",
    "outputs-not-repeatable",
)


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What can be asked of a model that was graded.

    fed_as: the scale that counts. at_once: pictures in a batch. seed: of what is drawn.
    allow: gives the predictor time for so many passes over the split.
    """

    predictor: Predictor
    rows: Rows
    split: Split
    answer: Answer
    assignment: Assignment
    fed_as: Scale
    at_once: int
    seed: int
    watch: Watch
    allow: Callable[[int], None]

    def found(
        self, graded: Score | None, said: Iterable[Finding], *, low: bool
    ) -> Iterator[tuple[Finding, OtherFeed | None]]:
        """What explains the score, as it is found, and what another scale gives.

        graded: the first score, None where the answers are no scores. said: what was found before.
        low: whether a check misses its target.
        Raises: RunError where the model is late or dies.
        """
        # drawn from all of the split where it matters; that reads all of it once more
        some = self._some() if low else ()
        batches = input_scale.some_pictures(some or self.rows, self.at_once)
        distances = input_scale.distances(self.predictor, batches, self.fed_as, every=low)
        lag = distances[0].lag if distances else 0.0
        if lag and low:
            yield input_scale.lag_finding(lag), None
        explained = any(finding.code in _EXPLAIN for finding in said)
        if lag or explained or not scale_trial.worth_it(distances, low=low):
            return
        best = self._better(some or self._some())
        if best is None:
            return
        self.watch.stage("scoring the better scale", self.split.count)
        whole = self._first_score(self.rows, best)
        finding = whole and scale_trial.remark(self.fed_as, best, graded, whole, distances)
        if whole and finding:
            yield finding, OtherFeed(scale=best, score=whole)

    def _some(self) -> tuple[Fed, ...]:
        return scale_trial.some(self.rows, self.split.task, self.split.count, seed=self.seed)

    def _better(self, some: tuple[Fed, ...]) -> Scale | None:
        scales = scale_trial.scales(self.fed_as)
        pictures = len(scales) * len(some)
        self.watch.stage("trying other scales", pictures)
        self.allow(1 + math.ceil(pictures / self.split.count))
        scored = [self._first_score(some, scale) for scale in scales]
        return scale_trial.better(scales, scored, self._by_chance)

    @property
    def _by_chance(self) -> Fraction:
        """What a classifier gets that looks at nothing; a mask's score knows it itself."""
        classifies = self.assignment.task == "classification"
        return Fraction(classifies, len(self.split.classes) or 1)

    def _first_score(self, rows: Iterable[Fed], scale: Scale) -> Score | None:
        """The first score of some rows under a scale; None where the answers are no scores."""
        said = predictions(
            rows,
            scale,
            self.predictor,
            self.at_once,
            seed=self.seed,
            answer=self.answer.shape,
            advance=self.watch.advance,
        )
        result, _ = counted(said, self.answer, self.assignment, self.split.classes)
        return None if isinstance(result, Unmeasured) else scores(result, ())[0]

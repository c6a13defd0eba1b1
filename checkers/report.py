"""Everything one grade found, as a record: what the views draw and `--json` prints."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from answers.data.input_contract import Scale
from answers.data.split import Note
from answers.errors import CompanionError, MissingError
from answers.layers.base import Shape
from answers.metrics.intervals import Interval
from answers.metrics.segmentation import Average, ConstantAnswer
from answers.network.parameters import Parameters
from checkers.assignment.assignment import Assignment
from checkers.assignment.verdict import Verdict
from checkers.engine.predicting import EngineFacts
from checkers.isolation.level import Level
from checkers.measuring.class_maps import ClassMapped
from checkers.measuring.classification import Classified
from checkers.measuring.segmentation import Segmented
from checkers.measuring.verification import Verification
from checkers.model_file.record import Finding

Result = Classified | Segmented | ClassMapped


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What the file holds.

    macs: for one picture; None where the input size is left open.
    activation: the function that made the numbers of the (first) output.
    """

    dialect: str
    writer: str
    layers: int
    parameters: Parameters
    macs: int | None
    input_shapes: tuple[Shape, ...]
    output_shapes: tuple[Shape, ...]
    activation: str


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """The split that was measured on. sha256: of shapes, pixels and truths in order."""

    split: str
    source: str
    count: int
    sha256: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True)
class Score:
    """A measured score. value: None where nothing is to be measured (no object anywhere).

    constant: what the best constant answer (one class everywhere) gets.
    interval: 95 %; None where it was not computed.
    background: for a mean over several classes, whether class 0 is in it.
    """

    measure: str
    average: Average | None
    value: Fraction | None
    interval: Interval | None
    constant: ConstantAnswer | None = None
    background: bool | None = None


@dataclass(frozen=True, kw_only=True)
class OtherFeed:
    """A diagnosis, never a grade: the first score, had the pictures been scaled otherwise."""

    scale: Scale
    score: Score


@dataclass(frozen=True, kw_only=True)
class Report:
    """One model's grade.

    error: why there is no grade; then only what was found before it is there.
    chosen: why this assignment, where nobody named one.
    scale: how the pictures were scaled, and `scale_reason` why.
    order_seed: of the order in which the pictures went in; with it a grade can be repeated.
    isolation: how far the children were locked away from the machine.
    other_feed: what a scale gives that the model seems to be trained on, where it isn't fed so.
    verification: what the other engine said, where it was asked.
    missing: what could not be run because something is not here.
    predicting: how many of the `seconds` went by while pictures were predicted and counted.
    products: MACs a second of this machine's matrix products, taken right after; None for a GPU.
    """

    file: Path
    sha256: str = ""
    size: int = 0
    error: CompanionError | None = None
    assignment: Assignment | None = None
    chosen: str = ""
    model: ModelFacts | None = None
    data: DataFacts | None = None
    scale: Scale | None = None
    scale_reason: str = ""
    engine: EngineFacts | None = None
    order_seed: int | None = None
    isolation: Level = "none"
    result: Result | None = None
    scores: tuple[Score, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    findings: tuple[Finding, ...] = ()
    other_feed: OtherFeed | None = None
    verification: Verification | None = None
    missing: tuple[MissingError, ...] = ()
    predicting: float = 0.0
    products: float | None = None
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether every required check passed (and there was no error)."""
        return self.error is None and all(
            verdict.outcome == "pass" for verdict in self.verdicts if verdict.check.required
        )

    @property
    def failed(self) -> bool:
        """Whether a required check did not pass, for another reason than something missing."""
        required = (verdict for verdict in self.verdicts if verdict.check.required)
        return any(verdict.outcome != "pass" and not verdict.missing for verdict in required)

    @property
    def macs_per_second(self) -> float | None:
        """MACs a second while it predicted; None where that is not known.

        So where it did not predict, and where the other engine predicted in the same time.
        """
        macs = self.model.macs if self.model and self.verification is None else None
        if macs is None or self.data is None or not self.predicting:
            return None
        return macs * self.data.count / self.predicting

    @property
    def share(self) -> float | None:
        """The part of this machine's matrix products that it reached; None on a GPU."""
        rate = self.macs_per_second
        return None if rate is None or not self.products else rate / self.products

    @property
    def points(self) -> Fraction:
        """The points earned."""
        return sum((verdict.points for verdict in self.verdicts), Fraction(0))

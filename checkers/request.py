"""What to grade, on what and how; and who watches."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from checkers.assignment.assignment import Assignment
from checkers.engine.choice import Backend, Device, Engine
from checkers.engine.submission import member_path
from checkers.isolation.level import Level
from checkers.measuring.data_source import DataRequest
from checkers.measuring.stream import Predicted
from checkers.model_file.archive import Member


class Watch(Protocol):
    """Whoever wants to see a grade happen."""

    def stage(self, name: str, total: int | None = None) -> None:
        """A part of the work begins; `total` pictures, where that is known."""

    def advance(self, count: int) -> None:
        """So many pictures more are done."""

    def predicted(self, items: list[Predicted]) -> None:
        """The predictions of a batch, under the feed that counts."""


class Unwatched:
    """Nobody looks."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        """Nothing."""

    def predicted(self, items: list[Predicted]) -> None:
        """Nothing."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to grade, against what, on what.

    member: of a zip file at `path`, where each of its models is graded.
    assignment: None where the one that fits the model's shapes is to be taken.
    feed: 'assignment', 'auto', or a scale's word. channel: of a segmentation output.
    head: the name of the output to grade, where a network has several.
    backend: what Keras shall run on; None: TensorFlow, where Keras runs it.
    gpu: which of several; None: whichever the engine takes.
    verify: whether the other engine is asked, too, and the answers compared.
    order_seed: of the order in which pictures go in, to repeat a grade; None: a new, secret one.
    proven: the level of isolation that the probes reach here. required: the least to grade at.
    """

    path: Path
    member: Member | None = None
    assignment: Assignment | None = None
    data: DataRequest = field(default_factory=DataRequest)
    feed: str = "assignment"
    engine: Engine = "auto"
    backend: Backend | None = None
    device: Device = "auto"
    gpu: int | None = None
    channel: int | None = None
    head: str | None = None
    order_seed: int | None = None
    verify: bool = False
    proven: Level = "none"
    required: Level = "none"

    @property
    def name(self) -> Path:
        """What the file is called in a report."""
        return member_path(self.path, self.member) if self.member else self.path

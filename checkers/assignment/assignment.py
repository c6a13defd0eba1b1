"""An assignment: the data, how the model is fed, and the checks with their targets and points."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, get_args

from answers.data.input_contract import InputContract
from answers.data.masks import ClassLabels
from answers.data.split import Task
from answers.network.graph import Network

Measure = Literal["accuracy", "dice", "iou", "gain", "parameters", "layers"]
Average = Literal["pooled", "per-image", "per-image-all"]
DrawnSample = Literal["pictures", "surfaces"]
Resolution = Literal["model", "native"]
Head = Literal["probabilities", "logits"]

TASKS: tuple[Task, ...] = get_args(Task)
MEASURES: tuple[Measure, ...] = get_args(Measure)
AVERAGES: tuple[Average, ...] = get_args(Average)
DRAWN_SAMPLES: tuple[DrawnSample, ...] = get_args(DrawnSample)
RESOLUTIONS: tuple[Resolution, ...] = get_args(Resolution)
HEADS: tuple[Head, ...] = get_args(Head)

MEASURES_OF_TASK: dict[Task, tuple[Measure, ...]] = {
    "classification": ("accuracy", "parameters", "layers"),
    "segmentation": ("dice", "iou", "gain", "parameters", "layers"),
}
# Of one object it says little: predicting nothing is right for nearly every pixel.
ALSO_OF_CLASSES: tuple[Measure, ...] = ("accuracy",)
CLASS_IDS = "class-ids"
TASK_OF_SAMPLE: dict[DrawnSample, Task] = {
    "pictures": "classification",
    "surfaces": "segmentation",
}
AVERAGED: tuple[Measure, ...] = ("dice", "iou", "gain")
OF_THE_NETWORK: tuple[Measure, ...] = ("parameters", "layers")

BUILT_IN = "built in"

_NAMES: dict[Measure, str] = {
    "accuracy": "accuracy",
    "dice": "Dice",
    "iou": "IoU",
    "gain": "gain of Dice over the best constant answer",
    "parameters": "number of parameters",
    "layers": "layers",
}
_AVERAGE_NAMES: dict[Average, str] = {
    "pooled": "pooled over all pictures",
    "per-image": "mean over the pictures with an object",
    "per-image-all": "mean over all pictures",
}


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """Where the pictures come from; all None where only the person can say it.

    path: folder or file, already joined to the folder of the assignment file.
    table: a CSV file that selects the split, inside the data or by itself.
    split: 'test', 'train', …
    sample: the drawn sample that companion ships, instead of a path.
    """

    path: Path | None = None
    table: Path | None = None
    split: str | None = None
    sample: DrawnSample | None = None


@dataclass(frozen=True, kw_only=True)
class Metric:
    """Conventions of measuring.

    resolution: 'model' compares masks at the model's size, 'native' at the size of the file.
    background: whether class 0 is in the means over several classes.
    """

    resolution: Resolution = "model"
    background: bool = True


@dataclass(frozen=True, kw_only=True)
class Masks:
    """How mask files are coded.

    coding: a word of `answers.data.masks.settle`. ignore: the label of pixels that don't count.
    classes: names of the classes 0, 1, …; both for masks that hold class numbers alone.
    """

    coding: str = "auto"
    ignore: int | None = None
    classes: tuple[str, ...] = ()

    @property
    def code_classes(self) -> bool:
        """Whether the values of masks are numbers of classes."""
        return self.coding == CLASS_IDS

    @property
    def labels(self) -> ClassLabels:
        """What is said of the class numbers."""
        return ClassLabels(ignore=self.ignore, names=self.classes)


@dataclass(frozen=True, kw_only=True)
class Model:
    """How the model's answer is read, where the file alone does not say it.

    head: what its numbers are; None: what the network's last function says.
    channel: which channel of the answer is the object, counted from 0; None: the house's rule.
    reference: the architecture that weights which come without one belong to.
    """

    head: Head | None = None
    channel: int | None = None
    reference: Network | None = None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a model may cost.

    seconds: wall clock of one grade; None: 60 and what the MACs take at 2 GMAC/s.
    memory, activations: bytes. macs: multiplications for one picture.
    """

    seconds: float | None = None
    memory: int = 4 * 1024**3
    parameters: int = 100_000_000
    macs: int = 20_000_000_000
    activations: int = 512_000_000

    def deadline(self, *, macs: int, images: int) -> float:
        """Seconds that a grade may take; macs: of one picture."""
        return 60 + macs * images / 2e9 if self.seconds is None else self.seconds


@dataclass(frozen=True, kw_only=True)
class Check:
    """One target.

    name: its own within the assignment; `needs` names other checks by it.
    average: for dice, iou and gain, and 'pooled' for the accuracy of pixels.
    at_least, at_most: exactly one of them, and none for `layers`; compared exactly.
    must_have, must_not_have: Keras's class names of layers, for `layers` alone.
    points: earned when it passes; with `zero_at` linear between that value and the target.
    required: whether the grade is a 'no' when it fails.
    """

    name: str
    measure: Measure
    average: Average | None = None
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    must_have: tuple[str, ...] = ()
    must_not_have: tuple[str, ...] = ()
    points: Fraction = Fraction(0)
    zero_at: Fraction | None = None
    required: bool = True
    needs: tuple[str, ...] = ()

    @property
    def target(self) -> Fraction | None:
        """The number to reach or not to exceed; None for `layers`."""
        return self.at_most if self.at_least is None else self.at_least

    @property
    def subject(self) -> str:
        """What is measured, in words: 'Dice (pooled over all pictures)'."""
        return self.subject_over("")

    def subject_over(self, classes: str) -> str:
        """The subject, with the words for a mean over several classes in it."""
        if self.average is None:
            return _NAMES[self.measure]
        if self.measure == "accuracy":
            return "accuracy of the pixels of all pictures"
        over = f"{classes}, " if classes else ""
        return f"{_NAMES[self.measure]} ({over}{_AVERAGE_NAMES[self.average]})"


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Everything a grade is measured by.

    input: how a picture becomes what the model is fed; its size is None where the model's own
        size is taken.
    file: where it was read; None where it is built in.
    sha256: of the bytes of its file.
    """

    name: str
    title: str
    task: Task
    data: DataSource
    input: InputContract
    metric: Metric
    masks: Masks
    model: Model
    limits: Limits
    checks: tuple[Check, ...]
    file: Path | None
    sha256: str

    @property
    def source(self) -> str:
        """The path of its file, or 'built in'."""
        return BUILT_IN if self.file is None else str(self.file)

    @property
    def points(self) -> Fraction:
        """All points that can be earned."""
        return sum((check.points for check in self.checks), Fraction(0))

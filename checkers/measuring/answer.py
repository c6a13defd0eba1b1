"""Which output of a network answers the task, and what its numbers mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.masks import MOST_CLASSES
from answers.data.notes import counted
from answers.data.split import Split, Task
from answers.errors import InputError
from answers.layers.base import Shape, text
from answers.network.bounds import Interval, bounds
from answers.network.graph import Network
from answers.network.head import final_activation
from answers.network.shapes import input_shapes, output_shapes
from checkers.assignment.assignment import Head, Masks
from checkers.model_file.record import Finding, ModelFile
from checkers.model_file.stored_loss import LossTakes

_CHANCES = ("sigmoid", "softmax")
ONE_OBJECT = Masks()
CLASS_MASKS = (
    "Where the masks hold class numbers, the assignment says so under [masks]: "
    "coding = 'class-ids'."
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One output of a network, read for a task.

    output: its number. shape: without the batch axis. activation: the function that made it.
    is_logits: the numbers are scores in front of a sigmoid or softmax.
    is_numbers: they were compared with 0 and 1 in training, and may lie beyond.
    channel: the channel that holds the object, for segmentation; None where it is not settled
        (three sigmoid channels, judged by whether they agree) and where each channel is a class.
    by_class: each channel of a map is a class, and the largest one is the answer.
    """

    output: int
    name: str
    shape: Shape
    activation: str
    is_logits: bool
    is_numbers: bool = False
    channel: int | None = None
    by_class: bool = False

    def chances(self, values: NDArray[np.float32]) -> NDArray[Any]:
        """The probability of the object at each pixel, from (height, width, channels)."""
        if self.is_numbers:
            return values[..., self.channel or 0].clip(0, 1)
        if not self.is_logits:
            return values[..., self.channel or 0]
        wide = values.astype(np.float64)
        if values.shape[-1] == 2:
            chance: NDArray[Any] = _sigmoid(wide[..., 1] - wide[..., 0])
            return chance
        return _sigmoid(wide[..., self.channel or 0])

    def class_chances(self, values: NDArray[np.float32]) -> NDArray[Any]:
        """The probability of each class at each pixel, (height, width, classes)."""
        return _softmax(values.astype(np.float64)) if self.is_logits else values


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    chances: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return chances


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    # tanh is exact at 0 and never overflows
    return 0.5 * (1.0 + np.tanh(0.5 * values))


_MOST_NAMED = 8
_TWICE = (
    "The stored loss expects logits (from_logits=True), but the last layer already applies {0}: "
    "training saw a {0} of a {0}."
)
_NEVER = "The stored loss expects probabilities, but the last layer ({0}) makes none."
_NUMBERS = (
    "The stored loss compares the numbers of the output ({0}) with the masks as they are, so they are "
    "read like that: object is what lies above 1/2."
)
_OF_ONE = (
    "The output is a softmax over one channel, which is 1 whatever the numbers are: every pixel is "
    "object. A sigmoid is meant."
)
_LARGEST = " The largest number is the answer all the same."
_OBJECT_CHANNELS = range(1, 4)


def channels_of(task: Task, masks: Masks) -> range:
    """How many scores, or channels of a map, can answer the task at all."""
    if task == "classification":
        return range(2, 1 << 62)
    if not masks.code_classes:
        return _OBJECT_CHANNELS
    if len(masks.classes) > 2:
        return range(len(masks.classes), len(masks.classes) + 1)
    return _OBJECT_CHANNELS if masks.classes else range(1, MOST_CLASSES + 1)


def fits(shape: Shape, task: Task, masks: Masks) -> bool:
    """Whether an output of this shape can answer the task at all."""
    axes = 1 if task == "classification" else 3
    return len(shape) == axes and shape[-1] in channels_of(task, masks)


def choose(
    model: ModelFile,
    task: Task,
    channel: int | None = None,
    head: Head | None = None,
    masks: Masks = ONE_OBJECT,
    named: str | None = None,
    classes: int | None = None,
) -> tuple[Answer | None, list[Finding]]:
    """The output that answers the task, and what is worth saying about it.

    channel, head: what the person or the assignment says; else the model's end tells.
    masks: what the assignment says of them; where they hold class numbers, a map of three or more
        channels answers by class, unless one channel is asked for.
    named: the name of the output that is asked for. classes: how many the data has, where that
        decides between outputs.
    None where no output fits, or more than one: the findings say so.
    Raises: InputError head-unknown where no output has the name.
    """
    shapes = output_shapes(model.network)
    fitting, why = _fitting(shapes, task, masks), "the one that can answer the task"
    if named is not None:
        fitting = [number for number in fitting if number == _named(model.network, named)]
        why = "as asked"
    elif len(fitting) > 1:
        fitting, why = _preferred(model.network, fitting, task, classes)
    if len(fitting) != 1:
        return None, [_misfit(model.network, shapes, task, masks, many=bool(fitting))]
    number, shape = fitting[0], shapes[fitting[0]]
    activation = final_activation(model.network, number)
    settled: int | None = 0
    by_class = channel is None and _is_by_class(shape, masks)
    largest = by_class or task == "classification"
    kept = _are_no_logits(bounds(model.network)[number], shape)
    meaning, findings = _meaning(activation, head, model.loss_takes, kept=kept, largest=largest)
    if by_class:
        settled = None
    elif task == "segmentation":
        settled = _channel(shape, activation, channel, findings)
        if settled is None and not _may_be_copies(shape, activation):
            return None, findings
    if activation == "softmax" and shape[-1] == 1:
        findings.append(Finding("softmax-of-one-channel", _OF_ONE))
    if len(shapes) > 1:
        findings.append(_chosen(model.network, number, shapes, why))
    answer = Answer(
        output=number,
        name=model.network.output_names[number],
        shape=shape,
        activation=activation,
        is_logits=meaning == "logits",
        is_numbers=meaning == "numbers",
        channel=settled,
        by_class=by_class,
    )
    return answer, findings


def _are_no_logits(interval: Interval, shape: Shape) -> bool:
    """Whether the network itself keeps the numbers where logits are not.

    From 0 to 1: a sigmoid that something stands behind. Never negative, in a single channel: each
    pixel would be an object, and a logit is on both sides of 0.
    """
    low, high = interval
    return low >= 0 and (high <= 1 or shape[-1] == 1)


def _is_by_class(shape: Shape, masks: Masks) -> bool:
    """Whether each channel is a class; two channels, or two classes, are one object."""
    return masks.code_classes and len(masks.classes) != 2 and shape[-1] not in (1, 2)


def _may_be_copies(shape: Shape, activation: str) -> bool:
    """Whether the channels may be one mask three times: it was decoded as RGB in training."""
    return shape[-1] == 3 and activation == "sigmoid"


def _fitting(shapes: tuple[Shape, ...], task: Task, masks: Masks) -> list[int]:
    """The outputs that can answer; where masks hold classes, a channel a class comes first."""
    found = [number for number, shape in enumerate(shapes) if fits(shape, task, masks)]
    if not masks.code_classes or masks.classes:
        return found
    return [number for number in found if shapes[number][-1] not in (1, 2)] or found


def _named(network: Network, name: str) -> int:
    names = network.output_names
    if name not in names:
        raise InputError(
            "head-unknown",
            f"The model has no output called {name!r:.60}.",
            hint=f"Its outputs are {', '.join(names)}.",
            where="--head",
        )
    return names.index(name)


def depends_on_classes(network: Network, task: Task, masks: Masks) -> bool:
    """Whether several outputs can answer, and the number of the data's classes tells them apart."""
    shapes = output_shapes(network)
    widths = {shapes[number][-1] for number in _fitting(shapes, task, masks)}
    return len(widths) > 1 and (task == "classification" or masks.code_classes)


def _preferred(
    network: Network, fitting: list[int], task: Task, classes: int | None
) -> tuple[list[int], str]:
    """What is left of several outputs that can answer, and why; more than one where nothing says."""
    left, why = fitting, ""
    for said, fits_better in _preferences(network, task, classes):
        kept = [number for number in left if fits_better(number)]
        if 0 < len(kept) < len(left):
            left, why = kept, said
    return left, why


def _preferences(
    network: Network, task: Task, classes: int | None
) -> Iterator[tuple[str, Callable[[int], bool]]]:
    """What makes one output a better answer than another: a word for it, and whether it holds."""
    shapes, names = output_shapes(network), [name.lower() for name in network.output_names]
    taken = input_shapes(network)[0][:-1]
    if classes is not None:
        yield f"the one for {classes} classes, as the data has", lambda n: shapes[n][-1] == classes
    if task == "segmentation":
        yield "the one of the picture's size", lambda n: shapes[n][:-1] == taken
        if classes is None:
            yield "the one of a single channel", lambda n: shapes[n][-1] == 1
    yield "the others are called auxiliary", lambda n: "aux" not in names[n]
    yield "the one that is called main", lambda n: "main" in names[n]


def _chosen(network: Network, number: int, shapes: tuple[Shape, ...], why: str) -> Finding:
    name = network.output_names[number]
    return Finding(
        "output-chosen",
        f"Of the model's {len(shapes)} outputs, {name} ({text(shapes[number])}) is graded: {why}.",
    )


def _misfit(
    network: Network, shapes: tuple[Shape, ...], task: Task, masks: Masks, *, many: bool
) -> Finding:
    listed = ", ".join(f"{n} {text(s)}" for n, s in zip(network.output_names, shapes, strict=True))
    wanted = f"For {task} an output must be {_wanted(task, masks)}; of the model's outputs"
    if many:
        said = f"{wanted} ({listed}) several are. --head NAME says which one is graded."
        return Finding("several-outputs", said)
    return Finding(
        "wrong-output-shape",
        f"{wanted} ({listed}) none is.{_remark(network, shapes, task, masks)}",
    )


def _remark(network: Network, shapes: tuple[Shape, ...], task: Task, masks: Masks) -> str:
    if task == "classification":
        return ""
    return _class_remark(shapes, masks) or _flat_remark(
        input_shapes(network)[0][:-1], shapes, masks
    )


def _flat_remark(size: Shape, shapes: tuple[Shape, ...], masks: Masks) -> str:
    """What makes a map again of one whose pixels stand in a row, or that has no axis of channels."""
    known = len(size) == 2 and None not in size
    found = [_flat_channels(shape, size) for shape in shapes if known]
    channels = next((one for one in found if one in channels_of("segmentation", masks)), None)
    if channels is None:
        return ""
    return (
        f" Where the numbers are the pixels of {text(size)} row by row, "
        f"Reshape(({', '.join(map(str, (*size, channels)))})) at the end makes the map."
    )


def _flat_channels(shape: Shape, size: Shape) -> Any:
    """How many channels the pixels of a size have in a flat shape; None where it is none of them."""
    pixels: Any = math.prod(size)
    if shape == size:
        return 1
    if len(shape) == 2 and shape[0] == pixels:
        return shape[1]
    if len(shape) == 1 and shape[0] is not None and shape[0] % pixels == 0:
        return shape[0] // pixels
    return None


def _wanted(task: Task, masks: Masks) -> str:
    if task == "classification":
        return "one score a class"
    channels = channels_of(task, masks)
    if len(channels) == 1:
        return f"a map of {channels[0]} channels, one for each class of the masks"
    return f"a map of {channels[0]} to {channels[-1]} channels"


def _class_remark(shapes: tuple[Shape, ...], masks: Masks) -> str:
    """What a map with a channel a class meets where it should say one object, or the other way."""
    maps = [shape for shape in shapes if len(shape) == 3]
    if masks.code_classes and any(shape[2] == 1 for shape in maps):
        return " One channel can only tell one object from its background."
    if not masks.code_classes and maps:
        return f" {CLASS_MASKS}"
    return ""


def _meaning(
    activation: str, head: Head | None, takes: LossTakes | None, *, kept: bool, largest: bool
) -> tuple[LossTakes, list[Finding]]:
    """What the numbers are: the assignment's word, else by the model's end and its stored loss.

    takes: what the loss takes them for. kept: whether the network keeps them where logits are not.
    largest: whether the largest number is the answer, which it is of any numbers.
    """
    if head is not None:
        return head, []
    if activation in _CHANCES:
        return "probabilities", [_mismatch(_TWICE.format(activation))] if takes == "logits" else []
    if takes == "numbers" and not largest:
        return "numbers", [Finding("mask-of-numbers", _NUMBERS.format(activation))]
    if kept and takes != "logits":
        return "probabilities", []
    if takes == "probabilities":
        said = _NEVER.format(activation) + (_LARGEST if largest else "")
        return ("logits" if largest else "probabilities"), [_mismatch(said)]
    how = (
        "the stored loss says so" if takes == "logits" else "its last layer makes no probabilities"
    )
    return "logits", [Finding("logits", f"The output ({activation}) is read as logits: {how}.")]


def _mismatch(message: str) -> Finding:
    return Finding("from-logits-mismatch", message)


def _channel(
    shape: Shape, activation: str, asked: int | None, findings: list[Finding]
) -> int | None:
    """The channel of the object; None where the predictions must show it, or nothing can."""
    channels = shape[2]
    if asked is not None and channels is not None and asked < channels:
        findings.append(Finding("channel", f"Channel {asked} of {channels} is graded, as asked."))
        return asked
    if asked is not None:
        findings.append(
            Finding("wrong-output-shape", f"The output has {channels} channels, none is {asked}.")
        )
        return None
    if channels == 1:
        return 0
    if channels == 2:
        findings.append(
            Finding("object-channel", "The output has two channels; the object is channel 1.")
        )
        return 1
    if activation != "sigmoid":
        findings.append(
            Finding(
                "wrong-output-shape",
                f"The output has {channels} channels of {activation}, for a mask of two classes. "
                f"Say which one is the object with --channel. {CLASS_MASKS}",
            )
        )
    return None


def meet(
    answer: Answer, split: Split, *, channel: int | None = None
) -> tuple[Answer | None, list[Finding]]:
    """The answer as the classes of the data ask for it; None where it cannot give them.

    channel: the one that was asked for.
    Raises: InputError channel-of-classes where the masks hold several classes.
    """
    classes, given = len(split.classes), answer.shape[-1] or 0
    if split.task == "classification":
        message = f"The model has {counted(given, 'score')}, and the data {classes} classes."
        wrong = Finding("wrong-output-shape", message)
        return (answer, []) if classes == given else (None, [wrong])
    if not answer.by_class and classes > 2 and channel is not None:
        raise _one_of_classes(channel, classes)
    if classes > (given if answer.by_class else 2):
        return None, [_too_few(given, classes)]
    if not answer.by_class:
        return answer, []
    if classes <= 2 and _may_be_copies(answer.shape, answer.activation):
        return replace(answer, by_class=False), []
    return answer, [_classes_finding(answer, split.classes)]


def _too_few(given: int, classes: int) -> Finding:
    can = "which can only tell one object from its background"
    if given > 1:
        can = f"for the classes 0 to {given - 1}"
    return Finding(
        "wrong-output-shape",
        f"The model answers with {counted(given, 'channel')}, {can}, but the masks hold the "
        f"classes 0 to {classes - 1}. A label that should not count is named in the assignment: "
        "ignore, under [masks].",
    )


def _one_of_classes(channel: int, classes: int) -> InputError:
    return InputError(
        "channel-of-classes",
        f"Channel {channel} is to be graded as the one object, but the masks hold {classes} "
        "classes.",
        hint="Leave the channel out: each channel of the answer is a class then.",
    )


def _classes_finding(answer: Answer, names: tuple[str, ...]) -> Finding:
    shown = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    apart = ""
    if answer.activation == "sigmoid":
        apart = " They come from a sigmoid, which decides each class alone; a softmax is usual."
    return Finding(
        "class-channels",
        f"The {answer.shape[-1]} channels of the output are read as the classes {shown} in this "
        f"order, and the largest is the answer.{apart}",
    )

"""Which output of a network answers the task, and what its numbers mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.split import Task
from answers.layers.base import Shape, text
from answers.network.graph import Network
from answers.network.head import final_activation
from answers.network.shapes import output_shapes
from checkers.assignment.assignment import Head
from checkers.model_file.record import Finding, ModelFile

_CHANCES = ("sigmoid", "softmax")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One output of a network, read for a task.

    output: its number. shape: without the batch axis. activation: the function that made it.
    is_logits: the numbers are scores in front of a sigmoid or softmax.
    channel: the channel that holds the object, for segmentation; None where it is not settled
        (three sigmoid channels, judged by whether they agree).
    """

    output: int
    name: str
    shape: Shape
    activation: str
    is_logits: bool
    channel: int | None = None

    def chances(self, values: NDArray[np.float32]) -> NDArray[Any]:
        """The probability of the object at each pixel, from (height, width, channels)."""
        if not self.is_logits:
            return values[..., self.channel or 0]
        wide = values.astype(np.float64)
        if values.shape[-1] == 2:
            chance: NDArray[Any] = _sigmoid(wide[..., 1] - wide[..., 0])
            return chance
        return _sigmoid(wide[..., self.channel or 0])


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    # tanh is exact at 0 and never overflows
    return 0.5 * (1.0 + np.tanh(0.5 * values))


def fits(shape: Shape, task: Task) -> bool:
    """Whether an output of this shape can answer the task at all."""
    if task == "classification":
        return len(shape) == 1 and shape[0] is not None and shape[0] >= 2
    return len(shape) == 3 and shape[2] in (1, 2, 3)


def choose(
    model: ModelFile, task: Task, channel: int | None = None, head: Head | None = None
) -> tuple[Answer | None, list[Finding]]:
    """The output that answers the task, and what is worth saying about it.

    channel, head: what the person or the assignment says; else the model's end tells.
    None where no output fits, or more than one: the findings say so.
    """
    shapes = output_shapes(model.network)
    fitting = [number for number, shape in enumerate(shapes) if fits(shape, task)]
    if len(fitting) != 1:
        return None, [_misfit(model.network, shapes, task, many=bool(fitting))]
    number, shape = fitting[0], shapes[fitting[0]]
    activation = final_activation(model.network, number)
    is_logits, findings = _logits(activation, head, from_logits=model.from_logits)
    settled: int | None = 0
    if task == "segmentation":
        settled = _channel(shape, activation, channel, findings)
        if settled is None and not (shape[2] == 3 and activation == "sigmoid"):
            return None, findings
    answer = Answer(
        output=number,
        name=model.network.output_names[number],
        shape=shape,
        activation=activation,
        is_logits=is_logits,
        channel=settled,
    )
    return answer, findings


def _misfit(network: Network, shapes: tuple[Shape, ...], task: Task, *, many: bool) -> Finding:
    listed = ", ".join(f"{n} {text(s)}" for n, s in zip(network.output_names, shapes, strict=True))
    wanted = "one score a class" if task == "classification" else "a map of 1 to 3 channels"
    how = "several outputs do" if many else "none does"
    return Finding(
        "wrong-output-shape",
        f"For {task} an output must be {wanted}; of the model's outputs ({listed}) {how}.",
    )


def _logits(
    activation: str, head: Head | None, *, from_logits: bool | None
) -> tuple[bool, list[Finding]]:
    """Whether the numbers are logits: the assignment's word, else the model's end."""
    if head is not None:
        return head == "logits", []
    is_logits = activation not in _CHANCES and from_logits is not False
    return is_logits, _logit_findings(activation, from_logits=from_logits)


def _logit_findings(activation: str, *, from_logits: bool | None) -> list[Finding]:
    if activation in _CHANCES and from_logits:
        return [
            Finding(
                "from-logits-mismatch",
                f"The stored loss expects logits (from_logits=True), but the last layer already "
                f"applies {activation}: training saw a {activation} of a {activation}.",
            )
        ]
    if activation not in _CHANCES and from_logits is not False:
        how = "the stored loss says so" if from_logits else "its last activation says so"
        return [
            Finding("logits", f"The output ({activation}) is read as logits: {how}."),
        ]
    return []


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
                "Say which one is the object with --channel.",
            )
        )
    return None

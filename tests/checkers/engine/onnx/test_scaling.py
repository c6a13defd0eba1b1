"""What the graph makes of pictures is what the input contract says, to the last bit."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from answers.data.input_contract import Scale, Step
from checkers.engine.onnx.graph import Graph
from checkers.engine.onnx.scaling import PICTURES, Arriving, scaled, settings

onnxruntime = pytest.importorskip("onnxruntime")

SCALES: dict[str, Any] = {
    "unit": "unit",
    "raw": "raw",
    "symmetric": "symmetric",
    "one-mean": {"mean": [0.4734], "std": [0.2516]},
    "a-mean-a-channel": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
}
EVERY_BYTE = np.stack([np.arange(256), np.arange(256)[::-1], np.roll(np.arange(256), 77)], -1)
PARTS = np.random.default_rng(0).uniform(0, 255, (1, 16, 16, 3)).astype(np.float32)


def in_the_graph(pictures: Any, scale: Scale, *, every: bool) -> Any:
    """every: by a graph of every step, also those that this scale does not take."""
    steps = scale.steps(pictures.shape[-1])
    assert steps is not None
    graph, taken = Graph(), get_args(Step) if every else steps.taken
    value = scaled(graph, pictures.shape[1:], Arriving(pictures.dtype.name, taken))
    session = onnxruntime.InferenceSession(
        graph.to_bytes([graph.each("Identity", value)]), providers=["CPUExecutionProvider"]
    )
    given = settings(steps, taken, pictures.shape[2])
    return session.run(None, {PICTURES: pictures, **given})[0]


@pytest.mark.parametrize("every", [False, True], ids=["its-steps", "every-step"])
@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize(
    "pictures",
    [EVERY_BYTE.reshape(1, 16, 16, 3).astype(np.uint8), PARTS],
    ids=["every-byte", "parts"],
)
def test_the_graph_scales_as_the_contract_to_the_last_bit(
    name: str, pictures: Any, every: bool
) -> None:
    scale = Scale.parse(SCALES[name])
    assert np.array_equal(in_the_graph(pictures, scale, every=every), scale.apply(pictures))


def test_a_grey_picture_is_scaled_as_well() -> None:
    grey = EVERY_BYTE[:, :1].reshape(1, 16, 16, 1).astype(np.uint8)
    scale = Scale.parse(SCALES["one-mean"])
    assert np.array_equal(in_the_graph(grey, scale, every=False), scale.apply(grey))


def test_a_graph_takes_the_steps_that_change_something() -> None:
    taken = {name: Scale.parse(said).steps(3) for name, said in SCALES.items()}
    assert {name: steps.taken for name, steps in taken.items() if steps is not None} == {
        "unit": ("divisor",),
        "raw": (),
        "symmetric": ("divisor", "mean"),
        "one-mean": ("divisor", "mean", "std"),
        "a-mean-a-channel": ("divisor", "mean", "std"),
    }


def test_pictures_that_have_a_scale_of_their_own_have_no_steps() -> None:
    assert Scale("standardize").steps(3) is None

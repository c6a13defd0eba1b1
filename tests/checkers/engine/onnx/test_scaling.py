"""What the graph makes of pictures is what the input contract says, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from answers.data.input_contract import Scale
from checkers.engine.onnx.graph import Graph
from checkers.engine.onnx.scaling import PICTURES, scaled, settings

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


def in_the_graph(pictures: Any, scale: Scale) -> Any:
    graph = Graph()
    value = scaled(graph, pictures.shape[1:], pictures.dtype.name)
    session = onnxruntime.InferenceSession(
        graph.to_bytes([graph.each("Identity", value)]), providers=["CPUExecutionProvider"]
    )
    steps = scale.steps(pictures.shape[-1])
    assert steps is not None
    return session.run(None, {PICTURES: pictures, **settings(steps)})[0]


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize(
    "pictures",
    [EVERY_BYTE.reshape(1, 16, 16, 3).astype(np.uint8), PARTS],
    ids=["every-byte", "parts"],
)
def test_the_graph_scales_as_the_contract_to_the_last_bit(name: str, pictures: Any) -> None:
    scale = Scale.parse(SCALES[name])
    assert np.array_equal(in_the_graph(pictures, scale), scale.apply(pictures))


def test_a_grey_picture_is_scaled_as_well() -> None:
    grey = EVERY_BYTE[:, :1].reshape(1, 16, 16, 1).astype(np.uint8)
    scale = Scale.parse(SCALES["one-mean"])
    assert np.array_equal(in_the_graph(grey, scale), scale.apply(grey))


def test_pictures_that_have_a_scale_of_their_own_have_no_steps() -> None:
    assert Scale("standardize").steps(3) is None

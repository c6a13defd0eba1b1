"""A batch that is shared out among threads: the same answers in their order, whatever their number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from checkers.engine.onnx import crew as module
from checkers.engine.onnx import session
from checkers.engine.onnx.crew import Crew
from checkers.engine.onnx.graph import Graph
from checkers.engine.onnx.scaling import PICTURES

pytest.importorskip("onnxruntime")

WEIGHTS = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)


def model() -> bytes:
    """Pictures of 1 x 2 x 3 by a matrix; they are divided by a number first."""
    graph = Graph()
    pictures = graph.input((1, 2, 3), name=PICTURES)
    divided = graph.each("Div", pictures, graph.setting("divisor", ("of divisor",)))
    return graph.to_bytes([graph.linear(graph.reshape(divided, (6,)), WEIGHTS, 3)])


def drawn(rows: int, seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=(rows, 1, 2, 3)).astype(np.float32)


def wanted(pictures: Any) -> Any:
    return pictures.reshape(-1, 6).astype(np.float64) / 4 @ WEIGHTS.astype(np.float64)


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("rows", [1, 2, 5, 64])
def test_each_row_gets_its_answer(monkeypatch: pytest.MonkeyPatch, threads: int, rows: int) -> None:
    for place in (module, session):
        monkeypatch.setattr(place, "threads", lambda: threads)
    crew = Crew(model(), rows)
    given = {"divisor": np.array([4], np.float32)}
    batches = [drawn(count, seed) for seed, count in enumerate([rows, 1, rows, 7])]
    begun = [crew.begin(batch, given) for batch in batches]  # all at work before one is waited for
    for batch, answer in zip(batches, begun, strict=True):
        np.testing.assert_allclose(answer(), wanted(batch), rtol=1e-5, atol=1e-6)


def test_what_the_runtime_refuses_is_said_by_whoever_waits() -> None:
    begun = Crew(model(), 4).begin(drawn(4, 1), {})
    with pytest.raises(Exception, match="divisor"):
        begun()


@pytest.mark.parametrize(
    ("threads", "callers", "helpers"), [(1, 1, 1), (2, 1, 2), (2, 2, 1), (8, 4, 5), (8, 8, 1)]
)
def test_callers_and_their_helpers_are_as_many_as_the_threads(
    monkeypatch: pytest.MonkeyPatch, threads: int, callers: int, helpers: int
) -> None:
    """helpers: those of one run, who computes among them."""
    monkeypatch.setattr(session, "threads", lambda: threads)
    assert session._options(callers).intra_op_num_threads == helpers
    assert callers + helpers - 1 == threads

"""The second child with ONNX Runtime: the network as a graph of our own, and its answers.

It starts with nothing of the submitted file; the sealed weights are handed over when the reader
has accepted all of them. Labels never come here.
"""

from __future__ import annotations

import importlib
import os
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import Steps
from answers.errors import MissingError, RunError
from answers.installing import install_line
from answers.kept_memory import keep_memory
from answers.network.document import from_json
from answers.network.graph import Network
from answers.network.parameters import leaves
from checkers.engine.choice import TELEMETRY_OFF
from checkers.engine.frames import Frame
from checkers.engine.onnx.building import Built, build
from checkers.engine.onnx.graph import Graph, Sizes, Value
from checkers.engine.onnx.scaling import PICTURES, settings
from checkers.engine.onnx.session import gpu_name, load_cuda, started, warm_up
from checkers.engine.received import Asks, Pictures, answer_all, arrays, processor, scale_of
from checkers.engine.service import take_over
from checkers.isolation import lock


@dataclass(frozen=True)
class _Model:
    """A network beside its sealed weights, of which a graph is made as often as one is asked for.

    A graph that was kept would hold the weights once more. output: the place of the answer.
    """

    network: Network
    weights: int
    sizes: list[Sizes]
    output: int

    def built(self, pictures: str) -> tuple[list[NDArray[np.float32]], Built]:
        """Its arrays, and a graph that takes pictures of that type."""
        held = list(arrays(self.network, self.weights))
        return held, build(self.network, iter(held), self.sizes, pictures=pictures)


class _Predictor:
    """Answers 'engine', 'build', 'predict' and 'statistics'."""

    def __init__(self, hands: int) -> None:
        self._hands, self._pictures = hands, Pictures(hands)
        self._gpu = False
        self._model: _Model | None = None
        self._watched: _Watched | None = None
        self._sessions: dict[tuple[str, str], Any] = {}

    def asks(self) -> Asks:
        """What answers what."""
        return {
            "engine": self._engine,
            "build": self._build,
            "predict": self._predict,
            "statistics": self._statistics,
        }

    def _engine(self, frame: Frame) -> Frame:
        """Import the engine, and say what it is and where it runs."""
        begin = time.monotonic()
        runtime = _imported()
        self._gpu = _warmed_up(frame.header["device"])
        lock.last()
        facts = {
            "device": f"GPU ({gpu_name()})" if self._gpu else processor(),
            "gpu": self._gpu,
            "versions": {"onnxruntime": runtime.__version__},
            "locks": list(lock.held()),
        }
        return Frame({**facts, "seconds": time.monotonic() - begin})

    def _session(self, graph: Graph, output: Value) -> Any:
        return started(graph.to_bytes([output]), gpu=self._gpu)

    def _build(self, frame: Frame) -> Frame:
        lock.last()  # it is in place since the engine came; nothing is built without it
        header = frame.header
        sizes = [tuple(shape) for shape in header["sizes"]]
        weights, network = take_over(self._hands), from_json(header["network"])
        self._model = _Model(network, weights, sizes, header["output"])
        self._sessions.clear()
        held, built = self._model.built(header["pictures"])
        answer = built.outputs[header["output"]]
        self._sessions["answer", header["pictures"]] = self._session(built.graph, answer)
        self._watched = _first_trained(network, held, built)
        names = ["/".join(self._watched.path)] if self._watched else []
        return Frame({"normalisations": names})

    def _predict(self, frame: Frame) -> Frame:
        result = np.ascontiguousarray(self._run("answer", frame), "<f4")
        return Frame({"shape": list(result.shape)}, result.tobytes())

    def _statistics(self, frame: Frame) -> Frame:
        """Mean and variance of what reaches the first normalisation, beside its stored ones."""
        if self._watched is None:
            raise RunError("protocol", "There is no normalisation to look at.")
        values = self._run("normalised", frame).astype(np.float64)
        flat = values.reshape(-1, values.shape[-1])
        rows = np.stack([flat.mean(0), flat.var(0), *self._watched.stored]).astype("<f4")
        return Frame({"channels": [rows.shape[1]]}, rows.tobytes())

    def _run(self, what: str, frame: Frame) -> NDArray[np.float32]:
        """The answer to a request's pictures, or what reaches the normalisation that is watched."""
        pictures, scale = self._pictures.of(frame), scale_of(frame)
        steps = scale.steps(pictures.shape[-1])
        if steps is None:  # each picture has numbers of its own
            pictures, steps = scale.apply(pictures), Steps()
        session = self._session_of(what, pictures.dtype.name)
        return np.asarray(session.run(None, {PICTURES: pictures, **settings(steps)})[0])

    def _session_of(self, what: str, kind: str) -> Any:
        if (what, kind) not in self._sessions:
            self._sessions[what, kind] = self._made(what, kind)
        return self._sessions[what, kind]

    def _made(self, what: str, kind: str) -> Any:
        if self._model is None:
            raise RunError("protocol", "There is no model to ask.")
        _, built = self._model.built(kind)
        if what == "answer" or self._watched is None:
            return self._session(built.graph, built.outputs[self._model.output])
        reached = built.normalised[self._watched.path]
        return self._session(built.graph, built.graph.each("Identity", reached))


@dataclass(frozen=True)
class _Watched:
    """A batch normalisation, and the mean and variance that it stored."""

    path: tuple[str, ...]
    stored: NDArray[np.float32]


def _first_trained(
    network: Network, held: list[NDArray[np.float32]], built: Built
) -> _Watched | None:
    """The first batch normalisation over channels that training moved, with what it stored."""
    stored, left = {}, iter(held)
    for leaf in leaves(network):
        own = [next(left) for _ in leaf.weights]
        if leaf.path in built.normalised and not leaf.frozen:
            stored[leaf.path] = np.stack(own[-2:])
    for path, value in built.normalised.items():
        if path in stored and stored[path].shape[1] == value.shape[-1]:
            return _Watched(path, stored[path])
    return None


def _imported() -> Any:
    """The runtime, which reports to nobody."""
    if os.environ.get(TELEMETRY_OFF) != "1":
        raise RunError("engine-failed", "ONNX Runtime's telemetry is not switched off.")
    try:
        return importlib.import_module("onnxruntime")
    except ImportError as error:
        raise MissingError(
            "engine-missing",
            f"The engine needs onnxruntime, which can't be imported: {error}.",
            hint=install_line("onnxruntime"),
        ) from None


def _warmed_up(device: str) -> bool:
    """Run once where a model would run, and say whether that is a GPU.

    device: 'cpu', 'gpu', which nothing replaces, or 'auto'.
    Raises: MissingError gpu-missing.
    """
    if device != "cpu":
        load_cuda()
        try:
            warm_up(gpu=True)
        except MissingError:
            if device == "gpu":
                raise
        else:
            return True
    if lock.possible():
        warm_up()
    return False


def main() -> None:
    """Serve the parent."""
    keep_memory()  # not with Keras, which would hold half as much again
    answer_all(lambda hands: _Predictor(hands).asks())


if __name__ == "__main__":
    main()

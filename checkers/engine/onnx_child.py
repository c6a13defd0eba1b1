"""The second child with ONNX Runtime: the network as a graph of our own, and its answers.

It starts with nothing of the submitted file; the sealed weights are handed over when the reader
has accepted all of them. Labels never come here.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import Step, Steps
from answers.errors import MissingError, RunError
from answers.installing import install_line
from answers.kept_memory import keep_memory
from answers.network.document import from_json
from answers.network.graph import Network
from answers.network.parameters import leaves
from checkers.engine.choice import TELEMETRY_OFF
from checkers.engine.frames import Frame
from checkers.engine.onnx.building import Built, build
from checkers.engine.onnx.crew import Crew
from checkers.engine.onnx.graph import Graph, Sizes, Value
from checkers.engine.onnx.scaling import Arriving, settings
from checkers.engine.onnx.session import gpu_name, load_cuda, warm_up
from checkers.engine.received import Asks, Pictures, answer_all, arrays, processor, scale_of
from checkers.engine.service import Promise, take_over
from checkers.isolation import lock

_SCALED = Arriving("float32", ())  # where each picture has numbers of its own


@dataclass(frozen=True)
class _Model:
    """A network beside its sealed weights, of which a graph is made as often as one is asked for.

    A graph that was kept would hold the weights once more. output: the place of the answer.
    rows: of a whole batch.
    """

    network: Network
    weights: int
    sizes: list[Sizes]
    output: int
    rows: int

    def built(self, pictures: Arriving) -> tuple[list[NDArray[np.float32]], Built]:
        """Its arrays, and a graph that takes pictures that come so."""
        held = list(arrays(self.network, self.weights))
        return held, build(self.network, iter(held), self.sizes, pictures=pictures)


class _Predictor:
    """Answers 'engine', 'build', 'predict' and 'statistics'."""

    def __init__(self, hands: int) -> None:
        self._hands, self._pictures = hands, Pictures(hands)
        self._gpu = False
        self._model: _Model | None = None
        self._watched: _Watched | None = None
        self._crews: dict[tuple[str, str], tuple[Arriving, Crew]] = {}

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

    def _build(self, frame: Frame) -> Frame:
        lock.last()  # it is in place since the engine came; nothing is built without it
        header = frame.header
        sizes = [tuple(shape) for shape in header["sizes"]]
        weights, network = take_over(self._hands), from_json(header["network"])
        model = _Model(network, weights, sizes, header["output"], header["rows"])
        steps = scale_of(frame).steps(sizes[0][-1])
        arriving = _SCALED if steps is None else Arriving(header["pictures"], steps.taken)
        held, built = model.built(arriving)
        crew = self._crew(model, built.graph, built.outputs[model.output])
        self._model, self._crews = model, {("answer", arriving.dtype): (arriving, crew)}
        self._watched = _first_trained(network, held, built)
        names = ["/".join(self._watched.path)] if self._watched else []
        return Frame({"normalisations": names})

    def _predict(self, frame: Frame) -> Promise:
        begun = self._begin("answer", frame)

        def answer() -> Frame:
            result = np.ascontiguousarray(begun(), "<f4")
            return Frame({"shape": list(result.shape)}, result.tobytes())

        return answer

    def _statistics(self, frame: Frame) -> Frame:
        """Mean and variance of what reaches the first normalisation, beside its stored ones."""
        if self._watched is None:
            raise RunError("protocol", "There is no normalisation to look at.")
        values = self._begin("normalised", frame)().astype(np.float64)
        flat = values.reshape(-1, values.shape[-1])
        rows = np.stack([flat.mean(0), flat.var(0), *self._watched.stored]).astype("<f4")
        return Frame({"channels": [rows.shape[1]]}, rows.tobytes())

    def _begin(self, what: str, frame: Frame) -> Callable[[], NDArray[np.float32]]:
        """The answer to a request's pictures, or what reaches the normalisation that is watched."""
        pictures, scale = self._pictures.of(frame), scale_of(frame)
        steps = scale.steps(pictures.shape[-1])
        if steps is None:
            pictures, steps = scale.apply(pictures), Steps()
        width = pictures.shape[-2] if pictures.ndim > 2 else 1
        arriving, crew = self._crew_of(what, Arriving(pictures.dtype.name, steps.taken))
        return crew.begin(pictures, settings(steps, arriving.steps, width))

    def _crew_of(self, what: str, arriving: Arriving) -> tuple[Arriving, Crew]:
        """Who answers that: the one that is there, or one that takes every step from now on."""
        found = self._crews.get((what, arriving.dtype))
        if found is None or not set(arriving.steps) <= set(found[0].steps):
            wider = arriving if found is None else replace(arriving, steps=get_args(Step))
            found = self._crews[what, arriving.dtype] = wider, self._made(what, wider)
        return found

    def _made(self, what: str, arriving: Arriving) -> Crew:
        if self._model is None:
            raise RunError("protocol", "There is no model to ask.")
        _, built = self._model.built(arriving)
        if what == "answer" or self._watched is None:
            return self._crew(self._model, built.graph, built.outputs[self._model.output])
        reached = built.normalised[self._watched.path]
        return self._crew(self._model, built.graph, built.graph.each("Identity", reached))

    def _crew(self, model: _Model, graph: Graph, output: Value) -> Crew:
        return Crew(graph.to_bytes([output]), model.rows, gpu=self._gpu)


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

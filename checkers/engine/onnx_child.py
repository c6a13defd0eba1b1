"""The second child with ONNX Runtime: the network as a graph of our own, and its answers.

It starts with nothing of the submitted file; the sealed weights are handed over when the reader
has accepted all of them. Labels never come here.
"""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.errors import MissingError, RunError
from answers.installing import install_line
from answers.kept_memory import keep_memory
from answers.network.document import from_json
from answers.network.graph import Network
from answers.network.parameters import leaves
from checkers.engine.choice import TELEMETRY_OFF
from checkers.engine.frames import Frame
from checkers.engine.onnx.building import Built, build
from checkers.engine.onnx.graph import Graph
from checkers.engine.received import Asks, answer_all, arrays, batch, processor
from checkers.engine.service import take_over
from checkers.isolation import lock

_MOST_THREADS = 8


class _Predictor:
    """Answers 'engine', 'build', 'predict' and 'statistics'."""

    def __init__(self, hands: int) -> None:
        self._hands = hands
        self._session: Any = None
        self._built = Built()
        self._watched: tuple[tuple[str, ...], NDArray[np.float32]] | None = None
        self._probe: Any = None

    def asks(self) -> Asks:
        """What answers what."""
        return {
            "engine": _engine,
            "build": self._build,
            "predict": self._predict,
            "statistics": self._statistics,
        }

    def _build(self, frame: Frame) -> Frame:
        lock.last()  # it is in place since the engine came; nothing is built without it
        descriptor = take_over(self._hands)
        try:
            network = from_json(frame.header["network"])
            held = list(arrays(network, descriptor))
        finally:
            os.close(descriptor)
        sizes = [tuple(shape) for shape in frame.header["sizes"]]
        built = build(network, iter(held), sizes)
        output = built.outputs[frame.header["output"]]
        self._session = _session(built.graph.to_bytes([output]))
        self._watched = _first_trained(network, held, built)
        # the graph is kept where more may be asked of it: it holds the weights once more
        self._built = built if self._watched else Built()
        self._probe = None
        names = ["/".join(self._watched[0])] if self._watched else []
        return Frame({"normalisations": names})

    def _predict(self, frame: Frame) -> Frame:
        result = np.ascontiguousarray(_run(self._session, batch(frame)), "<f4")
        return Frame({"shape": list(result.shape)}, result.tobytes())

    def _statistics(self, frame: Frame) -> Frame:
        """Mean and variance of what reaches the first normalisation, beside its stored ones."""
        if self._watched is None:
            raise RunError("protocol", "There is no normalisation to look at.")
        path, stored = self._watched
        if self._probe is None:
            reached = self._built.normalised[path]
            shown = self._built.graph.each("Identity", reached)
            self._probe = _session(self._built.graph.to_bytes([shown]))
        values = _run(self._probe, batch(frame)).astype(np.float64)
        flat = values.reshape(-1, values.shape[-1])
        rows = np.stack([flat.mean(0), flat.var(0), *stored]).astype("<f4")
        return Frame({"channels": [rows.shape[1]]}, rows.tobytes())


def _first_trained(
    network: Network, held: list[NDArray[np.float32]], built: Built
) -> tuple[tuple[str, ...], NDArray[np.float32]] | None:
    """The first batch normalisation over channels that training moved, with what it stored."""
    stored, left = {}, iter(held)
    for leaf in leaves(network):
        own = [next(left) for _ in leaf.weights]
        if leaf.path in built.normalised and not leaf.frozen:
            stored[leaf.path] = np.stack(own[-2:])
    for path, value in built.normalised.items():
        if path in stored and stored[path].shape[1] == value.shape[-1]:
            return path, stored[path]
    return None


def _run(session: Any, values: NDArray[np.float32]) -> NDArray[np.float32]:
    name = session.get_inputs()[0].name
    return np.asarray(session.run(None, {name: np.ascontiguousarray(values, "<f4")})[0])


def _session(model: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # said, so that the runtime doesn't pin its threads to cores, which the lock forbids
    options.intra_op_num_threads = min(os.cpu_count() or 1, _MOST_THREADS)
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _engine(frame: Frame) -> Frame:  # noqa: ARG001  # all asks are alike
    """Import the engine, and say what it is and where it runs."""
    begin = time.monotonic()
    if os.environ.get(TELEMETRY_OFF) != "1":
        raise RunError("engine-failed", "ONNX Runtime's telemetry is not switched off.")
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingError(
            "engine-missing",
            f"The engine needs onnxruntime, which can't be imported: {error}.",
            hint=install_line("onnxruntime"),
        ) from None
    if lock.possible():
        _warm_up()
    lock.last()
    name = processor()
    versions = {"onnxruntime": onnxruntime.__version__}
    facts = {"device": name, "gpu": False, "versions": versions, "locks": list(lock.held())}
    return Frame({**facts, "seconds": time.monotonic() - begin})


def _warm_up() -> None:
    """Run once: the runtime reads files of the system and starts threads at its first session."""
    graph = Graph()
    value = graph.input((2,))
    session = _session(graph.to_bytes([graph.each("Relu", value)]))
    _run(session, np.zeros((1, 2), "<f4"))


def main() -> None:
    """Serve the parent."""
    keep_memory()  # not with Keras, which would hold half as much again
    answer_all(lambda hands: _Predictor(hands).asks())


if __name__ == "__main__":
    main()

"""Stage 2, seen from the parent: a child builds the network, and predicts batch by batch."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import Scale
from answers.errors import InputError, MissingError, RunError
from answers.layers.base import Shape
from answers.layers.fields import Margin, checked
from answers.network.document import to_json
from answers.network.graph import Network
from checkers.engine.child import Child
from checkers.engine.choice import (
    KERAS,
    TELEMETRY_OFF,
    Backend,
    Choice,
    Device,
    gpu_is_there,
    onnx_has_cuda,
)
from checkers.engine.frames import Frame
from checkers.engine.picture_memory import Batch, PictureMemory
from checkers.isolation import lock, rlimits

EngineName = Literal["keras", "onnx"]
PictureType = Literal["uint8", "float32"]
Other = tuple[Choice, Callable[[], Child]]

_Sizes = tuple[Margin, ...]
_Names = tuple[str, ...]
_Pairs = tuple[tuple[str, str], ...]
ENGINE_SECONDS = 120.0  # an import on a busy machine, before the deadline of the run begins
_IN_FLIGHT = 3  # the child waits for one, has the next at work, and we answer for the one before
# Activations of a batch: ONNX Runtime is fastest where they stay near the processor's caches. Keras
# spends a millisecond on each batch, and holds several times of it: larger ones cost memory alone.
_LIVE_BYTES = {"keras": 12 << 20, "onnx": 5 << 20}
_MOST_LIVE_BYTES = 48 << 20
_COMPANY = 4  # so that a row has others beside it, where memory allows
_MOST_IN_A_BATCH = 512
_MODULES = {"keras": "checkers.engine.predictor_child", "onnx": "checkers.engine.onnx_child"}
# A GPU has memory for more, and is idle in small batches.
_LIVE_BYTES_ON_A_GPU = 256 << 20
# TF32 keeps 10 bits of a product; this holds for every library of NVIDIA's, whatever else is said
_WHOLE_FLOATS = {"NVIDIA_TF32_OVERRIDE": "0"}
_OF_THE_DRIVER = ("engine-failed", "child-crashed", "child-died")
_WITHOUT_THE_DRIVER = "The GPU's driver may want what the lock forbids: grade it with --device cpu, which needs no driver."
NO_GPU_ANSWERS = "a GPU is there, but does not answer"
_HIDDEN_GPUS = {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}


@dataclass(frozen=True)
class EngineFacts:
    """What predicts, and where. locks: the parts of the lock that it holds.

    reason: why it is this one, where another one would have been taken.
    """

    name: str
    versions: tuple[tuple[str, str], ...]
    device: str
    gpu: bool
    seconds: float
    locks: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Statistics:
    """Per channel: what reached a batch normalisation, and what training stored in it."""

    layer: str
    mean: NDArray[np.float32]
    variance: NDArray[np.float32]
    moving_mean: NDArray[np.float32]
    moving_variance: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What a predictor is started with, before there is a model.

    gpu: which of several is shown to it. memory: bytes it may take.
    """

    engine: EngineName
    backend: Backend = "tensorflow"
    device: Device = "auto"
    gpu: int | None = None
    memory: int

    def start(self, *, locked: bool = True) -> Child:
        """A child that begins to import the engine. locked: also where it may use a GPU."""
        environment = {"KERAS_BACKEND": self.backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        environment |= {TELEMETRY_OFF: "1"}
        environment |= self.gpus
        if self.may_use_a_gpu:
            environment |= _WHOLE_FLOATS | for_a_gpu(locked=locked)
        child = Child(
            "predictor",
            _MODULES[self.engine],
            descriptors=(),
            seconds=ENGINE_SECONDS,
            memory=self.memory,
            environment=environment,
        )
        device = self.device if self.may_use_a_gpu else "cpu"
        child.send(Frame({"ask": "engine", "backend": self.backend, "device": device}))
        return child

    @property
    def gpus(self) -> dict[str, str]:
        """Which GPUs the child sees, said as CUDA's libraries are told."""
        if not self.may_use_a_gpu:
            return _HIDDEN_GPUS
        return {} if self.gpu is None else _only(self.gpu)

    @property
    def may_use_a_gpu(self) -> bool:
        """Whether the child is shown a GPU."""
        if self.engine == "onnx":
            wanted = self.device == "gpu" or (self.device == "auto" and gpu_is_there())
            return wanted and onnx_has_cuda()
        return self.device != "cpu"


_UNIT = Scale("unit")


@dataclass(frozen=True)
class Meant:
    """How pictures will come: their type, their scale, and how many are a batch."""

    pictures: PictureType = "uint8"
    scale: Scale = _UNIT
    rows: int = _COMPANY


_USUAL = Meant()


class Predictor:
    """A conversation with the predicting child."""

    def __init__(
        self, child: Child, choice: Choice, backend: Backend, others: Sequence[Other] = ()
    ) -> None:
        self._child, self._choice, self._backend = child, choice, backend
        self._others, self._looks_for_a_gpu = deque(others), bool(others)
        self._normalisations: tuple[str, ...] = ()
        self._locks: tuple[str, ...] = ()
        self._allowed = ENGINE_SECONDS  # of the clock, since it was started
        self._pictures = PictureMemory(self._hand_over, _IN_FLIGHT)

    @property
    def name(self) -> EngineName:
        """The engine, which is known when it has answered."""
        return self._choice.engine

    @property
    def answered(self) -> bool:
        """Whether an answer is there, so that nobody would have to wait for it."""
        return self._child.answered

    def engine(self) -> EngineFacts:
        """Wait until the engine is there.

        Raises: MissingError engine-missing, gpu-missing; RunError.
        """
        header = self._first_answer()
        gpu: bool = _answer(header, "gpu", bool)
        self._locks = _answer(header, "locks", _Names) if "locks" in header else ()
        versions = _answer({"versions": list(_items(header.get("versions")))}, "versions", _Pairs)
        return EngineFacts(
            name=self._called(gpu=gpu),
            versions=versions,
            device=_answer(header, "device", str),
            gpu=gpu,
            seconds=_answer(header, "seconds", float),
            locks=self._locks,
            reason=NO_GPU_ANSWERS if self._looks_for_a_gpu and not gpu else self._choice.reason,
        )

    def _called(self, *, gpu: bool) -> str:
        if self._choice.engine == "keras":
            return f"keras on {self._backend}"
        return "onnx on CUDA" if gpu else "onnx"

    def _first_answer(self) -> dict[str, Any]:
        """What the child says; where it finds no GPU, what the next one says that may do more.

        None of them has seen a submission yet. One that has is never started again with less of a
        lock: the submission itself could have made it fail.
        """
        while True:
            try:
                header = self._child.receive().header
            except (RunError, MissingError):
                if not self._others:
                    raise
            else:
                if not self._others or header.get("gpu") is True:
                    return header
            seconds = self._child.seconds
            self._child.close()
            self._choice, start = self._others.popleft()
            self._child = start()
            self._child.allow(seconds)

    def _receive(self) -> Frame:
        """An answer about the submission; where the driver of a GPU may be at fault, what helps."""
        try:
            return self._child.receive()
        except RunError as error:
            if "devices" in self._locks and error.code in _OF_THE_DRIVER and not error.hint:
                raise RunError(error.code, error.message, hint=_WITHOUT_THE_DRIVER) from None
            raise

    def close(self) -> None:
        """End the child, whatever it does."""
        self._child.close()
        self._pictures.close()

    def build(self, network: Network, weights: int, output: int = 0, meant: Meant = _USUAL) -> None:
        """Build a network with its sealed weights, and one of its outputs as the answer.

        meant: how most pictures will come; what comes otherwise takes longer at first.
        """
        self._child.hand_over(weights)
        asked = {
            "ask": "build",
            "network": to_json(network),
            "output": output,
            "pictures": meant.pictures,
            "rows": meant.rows,
            "scale": meant.scale.to_json(),
        }
        sizes = [list(shape) for shape in self._choice.sizes]
        self._child.send(Frame({**asked, "sizes": sizes}))
        header = self._receive().header
        self._normalisations = _answer(header, "normalisations", tuple[str, ...])

    def predict(
        self, batches: Iterable[Batch], scale: Scale, answer: Shape
    ) -> Iterator[NDArray[np.float32]]:
        """The answer to each batch, in order; the next ones are on their way while one is computed.

        Whoever stops half-way leaves answers behind that nobody asks for, and can ask no more.
        batches: pictures (height, width, channels), uint8 or float32 on the 0–255 scale.
        answer: the shape of one row of an answer, as far as it is known.
        Raises: RunError protocol when an answer has another number of rows, another shape, or too few
        bytes.
        """
        waiting: deque[int] = deque()
        for batch in batches:
            self._child.send(self._request("predict", batch, scale))
            waiting.append(len(batch))
            if len(waiting) == _IN_FLIGHT:
                yield _predictions(self._receive(), waiting.popleft(), answer)
        while waiting:
            yield _predictions(self._receive(), waiting.popleft(), answer)

    def products(self) -> float:
        """MACs a second of this machine's matrix products, in the process that predicts."""
        self._child.send(Frame({"ask": "products"}))
        rate: float = _answer(self._receive().header, "products", float)
        return rate

    def statistics(self, batch: Batch, scale: Scale) -> tuple[Statistics, ...]:
        """What reaches each trainable batch normalisation; nothing where there is none."""
        if not self._normalisations:
            return ()
        self._child.send(self._request("statistics", batch, scale))
        frame = self._receive()
        channels = _answer(frame.header, "channels", _Sizes)
        if len(channels) != len(self._normalisations) or len(frame.body) != 16 * sum(channels):
            raise RunError("protocol", "The predictor sent other statistics than asked for.")
        values = np.frombuffer(frame.body, "<f4")
        ends = np.cumsum([4 * count for count in channels])[:-1]
        rows = (part.reshape(4, -1) for part in np.split(values, ends))
        return tuple(Statistics(n, *row) for n, row in zip(self._normalisations, rows, strict=True))

    def _hand_over(self, memory: int) -> None:
        self._child.hand_over(memory)  # the child of this moment: the first may have been replaced

    def _request(self, what: str, batch: Batch, scale: Scale) -> Frame:
        place = self._pictures.put(batch)
        return Frame(
            {
                "ask": what,
                "shape": list(place.shape),
                "dtype": place.dtype,
                "at": place.at,
                "handed": place.handed,
                "scale": scale.to_json(),
            }
        )

    def allow(self, seconds: float) -> None:
        """Give the child so many seconds more, counted from now."""
        self._allowed += seconds
        if self._child.alive:
            rlimits.allow_time(self._child.pid, self._allowed)
        self._child.allow(seconds)


def batch_size(live_numbers: int, engine: EngineName, *, gpu: bool = False) -> int:
    """How many samples to predict at once, from the most numbers one sample holds at once."""
    each = 4 * max(live_numbers, 1)
    if gpu:
        return max(1, min(_MOST_IN_A_BATCH, _LIVE_BYTES_ON_A_GPU // each))
    wanted = max(_LIVE_BYTES[engine] // each, _COMPANY)
    return max(1, min(_MOST_IN_A_BATCH, wanted, _MOST_LIVE_BYTES // each))


def _predictions(frame: Frame, rows: int, answer: Shape) -> NDArray[np.float32]:
    shape = _answer(frame.header, "shape", _Sizes)
    if not _fits(shape, (rows, *answer)) or 4 * math.prod(shape) != len(frame.body):
        raise RunError("protocol", f"The predictor answered {rows} samples with shape {shape}.")
    return np.frombuffer(frame.body, "<f4").reshape(shape)


def _fits(shape: tuple[int, ...], wanted: Shape) -> bool:
    """Whether a shape is the wanted one, where that is known."""
    pairs = zip(shape, wanted, strict=False)
    return len(shape) == len(wanted) and all(b is None or a == b for a, b in pairs)


def _answer(header: dict[str, Any], key: str, hint: Any) -> Any:
    """A value of the child's answer, as it must be."""
    try:
        return checked(header.get(key), hint, key)
    except InputError as error:
        raise RunError("protocol", f"The predictor's answer can't be used: {error}") from None


def _only(number: int) -> dict[str, str]:
    """One GPU, by nvidia-smi's numbers; where somebody shows us some of them, one of these."""
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = None if shown is None else [name.strip() for name in shown.split(",") if name.strip()]
    name = str(number) if names is None else names[number] if number < len(names) else "-1"
    order = os.environ.get("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    return {"CUDA_VISIBLE_DEVICES": name, "CUDA_DEVICE_ORDER": order}


def for_a_gpu(*, locked: bool = True) -> dict[str, str]:
    """What is said to a child that may use a GPU, where there is one.

    A driver opens nodes and libraries at any time: the lock lets it, where the probes find the rest
    shut; else there is none, and the level says so.
    """
    if not gpu_is_there():
        return {}
    return {lock.SWITCH: lock.DEVICES if locked and _devices_are_proven() else lock.OFF}


@cache
def _devices_are_proven() -> bool:
    """Whether all but the devices is shut in the lock of such a child, tried once a process."""
    from checkers.isolation.probes import prove

    try:
        return prove(devices=True).level != "none"
    except RunError:
        return False


def _items(value: Any) -> Iterator[tuple[Any, Any]]:
    yield from value.items() if isinstance(value, dict) else ()


@contextmanager
def predicting(
    launch: Launch,
    choice: Choice = KERAS,
    *,
    seconds: float = ENGINE_SECONDS,
    ready: Child | None = None,
) -> Iterator[Predictor]:
    """A predictor for one model, which ends whatever happens.

    seconds: for the import, from now on. ready: a child that `launch` has started before.
    """
    child = ready or launch.start()
    child.allow(seconds)
    predictor = Predictor(child, choice, launch.backend, _others(launch, choice))
    with closing(predictor):
        yield predictor


def _others(launch: Launch, choice: Choice) -> list[Other]:
    """What is started, one after the other, where no GPU answers inside the lock for one.

    First one without a lock. Then, unless it was a GPU that was asked for, one that needs none and
    has the whole lock.
    """
    if not launch.may_use_a_gpu or not gpu_is_there():
        return []
    others: list[Other] = []
    if for_a_gpu().get(lock.SWITCH) == lock.DEVICES:
        others.append((choice, partial(launch.start, locked=False)))
    if launch.device == "auto":
        without = choice.without_a_gpu or choice
        others.append((without, replace(launch, engine=without.engine, device="cpu").start))
    return others

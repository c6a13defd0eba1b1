"""What the predicting children share: what they get, what they are asked, and how they fail."""

from __future__ import annotations

import math
import mmap
import os
import platform
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import Scale
from answers.errors import CompanionError, RunError
from answers.network.graph import Network
from answers.network.parameters import leaves
from checkers.engine.frames import Frame
from checkers.engine.service import Answer, serve, start, take_over

_SIDE, _PRODUCTS = 512, 6

Asks = dict[str, Answer]


def arrays(network: Network, descriptor: int) -> Iterator[NDArray[np.float32]]:
    """Each array of sealed memory, in the order of the leaves."""
    size = os.fstat(descriptor).st_size
    if size == 0:
        return
    with mmap.mmap(descriptor, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ) as memory:
        offset = 0
        for leaf in leaves(network):
            for weight in leaf.weights:
                end = offset + 4 * weight.size
                yield np.frombuffer(memory[offset:end], "<f4").reshape(weight.shape)
                offset = end


class Pictures:
    """The child's end of the memory in which pictures come.

    hands: where its descriptors are handed over.
    """

    def __init__(self, hands: int) -> None:
        self._hands = hands
        self._memory: int | None = None

    def of(self, frame: Frame) -> NDArray[Any]:
        """The pictures of a request, on 0–255: uint8 or float32."""
        header = frame.header
        kind, shape = np.dtype(header["dtype"]), tuple(header["shape"])
        return np.frombuffer(self._read(frame, kind.itemsize * math.prod(shape)), kind).reshape(
            shape
        )

    def _read(self, frame: Frame, size: int) -> bytes:
        if frame.header["handed"]:
            if self._memory is not None:
                os.close(self._memory)
            self._memory = take_over(self._hands)
        if self._memory is None:
            raise RunError("protocol", "The parent handed over no pictures.")
        return os.pread(self._memory, size, frame.header["at"])


def scale_of(frame: Frame) -> Scale:
    """How the pictures of a request become what the model was trained on."""
    return Scale.parse(frame.header["scale"])


_STYLES = re.compile(r"\x1b\[[0-9;]*m")  # Keras prints parts of its messages bold


def answer_all(asks: Callable[[int], Asks]) -> None:
    """Serve the parent: each frame says what it asks for.

    asks: what answers what, given the descriptor that others are handed over at.
    """
    begin = start()
    answers = asks(begin.hands) | {"products": _products}
    serve(begin.channel, lambda frame: answers[frame.header["ask"]](frame), _failed)


def _failed(error: Exception) -> CompanionError:
    said = " ".join(_STYLES.sub("", str(error)).split())
    return RunError(
        "engine-failed",
        f"The engine could not run the model: {type(error).__name__}: {said:.300}",
        hint="See whether the other engine runs it: --engine onnx, --engine keras.",
    )


def _products(_: Frame) -> Frame:
    return Frame({"products": _product_rate()})


def _product_rate() -> float:
    """MACs a second of matrix products on this machine: float32, all threads; the best of a few.

    What a prediction could reach at most: taken in the same process, some 10 ms.
    """
    matrix = np.ones((_SIDE, _SIDE), np.float32)
    best = math.inf
    for _ in range(_PRODUCTS):
        start = time.perf_counter()
        matrix @ matrix
        best = min(best, time.perf_counter() - start)
    return float(_SIDE**3 / best)


def processor() -> str:
    """What runs a model where no GPU does."""
    return f"CPU ({platform.machine()}, {os.cpu_count()} cores)"

"""What a predicting child gets: sealed weights, and batches of pictures."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import Scale
from answers.network.graph import Network
from answers.network.parameters import leaves
from checkers.engine.frames import Frame


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


def batch(frame: Frame) -> NDArray[np.float32]:
    """The pictures of a request, scaled as the input contract says."""
    header = frame.header
    values = np.frombuffer(frame.body, np.dtype(header["dtype"])).reshape(header["shape"])
    return Scale.parse(header["scale"]).apply(values)

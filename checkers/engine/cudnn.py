"""The arrays of layers that only Keras 2 has → those of today's: cuDNN's cells, batch renormalisation.

cuDNN keeps each gate's matrices transposed, and a bias for each of the two products. Source:
`_convert_rnn_weights` of Keras 2.2.4.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from answers.layers.base import Layer
from answers.layers.normalization import BatchNormalization
from answers.layers.recurrent import CuDNNGRU, CuDNNLSTM
from answers.layers.wrappers import Bidirectional, TimeDistributed

Arrays = list[NDArray[np.float32]]
_CUDNN = (CuDNNLSTM, CuDNNGRU)
_OF_RENORM = 3  # arrays at the end that only training uses
_ARRAYS = 3  # kernel, recurrent kernel and bias: these layers always have a bias


def as_plain(layer: Layer, arrays: Arrays) -> Arrays:
    """The arrays of a layer as today's Keras has them; those of any other layer as they are."""
    if isinstance(layer, TimeDistributed):
        return as_plain(layer.layer, arrays)
    if isinstance(layer, Bidirectional):
        # where neither is of cuDNN, nothing is turned, wherever the cut is
        cut = _ARRAYS if isinstance(layer.layer, _CUDNN) else len(arrays) - _ARRAYS
        return as_plain(layer.layer, arrays[:cut]) + as_plain(layer.backward, arrays[cut:])
    if isinstance(layer, BatchNormalization) and layer.renorm:
        return arrays[:-_OF_RENORM]
    if not isinstance(layer, _CUDNN):
        return arrays
    kernel, recurrent, bias = arrays
    both = bias.reshape(2, -1)
    return [
        _gate_by_gate(kernel, layer.gates, lambda k: k.T.reshape(k.shape, order="F")),
        _gate_by_gate(recurrent, layer.gates, np.transpose),
        both.sum(axis=0) if isinstance(layer, CuDNNLSTM) else both,
    ]


def _gate_by_gate(
    kernel: NDArray[np.float32],
    gates: int,
    change: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    return np.hstack([change(part) for part in np.hsplit(kernel, gates)])

"""How a file keeps the arrays of a layer, where that is not how the layer has them today.

Keras 1 keeps the gates of a recurrent layer apart, and some kernels with other axes; a file written
on Theano has its kernels turned round. Source: `preprocess_weights_for_loading` of Keras 2.2.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from answers.layers.base import Layer, Weight
from answers.layers.convolution import Conv1D, Conv2D, Conv2DTranspose, Conv3D
from answers.layers.convolved_steps import ConvLSTM2D
from answers.layers.recurrent import GRU, LSTM
from answers.layers.wrappers import Bidirectional, TimeDistributed

Arrays = list[NDArray[np.float32]]


@dataclass(frozen=True)
class Habits:
    """What the writer of a file did otherwise than today.

    deconvolution_in_out: the kernel of a Conv2DTranspose is (…, in, out).
    gates_apart: recurrent layers keep three arrays a gate. flat_rows: a Conv1D has the kernel
    (k, 1, in, out), or (out, in, k, 1) with flat_columns. turned: kernels are turned round.
    """

    deconvolution_in_out: bool = False
    gates_apart: bool = False
    flat_rows: bool = False
    flat_columns: bool = False
    turned: bool = False


def habits_of(*, is_keras1: bool, on_theano: bool) -> tuple[Habits, ...]:
    """What a file of this writer may look like; the likeliest first."""
    if not is_keras1:
        return (Habits(turned=on_theano),)
    return tuple(
        Habits(deconvolution_in_out=True, gates_apart=apart, flat_rows=rows, flat_columns=not rows)
        for rows in (True, False)
        for apart in (True, False)
    )


@dataclass(frozen=True)
class StoredForm:
    """The arrays of a layer as they lie in the file, and how they become the layer's own."""

    weights: tuple[Weight, ...]
    restore: Callable[[Arrays], Arrays]


def stored_form(layer: Layer, weights: tuple[Weight, ...], habits: Habits) -> StoredForm:
    """How a file with these habits keeps the `weights` of a layer."""
    if not weights:
        return StoredForm((), list)
    if isinstance(layer, TimeDistributed):
        return stored_form(layer.layer, weights, habits)
    if isinstance(layer, Bidirectional):
        return _both_ways(layer, weights, habits)
    if habits.gates_apart and isinstance(layer, LSTM | GRU | ConvLSTM2D):
        return _gates_apart(layer, weights)
    if habits.flat_rows and isinstance(layer, Conv1D):
        return _kernel(weights, (0, 3, 1, 2), lambda k: k[:, 0])
    if habits.flat_columns and isinstance(layer, Conv1D):
        return _kernel(weights, (2, 1, 0, 3), lambda k: k[..., 0].transpose(2, 1, 0))
    if habits.deconvolution_in_out and isinstance(layer, Conv2DTranspose):
        return _kernel(weights, (0, 1, 3, 2), lambda k: k.transpose(0, 1, 3, 2))
    if habits.turned and isinstance(layer, Conv1D | Conv2D | Conv3D | Conv2DTranspose):
        return StoredForm(weights, lambda arrays: [_turned(arrays[0]), *arrays[1:]])
    return StoredForm(weights, list)


def _both_ways(layer: Bidirectional, weights: tuple[Weight, ...], habits: Habits) -> StoredForm:
    half = len(weights) // 2
    forth = stored_form(layer.layer, weights[:half], habits)
    back = stored_form(layer.backward, weights[half:], habits)
    first = len(forth.weights)
    return StoredForm(
        forth.weights + back.weights,
        lambda arrays: forth.restore(arrays[:first]) + back.restore(arrays[first:]),
    )


def _kernel(
    weights: tuple[Weight, ...],
    order: tuple[int, ...],
    restore: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> StoredForm:
    """A kernel whose axes stand in another order; that of a row has one axis more, of size 1."""
    kernel, *rest = weights
    sizes = (*kernel.shape, 1)
    stored = Weight(kernel.name, tuple(sizes[axis] for axis in order), kernel.trainable)
    return StoredForm((stored, *rest), lambda arrays: [restore(arrays[0]), *arrays[1:]])


# The gates of Keras 1 in the order of its arrays → their order today.
_LSTM_GATES = (0, 2, 1, 3)  # i, c, f, o → i, f, c, o
_GRU_GATES = (0, 1, 2)  # z, r, h


def _gates_apart(layer: LSTM | GRU | ConvLSTM2D, weights: tuple[Weight, ...]) -> StoredForm:
    """Kernel, recurrent kernel and bias of one gate, then of the next."""
    order = _GRU_GATES if isinstance(layer, GRU) else _LSTM_GATES
    one = tuple(_part(weight, len(order)) for weight in weights)

    def restore(arrays: Arrays) -> Arrays:
        each = [arrays[number :: len(one)] for number in range(len(one))]
        return [np.concatenate([part[gate] for gate in order], axis=-1) for part in each]

    return StoredForm(one * len(order), restore)


def _part(weight: Weight, gates: int) -> Weight:
    *before, width = weight.shape
    return Weight(weight.name, (*before, width // gates), weight.trainable)


def _turned(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    return kernel[(slice(None, None, -1),) * (kernel.ndim - 2)]

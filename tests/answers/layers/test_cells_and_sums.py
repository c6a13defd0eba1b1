"""RNNs of cells, dense layers by an equation, SpectralNormalization: sizes against hand counts."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from answers.errors import InputError
from answers.layers.arithmetic import Reduction
from answers.layers.base import Layer, Shape
from answers.layers.convolution import Conv1D
from answers.layers.core import Dense, Flatten
from answers.layers.einsum import EinsumDense
from answers.layers.normalization import SpectralNormalization
from answers.layers.recurrent import GRU, LSTM, RNN, SimpleRNN, StackedRNNCells
from answers.layers.tensor_operations import Part, UnitLength
from answers.layers.wrappers import Bidirectional
from answers.network.document import from_json, to_json
from answers.network.graph import Network, Node, Tensor
from answers.notation.reading import parse

STACK = RNN(
    cell=StackedRNNCells(cells=(LSTM(units=2), GRU(units=4), SimpleRNN(units=5))),
    return_sequences=True,
)


@pytest.mark.parametrize(
    ("cell", "gates"), [(LSTM(units=5), 4), (GRU(units=5), 3), (SimpleRNN(units=5), 1)]
)
def test_an_rnn_of_one_cell_counts_as_the_layer_of_that_name(
    cell: LSTM | GRU | SimpleRNN, gates: int
) -> None:
    layer = RNN(cell=cell)
    assert layer.output_shape((7, 3)) == cell.output_shape((7, 3)) == (5,)
    assert [w.shape for w in layer.weights((7, 3))] == [w.shape for w in cell.weights((7, 3))]
    assert layer.macs((7, 3)) == cell.macs((7, 3)) == 7 * gates * 5 * (3 + 5)
    assert layer.taps((7, 3)) == cell.taps((7, 3))


def test_each_cell_of_a_stack_gets_what_the_one_below_it_gives() -> None:
    assert STACK.output_shape((7, 3)) == (7, 5)
    kernels = [w.shape for w in STACK.weights((7, 3)) if w.name == "kernel"]
    assert kernels == [(3, 8), (2, 12), (4, 5)]
    assert STACK.macs((7, 3)) == 7 * ((3 + 2) * 8 + (2 + 4) * 12 + (4 + 5) * 5)
    both = Bidirectional(layer=STACK)
    assert both.output_shape((7, 3)) == (7, 10)
    assert both.macs((7, 3)) == 2 * STACK.macs((7, 3))


# equation, output, input, the kernel, what comes out
SUMS: list[tuple[str, tuple[int | None, ...], Shape, Shape, Shape]] = [
    ("ab,bc->ac", (5,), (3,), (3, 5), (5,)),
    ("abc,cd->abd", (None, 5), (4, 3), (3, 5), (4, 5)),
    ("abc,cde->abde", (None, 5, 2), (4, 3), (3, 5, 2), (4, 5, 2)),
    ("abcd,cde->abe", (None, 6), (4, 3, 2), (3, 2, 6), (4, 6)),
    ("abc,bcd->abd", (4, 5), (4, 3), (4, 3, 5), (4, 5)),
    ("abc,bd->acd", (None, 5), (4, 3), (4, 5), (3, 5)),
]


@pytest.mark.parametrize(
    ("equation", "sizes", "given", "kernel", "out"), SUMS, ids=[row[0] for row in SUMS]
)
def test_a_dense_layer_by_an_equation_multiplies_what_numpy_does(
    equation: str, sizes: tuple[int | None, ...], given: Shape, kernel: Shape, out: Shape
) -> None:
    layer = EinsumDense(equation=equation, output_sizes=sizes)
    assert layer.output_shape(given) == out
    assert [weight.shape for weight in layer.weights(given)] == [kernel]
    x, w = np.ones((1, *map(int, map(_known, given)))), np.ones(tuple(map(_known, kernel)))
    made = np.einsum(equation, x, w)  # of ones: each output is the number of its products
    assert made.shape[1:] == out
    assert layer.macs(given) == int(made.sum())
    assert prod(map(_known, kernel)) == layer.weights(given)[0].size


def _known(size: object) -> int:
    assert isinstance(size, int)
    return size


def test_the_open_axes_of_an_equation_stay_in_front() -> None:
    layer = EinsumDense(equation="...x,xy->...y", output_sizes=5, bias_axes="y")
    assert layer.output_shape((4, 2, 3)) == (4, 2, 5)
    assert [weight.shape for weight in layer.weights((4, 2, 3))] == [(3, 5), (5,)]
    assert layer.macs((4, 2, 3)) == 8 * 15


def test_a_bias_differs_along_its_axes_alone() -> None:
    layer = EinsumDense(equation="abc,bcd->abd", output_sizes=(4, 5), bias_axes="b")
    assert [weight.shape for weight in layer.weights((4, 3))] == [(4, 3, 5), (4, 1)]


def test_spectral_normalization_is_its_layer_with_one_array_more() -> None:
    inner = Conv1D(filters=4, kernel_size=(3,))
    layer = SpectralNormalization(layer=inner)
    assert layer.output_shape((9, 2)) == inner.output_shape((9, 2))
    assert layer.macs((9, 2)) == inner.macs((9, 2))
    assert layer.taps((9, 2)) == inner.taps((9, 2))
    found = {weight.name: (weight.shape, weight.trainable) for weight in layer.weights((9, 2))}
    assert found == {
        "kernel": ((3, 2, 4), True),
        "vector_u": ((1, 4), False),
        "bias": ((4,), True),
    }


@pytest.mark.parametrize(
    "layer",
    [
        STACK,
        EinsumDense(equation="abc,cd->abd", output_sizes=(None, 5), bias_axes="d"),
        SpectralNormalization(layer=Dense(units=3)),
    ],
    ids=lambda layer: layer.kind,
)
def test_a_document_gives_the_layer_back(layer: Layer) -> None:
    given = parse("in 7x3: identity").by_name
    first = next(iter(given.values()))
    nodes = (first, Node("own", layer, ((Tensor(first.name),),)))
    network = Network("n", "Functional", nodes, (Tensor(first.name),), (Tensor("own"),), ("o",))
    assert from_json(to_json(network)) == network


MISTAKES = [
    (lambda: StackedRNNCells(cells=()), "1 to 64 cells, not 0"),
    (lambda: StackedRNNCells(cells=(LSTM(units=1),) * 65), "1 to 64 cells, not 65"),
    (lambda: RNN(cell=Dense(units=2)), "RNN.cell must be"),  # type: ignore[arg-type]  # the mistake
    (lambda: SpectralNormalization(layer=Flatten()), "has no kernel"),
    (lambda: EinsumDense(equation="ab,bc", output_sizes=2), "can't be read"),
    (lambda: EinsumDense(equation="aab,bc->ac", output_sizes=2), "can't be read"),
    (lambda: EinsumDense(equation="ab,bc->ad", output_sizes=2), "can't be read"),
    (lambda: EinsumDense(equation="ab...,bc->ac...", output_sizes=2), "can't be read"),
    (lambda: EinsumDense(equation="ab,bc,cd->ad", output_sizes=2), "two inputs"),
    (lambda: EinsumDense(equation="ab,ac->bc", output_sizes=2), "mixes the pictures"),
    (lambda: EinsumDense(equation="ab,bc->c", output_sizes=2), "mixes the pictures"),
    (lambda: EinsumDense(equation="ab,bc->ac", output_sizes=2, bias_axes="a"), "are no axes"),
    (lambda: EinsumDense(equation="ab,bc->ac", output_sizes=2, bias_axes="cc"), "are no axes"),
    (lambda: EinsumDense(equation="ab,bcd->ac", output_sizes=2), "stands nowhere else"),
    (lambda: EinsumDense(equation="," * 10**6 + "->", output_sizes=2), "can't be read"),
    (lambda: Reduction(axis=()), "needs an axis"),
    (lambda: UnitLength(axis=()), "needs an axis"),
    (lambda: UnitLength(epsilon=0.0), "an epsilon above 0"),
    (lambda: Part(axis=1, sections=tuple(range(1, 300))), "cut at 256 places at most"),
]


@pytest.mark.parametrize(
    ("make", "words"), MISTAKES, ids=[row[1] + str(n) for n, row in enumerate(MISTAKES)]
)
def test_settings_that_say_nothing_are_refused(make: object, words: str) -> None:
    assert callable(make)
    with pytest.raises(InputError, match=words):
        make()


@pytest.mark.parametrize(
    ("layer", "given", "words"),
    [
        (EinsumDense(equation="abc,cd->abd", output_sizes=(None, 5)), (4,), "does not fit"),
        (EinsumDense(equation="abc,cd->abd", output_sizes=(3, 5)), (4, 3), "does not fit the axes"),
        (EinsumDense(equation="abc,cd->abd", output_sizes=5), (4, 3), "does not fit the axes"),
        (EinsumDense(equation="...x,xy->...y", output_sizes=(4, 5)), (4, 3), "does not fit"),
        (EinsumDense(equation="abc,cd->abd", output_sizes=(None, 5)), (4, None), "is left open"),
        (
            EinsumDense(equation="abc,cde->abde", output_sizes=(None, 2**40, 2**40)),
            (4, 3),
            "too large",
        ),
        (STACK, (4, None), "is left open"),
        (STACK, (4,), "spatial sizes and channels"),
    ],
    ids=[
        "rank",
        "another size",
        "one size",
        "too many",
        "open",
        "large",
        "open cells",
        "cells of a vector",
    ],
)
def test_an_input_that_does_not_fit_is_refused(layer: Layer, given: Shape, words: str) -> None:
    def built() -> object:
        return layer.output_shape(given), layer.weights(given)

    with pytest.raises(InputError, match=words):
        built()

"""The smallest input of a network, against trying every size."""

from __future__ import annotations

import time
from itertools import product
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_chain import chain, conv, entry, graph, node

from answers.errors import InputError
from answers.layers.convolution import Conv1D, Conv2DTranspose
from answers.layers.core import Dense, Flatten
from answers.layers.merging import Add
from answers.layers.pooling import MaxPooling2D
from answers.network.graph import Network
from answers.network.shapes import output_shapes
from answers.solving.smallest_input import smallest_input, smallest_letter

n = sympy.Symbol("n", integer=True, positive=True)


def fits(network: Network, sizes: tuple[int, ...]) -> bool:
    try:
        output_shapes(network, ((*sizes, 3),))
    except InputError:
        return False
    return True


def window(kernel: tuple[int, int], stride: int, dilation: int) -> Any:
    return conv(2, kernel, strides=stride, dilation_rate=dilation if stride == 1 else 1)


WINDOWS = st.builds(
    window, st.tuples(st.integers(1, 3), st.integers(1, 3)), st.integers(1, 2), st.integers(1, 2)
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.one_of(WINDOWS, st.just(MaxPooling2D())), min_size=1, max_size=3))
def test_no_smaller_size_of_an_axis_has_an_output(layers: list[Any]) -> None:
    network = chain((None, None, 3), *layers)
    sizes = smallest_input(network).sizes
    assert sizes is not None
    works = {pair for pair in product(range(1, 26), repeat=2) if fits(network, pair)}
    assert sizes == (min(a for a, _ in works), min(b for _, b in works))


def test_the_homeworks_network_without_padding_needs_22() -> None:
    layers: list[Any] = []
    for filters in (16, 32, 64):
        layers += [conv(filters), MaxPooling2D()]
    found = smallest_input(chain((32, 32, 3), *layers, Flatten(), Dense(units=10)))
    assert found.sizes == (22, 22)  # 22 → 20 → 10 → 8 → 4 → 2 → 1
    assert found.output == (10,)
    assert found.answer == "22x22: the network gives 10."
    assert "With 21x21 it is not enough. maxpooling2d_6:" in found.steps[0].rule


def test_a_skip_that_fits_only_some_sizes_is_said() -> None:
    up = Conv2DTranspose(filters=3, kernel_size=(2, 2), strides=(2, 2))
    net = graph(
        entry(None, None, 3),
        node("pool", MaxPooling2D(), "in"),
        node("up", up, "pool"),
        node("add", Add(), "up in"),
    )
    found = smallest_input(net)
    assert found.sizes == (2, 2)
    assert found.next_fails
    assert "Not every larger size does" in found.answer


def test_one_axis_is_enough() -> None:
    found = smallest_input(chain((None, 3), Conv1D(filters=2, kernel_size=(5,))))
    assert (found.sizes, found.output) == ((5,), (1, 2))


def test_large_sizes_are_found_by_doubling() -> None:
    found = smallest_input(chain((None, None, 3), *(conv(2, 101) for _ in range(40))))
    assert found.sizes == (4001, 4001)


def test_nested_networks_are_opened_too() -> None:
    inner = chain((9, 9, 3), conv(4, 5))
    net = graph(entry(9, 9, 3), node("inner", inner, "in"), node("last", conv(2), "inner"))
    assert smallest_input(net).sizes == (7, 7)


def test_a_network_that_fits_nothing_says_so_in_bounded_time() -> None:
    net = graph(entry(None, None, 3), node("crop", conv(3, 2), "in"), node("add", Add(), "crop in"))
    before = time.process_time()
    found = smallest_input(net)
    assert time.process_time() - before < 10
    # a sum stretches an axis of size 1, so 2 → 1 fits 2
    assert found.sizes == (2, 2)


def test_a_kernel_of_10_to_the_15_is_answered() -> None:
    assert smallest_input(chain((None, None, 3), conv(2, 10**15))).sizes is None


def test_flat_inputs_and_letters_are_no_question() -> None:
    with pytest.raises(InputError, match="no spatial sizes"):
        smallest_input(chain((784,), Dense(units=3)))
    with pytest.raises(InputError, match="Give n a number"):
        smallest_input(chain((8, 8, 3), conv(n)))


def test_the_smallest_value_of_a_letter_leaves_every_layer_something() -> None:
    assert smallest_letter(chain((n, n, 3), conv(16), conv(32)), "n") == 5
    assert smallest_letter(chain((n, 2 * n, 3), conv(16, 7)), "n") == 7

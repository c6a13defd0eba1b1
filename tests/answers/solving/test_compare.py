"""Two networks side by side, with the homework's locally connected pair first."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from corpus import load_json
from layer_chain import chain, conv, entry, graph, node

from answers.layers.convolution import SeparableConv2D
from answers.layers.locally_connected import LocallyConnected2D
from answers.layers.merging import Add
from answers.layers.normalization import BatchNormalization
from answers.layers.unknown import Unknown
from answers.network.graph import Network
from answers.solving.compare import compare, ratio_of

n = sympy.Symbol("n", integer=True, positive=True)


def local(size: Any) -> Network:
    layers = (LocallyConnected2D(filters=f, kernel_size=(3, 3)) for f in (16, 32))
    return chain((size, size, 3), *layers)


def shared(size: Any) -> Network:
    return chain((size, size, 3), conv(16), conv(32))


def test_the_homeworks_pair_at_n_32_differs_by_exactly_126280_159() -> None:
    found = compare(local(32), shared(32))
    assert found.parameters.ratio == Fraction(126280, 159)
    assert found.parameters.first == 403_200 + 3_637_760
    assert found.parameters.difference == 403_200 + 3_637_760 - 5_088
    assert found.macs.ratio == 1
    assert found.same_output
    assert found.first.field == found.second.field == (5, 5)
    assert found.parameters.crossing is None


def test_the_homeworks_pair_as_functions_of_n() -> None:
    found = compare(local(n), shared(n))
    difference: Any = found.parameters.difference
    assert sympy.expand(difference - (5088 * n**2 - 38912 * n + 76032 - 5088)) == 0
    ratio: Any = found.parameters.ratio
    assert ratio.subs(n, 32) == sympy.Rational(126280, 159)
    crossing = found.parameters.crossing
    assert crossing is not None
    assert crossing.start == 5  # a smaller picture leaves nothing
    assert [turn.smaller for turn in crossing.stretches] == ["second"]
    assert found.macs.crossing is not None
    assert found.macs.crossing.always_equal


@pytest.mark.corpus
def test_the_pair_agrees_with_the_reference_file() -> None:
    facts = load_json("reference/homework-facts.json")["two_locally_connected"]
    found = compare(local(32), shared(32))
    assert str(found.parameters.ratio) == facts["ratio_to_shared_n_32"]
    for size, parts in facts["tf_keras_2_12_count_params"].items():
        assert compare(local(int(size)), shared(int(size))).parameters.first == sum(parts)


def test_a_dense_alternative_is_cheaper_for_small_pictures_only() -> None:
    wide = chain((n, n, 3), LocallyConnected2D(filters=1, kernel_size=(3, 3)))  # 28·(n − 2)²
    deep = chain((n, n, 3), conv(100))  # 2,800
    crossing = compare(wide, deep).parameters.crossing
    assert crossing is not None
    assert crossing.equal_at == (12,)  # (n − 2)² = 100
    assert [(turn.first, turn.smaller) for turn in crossing.stretches] == [
        (3, "first"),
        (12, "neither"),
        (13, "second"),
    ]


def test_networks_with_different_outputs_are_compared_all_the_same() -> None:
    found = compare(chain((9, 9, 4), conv(8)), chain((9, 9, 4), SeparableConv2D(filters=6, kernel_size=(3, 3))))  # fmt: skip
    assert not found.same_output
    assert found.parameters.first - found.parameters.second == 296 - 66


def test_without_work_there_is_no_ratio() -> None:
    found = compare(chain((9, 9, 4), conv(8)), chain((9, 9, 4), BatchNormalization()))
    assert found.macs.ratio is None


def test_a_layer_without_a_rule_makes_the_numbers_lower_bounds() -> None:
    unknown = chain((9, 9, 4), conv(8), Unknown(class_name="Mystery"))
    found = compare(unknown, chain((9, 9, 4), conv(8)))
    assert found.parameters.at_least
    assert found.first.outputs == (None,)
    assert found.parameters.first == 296


def test_branches_of_different_jumps_have_no_field() -> None:
    strided = conv(3, 3, strides=2, padding="same")
    net = graph(
        entry(1, 1, 3), node("a", strided, "in"), node("b", strided, "a"), node("add", Add(), "a b")
    )
    assert compare(net, net).first.field is None


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [(6, 4, Fraction(3, 2)), (0, 4, Fraction(0)), (4, 0, None), (6 * n, 4 * n, Fraction(3, 2))],
)
def test_a_ratio_is_exact(first: Any, second: Any, ratio: Any) -> None:
    assert ratio_of(first, second) == ratio

"""Fields against what was measured on real Keras networks, pixel by pixel."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from corpus import load_json
from reference_networks import OPS, reference_network

from answers.network.graph import Tensor
from answers.receptive_field.field import AxisField
from answers.receptive_field.influence import influence
from answers.receptive_field.positions import Seen, positions
from answers.receptive_field.walk import fields, receptive_field

pytestmark = pytest.mark.corpus

MEASURED = (load_json("reference/rf_measured.json") or {"cases": []})["cases"]
ANCHORS = (load_json("reference/anchor_cases.json") or {"cases": []})["cases"]
by_name = pytest.mark.parametrize("case", MEASURED, ids=[c["network"]["name"] for c in MEASURED])
PICTURES = [case for case in MEASURED if case["network"]["rank"] == 2]
by_picture = pytest.mark.parametrize("case", PICTURES, ids=[c["network"]["name"] for c in PICTURES])
by_anchor = pytest.mark.parametrize("case", ANCHORS, ids=[case["name"] for case in ANCHORS])


def rows_of(axis: tuple[Seen | None, ...]) -> list[list[int] | None]:
    return [None if seen is None else [seen.first, seen.last, seen.count] for seen in axis]


def both(entry: dict[str, Any]) -> list[Any]:
    """The reference writes 'same as rows' where it is."""
    rows, columns = entry["rows"], entry["columns"]
    return [rows, rows if isinstance(columns, str) else columns]


def test_every_operation_of_the_reference_networks_is_one_of_ours() -> None:
    # none has to be left out: what Keras 3 has no layer for (locally connected) is ours as well
    operations = {row["op"] for case in (*MEASURED, *ANCHORS) for row in case["network"]["layers"]}
    assert operations - {"shared"} <= set(OPS)


@by_name
def test_every_position_reads_what_was_measured(case: dict[str, Any]) -> None:
    seen = positions(reference_network(case["network"]))
    assert [rows_of(axis) for axis in seen.axes] == case["measured"]["axes"]


@by_name
def test_away_from_the_borders_the_interior_field_holds_exactly(case: dict[str, Any]) -> None:
    rank = case["network"]["rank"]
    sizes = [size + MARGIN * 4 for size in case["network"]["input"][:rank]]
    network = reference_network(case["network"], tuple(sizes))
    field, seen = receptive_field(network), positions(network)
    for axis, found, size in zip(field.axes, seen.axes, sizes, strict=True):
        ends = [number for number in range(len(found)) if is_inside(axis, number, size)]
        inner = range(ends[0], ends[-1] + 1)
        assert len(inner) > len(found) // 4
        assert [rows_of((found[number],))[0] for number in inner] == [
            unit_row(axis, number) for number in inner
        ]


MARGIN = 120  # larger than any of these fields, so that no tap on the way meets an end


def is_inside(axis: AxisField, number: int, size: int) -> bool:
    row = unit_row(axis, number)
    return row is not None and (row[0] >= MARGIN and row[1] < size - MARGIN)


def unit_row(axis: AxisField, number: int) -> list[int] | None:
    assert axis.spread is not None
    reach = axis.spread.unit(number)
    if reach is None:
        return None
    assert reach.count is not None
    return [reach.first, reach.last, reach.count]


@by_picture
def test_the_middle_unit_depends_on_as_many_pixels_as_were_measured(case: dict[str, Any]) -> None:
    measured = case["measured"]
    network = reference_network(case["network"])
    found = influence(network, tuple(measured["centre_output"]))
    assert found.count == measured["centre_influencing_pixels"]
    assert found.exact


def all_units_are_products(case: dict[str, Any], shape: list[int]) -> bool:
    network = reference_network(case["network"])
    units = [(row, column) for row in range(shape[0]) for column in range(shape[1])]
    return all(influence(network, unit).is_product_of_axes for unit in units)


@pytest.mark.slow
@by_picture
def test_a_field_is_a_rectangle_where_that_was_measured(case: dict[str, Any]) -> None:
    measured = case["measured"]
    found = all_units_are_products(case, measured["output_shape"])
    assert found == measured["influence_is_product_of_axes"]


@by_anchor
def test_an_anchor_reads_what_was_measured_at_every_position(case: dict[str, Any]) -> None:
    truth, seen = case["truth"], positions(reference_network(case["network"]))
    assert [rows_of(axis) for axis in seen.axes] == both(truth["interval_per_output"])
    assert list(seen.largest) == truth["receptive_field"]


@by_anchor
def test_the_middle_unit_of_an_anchor(case: dict[str, Any]) -> None:
    truth, network = case["truth"], reference_network(case["network"])
    found = influence(network, tuple(truth["centre_output"] or ()))
    assert found.count == truth["centre_influencing_pixels"]
    assert found.is_product_of_axes == truth["influence_is_product_of_axes"]
    assert found.count == len(set(found.area))


@by_anchor
def test_the_interior_of_an_anchor(case: dict[str, Any]) -> None:
    field = receptive_field(reference_network(case["network"]))
    for axis, known in zip(field.axes, both(case["truth"]["interior"]), strict=True):
        if known is None:
            assert axis.whole or axis.larger_than_input
        else:
            assert_interior(axis, known)


def assert_interior(axis: AxisField, known: dict[str, Any]) -> None:
    spread = axis.spread
    assert spread is not None
    assert axis.period == known["period"]
    assert axis.jump == known["jump"]
    for offset, phase in known["phases"].items():
        reach = spread.phases[int(offset)]
        if phase is None:
            assert reach is None
            continue
        assert reach is not None
        assert (reach.size, reach.count) == (phase["size"], phase["count"])
        start = Fraction(phase["first_minus_jump_x_output"])
        assert reach.first - int(offset) * Fraction(known["jump"]) == start


HOMEWORK = {
    "vgg_pair_valid": (5, 5),
    "inception_residual": (5, 5),
    "locally_connected": (5, 5),
}


@pytest.mark.parametrize("name", HOMEWORK)
def test_the_homework_sees_five_by_five(name: str) -> None:
    case = next(case for case in ANCHORS if case["name"] == name)
    assert receptive_field(reference_network(case["network"])).sizes == HOMEWORK[name]


def test_the_homework_network_sees_22_before_it_is_flattened_and_everything_after() -> None:
    case = next(case for case in ANCHORS if case["name"] == "cifar_homework")
    found = fields(reference_network(case["network"]))
    before, flat, after = (found.of(Tensor(name)) for name in ("p3", "f", "d1"))
    assert before is not None
    assert flat is not None
    assert after is not None
    assert before.sizes == (22, 22)
    assert not before.whole
    assert (flat.flattened, flat.whole) == ("f", False)
    assert after.whole
    assert after.axes[0].whole == "d1 (Dense)"
    assert after.sizes == (22, 22)

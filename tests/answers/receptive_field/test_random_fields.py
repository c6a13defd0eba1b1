"""Fields of random networks against a naive evaluation with sets of positions."""

from __future__ import annotations

from itertools import product
from typing import Any

import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_networks import reference_network

from answers.errors import InputError
from answers.layers.convolution import Conv1D
from answers.layers.core import InputLayer
from answers.network.graph import Network, Node, Tensor
from answers.network.shapes import output_shapes
from answers.receptive_field.influence import influence
from answers.receptive_field.positions import positions
from answers.receptive_field.walk import receptive_field

Place = tuple[int, ...]
Read = dict[Place, frozenset[Place]]  # what each position reads of the input
calm = settings(max_examples=60, deadline=None)


# --- the naive evaluation: one rule an axis, then all combinations ------------------------------


def axis_rule(row: dict[str, Any], axis: int, size: int) -> list[list[int]]:
    """For each output position of an axis the positions it reads, padding included."""
    op = row["op"]
    if op in ("conv", "max_pool"):
        kernel = (row.get("kernel") or row["pool"])[axis]
        stride = row["strides"][axis]
        dilation = row.get("dilation", [1, 1])[axis]
        return window(size, kernel, stride, dilation, same=row["padding"] == "same")
    if op == "conv_transpose":
        return transposed(size, row["kernel"][axis], row["strides"][axis])
    if op == "upsample":
        factor = row["size"][axis]
        return [[i // factor] for i in range(size * factor)]
    if op == "zero_pad":
        before, after = row["padding"][axis]
        return [[i - before] for i in range(size + before + after)]
    raise AssertionError(op)


def window(size: int, kernel: int, stride: int, dilation: int, *, same: bool) -> list[list[int]]:
    reach = (kernel - 1) * dilation + 1
    if same:
        units = (size + stride - 1) // stride
        before = max((units - 1) * stride + reach - size, 0) // 2
    else:
        units, before = (size - reach) // stride + 1, 0
    return [[i * stride - before + t * dilation for t in range(kernel)] for i in range(units)]


def transposed(size: int, kernel: int, stride: int) -> list[list[int]]:
    """'same': input i writes to the outputs i·stride − before + t."""
    units = size * stride
    before = max((size - 1) * stride + kernel - units, 0) // 2
    read: list[list[int]] = [[] for _ in range(units)]
    for i, t in product(range(size), range(kernel)):
        if 0 <= i * stride - before + t < units:
            read[i * stride - before + t].append(i)
    return read


def naive(document: dict[str, Any]) -> Read:
    rank, sizes = document["rank"], {"input": tuple(document["input"][: document["rank"]])}
    grid = product(*map(range, sizes["input"]))
    reads: dict[str, Read] = {"input": {place: frozenset([place]) for place in grid}}
    for row in document["layers"]:
        sources = row["from"]
        if row["op"] in ("add", "concat"):
            reads[row["id"]] = {
                place: frozenset().union(*(reads[source][place] for source in sources))
                for place in reads[sources[0]]
            }
            sizes[row["id"]] = sizes[sources[0]]
            continue
        below = reads[sources[0]]
        rules = [axis_rule(row, axis, sizes[sources[0]][axis]) for axis in range(rank)]
        sizes[row["id"]] = tuple(map(len, rules))
        reads[row["id"]] = {
            place: frozenset().union(
                *(below.get(tap, frozenset()) for tap in product(*taps_at(rules, place)))
            )
            for place in product(*map(range, sizes[row["id"]]))
        }
    return reads[document["output"]]


def taps_at(rules: list[list[list[int]]], place: Place) -> list[list[int]]:
    return [rule[unit] for rule, unit in zip(rules, place, strict=True)]


# --- random networks ----------------------------------------------------------------------------


@st.composite
def plain_layer(draw: st.DrawFn, rank: int, name: str, source: str) -> dict[str, Any]:
    op = draw(
        st.sampled_from(["conv", "conv", "max_pool", "conv_transpose", "upsample", "zero_pad"])
    )
    row: dict[str, Any] = {"id": name, "op": op, "from": [source]}
    small = st.lists(st.integers(1, 3), min_size=rank, max_size=rank)
    if op == "zero_pad":
        sides = st.lists(st.integers(0, 2), min_size=2, max_size=2)
        return row | {"padding": draw(st.lists(sides, min_size=rank, max_size=rank))}
    if op == "upsample":
        return row | {"size": draw(small)}
    row |= {"strides": draw(small), "padding": draw(st.sampled_from(["same", "valid"]))}
    if op == "max_pool":
        return row | {"pool": draw(small)}
    row |= {"kernel": draw(st.lists(st.integers(1, 4), min_size=rank, max_size=rank)), "filters": 1}
    if op == "conv_transpose":
        return row | {"padding": "same"}
    if row["strides"] == [1] * rank:
        row |= {"dilation": draw(small)}
    return row


def branch_layers(draw: st.DrawFn, rank: int, name: str, source: str) -> list[dict[str, Any]]:
    """Two branches that keep the size, and their sum with what they come from."""
    kernels = st.lists(st.integers(1, 4), min_size=rank, max_size=rank)
    rows = [
        {
            "id": f"{name}{letter}",
            "op": "conv",
            "from": [source],
            "kernel": draw(kernels),
            "strides": [1] * rank,
            "dilation": draw(st.lists(st.integers(1, 2), min_size=rank, max_size=rank)),
            "padding": "same",
            "filters": 1,
        }
        for letter in "ab"
    ]
    joined = [f"{name}a", f"{name}b"] + ([source] if draw(st.booleans()) else [])
    return [*rows, {"id": name, "op": "concat", "from": joined}]


@st.composite
def documents(draw: st.DrawFn, rank: int) -> dict[str, Any]:
    size = st.integers(5, 14 if rank == 1 else 8)
    sizes = draw(st.lists(size, min_size=rank, max_size=rank))
    layers: list[dict[str, Any]] = []
    source = "input"
    for number in range(draw(st.integers(1, 4 if rank == 1 else 3))):
        name = f"l{number}"
        if draw(st.integers(0, 3)) == 0:
            layers += branch_layers(draw, rank, name, source)
        else:
            layers.append(draw(plain_layer(rank, name, source)))
        source = name
    return {"rank": rank, "input": [*sizes, 1], "layers": layers, "output": source}


def built(document: dict[str, Any]) -> tuple[Network, Read] | None:
    """None where a window does not fit: Keras has no such network either."""
    network = reference_network(document)
    try:
        output_shapes(network)
    except InputError:
        return None
    return network, naive(document)


@calm
@given(documents(1))
def test_along_one_axis_every_position_reads_what_a_naive_evaluation_says(
    document: dict[str, Any],
) -> None:
    pair = built(document)
    if pair is None:
        return
    network, reads = pair
    seen = positions(network).axes[0]
    assert len(seen) == len(reads)
    for (unit,), read in reads.items():
        found, places = seen[unit], sorted(place for (place,) in read)
        if not places:
            assert found is None
            continue
        assert found is not None
        assert (found.first, found.last, found.count) == (places[0], places[-1], len(places))


@calm
@given(documents(2), st.data())
def test_a_unit_of_a_picture_depends_on_exactly_the_naive_set(
    document: dict[str, Any], data: st.DataObject
) -> None:
    pair = built(document)
    if pair is None:
        return
    network, reads = pair
    unit = data.draw(st.sampled_from(sorted(reads)))
    found = influence(network, unit)
    assert set(found.area) == reads[unit]
    assert found.count == len(reads[unit])
    assert all(place in found.area for place in reads[unit])
    rows, columns = ({place[axis] for place in reads[unit]} for axis in (0, 1))
    assert found.is_product_of_axes == (reads[unit] == set(product(rows, columns)))


@calm
@given(documents(2))
def test_the_intervals_of_a_picture_are_the_shadows_of_the_naive_sets(
    document: dict[str, Any],
) -> None:
    pair = built(document)
    if pair is None:
        return
    network, reads = pair
    for axis, seen in enumerate(positions(network).axes):
        shadows: list[set[int]] = [set() for _ in seen]
        for place, read in reads.items():
            shadows[place[axis]] |= {one[axis] for one in read}
        expected = [(min(s), max(s), len(s)) if s else None for s in shadows]
        assert [s and (s.first, s.last, s.count) for s in seen] == expected


@calm
@given(documents(1))
def test_the_interior_field_is_the_naive_set_far_from_the_borders(
    document: dict[str, Any],
) -> None:
    wide = document | {"input": [420, 1]}
    network = reference_network(wide)
    spread = receptive_field(network).axes[0].spread
    assert spread is not None
    reads = naive(wide)
    middle = len(reads) // 2
    for unit in range(middle, min(middle + 2 * spread.period, middle + 60)):
        reach = spread.unit(unit)
        places = sorted(place for (place,) in reads[unit,])
        if reach is None:
            assert not places
            continue
        assert reach.bits is not None
        bits = [reach.first + t for t in range(reach.bits.bit_length()) if reach.bits >> t & 1]
        assert bits == places


# --- symbols ------------------------------------------------------------------------------------

k, s, d = sympy.symbols("k s d", integer=True, positive=True)
Setting = tuple[Any, Any, Any]  # kernel, stride, dilation


def chain(settings_: list[Setting], padding: str = "valid") -> Network:
    nodes = [Node("in", InputLayer(shape=(None, 1)), ((),))]
    for number, (kernel, stride, dilation) in enumerate(settings_):
        layer = Conv1D(
            filters=1,
            kernel_size=kernel,
            strides=stride,
            dilation_rate=dilation,
            padding=padding,  # type: ignore[arg-type]  # one of Keras's words
        )
        nodes.append(Node(f"c{number}", layer, ((Tensor(nodes[-1].name),),)))
    end = (Tensor(nodes[-1].name),)
    return Network("chain", "Sequential", tuple(nodes), (Tensor("in"),), end, ("out",))


settings_of = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from([k, k + 1, 2 * k - 1, 3]), st.sampled_from([s, 2, 1]), st.just(1)
        ),
        st.tuples(st.sampled_from([k, k + 1, 2]), st.just(1), st.sampled_from([d, 2])),
    ),
    min_size=1,
    max_size=4,
)


def number(value: Any, values: dict[Any, int]) -> int:
    return int(sympy.Integer(value) if isinstance(value, int) else value.subs(values))


@calm
@given(settings_of, st.integers(1, 5), st.integers(1, 3), st.integers(1, 3))
def test_a_symbolic_field_with_numbers_put_in_is_the_numeric_field(
    settings_: list[Setting], kernel: int, stride: int, dilation: int
) -> None:
    values = {k: kernel, s: stride, d: dilation}
    axis = receptive_field(chain(settings_)).axes[0]
    numeric = [tuple(number(value, values) for value in setting) for setting in settings_]
    known = receptive_field(chain(numeric)).axes[0]  # type: ignore[arg-type]  # three numbers each
    assert number(axis.size, values) == known.size
    assert number(axis.start, values) == known.start
    assert axis.spread is not None
    assert str(number(axis.spread.step, values)) == known.jump


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3)), min_size=1, max_size=3))
def test_an_open_size_has_a_start_for_each_of_its_rests(pairs: list[tuple[int, int]]) -> None:
    settings_ = [(kernel, stride, 1) for kernel, stride in pairs]
    axis = receptive_field(chain(settings_, "same")).axes[0]
    for size in range(200, 203 + int(axis.jump or 0)):
        known = receptive_field(chain(settings_, "same"), inputs=((size, 1),)).axes[0]
        assert axis.size == known.size
        starts: list[int | None] = [
            part.spread.phases[0].first
            for part in axis.classes
            if part.spread and part.spread.phases[0] and size % part.modulus in part.rests
        ]
        assert (starts or [axis.start]) == [known.start]


def test_a_window_that_finds_padding_only_along_one_axis_reads_nothing_along_the_other() -> None:
    row = {
        "id": "c",
        "op": "conv",
        "from": ["input"],
        "kernel": [3, 2],
        "strides": [1, 1],
        "dilation": [1, 2],
        "padding": "same",
        "filters": 1,
    }
    document = {"rank": 2, "input": [5, 1, 1], "layers": [row], "output": "c"}
    assert positions(reference_network(document)).axes == ((None,) * 5, (None,))
    assert not any(naive(document).values())

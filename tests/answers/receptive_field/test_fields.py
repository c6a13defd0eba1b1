"""What a field says: global layers, open sizes, several inputs, nesting, and what goes wrong."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
import sympy

from answers.errors import InputError
from answers.layers.base import Layer, Shape
from answers.layers.convolution import Conv1D, Conv1DTranspose, Conv2D, Conv2DTranspose
from answers.layers.core import Dense, Flatten, InputLayer, Reshape
from answers.layers.embedding import Embedding
from answers.layers.merging import Add, Concatenate, Multiply
from answers.layers.pooling import (
    AdaptiveAveragePooling2D,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from answers.layers.resampling import CenterCrop, Cropping2D, Resizing, ZeroPadding2D
from answers.layers.unknown import Unknown
from answers.network.graph import Network, Node, Tensor
from answers.receptive_field.field import AxisField, Field, phases_of
from answers.receptive_field.influence import Area, box, influence
from answers.receptive_field.positions import positions
from answers.receptive_field.walk import fields, receptive_field

PICTURE: Shape = (32, 32, 3)


@dataclass(frozen=True)
class Part:
    layer: Layer | Network
    sources: tuple[str, ...]


def conv(kernel: Any = 3, **more: Any) -> Conv2D:
    return Conv2D(**({"filters": 3, "kernel_size": kernel, "padding": "same"} | more))


def transposed(kernel: int, stride: int, **more: Any) -> Conv2DTranspose:
    settings: dict[str, Any] = {"filters": 1, "kernel_size": kernel, "strides": stride}
    return Conv2DTranspose(**(settings | more))


def graph(parts: dict[str, Part], shapes: dict[str, Shape], *outputs: str) -> Network:
    nodes = [Node(name, InputLayer(shape=shape), ((),)) for name, shape in shapes.items()]
    nodes += [
        Node(name, part.layer, (tuple(map(Tensor, part.sources)),)) for name, part in parts.items()
    ]
    return Network(
        name="net",
        kind="Functional",
        nodes=tuple(nodes),
        inputs=tuple(map(Tensor, shapes)),
        outputs=tuple(map(Tensor, outputs or (nodes[-1].name,))),
        output_names=tuple(outputs or ("out",)),
    )


def chain(*layers: Layer | Network, shape: Shape = PICTURE) -> Network:
    names = ["in", *(f"l{number}" for number in range(len(layers)))]
    parts = {
        name: Part(layer, (names[i],))
        for i, (name, layer) in enumerate(zip(names[1:], layers, strict=True))
    }
    return graph(parts, {"in": shape})


def rows(network: Network) -> AxisField:
    return receptive_field(network).axes[0]


# --- figures of one axis ------------------------------------------------------------------------

FIGURES = [
    # layers, size, jump, start, centre, alignment, holes
    pytest.param([conv(3)], (3, "1", -1, 0, 0, 0), id="3x3 same stands right over its place"),
    pytest.param([conv(3, padding="valid")], (3, "1", 0, 1, 1, 0), id="3x3 valid looks ahead by one"),
    pytest.param([conv(2)], (2, "1", 0, Fraction(1, 2), Fraction(1, 2), 0), id="2x2 same looks ahead"),
    pytest.param([MaxPooling2D(pool_size=(2, 2))], (2, "2", 0, Fraction(1, 2), 0, 0), id="a pool covers its patch"),
    pytest.param([conv(3, dilation_rate=2)], (5, "1", -2, 0, 0, 2), id="dilation leaves holes"),
    pytest.param(
        [conv(3, dilation_rate=2), conv(3, dilation_rate=2)], (9, "1", -4, 0, 0, 4), id="two dilated layers leave holes"
    ),
    pytest.param([conv(1, strides=2), conv(3)], (5, "2", -2, 0, Fraction(-1, 2), 2), id="a 1x1 with stride 2 skips"),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "figures"), FIGURES)
def test_the_figures_of_an_axis(layers: list[Layer], figures: tuple[Any, ...]) -> None:
    axis = rows(chain(*layers))
    found = (axis.size, axis.jump, axis.start, axis.centre, axis.alignment[0], axis.holes)
    assert found == figures
    assert axis.period == 1


def test_phases_have_their_own_sizes_and_the_largest_is_the_size() -> None:
    axis = rows(chain(transposed(3, 2, padding="same")))
    assert [(p.offset, p.first, p.last) for p in axis.phases] == [(0, -1, 0), (1, 0, 0)]
    assert (axis.size, axis.smallest, axis.period, axis.jump) == (2, 1, 2, "1/2")
    assert axis.sizes == ((1, 1), (2, 1))


def test_a_kernel_smaller_than_its_stride_leaves_phases_that_read_nothing() -> None:
    axis = rows(chain(transposed(2, 3)))
    assert [phase.offset for phase in axis.phases] == [0, 1]
    assert axis.sizes == ((0, 1), (1, 2))


def test_a_first_unit_that_reads_nothing_is_told_from_a_start_that_is_not_known() -> None:
    nothing = rows(chain(transposed(1, 2), Cropping2D(cropping=((1, 1), (1, 1)))))
    assert (nothing.start, nothing.starts_with_nothing) == (None, True)
    unknown = rows(chain(conv(3, strides=2), shape=(None, None, 3)))
    assert (unknown.start, unknown.starts_with_nothing) == (None, False)


def test_a_field_larger_than_the_input_is_said() -> None:
    assert rows(chain(*[conv(3)] * 16)).larger_than_input
    assert not rows(chain(*[conv(3)] * 15)).larger_than_input


def test_a_kernel_of_a_billion_keeps_its_ends() -> None:
    axis = rows(chain(conv(10**9, padding="valid"), conv(3), shape=(None, None, 3)))
    assert (axis.size, axis.holes) == (10**9 + 2, None)


# --- what sees everything -----------------------------------------------------------------------


def gate(inner: Layer) -> Network:
    parts = {
        "c": Part(conv(3), ("in",)),
        "pool": Part(GlobalAveragePooling2D(keepdims=True), ("c",)),
        "gate": Part(inner, ("pool",)),
        "scaled": Part(Multiply(), ("c", "gate")),
    }
    return graph(parts, {"in": PICTURE})


def test_a_gate_sees_everything_and_the_local_field_stands_beside_it() -> None:
    field = receptive_field(gate(Dense(units=3)))
    assert field.whole
    assert field.sizes == (3, 3)
    assert field.axes[0].whole == "pool (GlobalAveragePooling2D)"


def test_after_global_pooling_the_field_before_it_is_kept() -> None:
    field = receptive_field(chain(conv(5), GlobalAveragePooling2D(), Dense(units=2)))
    assert (field.whole, field.sizes, field.units) == (True, (5, 5), ())
    assert field.axes[0].spread is None


SHARED = [
    # layers before the pooling, an axis' size, the positions of it that are read at all
    pytest.param([conv(3)], 8, [*range(8)], id="all of it"),
    pytest.param([Cropping2D(cropping=((2, 2), (2, 2)))], 8, [2, 3, 4, 5], id="a crop"),
    pytest.param([MaxPooling2D()], 9, [*range(8)], id="what a valid window leaves over"),
    pytest.param([conv(4, strides=3, padding="valid")], 9, [*range(7)], id="a stride of 3"),
    pytest.param([conv(1, strides=2)], 8, [0, 2, 4, 6], id="with holes"),
    pytest.param(
        [Cropping2D(cropping=((2, 2), (2, 2))), ZeroPadding2D(padding=((2, 2), (2, 2))), conv(1)],
        8,
        [2, 3, 4, 5],
        id="padding in place of what was cropped",
    ),
]


@pytest.mark.parametrize(("layers", "size", "read"), SHARED)
@pytest.mark.parametrize("last", [GlobalAveragePooling2D(), Flatten()], ids=["gap", "flatten"])
def test_what_all_units_see_is_what_is_read(
    layers: list[Layer], size: int, read: list[int], last: Layer
) -> None:
    axis = rows(chain(*layers, last, Dense(units=2), shape=(size, size, 3)))
    assert axis.shared is not None
    seen = axis.shared.first, axis.shared.last, axis.shared.count
    assert seen == (read[0], read[-1], len(read))
    assert axis.complete == (len(read) == size)


def test_with_a_letter_what_all_units_see_is_not_claimed() -> None:
    axis = rows(chain(MaxPooling2D(), GlobalAveragePooling2D(), shape=(n, n, 3)))
    assert (axis.whole, axis.shared) == ("l1 (GlobalAveragePooling2D)", None)
    assert not axis.complete


def test_flatten_sees_everything_only_once_a_layer_mixes_it() -> None:
    found = fields(chain(conv(5), Flatten(), Dense(units=2)))
    flat, dense = found.of(Tensor("l1")), found.of(Tensor("l2"))
    assert flat is not None
    assert dense is not None
    assert (flat.flattened, flat.whole) == ("l1", False)
    assert (dense.flattened, dense.whole, dense.sizes) == ("", True, (5, 5))


def test_a_vector_made_a_picture_again_still_sees_everything() -> None:
    network = chain(conv(3), Flatten(), Dense(units=16), Reshape(target_shape=(4, 4, 1)), conv(3))
    field = receptive_field(network)
    assert field.whole
    assert field.unknown == ""


def test_positions_put_elsewhere_are_not_followed() -> None:
    field = receptive_field(chain(conv(3), Reshape(target_shape=(16, 64, 3)), conv(3)))
    assert "l1 (Reshape) puts positions elsewhere" in field.unknown
    assert field.sizes == (None, None)


# --- what is not known --------------------------------------------------------------------------


def test_after_a_layer_without_a_rule_the_field_is_not_known() -> None:
    field = receptive_field(chain(conv(3), Unknown(class_name="Mystery"), conv(3)))
    assert field.unknown
    assert field.sizes == (None, None)


def branches(one: Layer, other: Layer, shape: Shape = (None, None, 3)) -> Network:
    parts = {
        "a": Part(one, ("in",)),
        "b": Part(other, ("in",)),
        "sum": Part(Add(), ("a", "b")),
    }
    return graph(parts, {"in": shape})


def test_branches_with_different_jumps_are_an_error_that_names_the_node_and_both() -> None:
    network = branches(conv(3, strides=2, padding="valid"), conv(3, padding="valid"))
    with pytest.raises(InputError, match="by 2 and by 1 positions a unit") as caught:
        receptive_field(network)
    assert caught.value.code == "jumps-differ"
    assert caught.value.where == "sum"
    field = fields(network).outputs[0]
    assert field is not None
    assert "different speeds" in field.unknown


def test_symbolic_jumps_that_may_differ_are_the_same_error() -> None:
    s = sympy.Symbol("s", integer=True, positive=True)
    network = branches(conv(3, strides=s, padding="valid"), conv(3, padding="valid"))
    with pytest.raises(InputError, match="by s and by 1"):
        receptive_field(network)


def test_too_many_phases_are_an_error() -> None:
    layers = [transposed(k + 2, k) for k in (31, 37, 41)]
    with pytest.raises(InputError, match="the limit is 4,096") as caught:
        receptive_field(chain(*layers, shape=(None, None, 1)))
    assert caught.value.where == "l2"


# --- symbols and open sizes ---------------------------------------------------------------------

k, s, n = sympy.symbols("k s n", integer=True, positive=True)


@pytest.mark.parametrize(
    ("layers", "jump"),
    [
        pytest.param([conv(3, strides=4)], 4, id="whole"),
        pytest.param([transposed(2, 2)], Fraction(1, 2), id="a half"),
        pytest.param([conv(3, strides=s, padding="valid")], s, id="a letter"),
    ],
)
def test_the_jump_is_a_number_too(layers: list[Layer], jump: Any) -> None:
    axis = rows(chain(*layers))
    assert axis.jump_value == jump
    assert axis.jump == str(jump)


def test_a_symbolic_chain() -> None:
    axis = rows(chain(conv(k, padding="valid"), conv(3, strides=s, padding="valid"), conv(k, padding="valid")))  # fmt: skip
    assert sympy.expand(axis.size - (k + 2 + (k - 1) * s)) == 0
    assert (axis.jump, axis.start, axis.holes) == ("s", 0, None)


def test_branches_of_symbolic_kernels_take_the_hull() -> None:
    axis = rows(branches(conv(2 * k + 1), conv(3)))
    assert axis.size.subs(k, 4) == 9  # type: ignore[union-attr]  # a SymPy expression
    assert axis.size.subs(k, 1) == 3  # type: ignore[union-attr]  # a SymPy expression


@pytest.mark.parametrize("size", [None, n], ids=["left open", "a letter"])
def test_same_with_a_stride_starts_by_the_rest_of_the_size(size: Any) -> None:
    axis = rows(chain(conv(7, strides=2), conv(3, strides=2), shape=(size, size, 3)))
    found = {
        rest: part.spread and part.spread.phases[0] for part in axis.classes for rest in part.rests
    }
    assert {rest: reach and reach.first for rest, reach in found.items()} == {
        0: -2,
        1: -5,
        2: -4,
        3: -3,
    }
    assert {part.modulus for part in axis.classes} == {4}
    assert (axis.size, axis.jump, axis.start, axis.open) == (11, "4", None, True)


def test_rests_that_the_size_cannot_have_are_left_out() -> None:
    odd = rows(chain(conv(3, strides=2), shape=(2 * n + 1, 2 * n + 1, 3)))
    assert (odd.start, odd.classes, odd.open) == (-1, (), False)
    third = rows(chain(conv(3, strides=2), conv(3, strides=2), shape=(2 * n, 2 * n, 3)))
    assert [(part.modulus, part.rests) for part in third.classes] == [(4, (0,)), (4, (2,))]


def test_the_modulus_is_as_small_as_it_can_be() -> None:
    # by 3 and then by 2, of which the second pads nothing: the rest by 3 is enough
    axis = rows(chain(conv(3, strides=3), conv(1, strides=2), shape=(None, None, 3)))
    assert {part.modulus for part in axis.classes} == {3}
    starts = {rest: part.spread for part in axis.classes for rest in part.rests}
    for rest in range(3):
        out = -(-(30 + rest) // 3)
        spread = starts[rest]
        assert spread is not None
        assert phases_of(spread)[0].first == -(max((out - 1) * 3 + 3 - 30 - rest, 0) // 2)


def test_with_too_many_rests_size_and_jump_are_still_known() -> None:
    axis = rows(chain(conv(3, strides=16), conv(3, strides=16), shape=(None, None, 3)))
    assert (axis.size, axis.jump, axis.start, axis.classes) == (35, "256", None, ())
    assert "depends on the input's size" in axis.unknown


def test_with_a_symbolic_stride_the_start_depends_on_the_size() -> None:
    axis = rows(chain(conv(3, strides=s), conv(3), shape=(n, n, 3)))
    assert sympy.expand(axis.size - (3 + 2 * s)) == 0
    assert (axis.jump, axis.start, axis.open) == ("s", None, True)


def test_sizes_without_output_are_said() -> None:
    parts = {
        "down": Part(conv(3, strides=2), ("in",)),
        "up": Part(transposed(2, 2, padding="same", filters=3), ("down",)),
        "skip": Part(Add(), ("up", "in")),
    }
    axis = rows(graph(parts, {"in": (None, None, 3)}))
    assert [(part.rests, part.spread is None) for part in axis.classes] == [
        ((0,), False),
        ((1,), True),
    ]


@pytest.mark.parametrize(
    "layer",
    [
        pytest.param(CenterCrop(height=224, width=224), id="a crop to a fixed size"),
        pytest.param(Resizing(height=336, width=336), id="a resize to a divisor of 20160"),
        pytest.param(Resizing(height=640, width=640), id="a resize to no divisor of 20160"),
        pytest.param(Resizing(height=20_160, width=20_160), id="a resize to 20160"),
        pytest.param(AdaptiveAveragePooling2D(output_size=(7, 7)), id="an adaptive pooling"),
    ],
)
@pytest.mark.parametrize("size", [None, n], ids=["left open", "a letter"])
def test_what_depends_on_the_whole_size_is_never_settled_at_one_size(
    layer: Layer, size: Any
) -> None:
    axis = rows(chain(layer, conv(3), conv(3, strides=2), shape=(size, size, 3)))
    assert (axis.size, axis.jump, axis.start, axis.classes) == (None, None, None, ())
    assert "depend" in axis.unknown
    assert axis.open


@pytest.mark.parametrize("stride", [1025, 10**9])
def test_a_transposed_stride_with_too_many_phases_is_not_followed(stride: int) -> None:
    layer = Conv1DTranspose(filters=1, kernel_size=(3,), strides=(stride,))
    axis = rows(chain(layer, shape=(4, 1)))
    assert "more than 1,024 phases" in axis.unknown
    assert axis.spread is None


# --- graphs -------------------------------------------------------------------------------------


def test_a_nested_network_counts_at_each_call_and_inner_layers_have_fields() -> None:
    inner = chain(conv(3), conv(3), shape=(None, None, 3))
    shared = Node("block", inner, ((Tensor("in"),), (Tensor("block", 0),)))
    network = Network(
        name="outer",
        kind="Functional",
        nodes=(Node("in", InputLayer(shape=PICTURE), ((),)), shared),
        inputs=(Tensor("in"),),
        outputs=(Tensor("block", 1),),
        output_names=("out",),
    )
    found = fields(network)
    assert found.outputs[0] is not None
    assert found.outputs[0].sizes == (9, 9)
    inner_fields = [found.by_path[(("block", call),)][0] for call in (0, 1)]
    assert [field and field.sizes for field in inner_fields] == [(5, 5), (9, 9)]
    first_layers = [found.by_path[("block", call), ("l0", 0)][0] for call in (0, 1)]
    assert [field and field.sizes for field in first_layers] == [(3, 3), (7, 7)]


def doubled(network: Network, times: int) -> Network:
    for _ in range(times):
        nodes = (
            Node("in", InputLayer(shape=(None, None, 3)), ((),)),
            Node("twice", network, ((Tensor("in"),), (Tensor("twice", 0),))),
        )
        end = (Tensor("twice", 1),)
        network = Network("double", "Functional", nodes, (Tensor("in"),), end, ("out",))
    return network


def test_a_thousand_million_nested_calls_are_refused() -> None:
    network = doubled(chain(conv(1), shape=(None, None, 3)), 30)
    with pytest.raises(InputError, match="over 100,000 layers"):
        receptive_field(network)


def test_paths_are_not_counted_one_by_one() -> None:
    # 200 residual blocks have 2^200 paths
    parts: dict[str, Part] = {}
    source = "in"
    for number in range(200):
        parts[f"c{number}"] = Part(conv(3), (source,))
        parts[f"a{number}"] = Part(Add(), (f"c{number}", source))
        source = f"a{number}"
    assert receptive_field(graph(parts, {"in": PICTURE})).sizes == (401, 401)


TWO: dict[str, Shape] = {"left": PICTURE, "right": PICTURE}
PARTS = {
    "a": Part(conv(3), ("left",)),
    "b": Part(conv(5), ("right",)),
    "sum": Part(Add(), ("a", "b")),
}


def test_with_several_pictures_one_must_be_chosen() -> None:
    network = graph(PARTS, TWO)
    with pytest.raises(InputError, match="'left', 'right'") as caught:
        receptive_field(network)
    assert caught.value.code == "input-choice"
    assert receptive_field(network, source="left").sizes == (3, 3)
    assert receptive_field(network, source="right").sizes == (5, 5)
    assert fields(network, source="left").of(Tensor("b")) is None


def test_an_input_that_does_not_exist_is_named() -> None:
    with pytest.raises(InputError, match="no input 'middle'"):
        receptive_field(graph(PARTS, TWO), source="middle")


def test_the_only_picture_is_taken_by_itself() -> None:
    parts = {
        "pool": Part(GlobalAveragePooling2D(), ("picture",)),
        "joined": Part(Concatenate(), ("pool", "facts")),
    }
    network = graph(parts, {"facts": (4,), "picture": PICTURE})
    assert receptive_field(network).source == "picture"


def test_a_tensor_that_does_not_see_the_input_is_an_error() -> None:
    network = graph(PARTS, TWO, "sum")
    for look in (receptive_field, positions):
        with pytest.raises(InputError, match="does not depend on the input 'left'") as caught:
            look(network, Tensor("b"), source="left")
        assert caught.value.code == "no-field"
    with pytest.raises(InputError, match="does not depend on the input 'left'"):
        influence(network, (0, 0), Tensor("b"), source="left")


def test_words_are_positions_of_their_own() -> None:
    network = chain(
        Embedding(input_dim=100, output_dim=8), Conv1D(filters=4, kernel_size=(5,)), shape=(20,)
    )
    assert receptive_field(network).sizes == (5,)
    assert positions(network).axes[0][3] is not None
    assert set(influence(network, (3,)).area) == {(place,) for place in range(3, 8)}


# --- one unit -----------------------------------------------------------------------------------


def test_the_field_of_a_unit_grows_backwards_layer_by_layer() -> None:
    found = influence(chain(conv(3), conv(3), conv(3)), (10, 10))
    assert [area.count for area in found.by_path.values()] == [49, 25, 9, 1]
    assert next(iter(found.by_path)) == (("in", 0),)
    assert found.area.intervals == ((7, 13), (7, 13))


def test_a_volume_is_followed_along_three_axes() -> None:
    from answers.layers.convolution import Conv3D

    cross = [Conv3D(filters=1, kernel_size=size, padding="same") for size in ((3, 1, 1), (1, 3, 1), (1, 1, 3))]  # fmt: skip
    parts = {f"c{i}": Part(layer, ("in",)) for i, layer in enumerate(cross)}
    parts["sum"] = Part(Add(), ("c0", "c1", "c2"))
    found = influence(graph(parts, {"in": (6, 6, 6, 1)}), (3, 3, 3))
    assert (found.count, found.is_product_of_axes) == (7, False)


def test_a_unit_outside_the_tensor_is_an_error() -> None:
    with pytest.raises(InputError, match="positions of this tensor are 32x32"):
        influence(chain(conv(3)), (32, 0))


def test_borders_and_units_need_sizes() -> None:
    network = chain(conv(3), shape=(None, None, 3))
    for look in (positions, influence):
        with pytest.raises(InputError, match="number") as caught:
            look(network)
        assert caught.value.code == "size-unknown"
    assert positions(network, inputs=((9, 9, 3),)).largest == (3, 3)


@pytest.mark.parametrize("look", [positions, influence])
def test_an_enormous_input_is_an_answer_or_a_limit(look: Any) -> None:
    with pytest.raises(InputError, match="too large") as caught:
        look(chain(*[conv(31)] * 20, shape=(10**6, 10**6, 3)))
    assert caught.value.code == "field-too-large"


def test_an_area_is_a_set_of_positions() -> None:
    area = box((0b111, 0b10)) | box((0b10, 0b111))
    assert set(area) == {(0, 1), (1, 0), (1, 1), (1, 2), (2, 1)}
    assert area.count == 5
    assert (0, 1) in area
    assert (0, 0) not in area
    assert area.intervals == ((0, 2), (0, 2))
    assert box((0b1, 0)) == Area(2)


def test_a_field_with_numbers_needs_no_computer_algebra() -> None:
    code = (
        "import sys\n"
        "from answers.layers.convolution import Conv2D\n"
        "from answers.layers.core import InputLayer\n"
        "from answers.network.graph import Network, Node, Tensor\n"
        "from answers.receptive_field.walk import receptive_field\n"
        "nodes = (Node('i', InputLayer(shape=(None, None, 3)), ((),)),\n"
        "  Node('c', Conv2D(filters=1, kernel_size=3, strides=2, padding='same'), ((Tensor('i'),),)))\n"
        "net = Network('n', 'Functional', nodes, (Tensor('i'),), (Tensor('c'),), ('o',))\n"
        "assert receptive_field(net).sizes == (3, 3)\n"
        "assert not {'sympy', 'numpy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_record_says_what_it_is_of() -> None:
    field = receptive_field(chain(conv(3)))
    assert isinstance(field, Field)
    assert (field.source, field.units) == ("in", (32, 32))


class Endless(Conv2D):
    """A layer whose formula is too deep for the interpreter."""

    def output_shape(self, *inputs: Shape) -> Shape:
        return self.output_shape(*inputs)


def test_a_formula_nested_too_deeply_is_an_error_that_names_the_layer() -> None:
    layer = Endless(filters=1, kernel_size=(3, 3))
    with pytest.raises(InputError, match="nested too deeply") as caught:
        receptive_field(chain(conv(3), layer, shape=(n, n, 3)))
    assert (caught.value.code, caught.value.where) == ("formula-too-large", "l1")


def test_phases_without_end_are_a_limit() -> None:
    layers = [transposed(64, 64), *[conv(1000)] * 40]
    with pytest.raises(InputError, match="too many phases"):
        receptive_field(chain(*layers, transposed(64, 64), *[conv(1000)] * 40))

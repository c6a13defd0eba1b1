"""Laws of derivations on random layers and networks: every line says the same number."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answers.derivation import field, macs, memory, parameters, shapes
from answers.derivation.derivation import Derivation, Step, chain
from answers.derivation.document import to_document
from answers.derivation.latex import to_latex_lines
from answers.derivation.markdown import to_markdown
from answers.derivation.text import to_lines
from answers.expressions.expression import evaluate
from answers.expressions.size import is_symbolic
from answers.expressions.symbolic import exact_text, forms, replaced
from answers.expressions.text import to_text
from answers.layers.base import Layer, Shape
from answers.layers.catalogue import LAYERS
from answers.layers.convolution import Conv2D
from answers.network.cost import cost
from answers.network.parameters import parameters as count
from answers.network.shapes import output_shapes
from answers.notation.reading import parse

PICTURE = st.tuples(st.integers(7, 40), st.integers(7, 40), st.sampled_from((4, 8, 12)))


@st.composite
def built(draw: st.DrawFn) -> tuple[Layer, tuple[Shape, ...]]:
    """A layer with random arguments, and an input that fits it."""
    small, channels = st.integers(1, 3), draw(st.integers(1, 5)) * 4
    kernel, side = (draw(small), draw(small)), (draw(st.integers(7, 40)), draw(st.integers(7, 40)))
    picture, steps = (*side, channels), (side[0], channels)
    padding, bias = draw(st.sampled_from(("valid", "same"))), draw(st.booleans())
    window = {"kernel_size": kernel, "padding": padding, "use_bias": bias}
    one = {**window, "kernel_size": kernel[:1]}
    stride = (draw(small),) * 2
    filters, units = draw(st.integers(1, 4)) * 4, draw(st.integers(1, 9))
    return draw(
        st.sampled_from(
            [
                _made("Conv2D", picture, filters=filters, strides=stride, **window),
                _made("Conv2D", picture, filters=filters, groups=4, dilation_rate=2, **window),
                _made("Conv1D", steps, filters=filters, **one),
                _made("DepthwiseConv2D", picture, depth_multiplier=units, **window),
                _made("SeparableConv2D", picture, filters=filters, depth_multiplier=2, **window),
                _made("Conv2DTranspose", picture, filters=filters, strides=stride, **window),
                _made("LocallyConnected2D", picture, filters=filters, kernel_size=kernel,
                      use_bias=bias),
                _made("Dense", picture, units=units, use_bias=bias),
                _made("Dense", (channels,), units=units, use_bias=bias),
                _made("BatchNormalization", picture, scale=bias),
                _made("LayerNormalization", picture),
                _made("GroupNormalization", picture, groups=4),
                _made("PReLU", picture),
                _made("Embedding", (9,), input_dim=channels, output_dim=units),
                _made("LSTM", steps, units=units, use_bias=bias),
                _made("GRU", steps, units=units, use_bias=bias),
                _made("SimpleRNN", steps, units=units),
                _made("MaxPooling2D", picture, pool_size=kernel, padding=padding),
                _made("AveragePooling2D", picture, pool_size=2, strides=stride, padding=padding),
                _made("ZeroPadding2D", picture, padding=(kernel, stride)),
                _made("Cropping2D", picture, cropping=(kernel, stride)),
                _made("UpSampling2D", picture, size=kernel),
                _made("Flatten", picture),
                _made("GlobalAveragePooling2D", picture),
                _made("Concatenate", picture, picture),
                _made("Add", picture, picture),
            ]
        )
    )  # fmt: skip


def _made(kind: str, *inputs: Shape, **arguments: Any) -> tuple[Layer, tuple[Shape, ...]]:
    return LAYERS[kind](**arguments), inputs


@settings(deadline=None, max_examples=200)
@given(built())
def test_every_formula_of_a_weight_counts_its_array(made: tuple[Layer, tuple[Shape, ...]]) -> None:
    layer, inputs = made
    for weight in layer.weights(*inputs):
        if weight.count is not None:
            assert evaluate(weight.count, layer.letters(*inputs)) == math.prod(weight.shape)


@settings(deadline=None, max_examples=200)
@given(built())
def test_a_derivation_ends_with_what_the_layer_says(
    made: tuple[Layer, tuple[Shape, ...]],
) -> None:
    layer, inputs = made
    sizes = sum(math.prod(weight.shape) for weight in layer.weights(*inputs))
    assert parameters.of_layer(layer, *inputs).value == sizes
    assert macs.of_layer(layer, *inputs).value == layer.macs(*inputs)
    assert shapes.of_layer(layer, *inputs).value == layer.output_shape(*inputs)


@settings(deadline=None, max_examples=200)
@given(built())
def test_every_line_with_numbers_comes_to_the_value(
    made: tuple[Layer, tuple[Shape, ...]],
) -> None:
    layer, inputs = made
    for derive in (parameters.of_layer, macs.of_layer, shapes.of_layer):
        for step in derive(layer, *inputs).steps:
            for line in _number_lines(step):
                assert calculated(line) == step.value, line


def _number_lines(step: Step) -> list[str]:
    parts = [part for part in chain(step) if part is not step.formula]
    return [to_text(part, thousands=True) for part in parts]


def calculated(text: str) -> int:
    """A little evaluator of printed lines: Python's arithmetic after a change of signs."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    for sign, python in {
        "−": "-",
        "·": "*",
        "⌊": "floor(",
        "⌈": "ceil(",
        "⌋": ")",
        "⌉": ")",
    }.items():
        text = text.replace(sign, python)
    assert re.fullmatch(r"(?:[0-9+\-*/(), ]|floor|ceil|max)*", text), text
    names = {"floor": math.floor, "ceil": math.ceil, "max": max, "__builtins__": {}}
    return int(eval(text, names))  # noqa: S307  # our own digits and signs, checked above


@settings(deadline=None, max_examples=100)
@given(built())
def test_the_axes_of_a_shape_are_those_of_the_output(
    made: tuple[Layer, tuple[Shape, ...]],
) -> None:
    layer, inputs = made
    found = shapes.of_layer(layer, *inputs)
    output = layer.output_shape(*inputs)
    for step in found.steps:
        if isinstance(step.value, tuple):
            assert step.value == output
        elif "(k − 1)·d + 1" not in step.rule:
            assert step.value in output


NETWORKS = [
    "in {n}x{n}x3: conv3-16, conv3-32",
    "in {n}x{n}x3: local3-16, local3-32, flatten, dense-10",
    "in {n}x{n}x{c}: conv{k}-{f}/same, bn, relu, maxpool2, dw3/same, sep3-8/same",
    "in {n}x{n}x4: res(conv3-4/same, relu), convT2-8/s2, gap, dense-{c}",
    "in {n}x{m}x4: [conv1-8 | conv3-8/same] concat, up2, pad1, conv3-8/s2/same",
]


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(NETWORKS),
    st.fixed_dictionaries({name: st.integers(9, 20) for name in "nm"}),
    st.fixed_dictionaries({name: st.integers(1, 4) for name in "ckf"}),
)
def test_symbolic_then_substituted_is_numeric(
    text: str, sizes: dict[str, int], small: dict[str, int]
) -> None:
    values = sizes | small
    number = parse(re.sub(r"\{(\w)\}", lambda letter: str(values[letter[1]]), text))
    network = parse(text)
    for derive in (parameters.of_network, macs.of_network, memory.weights, memory.activations):
        assert replaced(_size(derive(network)), values) == derive(number).value
    shape = shapes.of_network(network).value
    assert isinstance(shape, tuple)
    assert tuple(replaced(_known(size), values) for size in shape) == output_shapes(number)[0]
    assert parameters.of_network(number).value == count(number).total
    assert macs.of_network(number).value == cost(number).macs


def _size(derivation: Derivation) -> int:
    assert not isinstance(derivation.value, tuple)
    return _known(derivation.value)


def _known(size: int | None) -> int:
    assert size is not None
    return size


@pytest.mark.parametrize("text", NETWORKS)
def test_each_rendering_holds_every_step_and_the_result(text: str) -> None:
    network = parse(text)
    found = [parameters.of_network(network), macs.of_network(network), shapes.of_network(network)]
    for derivation in found:
        plain = "\n".join(to_lines(derivation))
        marked, tex = to_markdown(derivation), to_latex_lines(derivation)
        for step in derivation.steps:
            assert step.rule in plain
        assert plain.count("\n- ") == len(derivation.steps)
        assert len(re.findall(r"^\d+\. ", marked, re.MULTILINE)) == len(derivation.steps)
        assert marked.count("$") % 2 == 0
        assert tex.count(r"\begin{align*}") == tex.count(r"\end{align*}")
        assert "Result" in plain
        assert "\n".join(to_lines(derivation, ascii=True)).isascii()


@pytest.mark.parametrize("text", NETWORKS)
def test_json_holds_numbers_and_exact_strings_only(text: str) -> None:
    import json

    for derivation in (parameters.of_network(parse(text)), *field.of_network(parse(text))):
        document = json.loads(json.dumps(to_document(derivation)))
        value: Any = derivation.value
        expected = exact_text(value) if is_symbolic(value) else value
        assert document["value"] == expected
        assert len(document["steps"]) == len(derivation.steps)
        if is_symbolic(value):
            assert document["forms"]["expanded"] == str(forms(value).expanded)


def test_a_layer_name_is_text_in_every_medium() -> None:
    from dataclasses import replace

    name = "<b>*x*</b> $1 \\input{f}\n# a"
    step = Step(rule="A rule.", value=1, about=name)
    derivation = Derivation(title="T", steps=(step,), value=1, unit="parameters")
    assert "<b>" not in to_markdown(derivation).replace("\\<", "")
    assert "\\\\input" in to_markdown(derivation)
    assert r"\textbackslash{}input\{f\}" in to_latex_lines(derivation)
    assert replace(step, about="").about == ""


def test_a_layer_without_a_rule_makes_the_sum_a_lower_bound() -> None:
    from answers.layers.core import InputLayer
    from answers.layers.unknown import Unknown
    from answers.network.graph import Network, Node, Tensor

    nodes = (
        Node("in", InputLayer(shape=(8, 8, 3)), ((),)),
        Node("conv", Conv2D(filters=4, kernel_size=(3, 3)), ((Tensor("in"),),)),
        Node("odd", Unknown(class_name="Odd"), ((Tensor("conv"),),)),
        Node("after", Conv2D(filters=4, kernel_size=(3, 3)), ((Tensor("odd"),),)),
    )
    network = Network("net", "Functional", nodes, (Tensor("in"),), (Tensor("after"),), ("out",))
    found = parameters.of_network(network)
    assert found.at_least
    assert found.value == 3 * 3 * 3 * 4 + 4
    assert "Not known, and so not in the sum: odd and after." in found.notes
    assert "Result: at least 112 parameters" in list(to_lines(found))
    assert macs.of_network(network).at_least
    assert shapes.of_network(network).value is None


def test_a_shared_layer_counts_once_and_multiplies_each_time() -> None:
    network = parse("in 8x8x4: a=conv3-4/same, again(a)")
    found = parameters.of_network(network)
    assert found.value == 3 * 3 * 4 * 4 + 4
    assert "Used several times, counted once: a." in found.notes
    multiplied = macs.of_network(network)
    assert multiplied.value == 2 * 3 * 3 * 4 * 4 * 64
    assert "runs 2 times" in multiplied.steps[0].rule


def test_the_largest_live_set_asks_for_numbers() -> None:
    from answers.errors import InputError

    with pytest.raises(InputError, match="depends on n: a number is needed"):
        memory.live(parse(NETWORKS[0]))


def test_symbols_are_not_imported_where_no_symbol_is() -> None:
    import subprocess
    import sys

    program = (
        "import sys\n"
        "from answers.layers.convolution import Conv2D\n"
        "from answers.derivation import parameters, macs, shapes, text, latex, markdown, document\n"
        "layer = Conv2D(filters=32, kernel_size=3)\n"
        "for room in (parameters, macs, shapes):\n"
        "    found = room.of_layer(layer, (32, 32, 16))\n"
        "    list(text.to_lines(found)), latex.to_latex_lines(found), document.to_document(found)\n"
        "print(sorted({'sympy', 'numpy', 'keras'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

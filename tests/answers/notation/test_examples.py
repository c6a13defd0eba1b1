"""What is written in the issue and in the help, and what it means."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import pytest

from answers.layers.base import Layer
from answers.layers.base import text as shape_text
from answers.network.graph import Tensor
from answers.network.parameters import parameters
from answers.network.shapes import input_shapes, output_shapes
from answers.notation.printer import to_notation
from answers.notation.reading import parse
from answers.notation.words import FORMS, WORDS, Form, Word


@dataclass(frozen=True)
class Case:
    text: str
    params: str  # worked out by hand
    output: str
    canonical: str = ""  # empty: the text itself


CASES = [
    Case("in 32x32x3: conv3-16, conv3-32", "5088", "28x28x32"),
    Case("in 32x32x3:conv3-16,conv3-32,", "5088", "28x28x32", "in 32x32x3: conv3-16, conv3-32"),
    Case(
        "in 32x32x3: conv3-16/same, relu, maxpool2, flatten, dense-128, relu, dense-10",
        str(448 + (16 * 16 * 16 + 1) * 128 + 1290),
        "10",
    ),
    Case(
        "in 32x32x3: 3*(conv3-16/same, relu, maxpool2)",
        str(448 + 2 * (144 + 1) * 16),
        "4x4x16",
    ),
    Case("in 224x224x3: conv7-64/s2/same", str(147 * 64 + 64), "112x112x64"),
    Case("in 9x9x3: conv1x7-64", str(21 * 64 + 64), "9x3x64"),
    Case("in 9x9x5: dw3", str(45 + 5), "7x7x5"),
    Case("in 9x9x4: sep5-128", str(100 + 4 * 128 + 128), "5x5x128"),
    Case("in 8x8x4: convT2-32/s2", str(4 * 4 * 32 + 32), "16x16x32"),
    Case("in 9x9x4: conv3-64/d2", str(36 * 64 + 64), "5x5x64"),
    Case("in 9x9x8: conv3-32/g4/nobias", str(9 * 2 * 32), "7x7x32"),
    Case("in 9x9x8: bn, gap", "32", "8"),
    Case("in 9x9x8: up2, pad1", "0", "20x20x8"),
    Case(
        "in 14x14x3: [conv1-32 | conv1-32, conv3-32/same | conv1-32, conv3-32/same, conv3-32/same] "
        "concat, conv1-256",
        "52960",
        "14x14x256",
    ),
    Case("in 9x9x64: res(conv3-64/same, relu, conv3-64/same)", str(2 * 36928), "9x9x64"),
    Case(
        "in 16x16x3: a=conv3-64, maxpool2, conv3-8/same, convT2-64/s2, concat(a)",
        str(1792 + (576 + 1) * 8 + (32 + 1) * 64),
        "14x14x128",
    ),
    Case("in 784: dense-10", "7850", "10"),
    Case("in 100x8: conv3-16/causal", str(24 * 16 + 16), "100x16"),
    Case("in 9x9x9x2: conv3-4", str(54 * 4 + 4), "7x7x7x4"),
    Case("in 20: embed100-8, bilstm-4", str(800 + 2 * 4 * (4 * (4 + 8) + 4)), "8"),
    Case("in 5: dense-12, reshape2x2x3, conv1-4", str(72 + 16), "2x2x4"),
    Case("in 6x6x3: [a=conv3-3 | again(a)] add, again(a)", "84", "2x2x3"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_a_text_gives_the_network_that_it_describes(case: Case) -> None:
    network = parse(case.text)
    assert str(parameters(network).total) == case.params
    assert shape_text(output_shapes(network)[0]) == case.output
    assert to_notation(network) == (case.canonical or case.text)


SYMBOLIC = [
    ("in {n}x{n}x3: conv3-16, conv3-32", "5088"),
    ("in {n}x{n}x3: local3-16", "448*(n-2)**2"),
    ("in {n}x{n}x3: local3-16, local3-32", "448*(n-2)**2 + 4640*(n-4)**2"),
    ("in {n}x{n}x{m}: conv{k}-{c}/s{s}", "k**2*m*c + c"),
    ("in 9x9x{c}: dense-{c + 1}", "(c+1)*(c+1)"),
]


@pytest.mark.parametrize(("text", "params"), SYMBOLIC)
def test_letters_in_braces_stand_for_whole_numbers(text: str, params: str) -> None:
    import sympy

    letters = {name: sympy.Symbol(name, integer=True, positive=True) for name in "cnkms"}
    expected = sympy.sympify(params, locals=letters)
    assert sympy.expand(parameters(parse(text)).total - expected) == 0
    assert to_notation(parse(text)) == text


SAME = [
    ("Conv3-16", "conv3-16"),
    ("CONV3-16/same", "conv3-16/same"),
    ("in 8: FC-3", "in 8: dense-3"),
    ("in 8: Dense-3", "in 8: dense-3"),
    ("in 8x8x3: upsample2, batchnorm, Dropout0.5", "in 8x8x3: up2, bn, dropout0.5"),
    ("deconv2-3/s2, convt2-3", "convT2-3/s2, convT2-3"),
    ("conv3x3-16", "conv3-16"),
    ("conv3×3-16", "conv3-16"),
    ("conv3-16/s2x2", "conv3-16/s2"),
    ("conv3-16/same/s2", "conv3-16/s2/same"),
    ("maxpool", "maxpool2"),
    ("maxpool3/s3", "maxpool3"),
    ("conv3-16 # first\n, # then\n relu", "conv3-16, relu"),
    ("conv3-16 / same , relu", "conv3-16/same, relu"),
    ("3*relu", "3*(relu)"),
    ("2 * (relu, bn)", "relu, bn, relu, bn"),
    ("2*(3*(relu, bn))", "6*(relu, bn)"),
    ("[conv3-8/same | ] add", "res(conv3-8/same)"),
    ("[ | conv3-8/same] add", "[ | conv3-8/same] add"),
    ("a=conv3-8/same, conv3-8/same, add(a)", "a=conv3-8/same, res(conv3-8/same)"),
    ("relu/max_value=6", "relu6"),
    ("Conv2D/filters=4/kernel_size=3", "conv3-4"),
    ("conv/kernel_size=(1, 7)/filters=4", "conv1x7-4"),
    ("pad/padding=((0,1),(0,1))", "pad/padding=((0, 1), (0, 1))"),
    ("pad/padding=((1,1),(2,2))", "pad1x2"),
    ("rescale1/255", "rescale1/255"),
    ("rescale2/offset=-1", "rescale2/offset=-1"),
    ("conv3x3x3-4", "in ?x?x?x?: conv3-4"),
    ("conv{2*3}-{4}", "conv6-4"),
    ("in ?x?x3: relu", "in ?x?x3: relu"),
    ("in 8x8x3: from(in), relu", "in 8x8x3: relu"),
]


@pytest.mark.parametrize(("text", "canonical"), SAME)
def test_what_may_be_written_in_many_ways_is_printed_in_one(text: str, canonical: str) -> None:
    assert to_notation(parse(text)) == canonical
    assert to_notation(parse(canonical)) == canonical


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.word)
def test_the_example_of_each_word_can_be_read(word: Word) -> None:
    layer = parse(f"in 8x8x3: a=relu, {word.example}").nodes[2].layer
    assert isinstance(layer, Layer)
    assert layer.kind in word.classes


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.example)
def test_the_example_of_each_form_can_be_read_and_printed(form: Form) -> None:
    network = parse(form.example)
    assert to_notation(parse(to_notation(network))) == to_notation(network)


OPEN = [
    ("conv3-4, conv3-8", 2),
    ("conv1x7-4", 2),
    ("relu, conv3x3x3-4", 3),
    ("conv{k}-4", 2),
    ("relu", 2),
    ("lstm-4", 1),
    ("dense-4, relu", 0),
    ("embed10-4, lstm-3", 0),
]


@pytest.mark.parametrize(("text", "axes"), OPEN)
def test_without_an_input_the_layers_say_how_many_axes_there_are(text: str, axes: int) -> None:
    assert input_shapes(parse(text)) == ((None,) * (axes + 1),)


NAMES = [
    (
        "conv3-3, conv3-3, relu, bn, up2, convT2-3, gap",
        (
            "conv2d conv2d_1 re_lu batch_normalization up_sampling2d conv2d_transpose "
            "global_average_pooling2d"
        ),
    ),
    ("a=conv3-3, conv3-3, relu", "a conv2d re_lu"),
    ("conv3-3, conv2d=conv3-3, conv3-3", "conv2d_1 conv2d conv2d_2"),
    ("2*(a=relu, tanh)", "a activation a_1 activation_1"),
    ("a=res(relu), res(tanh)", "re_lu a activation add"),
    ('"block1/conv"=conv3-3, relu', "block1/conv re_lu"),
]


@pytest.mark.parametrize(("text", "names"), NAMES)
def test_layers_without_a_name_get_those_that_keras_gives(text: str, names: str) -> None:
    found = [node.name for node in parse(text).nodes]
    assert found == ["input_layer", *names.split()]


def test_a_name_in_a_repetition_stands_for_the_copy_that_is_being_read() -> None:
    network = parse("in 8x8x4: 2*(a=conv3-4/same, relu, add(a))")
    assert network.by_name["add"].calls == ((Tensor("re_lu"), Tensor("a")),)
    assert network.by_name["add_1"].calls == ((Tensor("re_lu_1"), Tensor("a_1")),)


def test_further_inputs_stand_behind_the_one_that_comes_along() -> None:
    network = parse("in x=8x8x4, y=8x8x4: z=relu, tanh, concat(y, x, z)")
    assert network.by_name["concatenate"].calls == (
        (Tensor("activation"), Tensor("y"), Tensor("x"), Tensor("z")),
    )


def test_plain_texts_load_neither_symbols_nor_arrays() -> None:
    code = (
        "import sys\n"
        "from answers.notation.printer import to_notation\n"
        "from answers.notation.reading import parse\n"
        "to_notation(parse('in 32x32x3: 2*(conv3-16/same, relu), res(conv3-16/same), gap'))\n"
        "heavy = {'sympy', 'numpy', 'difflib', 'keras', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

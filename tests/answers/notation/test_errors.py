"""What a person reads when a text is wrong: the words, and the caret under the column."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from answers.errors import InputError
from answers.expressions.text_error import TextError
from answers.network.parameters import parameters
from answers.network.shapes import output_shapes
from answers.notation.reading import parse, parse_spans


@dataclass(frozen=True)
class Wrong:
    text: str
    caret: str  # ^ under each wrong character; one ^ where something is missing
    message: str
    hint: str = ""


def caret_line(error: TextError) -> str:
    return " " * error.start + "^" * max(error.end - error.start, 1)


WRONG = [
    Wrong("mxpool2", "^^^^^^^", "'mxpool2' is no layer of the notation", "Did you mean maxpool2?"),
    Wrong("relu, comv3-16", "      ^^^^^", "'comv3' is no layer", "Did you mean conv3?"),
    Wrong("zzzqq", "^^^^^", "'zzzqq' is no layer of the notation"),
    Wrong("", "^", "The text ends where a layer such as conv3-16 or relu is expected"),
    Wrong("conv3-16 relu", "         ^^^^", "'relu' stands where a comma is expected"),
    Wrong("conv3-16,, relu", "         ^", "',' stands where a layer"),
    Wrong("conv3", "     ^", "conv needs a number after a dash: filters, as in conv3-16"),
    Wrong("conv-16", "       ^", "conv needs a size right behind it: kernel_size"),
    Wrong("dense", "     ^", "dense needs a number after a dash: units"),
    Wrong("relu3", "^^^^^", "relu takes no number right behind it"),
    Wrong("dw3-16", "^^^^^^", "dw takes no number after a dash"),
    Wrong("conv3-", "      ^", "The text ends where a number is expected"),
    Wrong("conv3x-16", "     ^", "'x' stands where a comma is expected"),
    Wrong("conv3-16/sam", "         ^^^", "'sam' is no option of a Conv2D", "Did you mean same?"),
    Wrong("conv3-16/", "         ^", "The text ends where an option is expected"),
    Wrong("relu/s2", "     ^^", "A ReLU has no strides"),
    Wrong("conv3-16/same/valid", "              ^^^^^", "padding is set twice"),
    Wrong("conv3-16/use_bia=true", "         ^^^^^^^^^^^^", "no argument 'use_bia'", "use_bias"),
    Wrong("conv0-16", "^^^^^^^^", "kernel_size must be a list of 2, each a whole number"),
    Wrong("conv3-0", "^^^^^^^", "filters must be a whole number of at least 1, but it is 0"),
    Wrong("conv3-16/s2/d2", "^^^^^^^^^^^^^^", "can't have strides"),
    Wrong("in 0x8x3: relu", "   ^^^^^", "must be a list, each"),
    Wrong("in nxnx3: relu", "   ^^^^^", "'nxnx3' stands where a size", "put in braces"),
    Wrong("in 32xnx3: relu", "      ^^^", "stands where a size", "put in braces"),
    Wrong("in 32x32x3 conv3-16", "           ^^^^^", "stands where ':' or another size"),
    Wrong("in 32 x 32 x 3: relu", "      ^", "'x' stands", "Sizes stand without spaces"),
    Wrong("in 32x 32x3: relu", "     ^", "'x' stands", "Sizes stand without spaces"),
    Wrong("Conv2D-8", "^^^^^^^^", "takes no number after a dash", "Write conv3-16 (a convolution"),
    Wrong("Conv2D", "      ^", "needs kernel_size, filters", "Conv2D/kernel_size=…/filters=…"),
    Wrong("GaussianNoise-3", "^" * 15, "no number after a dash", "companion notation shows"),
    Wrong("in {n}x{n+}x3: relu", "          ^", "The formula ends where"),
    Wrong("in {n}x{n x3: relu", "       ^", "The brace is never closed"),
    Wrong("in {n-1x3: relu", "   ^", "The brace is never closed"),
    Wrong("conv{1/0}-4", "     ^^^", "divides by zero"),
    Wrong("relu: conv3-16", "    ^", "':' stands where a comma", "The input stands first"),
    Wrong("[conv1-8 | conv3-8", "                  ^", "The text ends where a comma, '|' or ']'"),
    Wrong("[conv1-8 | conv3-8]", "                   ^", "a word that joins the branches"),
    Wrong("[conv1-8] concat", "^^^^^^^^^", "here is only one"),
    Wrong("res(conv3-8", "           ^", "The text ends where a comma or ')'"),
    Wrong("3*()", "   ^", "There is nothing to repeat"),
    Wrong("0*(relu)", "^", "can't be repeated 0 times"),
    Wrong("3(relu)", " ^", "'(' stands where '*' behind the number is expected"),
    Wrong("a=3*(relu)", "^^^^^^^^^^", "Only a layer can have a name"),
    Wrong("a=relu, a=tanh", "        ^", "The name 'a' is given twice"),
    Wrong("in=relu", "^^", "'in' is a word of the notation"),
    Wrong("skip=relu, add(skp)", "               ^^^", "is called 'skp'", "Did you mean skip?"),
    Wrong("a=relu, add(b)", "            ^", "is called 'b'", "given so far: a."),
    Wrong("concat(b), b=relu", "       ^", "No layer before this place is called 'b'"),
    Wrong("from(a, b)", "        ^", "A row goes on from one place only"),
    Wrong("again(in)", "      ^^", "in is an input"),
    Wrong("a=relu, out(a), out(a)", "                ^^^^^^", "The outputs are given twice"),
    Wrong("conv3-99999999999999999999", "      ^^^^^^^^^^^^^^^^^^^^", "smaller than 2^63"),
    Wrong("conv3-{10^30}", "^^^^^^^^^^^^^", "filters must be smaller than 2^63"),
    Wrong("30000*(relu)", "       ^^^^", "more than 20,000 layers"),
    Wrong("99*(" * 6 + "relu" + ")" * 6, " " * 24 + "^^^^", "more than 20,000 layers"),
    Wrong("in 8x8x8x3: dw3", "            ^^^", "dw works on one or two axes, but here are three"),
    Wrong("relu/max_value=x", "^^^^^^^^^^^^^^^^", "max_value must be"),
    Wrong("relu/max_value=1e999", "               ^^^^^", "is no finite number"),
    Wrong("Bidirectional/layer=Lstm(units=4)", " " * 20 + "^^^^", "'Lstm' is no layer", "LSTM"),
    Wrong("Bidirectional/layer=LSTM(unit=4)", " " * 25 + "^^^^", "is no argument of LSTM"),
    Wrong("Bidirectional/layer=LSTM()", " " * 20 + "^^^^^^", "LSTM needs more arguments"),
    Wrong("Bidirectional", " " * 13 + "^", "The layer needs layer"),
    Wrong('"a', "^", "stands where a layer"),
    Wrong('"\\u001b[31mX"=relu', "^" * 13, r"The name '\x1b[31mX' holds a character that can't"),
    Wrong('"X\u202e"=relu', "^^^^", r"The name 'X\u202e' holds a character", "can be seen"),
    Wrong('in "\x07"=8x8x3: relu', "   ^^^", r"The name '\x07' holds a character"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.text[:40] or "nothing")
def test_an_error_says_what_is_wrong_and_points_at_it(wrong: Wrong) -> None:
    with pytest.raises(TextError) as caught:
        parse(wrong.text)
    assert wrong.message in caught.value.message
    assert wrong.hint in caught.value.hint
    assert caught.value.text == wrong.text
    assert caret_line(caught.value) == wrong.caret


SHAPES = [
    ("in 8x8x3: relu, conv9-4, relu", "                ^^^^^^^", "window"),
    ("in 14x14x3: res(conv3-256/same)", "            ^^^", "14x14x256, 14x14x3"),
    ("in 8x8x3: [relu | conv3-3] concat, tanh", " " * 27 + "^^^^^^", "8x8x3, 6x6x3"),
    ("in 8x8x6: conv3-8/g4", "          ^^^^^^^^^^", "must divide"),
    ("in 8: conv3-8", "      ^^^^^^^", "takes 2 spatial sizes"),
    ("in 8x8x3: a=relu, conv1x7-4, add(a)", " " * 29 + "^^^", "8x2x4"),
]


@pytest.mark.parametrize(("text", "caret", "words"), SHAPES)
def test_a_shape_that_does_not_fit_points_at_the_layer(text: str, caret: str, words: str) -> None:
    parsed = parse_spans(text)
    with pytest.raises(InputError) as caught:
        output_shapes(parsed.network)
    placed = parsed.located(caught.value)
    assert isinstance(placed, TextError)
    assert words in placed.message
    assert caret_line(placed) == caret


def test_an_error_about_no_layer_comes_back_as_it_is() -> None:
    error = InputError("some-code", "Some fact.", where="elsewhere")
    assert parse_spans("relu").located(error) is error


def test_an_open_size_that_is_needed_points_at_the_layer() -> None:
    parsed = parse_spans("conv3-4, conv3-8")
    with pytest.raises(InputError, match="left open") as caught:
        parameters(parsed.network)
    assert caught.value.code == "size-unknown"


def test_each_layer_has_its_span() -> None:
    text = "in 8x8x3: a=conv3-4/same, res(relu, bn), 2*(tanh)"
    spans = parse_spans(text).spans
    pieces = {name: text[start:end] for name, (start, end) in spans.items()}
    assert pieces == {
        "input_layer": "8x8x3",
        "a": "conv3-4/same",
        "re_lu": "relu",
        "batch_normalization": "bn",
        "add": "res",
        "activation": "tanh",
        "activation_1": "tanh",
    }


def test_a_text_of_a_million_characters_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="1,200,000 characters; the limit is 100,000") as caught:
        parse("relu, " * 200_000)
    assert caught.value.code == "notation-too-long"


@pytest.mark.parametrize("opening", ["[", "res(", "2*(", "relu/max_value=" + "("])
def test_brackets_inside_one_another_are_counted(opening: str) -> None:
    text = opening * 20_000 if "=" not in opening else opening + "(" * 20_000
    with pytest.raises(TextError, match="More than 32 brackets"):
        parse(text)


def test_thousands_of_different_formulas_are_refused() -> None:
    text = ", ".join(f"conv1-{{n + {number}}}" for number in range(1001))
    with pytest.raises(TextError, match="more than 1,000 different formulas"):
        parse(text)


def test_no_text_is_evaluated() -> None:
    with pytest.raises(TextError):
        parse("conv3-{__import__('os').system('true')}")

"""The sentences: every template of rules_text can be filled, and speaks well."""

from __future__ import annotations

import string
import tomllib
from pathlib import Path

import pytest

import answers.derivation.rules as rules_module
from answers.derivation.rules import Counted, family, places_of, shape_text, size_text
from answers.expressions.symbolic import symbol
from answers.layers.catalogue import LAYERS
from answers.layers.convolution import Conv2D, Conv2DTranspose, DepthwiseConv1D

FOLDER = Path(rules_module.__file__).parent / "rules_text"
RULES = {
    file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in FOLDER.glob("*.toml")
}
SENTENCES = [
    (f"{quantity}.{name}.{variant}", sentence)
    for quantity, table in RULES.items()
    for name, variants in table.items()
    for variant, sentence in variants.items()
    if variant not in ("source", "notes")
]
OF_CLASSES = {"other", "sum", "same", "valid", "causal"}


@pytest.mark.parametrize("sentence", [s for _, s in SENTENCES], ids=[n for n, _ in SENTENCES])
def test_a_sentence_is_whole(sentence: str) -> None:
    assert sentence.strip()[0].isupper() or sentence.strip()[0] == "{"
    assert sentence.endswith(".")
    assert list(string.Formatter().parse(sentence))


@pytest.mark.parametrize(
    "name", sorted({name for q in ("parameters", "macs") for name in RULES[q]} - OF_CLASSES)
)
def test_a_family_in_the_rules_is_one_of_the_catalogue(name: str) -> None:
    assert name in {rules_module._RANK.sub("", kind) for kind in LAYERS}


def test_a_number_brings_its_noun_in_the_right_number() -> None:
    assert f"{Counted(1):filter}" == "1 filter"
    assert f"{Counted(16):filter}" == "16 filters"
    assert f"{Counted(symbol('c')):filter}" == "c filters"
    assert f"{Counted(None):filter}" == "? filters"
    assert f"{Counted(4096)}" == "4,096"


def test_a_family_is_a_class_without_its_axes() -> None:
    assert family(Conv2D(filters=1, kernel_size=(1, 1))) == "Conv"
    assert family(Conv2DTranspose(filters=1, kernel_size=(1, 1))) == "ConvTranspose"
    assert family(DepthwiseConv1D(kernel_size=(1,))) == "DepthwiseConv"


def test_a_shape_in_a_sentence_shows_what_is_open_and_what_is_a_formula() -> None:
    assert shape_text((32, 32, 16)) == "32x32x16"
    assert shape_text((None, symbol("n"), symbol("n") - 2)) == "?xnx(n − 2)"
    assert shape_text(()) == "a single number"
    assert size_text(None) == "?"


def test_settings_and_letters_are_the_places_of_a_sentence() -> None:
    places = places_of(Conv2D(filters=32, kernel_size=(3, 5)), ((8, 8, 16),))
    sentence = "{filters:filter} of {kernel_size} over {c_in:channel} of {input}: {kind}"
    assert sentence.format_map(places) == "32 filters of 3x5 over 16 channels of 8x8x16: Conv2D"

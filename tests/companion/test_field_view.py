"""What `rf` says in words where not every position is read, or the size is open."""

from __future__ import annotations

from typing import Any

import pytest

Run = Any

SAID = [
    pytest.param("in 8x8x3: conv3-8, gap", "Every unit sees the whole input", id="all"),
    pytest.param("in 8x8x3: crop2, gap", "positions 2 to 5 along height and width", id="a crop"),
    pytest.param(
        "in 9x10x3: maxpool2, gap",
        "positions 0 to 7 along height, 0 to 9 along width",
        id="what a window leaves over",
    ),
    pytest.param("in {n}x{n}x3: maxpool2, gap", "everything that is read before", id="a letter"),
    pytest.param(
        "in {2n+1}x{2n+1}x3: conv3-4/s2/same, conv3-4/s2/same",
        "(2·n + 1) mod 4 = 3: unit 0 reads positions −1 to 5.",
        id="a formula by its rests",
    ),
    pytest.param(
        "in ?x?x3: conv3-4/s2/same",
        "size mod 2 = 1: unit 0 reads positions −1 to 1.",
        id="a size that is left open",
    ),
    pytest.param("in {n}x{n}x3: CenterCrop/height=4/width=4", "Not known", id="the whole size"),
    pytest.param("in 8x8x3: convT1-3/s2, crop1, maxpool1/s2", "No unit reads", id="nothing"),
]


@pytest.mark.parametrize(("text", "words"), SAID)
def test_what_a_unit_sees_in_words(run: Run, text: str, words: str) -> None:
    out = " ".join(run("rf", text).out.split())
    assert words in out


def test_a_rest_that_the_size_cannot_have_is_not_shown(run: Run) -> None:
    out = run("rf", "in {2n+1}x{2n+1}x3: conv3-4/s2/same, conv3-4/s2/same").out
    assert "mod 4 = 1" in out
    assert "= 0" not in out
    assert "= 2" not in out


def test_the_document_says_what_all_units_see(run: Run) -> None:
    axes = run("rf", "in 8x9x3: crop2, gap", "--json").document["result"]["axes"]
    assert [axis["shared"] for axis in axes] == [[2, 5, 4], [2, 6, 5]]

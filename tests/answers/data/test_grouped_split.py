"""A grouped split keeps neighbours together, comes near its share, and is the same every time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.data.pairs import Pair
from answers.data.prepare.grouped_split import GroupedSplit
from answers.data.prepare.plan import unique_names
from answers.errors import InputError


def pair(name: str) -> Pair:
    return Pair(name=name, image=Path(f"{name}.bmp"), mask=Path(f"{name}_label.bmp"))


GROUPS = {
    "folder": ("folder", "7/a_1", "7"),
    "deep folder": ("folder", "x/7/a_1", "x/7"),
    "first part": ("name:1", "7/slide07_x3-y5", "slide07"),
    "second part": ("name:2", "7/slide07_x3-y5", "x3"),
    "third part": ("name:3", "7/slide07_x3-y5", "y5"),
}


@pytest.mark.parametrize(("group", "name", "expected"), GROUPS.values(), ids=GROUPS.keys())
def test_the_group_of_a_pair(group: str, name: str, expected: str) -> None:
    assert GroupedSplit(share=0.2, group=group).group_of(pair(name)) == expected


@given(
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=40),
    share=st.floats(0.05, 0.95),
    seed=st.integers(0, 5),
)
def test_no_group_stands_on_both_sides_and_neither_side_is_empty(
    sizes: list[int], share: float, seed: int
) -> None:
    pairs = [pair(f"{g}/{n}") for g, size in enumerate(sizes) for n in range(size)]
    split = GroupedSplit(share=share, seed=seed).split_of(pairs)
    sides: dict[str, set[str]] = {}
    for each, side in zip(pairs, split, strict=True):
        sides.setdefault(each.name.split("/")[0], set()).add(side)
    assert all(len(side) == 1 for side in sides.values())
    assert set(split) == {"train", "test"}
    assert split == GroupedSplit(share=share, seed=seed).split_of(pairs)


@given(share=st.floats(0.1, 0.9), seed=st.integers(0, 50))
def test_with_groups_of_one_size_the_share_is_met_to_one_group(share: float, seed: int) -> None:
    pairs = [pair(f"{g}/{n}") for g in range(30) for n in range(5)]
    held = GroupedSplit(share=share, seed=seed).split_of(pairs).count("test")
    assert abs(held - share * 150) <= 5


def test_another_seed_gives_another_choice() -> None:
    pairs = [pair(f"{g}/a") for g in range(40)]
    assert GroupedSplit(share=0.5, seed=0).split_of(pairs) != GroupedSplit(
        share=0.5, seed=1
    ).split_of(pairs)


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="share of the test split"):
        GroupedSplit(share=share)


@pytest.mark.parametrize("group", ["name", "name:0", "name:x", "slide", ""])
def test_an_unknown_group_is_refused(group: str) -> None:
    with pytest.raises(InputError, match="no way to group"):
        GroupedSplit(share=0.2, group=group)


def test_one_group_can_not_be_split() -> None:
    with pytest.raises(InputError, match="All 2 pairs are of one group"):
        GroupedSplit(share=0.2).split_of([pair("1/a"), pair("1/b")])


def test_a_name_without_that_part_is_an_error() -> None:
    with pytest.raises(InputError, match="'a' has 1 parts"):
        GroupedSplit(share=0.2, group="name:2").split_of([pair("1/a"), pair("1/b_c")])


NAMES = {
    "all different": (["1/a", "2/b"], ["a", "b"]),
    "one name in two folders": (["1/a", "2/a", "2/b"], ["1_a", "2_a", "b"]),
    "upper and lower case": (["1/A", "2/a"], ["1_A", "2_a"]),
    "the longer name is taken": (["1/a", "2/a", "3/1_a"], ["1_a_2", "2_a", "1_a"]),
    "hidden and strange": (["1/.a", "1/b\x1bc"], ["_a", "b_c"]),
}


@pytest.mark.parametrize(("given_names", "expected"), NAMES.values(), ids=NAMES.keys())
def test_names_of_the_files_that_are_written(given_names: list[str], expected: list[str]) -> None:
    assert unique_names([pair(name) for name in given_names]) == expected


@given(st.lists(st.text("aA1_/", min_size=1, max_size=5), unique=True, max_size=30))
def test_no_two_files_get_one_name(names: list[str]) -> None:
    found = unique_names([pair(name) for name in names])
    assert max(Counter(name.lower() for name in found).values(), default=1) == 1

"""The built-in assignments, and how the one to grade by is found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from answers.errors import InputError
from answers.layers.base import Shape
from checkers.assignment.assignment import Check
from checkers.assignment.catalogue import (
    built_in_names,
    built_in_text,
    choose,
    find_assignment,
    load,
    load_built_in,
)
from checkers.assignment.toml_file import read_assignment
from checkers.assignment.verdict import Measured, judge

NAMES = ("cifar10", "sample-cnn", "sample-unet", "transfer", "unet")
OWN = """
format_version = 1
name = "own"
title = "Own"
task = "classification"
[[check]]
measure = "accuracy"
at_least = 0.5
"""


def test_these_assignments_are_built_in() -> None:
    assert built_in_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_assignment_is_named_like_its_file_and_gives_100_points(name: str) -> None:
    assignment = load_built_in(name)
    assert (assignment.name, assignment.source) == (name, "built in")
    assert assignment.points == 100


@dataclass(frozen=True)
class Target:
    """A target of the issue: measure, average, target, zero_at, points, required."""

    measure: str
    average: str | None
    target: str
    zero_at: str | None
    points: int
    required: bool


TARGETS = {
    "cifar10": [
        Target("accuracy", None, "0.65", "0.45", 80, False),
        Target("accuracy", None, "0.55", None, 0, True),
        Target("parameters", None, "500000", None, 20, True),
    ],
    "transfer": [
        Target("accuracy", None, "0.75", "0.55", 80, False),
        Target("accuracy", None, "0.65", None, 0, True),
        Target("parameters", None, "5000000", None, 20, True),
    ],
    "unet": [
        Target("dice", "pooled", "0.80", "0.50", 40, False),
        Target("iou", "per-image", "0.65", "0.35", 40, False),
        Target("gain", "pooled", "0.10", None, 0, True),
        Target("parameters", None, "10000000", None, 20, True),
    ],
}


@pytest.mark.parametrize("name", TARGETS)
def test_the_homework_is_graded_by_these_targets(name: str) -> None:
    assert [_target(check) for check in load_built_in(name).checks] == [
        (t.measure, t.average, Fraction(t.target), t.zero_at and Fraction(t.zero_at), t.points, t.required)
        for t in TARGETS[name]
    ]  # fmt: skip


def _target(check: Check) -> tuple[object, ...]:
    return (
        check.measure,
        check.average,
        check.target,
        check.zero_at,
        check.points,
        check.required,
    )


@pytest.mark.parametrize(
    ("name", "sample", "size", "measure"),
    [
        ("sample-cnn", "pictures", (32, 32), "accuracy"),
        ("sample-unet", "surfaces", (128, 128), "dice"),
    ],
)
def test_a_sample_is_graded_on_its_own_drawn_data(
    name: str, sample: str, size: tuple[int, int], measure: str
) -> None:
    assignment = load_built_in(name)
    assert (assignment.data.sample, assignment.input.size) == (sample, size)
    targets: dict[str, Fraction | None] = {c.measure: c.target for c in assignment.checks}
    assert targets[measure] == Fraction(7, 10)
    assert targets["parameters"] == 450_000


def test_the_plain_cnn_of_the_homework_gets_full_points() -> None:
    found = (
        Measured(measure="accuracy", value=Fraction(6_964, 10_000), best=Fraction(6_964, 10_000)),
        Measured(measure="parameters", value=156_074, best=156_074),
    )
    verdicts = judge(load_built_in("cifar10").checks, found, layers=())
    assert sum(verdict.points for verdict in verdicts) == 100


@pytest.mark.parametrize("name", NAMES)
def test_a_teacher_can_copy_a_built_in_assignment(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "assignment.toml"
    copy.write_text(built_in_text(name), "utf-8")
    loaded, built_in = load(str(copy)), load_built_in(name)
    assert (loaded.checks, loaded.input, loaded.sha256) == (
        built_in.checks,
        built_in.input,
        built_in.sha256,
    )


def test_what_stands_commented_out_in_the_copy_is_valid_as_well() -> None:
    text = built_in_text("unet")
    more = re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE).replace("[data]:", "# [data]:")
    assignment = read_assignment(more.encode(), "more.toml")
    assert assignment.checks[-1].needs == ("parameters",)
    assert assignment.limits.seconds == 600


# --- by name or by file -------------------------------------------------------------------------


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(InputError, match="no assignment 'cifar'") as caught:
        load("cifar")
    assert "Did you mean 'cifar10'?" in caught.value.hint


@pytest.mark.parametrize("named", ["x" * 5_000, "a\0b"])
def test_a_name_that_can_be_no_path_is_just_unknown(named: str) -> None:
    with pytest.raises(InputError, match="There is no assignment"):
        load(named)


@pytest.mark.parametrize("named", ["missing.toml", "folder/missing"])
def test_a_missing_file_is_said_as_a_path(named: str) -> None:
    with pytest.raises(InputError, match=f"no assignment file '{named}'"):
        load(named)


def test_a_folder_stands_for_the_assignment_in_it(tmp_path: Path) -> None:
    (tmp_path / "assignment.toml").write_text(OWN, "utf-8")
    assert load(str(tmp_path)).file == tmp_path / "assignment.toml"


def test_a_folder_without_an_assignment_hides_no_built_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "unet").mkdir()
    (tmp_path / "pictures").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load("unet") == load_built_in("unet")
    with pytest.raises(InputError, match=r"no assignment file 'pictures/assignment\.toml'"):
        load("pictures")


def test_the_errors_of_a_file_name_it(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("name = ", "utf-8")
    with pytest.raises(InputError) as caught:
        load(str(file))
    assert caught.value.where.startswith(str(file))


def test_the_nearest_file_above_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "assignment.toml").touch()
    assert find_assignment(inner) == tmp_path / "assignment.toml"
    (tmp_path / "a" / "assignment.toml").touch()
    assert find_assignment(inner) == tmp_path / "a" / "assignment.toml"


def test_a_relative_folder_is_looked_at_from_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "assignment.toml").touch()
    monkeypatch.chdir(tmp_path / "inner")
    assert find_assignment(Path()) == tmp_path / "assignment.toml"


def test_a_folder_of_that_name_is_no_assignment(tmp_path: Path) -> None:
    (tmp_path / "assignment.toml").mkdir()
    assert find_assignment(tmp_path) != tmp_path / "assignment.toml"


# --- by the shapes of a model -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken", "answered", "name", "size", "channels"),
    [
        ((32, 32, 3), (10,), "cifar10", (32, 32), "rgb"),
        ((None, None, 3), (10,), "cifar10", (32, 32), "rgb"),
        ((128, 128, 3), (128, 128, 1), "unet", (128, 128), "rgb"),
        ((128, 128, 3), (128, 128, 3), "unet", (128, 128), "rgb"),
        ((256, 192, 3), (256, 192, 2), "unet", (256, 192), "rgb"),
        ((64, 64, 1), (64, 64, 1), "unet", (64, 64), "grey"),
        ((None, None, 3), (None, None, 1), "unet", (128, 128), "rgb"),
        ((32, 32, 3), (32, 32, 1), "unet", (32, 32), "rgb"),
    ],
)
def test_a_model_is_graded_by_what_fits_its_shapes(
    taken: Shape, answered: Shape, name: str, size: tuple[int, int], channels: str
) -> None:
    assignment = choose(taken, answered)
    assert assignment.name == name
    assert (assignment.input.size, assignment.input.channels) == (size, channels)


@pytest.mark.parametrize(
    ("taken", "answered"),
    [
        ((32, 32, 3), (100,)),
        ((32, 32, 1), (10,)),
        ((64, 64, 3), (10,)),
        ((128, 128, 3), (64, 64, 1)),
        ((128, 128, 3), (128, 128, 4)),
        ((128, 128, 4), (128, 128, 1)),
        ((128, 128, 3), (16_384,)),
        ((100_000, 100_000, 3), (100_000, 100_000, 1)),
        ((784,), (10,)),
        ((), ()),
    ],
)
def test_where_nothing_fits_the_shapes_are_said(taken: Shape, answered: Shape) -> None:
    with pytest.raises(InputError) as caught:
        choose(taken, answered)
    assert caught.value.code == "no-assignment-fits"
    assert all(str(side) in caught.value.message for side in (*taken, *answered))

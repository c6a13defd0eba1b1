"""What an assignment file says becomes records, exactly."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from answers.data.input_contract import InputContract, Scale
from answers.errors import InputError
from answers.network.document import to_json
from answers.network.parameters import parameters
from answers.notation.reading import parse
from checkers.assignment.assignment import BUILT_IN, Check, DataSource, Limits, Masks, Metric, Model
from checkers.assignment.toml_file import read_assignment

HEAD = 'format_version = 1\nname = "mine"\ntitle = "My own"\ntask = "segmentation"\n'
DICE = '[[check]]\nmeasure = "dice"\naverage = "pooled"\nat_least = 0.80\n'
FULL = (
    HEAD
    + """
[data]
path = "pictures"
table = "pairs.csv"
split = "test"
[input]
size = [96, 128]
resize = "nearest"
channels = "bgr"
scale = {mean = [0.485, 0.456, 0.406], std = [0.25, 0.25, 0.25]}
[metric]
resolution = "native"
[masks]
coding = "0/123"
[model]
head = "logits"
channel = 1
[limits]
seconds = 90
memory = "2 GiB"
parameters = 1_000
macs = 2_000
activations = "64 MB"
[[check]]
measure = "dice"
average = "per-image"
at_least = 0.80
points = 33.3
zero_at = 0.50
required = false
needs = ["size"]
[[check]]
name = "size"
measure = "parameters"
at_most = 10_000_000
[[check]]
measure = "layers"
must_have = ["Conv2D"]
must_not_have = ["Dense", "Flatten"]
"""
)


def test_every_key_arrives_in_its_record() -> None:
    file = Path("/course/mine.toml")
    assignment = read_assignment(FULL.encode(), "mine.toml", file)
    assert (assignment.name, assignment.title, assignment.task) == (
        "mine",
        "My own",
        "segmentation",
    )
    assert assignment.data == DataSource(
        path=Path("/course/pictures"), table=Path("pairs.csv"), split="test"
    )
    assert assignment.input == InputContract(
        size=(96, 128),
        resize="nearest",
        channels="bgr",
        scale=Scale("mean-std", (0.485, 0.456, 0.406), (0.25, 0.25, 0.25)),
    )
    assert assignment.metric == Metric(resolution="native")
    assert assignment.masks == Masks(coding="0/123")
    assert assignment.model == Model(head="logits", channel=1)
    assert assignment.limits == Limits(
        seconds=90, memory=2 * 2**30, parameters=1_000, macs=2_000, activations=64_000_000
    )
    assert (assignment.file, assignment.source) == (file, str(file))


REFERENCE = """
[model]
network = \"\"\"
  in 8x8x3: conv3-4/same, relu,
  gap, dense-10\"\"\"
"""


def test_a_reference_architecture_is_a_notation_that_may_be_broken_into_lines() -> None:
    network = read_assignment((HEAD + DICE + REFERENCE).encode(), "mine.toml").model.reference
    assert network is not None
    assert parameters(network).total == (3 * 3 * 3 + 1) * 4 + (4 + 1) * 10


@pytest.mark.parametrize("document", ["keras 2", "keras 3", "our own"])
def test_a_reference_architecture_lies_beside_the_file_as_json(
    document: str, tmp_path: Path
) -> None:
    network = parse("in 8x8x3: gap, dense-10")
    dense = {"name": "dense", "units": 10, "activation": "linear", "use_bias": True}
    first = dense | {"batch_input_shape": [None, 3]}
    keras2 = {"name": "s", "layers": [{"class_name": "Dense", "config": first}]}
    given = {"class_name": "InputLayer", "config": {"batch_shape": [None, 3], "name": "x"}}
    keras3 = {"name": "s", "layers": [given, {"class_name": "Dense", "config": dense}]}
    texts: dict[str, Any] = {
        "keras 2": {"class_name": "Sequential", "config": keras2, "keras_version": "2.15.0"},
        "keras 3": {"class_name": "Sequential", "config": keras3, "module": "keras"},
        "our own": to_json(network),
    }
    (tmp_path / "net.json").write_text(json.dumps(texts[document]), "utf-8")
    text = HEAD + DICE + '[model]\narchitecture = "net.json"\n'
    found = read_assignment(text.encode(), "mine.toml", tmp_path / "mine.toml").model.reference
    assert found is not None
    assert parameters(found).total == 40


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[1, 2", "cut off|no JSON|syntax|JSON"),
        ("{}", "describes no model"),
        (
            '{"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda", "config": {}}]}}',
            "Python code",
        ),
        ("[" * 5_000, "nests more than"),
    ],
    ids=["cut off", "no model", "code", "deep"],
)
def test_a_file_without_an_architecture_is_a_fault_of_the_assignment(
    content: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "net.json").write_text(content, "utf-8")
    text = HEAD + DICE + '[model]\narchitecture = "net.json"\n'
    with pytest.raises(InputError, match=says) as caught:
        read_assignment(text.encode(), "mine.toml", tmp_path / "mine.toml")
    assert caught.value.code == "assignment-invalid"
    assert 'model.architecture: "net.json" holds no architecture' in caught.value.message


def test_checks_hold_exact_numbers() -> None:
    dice, size, layers = read_assignment(FULL.encode(), "mine.toml").checks
    assert dice == Check(
        name="dice-per-image",
        measure="dice",
        average="per-image",
        at_least=Fraction(4, 5),
        points=Fraction(333, 10),
        zero_at=Fraction(1, 2),
        required=False,
        needs=("size",),
    )
    assert size == Check(name="size", measure="parameters", at_most=Fraction(10_000_000))
    assert layers == Check(
        name="layers",
        measure="layers",
        must_have=("Conv2D",),
        must_not_have=("Dense", "Flatten"),
    )


def test_what_is_left_out_has_the_defaults_of_the_design() -> None:
    assignment = read_assignment((HEAD + DICE).encode(), "mine.toml")
    assert assignment.data == DataSource()
    assert assignment.input == InputContract(size=None, resize="bilinear", channels="rgb")
    assert (assignment.metric.resolution, assignment.masks.coding) == ("model", "auto")
    assert assignment.limits == Limits(
        seconds=None,
        memory=4_294_967_296,
        parameters=100_000_000,
        macs=20_000_000_000,
        activations=512_000_000,
    )
    assert assignment.checks[0].required
    assert assignment.source == BUILT_IN


def test_the_deadline_is_a_minute_and_the_time_of_the_multiplications() -> None:
    assert Limits().deadline(macs=2_000_000, images=10_000) == 60 + 10
    assert Limits(seconds=5).deadline(macs=10**9, images=10**6) == 5


def test_a_gain_is_pooled_where_nothing_else_is_said() -> None:
    text = HEAD + '[[check]]\nmeasure = "gain"\nat_least = 0.1\n'
    (gain,) = read_assignment(text.encode(), "mine.toml").checks
    assert (gain.name, gain.average) == ("gain", "pooled")


def test_checks_without_a_name_are_numbered_around_those_that_have_one() -> None:
    text = HEAD + DICE * 2 + DICE + 'name = "dice-pooled-2"\n'
    names = [check.name for check in read_assignment(text.encode(), "mine.toml").checks]
    assert names == ["dice-pooled", "dice-pooled-3", "dice-pooled-2"]


def test_the_hash_is_that_of_the_bytes() -> None:
    data = (HEAD + DICE).encode()
    assert read_assignment(data, "mine.toml").sha256 == hashlib.sha256(data).hexdigest()


def test_a_table_beside_the_file_wins_over_one_inside_the_data(tmp_path: Path) -> None:
    text = HEAD + '[data]\ntable = "pairs.csv"\n' + DICE
    file = tmp_path / "mine.toml"
    inside = read_assignment(text.encode(), "mine.toml", file).data.table
    (tmp_path / "pairs.csv").touch()
    beside = read_assignment(text.encode(), "mine.toml", file).data.table
    assert (inside, beside) == (Path("pairs.csv"), tmp_path / "pairs.csv")


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ('"4 GiB"', 4_294_967_296),
        ('"512MB"', 512_000_000),
        ('"1024 KiB"', 1_048_576),
        ("2_000_000", 2_000_000),
    ],
)
def test_memory_is_written_with_a_unit_or_in_bytes(written: str, size: int) -> None:
    text = HEAD + f"[limits]\nmemory = {written}\n" + DICE
    assert read_assignment(text.encode(), "mine.toml").limits.memory == size


@pytest.mark.parametrize("written", ["0.67", "6.7e-1", "0.6700"])
def test_one_number_is_one_target_however_it_is_written(written: str) -> None:
    text = HEAD + DICE.replace("0.80", written)
    (check,) = read_assignment(text.encode(), "mine.toml").checks
    assert check.target == Fraction(67, 100)


def test_several_classes_have_names_a_label_to_ignore_and_a_mean() -> None:
    text = HEAD + (
        '[metric]\nbackground = false\n[masks]\ncoding = "class-ids"\nignore = 255\n'
        'classes = ["sky", "road"]\n[[check]]\nmeasure = "accuracy"\nat_least = 0.9\n'
    )
    assignment = read_assignment(text.encode(), "mine.toml")
    assert assignment.masks == Masks(coding="class-ids", ignore=255, classes=("sky", "road"))
    assert assignment.masks.code_classes
    assert assignment.metric == Metric(background=False)
    (check,) = assignment.checks
    assert (check.average, check.subject) == ("pooled", "accuracy of the pixels of all pictures")


def test_without_a_word_masks_hold_one_object_and_means_have_the_background() -> None:
    assignment = read_assignment((HEAD + DICE).encode(), "mine.toml")
    assert not assignment.masks.code_classes
    assert assignment.metric.background


def test_a_check_says_which_mean_over_classes_it_uses() -> None:
    (check,) = read_assignment((HEAD + DICE).encode(), "mine.toml").checks
    assert check.subject_over("mean over classes") == (
        "Dice (mean over classes, pooled over all pictures)"
    )

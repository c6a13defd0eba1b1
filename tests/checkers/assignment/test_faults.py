"""Every fault of an assignment file is said with its key and what to write, all in one error."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from answers.errors import InputError
from checkers.assignment.assignment import Assignment
from checkers.assignment.toml_file import read_assignment

SEGMENTATION = """
format_version = 1
name = "mine"
title = "My own"
task = "segmentation"
"""
CLASSIFICATION = SEGMENTATION.replace("segmentation", "classification")
ACCURACY = '[[check]]\nmeasure = "accuracy"\nat_least = 0.5\n'
DICE = '[[check]]\nmeasure = "dice"\naverage = "pooled"\nat_least = 0.5\n'
WHOLE = SEGMENTATION + DICE
IDS = '[masks]\ncoding = "class-ids"\n'


def read(text: str) -> Assignment:
    return read_assignment(text.encode(), "mine.toml")


def faults(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(text)
    assert caught.value.code == "assignment-invalid", caught.value.message
    assert caught.value.where == "mine.toml"
    return [line.strip() for line in caught.value.message.splitlines()[1:]]


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    key: str
    says: str


def top(line: str, replaces: str) -> str:
    return WHOLE.replace(replaces, line)


CASES = [
    Case("unknown key", 'colour = "red"\n' + WHOLE, "colour", "no such key. Known are: format_version"),
    Case("near key", WHOLE + "[matric]\n", "matric", "Did you mean 'metric'?"),
    Case("near key in a check", WHOLE + "at_leest = 1\n", "check[1].at_leest", "Did you mean 'at_least'?"),
    Case("no name", top("", 'name = "mine"'), "name", "missing"),
    Case("odd name", top('name = "a b"', 'name = "mine"'), "name", 'not "a b"'),
    Case("empty title", top('title = " "', 'title = "My own"'), "title", "empty"),
    Case("long title", top(f'title = "{"x" * 201}"', 'title = "My own"'), "title", "201 characters"),
    Case("title with an escape", top(r'title = "\u001b[2J"', 'title = "My own"'), "title", r"\u001b[2J"),
    Case("unknown task", top('task = "segmentatoin"', 'task = "segmentation"'), "task", "Did you mean 'segmentation'?"),
    Case("task no text", top("task = 3", 'task = "segmentation"'), "task", "one of classification, segmentation, not 3"),
    Case("no check", SEGMENTATION, "check", "nothing would be graded"),
    Case("check in single brackets", WHOLE.replace("[[check]]", "[check]"), "check", "[[check]] in double brackets"),
    Case("table as value", "input = 3\n" + WHOLE, "input", "a table in single brackets, not 3"),
    Case("101 checks", SEGMENTATION + DICE * 101, "check", "101 checks; at most 100"),
    Case("size of one", WHOLE + "[input]\nsize = [128]\n", "input.size", "[height, width], not a list of 1"),
    Case("size zero", WHOLE + "[input]\nsize = [0, 128]\n", "input.size", "from 1 to 16,384, not 0"),
    Case("size huge", WHOLE + "[input]\nsize = [128, 20000]\n", "input.size", "not 20000"),
    Case("size with a fraction", WHOLE + "[input]\nsize = [128.5, 128]\n", "input.size", "not 128.5"),
    Case("unknown resize", WHOLE + '[input]\nresize = "bilinaer"\n', "input.resize", "Did you mean 'bilinear'?"),
    Case("unknown channels", WHOLE + '[input]\nchannels = "gray"\n', "input.channels", "Did you mean 'grey'?"),
    Case("unknown scale", WHOLE + '[input]\nscale = "unitt"\n', "input.scale", "Did you mean 'unit'?"),
    Case("scale without std", WHOLE + "[input]\nscale = {mean = [0.5]}\n", "input.scale", "keys mean and std"),
    Case("scale with std 0", WHOLE + "[input]\nscale = {mean = [0.5], std = [0]}\n", "input.scale", "std above 0"),
    Case("scale too large", WHOLE + "[input]\nscale = {mean = [1e999999], std = [1]}\n", "input.scale", "too many digits"),
    Case(
        "three means for grey",
        WHOLE + '[input]\nchannels = "grey"\nscale = {mean = [0.5, 0.5, 0.5], std = [1, 1, 1]}\n',
        "input.scale",
        "3 means, but channels = 'grey' gives 1",
    ),
    Case("unknown resolution", WHOLE + '[metric]\nresolution = "natve"\n', "metric.resolution", "Did you mean 'native'?"),
    Case("unknown coding", WHOLE + '[masks]\ncoding = "foo"\n', "masks.coding", "no known coding"),
    Case("unknown head", WHOLE + '[model]\nhead = "logit"\n', "model.head", "Did you mean 'logits'?"),
    Case("channel 3", WHOLE + "[model]\nchannel = 3\n", "model.channel", "from 0 to 2, not 3"),
    Case("no network", WHOLE + '[model]\nnetwork = "in 8x8x3: konv3-4"\n', "model.network", "no network in the notation"),
    Case("network with letters", WHOLE + '[model]\nnetwork = "in {n}x{n}x3: conv3-4"\n', "model.network", "has the letter n"),
    Case("network that does not fit", WHOLE + '[model]\nnetwork = "in 2x2x3: conv3-4"\n', "model.network", "no network in the notation"),
    Case("network no text", WHOLE + "[model]\nnetwork = 3\n", "model.network", "a text in quotes, not 3"),
    Case("long network", WHOLE + f'[model]\nnetwork = "{"a" * 20_001}"\n', "model.network", "20,001 characters"),
    Case("two networks", WHOLE + '[model]\nnetwork = "in 8x8x3: conv3-4"\narchitecture = "a.json"\n', "model.architecture", "said once"),
    Case("no such architecture", WHOLE + '[model]\narchitecture = "nowhere.json"\n', "model.architecture", "No such file"),
    Case("channel true", WHOLE + "[model]\nchannel = true\n", "model.channel", "not true"),
    Case("half a second", WHOLE + "[limits]\nseconds = 0.5\n", "limits.seconds", "between 1 and 86,400 seconds, not at 0.5"),
    Case("unknown unit", WHOLE + '[limits]\nmemory = "4 Gib"\n', "limits.memory", "kB, MB, GB, KiB, MiB, GiB"),
    Case("tiny memory", WHOLE + "[limits]\nmemory = 4\n", "limits.memory", "not 4"),
    Case("no parameters", WHOLE + "[limits]\nparameters = 0\n", "limits.parameters", "not 0"),
    Case("a date", WHOLE + "[limits]\nmacs = 2024-01-01\n", "limits.macs", "not a date or time"),
    Case("empty path", WHOLE + '[data]\npath = ""\n', "data.path", "empty"),
    Case("unknown sample", WHOLE + '[data]\nsample = "surface"\n', "data.sample", "Did you mean 'surfaces'?"),
    Case("sample of the other task", WHOLE + '[data]\nsample = "pictures"\n', "data.sample", "for classification"),
    Case("sample and path", WHOLE + '[data]\nsample = "surfaces"\npath = "x"\n', "data.sample", "no path"),
    Case("sample and split", WHOLE + '[data]\nsample = "surfaces"\nsplit = "train"\n', "data.split", "'test'"),
    Case("unknown measure", SEGMENTATION + DICE.replace('"dice"', '"dyce"'), "check[1].measure", "Did you mean 'dice'?"),
    Case("no measure", SEGMENTATION + DICE.replace('measure = "dice"', ""), "check[1].measure", "missing"),
    Case("measure of the other task", SEGMENTATION + ACCURACY, "check[1].measure", "not measured in segmentation; these are: dice"),
    Case("dice for classes", CLASSIFICATION + DICE, "check[1].measure", "not measured in classification"),
    Case("both targets", WHOLE + "at_most = 0.9\n", "check[1].at_most", "one target"),
    Case("no target", SEGMENTATION + DICE.replace("at_least = 0.5", ""), "check[1]", "neither at_least nor at_most"),
    Case("target as text", WHOLE.replace("0.5", '"0.5"'), "check[1].at_least", 'a number, not "0.5"'),
    Case("target true", WHOLE.replace("0.5", "true"), "check[1].at_least", "a number, not true"),
    Case("target nan", WHOLE.replace("0.5", "nan"), "check[1].at_least", "finite"),
    Case("target inf", WHOLE.replace("0.5", "-inf"), "check[1].at_least", "finite"),
    Case("target of a billion digits", WHOLE.replace("0.5", "1e999999999"), "check[1].at_least", "too many digits"),
    Case("exponent beyond Decimal", WHOLE.replace("0.5", "1e99999999999999999999"), "check[1].at_least", "finite"),
    Case("whole target of 4,000 digits", WHOLE.replace("0.5", "9" * 4000), "check[1].at_least", "out of any range"),
    Case("target in percent", WHOLE.replace("0.5", "65"), "check[1].at_least", "between 0 and 1, not at 65. Did you mean 0.65?"),
    Case("target below 0", WHOLE.replace("0.5", "-0.1"), "check[1].at_least", "between 0 and 1, not at -0.1"),
    Case("half a parameter", SEGMENTATION + '[[check]]\nmeasure = "parameters"\nat_most = 10.5\n', "check[1].at_most", "whole numbers"),
    Case("no average", SEGMENTATION + DICE.replace('average = "pooled"', ""), "check[1].average", "missing; say which mean is meant: pooled, per-image"),
    Case("no average for IoU", SEGMENTATION + '[[check]]\nmeasure = "iou"\nat_least = 0.5\n', "check[1].average", "missing"),
    Case("unknown average", WHOLE.replace("pooled", "poolde"), "check[1].average", "Did you mean 'pooled'?"),
    Case("average of accuracy", CLASSIFICATION + ACCURACY + 'average = "pooled"\n', "check[1].average", "no mean over pictures"),
    Case("zero_at above at_least", WHOLE + "points = 1\nzero_at = 0.6\n", "check[1].zero_at", "below at_least"),
    Case("zero_at on at_least", WHOLE + "points = 1\nzero_at = 0.50\n", "check[1].zero_at", "below at_least"),
    Case(
        "zero_at below at_most",
        SEGMENTATION + '[[check]]\nmeasure = "parameters"\nat_most = 10\nzero_at = 9\npoints = 1\n',
        "check[1].zero_at",
        "above at_most",
    ),
    Case("zero_at without points", WHOLE + "zero_at = 0.1\n", "check[1].zero_at", "has no points"),
    Case("negative points", WHOLE + "points = -3\n", "check[1].points", "negative, but it is -3"),
    Case("too many points", WHOLE + "points = 1_000_001\n", "check[1].points", "too many"),
    Case("required as text", WHOLE + 'required = "yes"\n', "check[1].required", 'without quotes, not "yes"'),
    Case("needs an unknown check", WHOLE + 'needs = ["parameter"]\n[[check]]\nmeasure = "parameters"\nat_most = 9\n', "check[1].needs", "Did you mean 'parameters'?"),
    Case("needs itself", WHOLE + 'needs = ["dice-pooled"]\n', "check[1].needs", "needs itself"),
    Case("needs as text", WHOLE + 'needs = "parameters"\n', "check[1].needs", "a list of 1 to 64 names of checks"),
    Case("one name twice", (WHOLE + 'name = "a"\n') + DICE + 'name = "a"\n', "check[2].name", "names are unique"),
    Case("unknown layer", WHOLE + '[[check]]\nmeasure = "layers"\nmust_have = ["conv2d"]\n', "check[2].must_have", "Did you mean 'Conv2D'?"),
    Case("no layers", WHOLE + '[[check]]\nmeasure = "layers"\n', "check[2]", "neither must_have nor must_not_have"),
    Case("an empty list of layers", WHOLE + '[[check]]\nmeasure = "layers"\nmust_have = []\n', "check[2].must_have", "not a list of 0"),
    Case("layers with a target", WHOLE + '[[check]]\nmeasure = "layers"\nmust_have = ["Dense"]\nat_least = 1\n', "check[2].at_least", "no number"),
    Case(
        "a layer demanded and forbidden",
        WHOLE + '[[check]]\nmeasure = "layers"\nmust_have = ["Dense"]\nmust_not_have = ["Dense"]\n',
        "check[2].must_not_have",
        "'Dense' is demanded",
    ),
    Case("layers in a check of Dice", WHOLE + 'must_have = ["Dense"]\n', "check[1].must_have", 'measure = "layers"'),
    Case("masks for classes", CLASSIFICATION + ACCURACY + "[masks]\n", "masks", "no masks"),
    Case("native for classes", CLASSIFICATION + ACCURACY + '[metric]\nresolution = "native"\n', "metric.resolution", "Only masks"),
    Case("table for classes", CLASSIFICATION + ACCURACY + '[data]\ntable = "a.csv"\n', "data.table", "pairs pictures with masks"),
    Case("channel for classes", CLASSIFICATION + ACCURACY + "[model]\nchannel = 0\n", "model.channel", "channels"),
    Case("ignore of one object", WHOLE + "[masks]\nignore = 255\n", "masks.ignore", 'write coding = "class-ids" beside it'),
    Case("names of one object", WHOLE + '[masks]\ncoding = "0/255"\nclasses = ["a", "b"]\n', "masks.classes", 'coding = "class-ids"'),
    Case("ignore 256", WHOLE + IDS + "ignore = 256\n", "masks.ignore", "from 0 to 255, not 256"),
    Case("one class", WHOLE + IDS + 'classes = ["a"]\n', "masks.classes", "a list of 2 to 256 names of classes, not a list of 1"),
    Case("a class twice", WHOLE + IDS + 'classes = ["a", "b", "a"]\n', "masks.classes", '"a" is the name of two classes'),
    Case("a class without a name", WHOLE + IDS + 'classes = ["a", ""]\n', "masks.classes", "empty"),
    Case("a class by number", WHOLE + IDS + "classes = [0, 1]\n", "masks.classes", "a text in quotes, not 0"),
    Case("background of one object", WHOLE + "[metric]\nbackground = false\n", "metric.background", "means over classes"),
    Case("background as text", WHOLE + IDS + '[metric]\nbackground = "no"\n', "metric.background", "without quotes"),
    Case("background of pictures", CLASSIFICATION + ACCURACY + "[metric]\nbackground = true\n", "metric.background", "Only masks"),
    Case("channel of classes", WHOLE + IDS + 'classes = ["a", "b", "c"]\n[model]\nchannel = 1\n', "model.channel", "a channel of its own"),
    Case("accuracy of one object", SEGMENTATION + ACCURACY, "check[1].measure", 'It is where masks have coding = "class-ids"'),
    Case("accuracy per picture", SEGMENTATION + ACCURACY + 'average = "per-image"\n' + IDS, "check[1].average", "no mean over pictures"),
    Case("a key with odd characters", '"a\\u001b.b" = 1\n' + WHOLE, '"a\\u001b.b"', "no such key"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_fault_is_said_alone_with_its_key_and_in_words(case: Case) -> None:
    (line,) = faults(case.text)
    assert line.startswith(f"{case.key}: ")
    assert case.says in line


def test_five_faults_give_five_lines() -> None:
    text = """
    format_version = 1
    name = "mine"
    task = "segmentation"
    colour = "red"
    [input]
    scale = "unitt"
    [[check]]
    measure = "dice"
    average = "pooled"
    at_leest = 0.5
    [[check]]
    measure = "accuracy"
    at_least = 0.5
    """
    keys = [line.split(":")[0] for line in faults(text)]
    assert keys == ["title", "colour", "input.scale", "check[1].at_leest", "check[2].measure"]


def test_what_is_missing_is_said_beside_a_wrong_value_in_the_same_check() -> None:
    keys = [
        line.split(":")[0]
        for line in faults(SEGMENTATION + "[[check]]\nmeasure = 'dice'\npoints = -1\n")
    ]
    assert keys == ["check[1].points", "check[1].average", "check[1]"]


def test_a_circle_of_needs_is_said_for_each_check_in_it() -> None:
    one, two = DICE + 'name = "a"\nneeds = ["b"]\n', DICE + 'name = "b"\nneeds = ["a"]\n'
    found = faults(SEGMENTATION + one + two + DICE + 'needs = ["a"]\n')
    assert [line.split(":")[0] for line in found] == ["check[1].needs", "check[2].needs"]


def test_the_number_of_faults_is_said_and_a_flood_is_cut() -> None:
    text = "".join(f"key{n} = 1\n" for n in range(5_000)) + WHOLE
    with pytest.raises(InputError, match="and 60 more") as caught:
        read(text)
    assert len(caught.value.message.splitlines()) < 50


def test_a_later_version_is_the_only_thing_said() -> None:
    with pytest.raises(InputError, match="format_version 2 is not known") as caught:
        read(WHOLE.replace("format_version = 1", "format_version = 2\nnews = 1"))
    assert (caught.value.code, "newer companion" in caught.value.hint) == (
        "assignment-version",
        True,
    )


@pytest.mark.parametrize("value", ["true", "1.0", '"1"'])
def test_a_version_is_a_whole_number(value: str) -> None:
    with pytest.raises(InputError, match="is not known"):
        read(WHOLE.replace("format_version = 1", f"format_version = {value}"))


def test_a_missing_version_is_a_fault_among_others() -> None:
    assert faults(WHOLE.replace("format_version = 1", "")) == [
        "format_version: This key is missing."
    ]

"""What a trial of the calculators brought up: one's own number, wrong words, narrow terminals."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

Run = Any
LAYER = ("params", "--kernel", "3", "--in", "16", "--out", "32")
LOCAL = "in {n}x{n}x3: local3-16, local3-32"
CONV = "in {n}x{n}x3: conv3-16"

# --- one's own number in the forms that people write ------------------------------------------

CLAIMS: list[tuple[tuple[str, ...], str, int, str]] = [
    (LAYER, "4 640", 0, "Your 4,640 is right"),
    (LAYER, "3x3x16x32", 1, "bias forgotten"),
    (("shape", CONV), "(n − 2)x(n − 2)x16", 0, "is right"),
    (("shape", CONV), "(n-1)x(n-1)x16", 1, "on one side only"),
    (("rf", "conv3-16, conv3-32"), "5×5", 0, "Your 5x5 is right"),
    (("rf", "conv3-16, conv3-32"), "5 x 5", 0, "Your 5x5 is right"),
    (("rf", "conv3-16, conv3-32"), "3x3", 1, "one layer's kernel alone"),
    (("summary", "in 32x32x3: conv3-16, gap, dense-10"), "618", 0, "these are the parameters"),
    (("summary", "in 32x32x3: conv3-16, gap, dense-10"), "592", 1, "bias forgotten"),
    (
        ("cost", "--kernel", "3", "--size", "32", "--in", "16", "--out", "32"),
        "8294400",
        0,
        "these are the FLOPs",
    ),
]


@pytest.mark.parametrize(("words", "mine", "code", "said"), CLAIMS, ids=str)
def test_a_number_is_understood_as_it_is_written(
    run: Run, words: tuple[str, ...], mine: str, code: int, said: str
) -> None:
    done = run(*words, "--mine", mine)
    assert done.code == code
    assert said in done.out


@pytest.mark.parametrize("mine", ["4640 parameters", "abc", "1e3", "", "  ", "5x5x5x5x5x5x5x5x5"])
def test_what_is_no_number_is_an_error_and_not_a_wrong_answer(run: Run, mine: str) -> None:
    done = run(*LAYER, "--mine", mine)
    assert done.code == 2
    assert "Code:" in done.err
    assert "Your" not in done.out


def test_the_only_layer_is_not_said_to_be_wrong_alone(run: Run) -> None:
    out = run(*LAYER, "--mine", "9280").out
    assert "A layer is counted twice. That gives 9,280 instead of 4,640." in out


# --- calm output ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        LAYER,
        (*LAYER, "--mine", "4608"),
        ("params", LOCAL, "--steps"),
        ("cost", CONV, "--steps"),
        ("rf", "--kernel", "1x7"),
    ],
    ids=" ".join,
)
def test_no_two_blank_lines_follow_one_another_and_none_stands_at_the_end(
    run: Run, words: tuple[str, ...]
) -> None:
    out = run(*words).out
    assert "\n\n\n" not in out
    assert not out.endswith("\n\n")


@pytest.mark.parametrize(
    "words", [("rf", "--kernel", "1x7"), ("solve", "stride", "--size", "32", "--to", "31")]
)
def test_one_is_singular(run: Run, words: tuple[str, ...]) -> None:
    assert re.search(r"\b1 positions", run(*words).out) is None


def test_the_steps_of_a_cost_are_said_once(run: Run) -> None:
    out = run("cost", CONV, "--steps").out
    assert out.count("multiplies its") == 1
    assert out.count("Gradients, the optimizer's") == 1


def test_the_steps_of_a_shape_end_with_the_shape(run: Run) -> None:
    out = run("shape", "in 32x32x3: conv3-16/s2", "--steps").out
    assert out.rstrip().endswith("15x15x16")


def test_a_short_bracket_is_not_broken_at_the_end_of_a_line(run: Run) -> None:
    out = run("params", LOCAL, "--mine", "448(n-2)^2+4640(n-2)^2").out
    assert not any(line.rstrip().endswith("(n") for line in out.splitlines())


def test_where_no_table_is_narrow_enough_rows_stand_below_one_another(run: Run) -> None:
    done = run("compare", CONV, "in {n}x{n}x3: conv3-16, conv3-16", COLUMNS="30")
    assert max(map(len, done.out.splitlines())) <= 34
    assert "MACs\n" in done.out
    assert "  A: 432·(n − 2)²" in done.out


def test_a_difference_that_has_no_room_in_the_table_is_said_below(run: Run) -> None:
    out = run("compare", "in {n}x{n}x3: local3-16", CONV).out
    assert "Parameters: A − B is 448·n² − 1,792·n + 1,344." in out
    assert "From n = 4 on B is smaller." in out


def test_brackets_of_rounding_are_words_in_ascii(run: Run) -> None:
    done = run("shape", f"{CONV}/s2, maxpool2", "--steps", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert "axis of floor((n - 3)/2) + 1" in done.out
    assert "?" not in done.out


def test_a_shape_is_mathematics_in_latex(run: Run) -> None:
    out = run("shape", CONV, "--latex").out
    assert r"$\left(n - 2\right) \times \left(n - 2\right) \times 16$" in out


def test_options_of_a_summary_are_not_ignored(run: Run) -> None:
    network = "in 32x32x3: conv3-16, gap, dense-10"
    assert run("summary", network, "--no-steps").out == (
        "618 parameters: 618 trainable, 0 not\n388,960 MACs for one sample\n"
    )
    assert "3·3·3·16 + 16" in run("summary", network, "--steps").out


# --- true sentences ---------------------------------------------------------------------------


def test_what_is_not_known_has_no_difference(run: Run) -> None:
    measure = run("compare", "conv3-16", "conv5-16", "--json").document["result"]["parameters"]
    assert measure["difference"] is None
    assert measure["at_least"] is True


def test_a_padding_with_a_stride_may_have_equal_ends(run: Run) -> None:
    out = run("solve", "padding", "--kernel", "3", "--stride", "2", "--size", "32").out
    assert "can't be equal" not in out
    assert "17 at each" in out


def test_a_unit_that_reads_nothing_is_said(run: Run) -> None:
    out = run("rf", "in 8x8x3: convT2-8/s3").out
    assert "1 sees nothing, 2 see 1 position" in out
    assert "Unit 2 reads nothing." in out


def test_a_recurrent_layer_has_no_turns(run: Run) -> None:
    out = run("rf", "in 20x8: lstm-8/return_sequences").out
    assert "from 1 to 20 positions" in out
    assert "take turns" not in out


def test_the_place_of_the_local_field_is_not_given_for_a_global_one(run: Run) -> None:
    out = run("rf", "in 32x32x3: conv3-8, gap").out
    assert "Before that layer a unit sees 3x3." in out
    assert "Unit 0 reads" not in out


def test_channels_alone_have_no_places(run: Run) -> None:
    assert "The input has no places" in run("rf", "in 8: dense-3").out


# --- errors that say what to do ---------------------------------------------------------------

ERRORS: list[tuple[tuple[str, ...], str]] = [
    (("params", "in", "32x32x3:", "conv3-16"), "in double quotes"),
    (("params", ""), "For example: in 32x32x3"),
    (("params", "nofile.txt"), "nofile.txt does not exist"),
    (("params", "./nofile.txt"), "does not exist"),
    (("cost", "--kernel", "3", "--in", "16", "--out", "32"), "all its sizes"),
    (("params", "in 32x32x3 conv3-16"), "A colon ends the input"),
    (("params", "Conv2D"), "Write conv3-16"),
    (("params", LOCAL, "--set", "n=3,m=4"), "once for each letter"),
    (("rf", "in x=8x8x3, y=8x8x3: conv3-8/same, concat(y)"), "--of-input x"),
    (("rf", "conv3-8", "--at", "nothing"), "Its layers are input_layer, conv2d."),
    (("shape", "--kernel", "3", "--in", "1", "--out", "1", "--padding", "causal"), "--rank 1"),
    (("params", "--kernel", "3", "--in", "6", "--out", "8", "--groups", "3"), "divides 2"),
]


@pytest.mark.parametrize(("words", "said"), ERRORS, ids=str)
def test_an_error_says_what_to_do(run: Run, words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.code == 2
    assert said in " ".join(done.err.split())
    assert done.out == ""


def test_an_error_in_a_file_names_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.txt").write_text("in 8x8x3: conv3-8\n# a comment\nrelu", "utf-8")
    assert "Where: net.txt, line 3" in run("params", "net.txt").err


def test_a_text_with_zero_bytes_is_no_network(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(b"\x1c\0\0\0TFL3")
    done = run("params", "data.bin")
    assert done.code == 2
    assert "neither a model of Keras nor a text" in done.err


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "code"),
    [("empty.h5", 3), ("page.h5", 3), ("lfs-pointer.h5", 3), ("cnn-tf213-savedmodel", 4)],
)
def test_what_is_called_a_model_is_judged_as_one(
    run: Run, corpus: Path, tmp_path: Path, name: str, code: int
) -> None:
    source = corpus / "models" / "dialects" / name
    copy = shutil.copytree if source.is_dir() else shutil.copy
    copy(source, tmp_path / name)
    done = run("params", name)
    assert done.code == code
    assert "What to do:" in done.err


def test_dashes_of_a_word_processor_are_hyphens(run: Run) -> None:
    assert run("params", "in 32×32×3: conv3–16", "--no-steps").out == "448 parameters\n"

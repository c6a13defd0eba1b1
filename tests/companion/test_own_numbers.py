"""Explanations with the reader's own numbers, as whole processes: metrics, loss, try gradient-flow."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from companion import boundary

Run = Any
Here = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[2]
COUNTS = ("metrics", "--tp", "8", "--fp", "2", "--fn", "1", "--tn", "89")
LOSS = ("loss", "--mask", "0 1; 1 1", "--probabilities", "0.1 0.8; 0.7 0.9")
FLOW = ("try", "gradient-flow", "--depth", "12", "--width", "16")
_CSV = re.compile(r"^```csv\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The files that README and the examples of the help name."""
    scores, matrix = _CSV.findall((ROOT / "README.md").read_text("utf-8"))
    (tmp_path / "scores.csv").write_text(scores, "utf-8")
    (tmp_path / "confusion.csv").write_text(matrix, "utf-8")
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 20:40] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    Image.fromarray(np.where(mask > 0, 204, 51).astype(np.uint8)).save(
        tmp_path / "probabilities.png"
    )
    return tmp_path


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Here:
    """Run a command in this process: as a whole process each would take ten times as long."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        code = boundary.run(list(words))
        return code, *capsys.readouterr()

    return call


# --- documents ------------------------------------------------------------------------------


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("command", [["metrics"], ["loss"], ["try", "gradient-flow"]])
def test_every_example_of_the_help_works(run: Run, command: list[str]) -> None:
    shown = run(*command, "--help").out
    lines = [line.strip() for line in shown.splitlines() if line.strip().startswith("companion ")]
    assert len(lines) >= 3
    for line in lines:
        done = run(*shlex.split(line)[1:])
        assert (done.code, done.err) == (0, ""), line
        assert done.out


@pytest.mark.usefixtures("files")
def test_the_commands_of_the_readme_that_read_a_table_work(run: Run) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("companion metrics --")]
    shown = [line for line in lines if "--scores" in line or "--matrix" in line]
    assert len(shown) == 3
    for line in shown:
        done = run(*shlex.split(line)[1:])
        assert (done.code, done.err) == (0, ""), line


# --- metrics --------------------------------------------------------------------------------


def test_the_rates_are_said_with_the_readers_numbers(run: Run) -> None:
    done = run(*COUNTS)
    assert done.code == 0
    words = " ".join(done.out.split())
    assert "TP/(TP + FN) = 8/(8 + 1) = 8/9 = 0.8889" in words
    assert "Of the 9 that are there, 8 were found." in words
    assert "Of the 10 that were called positive, 8 are." in words
    assert "always negative, has an accuracy of 91/100 = 0.9100" in words


def test_costs_say_which_mistake_matters_and_what_the_answers_cost(run: Run) -> None:
    words = " ".join(run(*COUNTS, "--cost-miss", "10", "--cost-alarm", "1").out.split())
    assert "A miss costs 10 times as much as a false alarm: recall matters more." in words
    assert "These answers cost 10·1 + 1·2 = 12, 0.1200 a case." in words
    assert "Always positive would cost 91, always negative 90." in words
    assert "cheaper than both, by 78" in words
    assert "from 1/11 = 0.0909 on" in words
    other = " ".join(run(*COUNTS, "--cost-alarm", "100").out.split())
    assert "precision matters more" in other
    assert "They cost 192 more than always negative" in other


def test_the_document_of_metrics_is_exact(run: Run) -> None:
    result = run(*COUNTS, "--beta", "2", "--cost-miss", "10", "--json").document["result"]
    assert set(result) == {
        "counts", "rates", "matthews", "best_constant", "costs", "remarks", "curve",
    }  # fmt: skip
    exact = {rate["code"]: rate["exact"] for rate in result["rates"]}
    assert (exact["precision"], exact["recall"], exact["f1"]) == ("4/5", "8/9", "16/19")
    # 5PR/(4P + R) for P = 4/5, R = 8/9
    assert Fraction(exact["f-beta"]) == Fraction(20, 23)
    assert result["matthews"]["value"] == pytest.approx(710 / (10 * 9 * 91 * 90) ** 0.5)
    assert result["costs"]["total"] == "12"
    assert result["curve"] is None


def test_what_is_0_over_0_is_said_so(run: Run) -> None:
    words = ("metrics", "--tp", "0", "--fp", "0", "--fn", "3", "--tn", "7")
    assert "0/(0 + 0) = undefined" in run(*words).out
    result = run(*words, "--json").document["result"]
    precision = next(rate for rate in result["rates"] if rate["code"] == "precision")
    assert (precision["exact"], precision["value"]) == (None, None)
    assert result["matthews"]["value"] is None


@pytest.mark.usefixtures("files")
def test_scores_draw_the_curve_and_give_the_cheapest_threshold(run: Run) -> None:
    words = ("metrics", "--scores", "scores.csv", "--cost-miss", "10", "--cost-alarm", "1")
    done = run(*words)
    assert done.code == 0
    assert "recall" in done.out
    assert "⠒" in done.out or "⠉" in done.out
    curve = run(*words, "--json").document["result"]["curve"]
    # by hand: from 0.4 on all 4 positives are found, with 2 false alarms
    assert (curve["chosen"]["threshold"], curve["chosen"]["best"]) == (0.4, "2")
    assert [curve["chosen"][key] for key in ("tp", "fp")] == [4, 2]
    # the mean of 1/1, 2/2, 3/4 and 4/6, the precision at each positive
    assert curve["average_precision"]["exact"] == "41/48"
    assert [point["threshold"] for point in curve["points"]] == [
        None, 0.95, 0.9, 0.8, 0.6, 0.4, 0.3, 0.1,
    ]  # fmt: skip


@pytest.mark.usefixtures("files")
def test_a_threshold_of_ones_own_gives_its_counts(run: Run) -> None:
    words = ("metrics", "--scores", "scores.csv", "--threshold", "0.5", "--json")
    assert run(*words).document["result"]["counts"] == {
        "tp": 3, "fp": 2, "fn": 1, "tn": 2, "total": 8,
    }  # fmt: skip


@pytest.mark.usefixtures("files")
def test_several_classes_have_three_averages(run: Run) -> None:
    done = run("metrics", "--matrix", "confusion.csv")
    assert done.code == 0
    assert "2 times cat was called dog." in done.out
    result = run("metrics", "--matrix", "confusion.csv", "--json").document["result"]
    recall = Fraction(5, 7), Fraction(7, 9), Fraction(1)
    assert result["averages"]["micro"]["f1"] == result["accuracy"] == "21/25"
    assert Fraction(result["averages"]["macro"]["recall"]) == sum(recall) / 3
    weighted = sum(w * r for w, r in zip((7, 9, 9), recall, strict=True)) / 25
    assert Fraction(result["averages"]["weighted"]["recall"]) == weighted


def test_a_matrix_without_names_counts_its_classes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text("3;1\n0;4\n", "utf-8")
    result = run("metrics", "--matrix", "plain.csv", "--json").document["result"]
    assert [item["name"] for item in result["classes"]] == ["0", "1"]
    assert result["accuracy"] == "7/8"


@pytest.mark.parametrize(
    ("option", "latin", "other"),
    [
        pytest.param(
            "--scores",
            "score,label\n0.95,1\n0.8,0\n0.4,1\n",
            "score,label\n۰٫۹۵,۱\n٠٫٨,٠\n۰.۴,۱٫۰\n",
            id="scores",
        ),
        pytest.param("--matrix", "cat,50,12\ndog,3,47\n", "cat,۵۰,١٢\ndog,۳,٤٧\n", id="matrix"),
    ],
)
def test_persian_and_arabic_digits_of_a_table_are_read(
    here: Here, tmp_path: Path, option: str, latin: str, other: str
) -> None:
    (tmp_path / "latin.csv").write_text(latin, "utf-8")
    (tmp_path / "other.csv").write_text(other, "utf-8")
    expected, found = (here("metrics", option, f"{n}.csv", "--json") for n in ("latin", "other"))
    assert expected[0] == 0
    assert found == expected


def test_names_of_a_matrix_stay_text_in_every_form(here: Here, tmp_path: Path) -> None:
    nasty = "<b>x</b>|\x1b[31m`"
    (tmp_path / "m.csv").write_text(f"{nasty},3,1\nb,1,4\n", "utf-8")
    for form in ("--markdown", "--latex", "--steps"):
        code, out, err = here("metrics", "--matrix", "m.csv", form)
        assert code == 0, err
        assert "\x1b" not in out
        assert form != "--markdown" or "<b>" not in out


def test_scores_without_a_positive_case_have_no_area(here: Here, tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("score,label\n0.5,0\n0.1,0\n", "utf-8")
    code, out, err = here("metrics", "--scores", "none.csv")
    assert code == 0, err
    assert "There is no positive case: recall and average precision are 0/0." in out
    assert "you named" not in out
    code, out, _ = here("metrics", "--scores", "none.csv", "--json")
    assert json.loads(out)["result"]["curve"]["average_precision"] is None


def test_twenty_thousand_scores_are_measured(run: Run, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    scores = random.random(20_000)
    labels = random.random(20_000) < scores
    rows = "\n".join(f"{s},{int(y)}" for s, y in zip(scores, labels, strict=True))
    (tmp_path / "many.csv").write_text(f"score,label\n{rows}\n", "utf-8")
    done = run("metrics", "--scores", "many.csv", "--no-steps")
    assert done.code == 0
    assert "different scores: 20,000." in done.out


# --- loss -----------------------------------------------------------------------------------


def test_losses_are_worked_out_with_the_readers_numbers(run: Run) -> None:
    words = " ".join(run(*LOSS).out.split())
    assert "1 − (2·2.4 + 1)/(2.5 + 3 + 1) = 7/65 = 0.1077" in words
    assert "1 − (2.4 + 1)/(2.5 + 3 − 2.4 + 1) = 7/41 = 0.1707" in words
    assert "it pushes hardest in row 2, column 1 (object, p = 0.7), with −0.3571" in words
    assert "Smoothing: 1 is added above and below" in words


def test_persian_digits_are_numbers(run: Run) -> None:
    theirs = run("loss", "--mask", "۰ ۱", "--probabilities", "۰٫۱ ۰٫۸", "--smooth", "۱")
    assert theirs == run("loss", "--mask", "0 1", "--probabilities", "0.1 0.8")
    assert theirs.code == 0


def test_the_document_of_losses_is_exact(run: Run) -> None:
    result = run(*LOSS, "--json").document["result"]
    (picture,) = result["pictures"]
    assert picture["dice"]["exact"] == "7/65"
    assert picture["iou"]["exact"] == "7/41"
    # (p − t)/(p (1 − p))/4
    assert picture["bce"]["gradient"] == ["5/18", "-5/16", "-5/14", "-5/18"]
    assert {item["of"]: item["holds"] for item in result["relations"]} == {
        "hard": True, "soft": True, "soft-smoothed": False, "soft-squared": False,
    }  # fmt: skip


def test_means_over_pictures_break_the_relation(run: Run) -> None:
    words = [*LOSS, "--mask", "1 1", "--probabilities", "0.9 0.4"]
    result = run(*words, "--json").document["result"]
    assert {item["of"]: item["holds"] for item in result["relations"]} == {
        "pooled": True, "mean": False,
    }  # fmt: skip


@pytest.mark.usefixtures("files")
def test_pictures_are_masks_and_probabilities(run: Run) -> None:
    words = ("loss", "--mask", "mask.png", "--probabilities", "probabilities.png")
    done = run(*words)
    assert done.code == 0
    assert "█" in done.out
    (picture,) = run(*words, "--smooth", "0", "--json").document["result"]["pictures"]
    # 400 object pixels at 0.8, 2,000 others at 0.2
    assert Fraction(picture["dice"]["exact"]) == 1 - Fraction(2 * 320, 320 + 400 + 400)
    assert (picture["hard"]["dice"], picture["rows"], picture["columns"]) == ("1", 40, 60)


# --- try gradient-flow ----------------------------------------------------------------------


def test_a_vanishing_gradient_is_said_with_its_numbers(run: Run) -> None:
    words = ("try", "gradient-flow", "--depth", "50", "--activation", "sigmoid")
    done = run(*words)
    assert done.code == 0
    assert "it vanishes" in " ".join(done.out.split())
    result = run(*words, "--json").document["result"]
    assert result["verdict"] == "vanishing"
    assert result["ratio"] < 1e-20
    assert len(result["layers"]) == 50
    assert result["layers"][0]["signal_gradient"] == pytest.approx(
        result["ratio"] * result["last_signal_gradient"]
    )
    assert result["jacobian_products"][0]["first_layer"] == 1
    mended = run(*words, "--residual", "--json").document["result"]
    assert mended["verdict"] == "even"


def test_an_overflow_is_said_and_is_null_in_the_document(run: Run) -> None:
    words = ("try", "gradient-flow", "--depth", "150", "--width", "64", "--activation", "linear")
    done = run(*words, "--init", "normal:1000", "--clip", "1")
    assert done.code == 0
    assert "too large for float64" in " ".join(done.out.split())
    result = run(*words, "--init", "normal:1000", "--json").document["result"]
    assert (result["verdict"], result["loss"], result["ratio"]) == ("overflow", None, None)


def test_clipping_is_said_to_mend_no_vanishing(run: Run) -> None:
    words = " ".join(run(*FLOW, "--clip", "1").out.split())
    assert "no remedy for vanishing ones" in words


# --- forms ----------------------------------------------------------------------------------


ALL = [
    pytest.param([*COUNTS, "--cost-miss", "10", "--beta", "1/2"], id="metrics"),
    pytest.param([*COUNTS, "--no-steps"], id="metrics table"),
    pytest.param(["metrics", "--scores", "scores.csv"], id="scores"),
    pytest.param(["metrics", "--matrix", "confusion.csv"], id="matrix"),
    pytest.param(list(LOSS), id="loss"),
    pytest.param(["loss", "--mask", "mask.png", "--probabilities", "probabilities.png"], id="png"),
    pytest.param([*FLOW, "--clip", "1", "--residual", "--norm"], id="flow"),
]


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("words", ALL)
@pytest.mark.parametrize("columns", ["60", "100"])
def test_lines_fit_the_terminal(
    here: Here, monkeypatch: pytest.MonkeyPatch, words: list[str], columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    code, out, err = here(*words)
    assert code == 0, err
    assert max(map(len, out.splitlines())) <= int(columns)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("words", ALL)
def test_a_terminal_without_unicode_gets_ascii(run: Run, words: list[str]) -> None:
    done = run(*words, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.code == 0, done.err
    assert done.out.isascii()
    assert "?" not in done.out.replace("hold?", "")


@pytest.mark.parametrize("columns", ["40", "60"])
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(list(LOSS), id="loss"),
        pytest.param([*FLOW, "--clip", "1"], id="flow"),
        pytest.param(["check", "--list"], id="check"),
    ],
)
def test_lines_fit_where_signs_become_longer_in_ascii(
    run: Run, words: list[str], columns: str
) -> None:
    done = run(*words, PYTHONIOENCODING="ascii", PYTHONUTF8="0", COLUMNS=columns)
    assert done.code == 0, done.err
    assert max(map(len, done.out.splitlines())) <= int(columns)


def test_one_is_no_plural(here: Here, tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("0,1\n2,3\n", "utf-8")
    words = " ".join(here("metrics", "--matrix", str(tmp_path / "two.csv"))[1].split())
    assert "2 times 1 was called 0. Once 0 was called 1." in words
    assert here(*FLOW[:2], "--depth", "1")[1].startswith("1 dense layer of 64 units")


@pytest.mark.parametrize("form", ["--latex", "--markdown"])
@pytest.mark.parametrize("more", [[], ["--no-steps"]])
def test_other_forms_of_rates(here: Here, form: str, more: list[str]) -> None:
    code, out, err = here(*COUNTS, form, *more)
    assert (code, err) == (0, "")
    assert out.count("{") == out.count("}")
    assert more or r"\frac" in out


def test_losses_as_markdown(run: Run) -> None:
    done = run(*LOSS, "--markdown")
    assert (done.code, done.err) == (0, "")
    assert "7/65" in done.out


def test_losses_without_steps_leave_the_gradients_out_in_every_form(here: Here) -> None:
    for form in ([], ["--markdown"]):
        assert "pushes hardest" in here(*LOSS, *form)[1]
        assert "pushes hardest" not in here(*LOSS, *form, "--no-steps")[1]


def test_losses_as_latex_have_the_formula_the_numbers_and_the_value(here: Here) -> None:
    code, out, err = here(*LOSS, "--latex")
    assert (code, err) == (0, "")
    # by hand: Σpt = 0.8 + 0.7 + 0.9, Σp = 2.5, Σt = 3
    dice, iou = 1 - Fraction("5.8") / Fraction("6.5"), 1 - Fraction("3.4") / Fraction("4.1")
    for value in (dice, iou):
        assert rf"= \frac{{{value.numerator}}}{{{value.denominator}}} = {float(value):.4f}" in out
    assert r"1 - \frac{2 \cdot 2.4 + 1}{2.5 + 3 + 1}" in out
    assert r"D_{p > 0.5} &= \frac{2 \cdot 3}{3 + 3} = 1 \\" in out


@pytest.mark.parametrize("more", [[], ["--smooth", "0"], ["--smooth", "keras"], [*LOSS[1:]]])
def test_latex_of_losses_is_read_by_a_library(here: Here, more: list[str]) -> None:
    from latex2mathml.converter import convert

    code, out, err = here("loss", "--mask", "0 0", "--probabilities", "0.1 0.2", *more, "--latex")
    assert (code, err) == (0, "")
    assert out.count("{") == out.count("}")
    assert r"\text{(both masks are empty)}" in out
    blocks = re.findall(r"\\begin\{align\*\}.*?\\end\{align\*\}", out, re.DOTALL)
    assert len(blocks) == 1 + ("--mask" in more)
    for block in blocks:
        assert convert(block).count("<mfrac>") >= 5


def test_a_narrow_table_of_a_gradient_flow_explains_the_columns_it_shows(run: Run) -> None:
    assert "Spread: of what comes out." in run(*FLOW).out
    narrow = run(*FLOW, COLUMNS="36").out
    assert "spread" not in narrow.split("layer  dL/dh in")[1].lower().split("\n\n")[0]


@pytest.mark.parametrize("form", ["--latex", "--markdown"])
def test_the_table_of_a_gradient_flow_in_other_forms(here: Here, form: str) -> None:
    code, out, err = here(*FLOW, "--clip", "1", form)
    assert (code, err) == (0, "")
    result = json.loads(here(*FLOW, "--clip", "1", "--json")[1])["result"]
    first = next(line for line in out.splitlines() if re.match(r"\|? ?1 ", line))
    cells = [cell.strip(" \\|") for cell in re.split(r"[&|]", first.strip(" |"))]
    layer = result["layers"][0]
    assert float(cells[1]) == pytest.approx(layer["signal_gradient"], rel=1e-2)
    assert float(cells[2]) == pytest.approx(layer["weight_gradient"], rel=1e-2)
    assert here(*FLOW, "--latex", "--markdown")[0] == 2


# --- bad input ------------------------------------------------------------------------------

TABLES = {
    "labels.csv": "score,label\n0.5,1\n0.4,maybe\n0.3,0\n0.2,2\n",
    "nan.csv": "score,label\n0.5,1\nnan,0\n",
    "words.csv": "score,label\n0.5,1\nhigh,0\n",
    "groups.csv": "score,label\n0.5,1_0\n0.1,1\n",
    "columns.csv": "a,b\n0.5,1\n",
    "header.csv": "score,label\n",
    "empty.csv": "",
    "square.csv": "1,2\n3\n",
    "minus.csv": "1,2\n3,-1\n",
    "zeros.csv": "0,0\n0,0\n",
}
BAD = [
    ("nothing", ["metrics"], "Nothing to measure"),
    ("a count missing", ["metrics", "--tp", "8", "--fn", "1"], "--fp and --tn are missing"),
    ("negative", ["metrics", "--tp", "-1", "--fp", "0", "--fn", "0", "--tn", "0"], "TP is -1"),
    ("no case", ["metrics", "--tp", "0", "--fp", "0", "--fn", "0", "--tn", "0"], "0/0"),
    ("a word", ["metrics", "--tp", "eight"], "--tp"),
    ("a cost", [*COUNTS, "--cost-miss", "9e9999999"], "--cost-miss takes a number"),
    ("a cost of 1/0", [*COUNTS, "--cost-miss", "1/0"], "--cost-miss takes a number"),
    ("no costs", [*COUNTS, "--cost-miss", "0", "--cost-alarm", "0"], "Neither a miss"),
    ("a beta", [*COUNTS, "--beta", "-1"], "beta is -1"),
    ("two sources", [*COUNTS, "--scores", "labels.csv"], "exclude each other"),
    ("a threshold alone", [*COUNTS, "--threshold", "0.5"], "--threshold needs --scores"),
    ("costs of a matrix", ["metrics", "--matrix", "zeros.csv", "--beta", "2"], "several"),
    ("three are missing", ["metrics", "--tp", "8"], "--fp, --fn and --tn are missing"),
    ("a word among numbers", ["loss", "--mask", "0 x", "--probabilities", "0 1"], "not 'x'"),
    ("no picture", ["loss", "--mask", "0 1.png", "--probabilities", "0 1"], "nor a picture file"),
    ("no file", ["metrics", "--scores", "nowhere.csv"], "There is no file 'nowhere.csv'"),
    ("a folder", ["metrics", "--scores", "."], "'.' is a folder; a CSV file is needed"),
    ("a matrix in a folder", ["metrics", "--matrix", "."], "'.' is a folder; a CSV file is needed"),
    ("a label with a group", ["metrics", "--scores", "groups.csv"], "line 2: the label '1_0'"),
    ("labels", ["metrics", "--scores", "labels.csv"], "line 3: the label 'maybe'"),
    ("all faults", ["metrics", "--scores", "labels.csv"], "line 5: the label '2'"),
    ("nan", ["metrics", "--scores", "nan.csv"], "line 3: the score 'nan'"),
    ("no number", ["metrics", "--scores", "words.csv"], "line 3: the score 'high'"),
    ("columns", ["metrics", "--scores", "columns.csv"], "score,label"),
    ("a header alone", ["metrics", "--scores", "header.csv"], "no scores"),
    ("empty", ["metrics", "--scores", "empty.csv"], "it is empty"),
    ("binary", ["metrics", "--scores", "bytes.csv"], "no UTF-8"),
    ("not square", ["metrics", "--matrix", "square.csv"], "line 2: 1 count,"),
    ("a negative count", ["metrics", "--matrix", "minus.csv"], "line 2: '-1' is no count"),
    ("zeros", ["metrics", "--matrix", "zeros.csv"], "All counts"),
    ("no mask", ["loss", "--probabilities", "0.5"], "0 of --mask and 1 of --prob"),
    ("shapes", ["loss", "--mask", "0 1", "--probabilities", "0.5"], "1 x 2 pixels"),
    ("rows", ["loss", "--mask", "0 1; 1", "--probabilities", "0.5"], "rows of 1 and of 2"),
    ("a mask of 2", ["loss", "--mask", "2", "--probabilities", "0.5"], "mask is 2"),
    ("a logit", ["loss", "--mask", "1", "--probabilities", "3.5"], "A probability is 3.5"),
    ("a caret", ["loss", "--mask", "1", "--probabilities", "0.5/"], "^^^^"),
    ("no picture", ["loss", "--mask", "x.png", "--probabilities", "1"], "nor a picture"),
    ("an empty text", ["loss", "--mask", "", "--probabilities", "1"], "no pixels"),
    ("smoothing", ["loss", "--mask", "1", "--probabilities", "1", "--smooth", "-1"], "--smooth"),
    ("grey mask", ["loss", "--mask", "grey.png", "--probabilities", "grey.png"], "3 values"),
    ("colour", ["loss", "--mask", "1", "--probabilities", "rgb.png"], "colours"),
    ("no picture file", ["loss", "--mask", "bytes.csv", "--probabilities", "1"], "picture"),
    ("large", ["loss", "--mask", "large.png", "--probabilities", "1"], "66,049 pixels"),
    ("depth", ["try", "gradient-flow", "--depth", "500"], "between 1 and 200"),
    ("activation", ["try", "gradient-flow", "--activation", "relu6"], "leaky-relu"),
    ("init", ["try", "gradient-flow", "--init", "normal:x"], "normal:0.01"),
    ("a large deviation", ["try", "gradient-flow", "--init", "normal:1e9"], "up to 1,000"),
    ("clip", ["try", "gradient-flow", "--clip", "0"], "The clip is 0"),
]  # fmt: skip


@pytest.fixture
def broken(tmp_path: Path) -> None:
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00score")
    grey = np.array([[0, 128, 255]], np.uint8)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    Image.fromarray(np.stack([grey, grey, 255 - grey], axis=-1)).save(tmp_path / "rgb.png")
    Image.fromarray(np.zeros((257, 257), np.uint8)).save(tmp_path / "large.png")


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(("words", "said"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_input_is_an_error_with_what_to_do(here: Here, words: list[str], said: str) -> None:
    code, out, err = here(*words)
    assert code == 2, err
    assert said in err
    assert "Traceback" not in err
    assert "bug" not in err
    assert out == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["metrics", "--scores", "long.csv"], "table-limit"),
        (["metrics", "--scores", "heavy.csv"], "table-limit"),
        (["metrics", "--matrix", "long.csv"], "table-limit"),
        (["try", "gradient-flow", "--depth", "200", "--width", "256"], "network-too-large"),
    ],
)
def test_what_is_too_large_is_refused(
    run: Run, tmp_path: Path, words: list[str], code: str
) -> None:
    (tmp_path / "long.csv").write_text("score,label\n" + "1,1\n" * 100_002, "utf-8")
    (tmp_path / "heavy.csv").write_text("score,label\n" + "1,1," + "x" * 16_000_000, "utf-8")
    done = run(*words, "--json")
    assert done.code == 4
    assert done.document["error"]["code"] == code


def test_rates_of_counts_import_nothing_heavy(environment: dict[str, str]) -> None:
    code = (
        "import sys; from companion.boundary import run; run(sys.argv[1:]); "
        "heavy = {'numpy', 'h5py', 'rich', 'pydantic', 'sympy', 'PIL', 'keras', 'plotille'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *COUNTS],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (LOSS, {"smoothing", "pictures", "relations"}),
        (
            FLOW,
            {
                "design", "loss", "verdict", "ratio", "weight_ratio", "overflow_layer", "layers",
                "last_signal_gradient", "jacobian_products", "clipping", "words",
            },
        ),
    ],
)  # fmt: skip
def test_documents_keep_their_names(run: Run, words: tuple[str, ...], keys: set[str]) -> None:
    document = json.loads(run(*words, "--json").out)
    assert document["format"] == f"companion/{words[0]}"
    assert set(document["result"]) == keys


@pytest.mark.parametrize("init", ["glorot", "normal:0.000000000001", "normal:1000"])
@pytest.mark.parametrize("activation", ["sigmoid", "relu", "linear"])
@pytest.mark.parametrize("more", [[], ["--residual"], ["--norm"]])
def test_no_network_is_so_extreme_that_it_breaks_the_document(
    here: Here, init: str, activation: str, more: list[str]
) -> None:
    words = ["try", "gradient-flow", "--depth", "200", "--width", "8", "--clip", "1", *more]
    words += ["--init", init, "--activation", activation]
    code, out, err = here(*words, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["result"]["words"]
    code, out, err = here(*words)
    assert (code, err) == (0, "")
    assert "layer" in out

"""The calculators as a student meets them: whole processes, in every form, with wrong things too."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from corpus import load_json

Run = Any
FACTS: Any = load_json("reference/homework-facts.json") or {}
SOLVED = ("filters", "channels", "kernel", "padding", "stride", "layers", "input", "equal")
CALCULATORS = ("params", "shape", "rf", "cost", "summary", "compare", "notation", "solve")
CIFAR = (
    "in 32x32x3: conv3-16/same, relu, maxpool2, conv3-32/same, relu, maxpool2, "
    "conv3-64/same, relu, maxpool2, flatten, dense-128, relu, dense-10, softmax"
)
BRANCHES = "[conv1-32 | conv1-32, conv3-32/same | conv1-32, conv3-32/same, conv3-32/same] concat"


def examples(command: str) -> list[str]:
    """The lines that the help of a command shows."""
    done = subprocess.run(
        [sys.executable, "-m", "companion", *command.split(), "--help"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return [
        line.strip() for line in done.stdout.splitlines() if line.strip().startswith("companion ")
    ]


# --- the homework's numbers -----------------------------------------------------------------


@pytest.mark.corpus
def test_the_two_convolutions_of_the_homework(run: Run) -> None:
    facts = FACTS["two_valid_convs"]
    done = run("params", "in {n}x{n}x3: conv3-16, conv3-32", "--json")
    result = done.document["result"]
    assert [layer["parameters"] for layer in result["layers"][1:]] == facts["params"]
    assert result["total"] == facts["sum"]


@pytest.mark.corpus
def test_the_locally_connected_layers_of_the_homework(run: Run) -> None:
    import sympy

    facts = FACTS["two_locally_connected"]
    done = run("params", "in {n}x{n}x3: local3-16, local3-32", "--json")
    expected = sympy.expand(sympy.sympify(facts["sum_expanded"]))
    assert sympy.expand(sympy.sympify(done.document["result"]["total"]) - expected) == 0
    text = run("params", "in {n}x{n}x3: local3-16, local3-32").out
    assert "27·16·(n − 2)² + 16·(n − 2)²" in text
    assert "144·32·(n − 4)² + 32·(n − 4)²" in text


@pytest.mark.corpus
def test_the_cifar_network_of_the_homework(run: Run) -> None:
    facts = FACTS["cifar_cnn"]
    result = run("cost", CIFAR, "--json").document["result"]
    assert result["macs"] == facts["macs_sum"]
    assert result["flops"] == facts["flops_2_per_mac"]
    assert result["weight_bytes"] == facts["weight_memory_float32_bytes"]
    assert f"{facts['sum']:,} parameters" in run("params", CIFAR).out
    assert run("rf", CIFAR, "--json").document["result"]["whole"] is True
    before = run("rf", CIFAR, "--at", "max_pooling2d_2", "--json").document["result"]
    assert [axis["size"] for axis in before["axes"]] == facts["receptive_field_before_flatten"]


@pytest.mark.corpus
def test_the_inception_residual_block_of_the_homework(run: Run) -> None:
    facts = FACTS["inception_residual"]
    plain = run("params", f"in 14x14x3: {BRANCHES}, conv1-256", "--json").document["result"]
    parts = [row["parameters"] for row in plain["layers"] if row["parameters"]]
    assert parts == facts["three_input_channels_without_shortcut"]["parts"]
    assert plain["total"] == 52_960
    with_projection = f"in 14x14x3: [{BRANCHES}, conv1-256 | conv1-256] add"
    assert run("params", with_projection, "--json").document["result"]["total"] == 53_984
    as_published = f"in 35x35x256: res({BRANCHES}, conv1-256), relu"
    assert run("params", as_published, "--json").document["result"]["total"] == 77_248
    field = run("rf", as_published, "--json").document["result"]
    assert [axis["size"] for axis in field["axes"]] == facts["receptive_field"]


def test_adding_3_to_256_channels_names_both_ways_out(run: Run) -> None:
    done = run("params", f"in 14x14x3: res({BRANCHES}, conv1-256)")
    assert done.code == 2
    assert "1x1" in done.err
    assert "256" in done.err
    assert "3" in done.err


@pytest.mark.corpus
def test_unshared_weights_cost_the_number_of_positions(run: Run) -> None:
    facts = FACTS["two_locally_connected"]
    done = run(
        "compare", "in {n}x{n}x3: local3-16, local3-32", "in {n}x{n}x3: conv3-16, conv3-32",
        "--set", "n=32", "--json",
    )  # fmt: skip
    assert done.document["result"]["parameters"]["ratio"] == facts["ratio_to_shared_n_32"]


# --- one's own number -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["params", "--kernel", "3", "--in", "16", "--out", "32", "--mine", "4,640"], 0, "right"),
        (["params", "--kernel", "3", "--in", "16", "--out", "32", "--mine", "4\u202f640"], 0, "right"),
        (["shape", "in 2048x2048x3: pad1", "--mine", "2 050x2'050x3"], 0, "right"),
        (["params", "--kernel", "3", "--in", "16", "--out", "32", "--mine", "4608"], 1, "bias"),
        (["params", "--kernel", "3", "--in", "16", "--out", "32", "--mine", "320"], 1, "channels"),
        (["shape", "in 32x32x3: conv3-16", "--mine", "32x32x16"], 1, "padding"),
        (["rf", "conv3-1, conv3-1", "--mine", "6"], 1, "instead of 5"),
        (["rf", "conv3-1, conv3-1", "--mine", "5x5"], 0, "right"),
        (["params", "in {n}x{n}x3: local3-16", "--mine", "448*(n-1)^2"], 1, "n"),
        (["params", "--kernel", "3", "--in", "16", "--out", "32", "--mine", "17"], 1, "no usual slip"),
        (["params", "in {n}x{n}x3: local3-16", "--mine", "۴۴۸(n−۲)²"], 0, "right"),
    ],
)  # fmt: skip
def test_a_number_of_ones_own_is_judged(run: Run, words: list[str], code: int, said: str) -> None:
    done = run(*words)
    assert done.code == code, done.err
    assert said in done.out


@pytest.mark.parametrize(
    "words",
    [["params", "in {n}x{n}x3: local3-16"], ["shape", "in {n}x{n}x3: conv3-16"]],
    ids=lambda words: words[0],
)
def test_fractions_in_fractions_are_refused_at_once(run: Run, words: list[str]) -> None:
    done = run(*words, "--mine", "1/(n+" * 20 + "1" + ")" * 20)
    assert done.code == 2
    assert "More than 4 divisions by letters" in done.err
    assert "Where: --mine" in done.err


def test_a_slip_is_a_record_in_the_document(run: Run) -> None:
    done = run("params", "--kernel", "3", "--in", "16", "--out", "32", "--mine", "4608", "--json")
    assert done.code == 1
    mine = done.document["result"]["mine"]
    assert (mine["claimed"], mine["right"], mine["is_right"]) == ("4,608", "4,640", False)
    assert mine["slips"][0]["sentence"]


# --- forms ----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [*CALCULATORS, *(f"solve {name}" for name in SOLVED)])
def test_every_example_of_the_help_works(run: Run, command: str) -> None:
    lines = [line for line in examples(command) if "model.keras" not in line]
    assert len(lines) >= 2
    for line in lines:
        done = run(*shlex.split(line)[1:])
        assert done.code == (1 if "--mine" in line else 0), (line, done.err)
        assert done.out
        place = re.search(r'--output "(.*?)"', line)
        assert done.err == (f"Written: {place[1]}.\n" if place else "")


@pytest.mark.parametrize("command", ["params", "shape", "rf", "cost", "summary"])
@pytest.mark.parametrize("form", ["--json", "--latex", "--markdown", "--steps", "--no-steps"])
def test_every_form_of_every_calculator(run: Run, command: str, form: str) -> None:
    done = run(command, CIFAR, form)
    assert done.code == 0, done.err
    assert done.err == ""
    if form == "--json":
        assert done.document["ok"] is True
        assert done.document["format"] == f"companion/{command}"
    elif form == "--latex":
        assert done.out.count("{") == done.out.count("}")
        assert done.out.count(r"\begin") == done.out.count(r"\end")
    assert "\x1b" not in done.out


OTHERS = {
    "compare": ("in {n}x{n}x3: local3-4", "in {n}x{n}x3: conv3-4"),
    "solve": ("filters", "--parameters", "4640", "--kernel", "3", "--in", "16"),
}


@pytest.mark.parametrize("command", OTHERS)
@pytest.mark.parametrize("form", ["--json", "--latex", "--markdown", "--steps", "--no-steps"])
def test_every_form_of_compare_and_solve(run: Run, command: str, form: str) -> None:
    done = run(command, *OTHERS[command], form)
    assert (done.code, done.err) == (0, "")
    if form == "--json":
        assert done.document["format"] == f"companion/{command}"
    elif form == "--latex":
        assert done.out.count("{") == done.out.count("}")
    if command == "compare" and form == "--steps":
        assert "k_h·k_w·c_in·filters" in done.out


WITHOUT_AN_ANSWER = [
    ("filters", "--parameters", "4641", "--kernel", "3", "--in", "16"),
    ("filters", "--parameters", "4,641", "--kernel", "3", "--in", "16"),
    ("channels", "--parameters", "4", "--kernel", "3", "--out", "32"),
    ("kernel", "--parameters", "4641", "--in", "16", "--out", "32"),
    ("padding", "--kernel", "3", "--stride", "2"),
    ("stride", "--size", "32", "--to", "20", "--kernel", "3"),
    ("stride", "--size", "2", "--to", "1", "--kernel", "3"),
    ("layers", "--field", "33", "--kernel", "1"),
    ("layers", "--field", "33", "--kernel", "1", "--stride", "2"),
]


@pytest.mark.parametrize("words", WITHOUT_AN_ANSWER, ids=" ".join)
def test_that_nothing_solves_it_is_an_answer(run: Run, words: tuple[str, ...]) -> None:
    done = run("solve", *words, "--json")
    assert (done.code, done.document["ok"]) == (0, True)
    assert done.document["result"]["solutions"] == []
    assert done.document["result"]["answer"].startswith("No")


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("in {n}x{n}x3: conv3-8", "in {n}x{n}x3: conv5-8", "never equal: A has 224, B 608"),
        ("in 8x8x3: conv3-8", "in 9x9x3: conv3-8", "always equal: both have 224"),
        ("in {n}x{n}x3: local3-4", "in {n}x{n}x3: local3-8", "never equal: A is smaller"),
    ],
)
def test_two_networks_that_no_size_makes_equal_are_answered(
    run: Run, first: str, second: str, answer: str
) -> None:
    done = run("solve", "equal", first, second, "--json")
    assert (done.code, done.err) == (0, "")
    assert answer in done.document["result"]["answer"]


@pytest.mark.parametrize(
    ("first", "hint"),
    [("in {n}x{m}x3: local3-8", "all but one of m, n"), ("local3-8", "Write the size as a letter")],
)
def test_networks_of_another_number_of_letters_are_no_question(
    run: Run, first: str, hint: str
) -> None:
    done = run("solve", "equal", first, "in {n}x{n}x3: local3-8")
    assert (done.code, done.out) == (2, "")
    assert hint in done.err


def test_two_forms_at_once_are_refused(run: Run) -> None:
    done = run("params", CIFAR, "--json", "--latex")
    assert done.code == 2
    assert done.document["error"]["code"] == "options-clash"


@pytest.mark.parametrize("command", ["params", "shape", "rf", "cost", "summary"])
@pytest.mark.parametrize("columns", ["40", "60", "200"])
def test_lines_fit_the_terminal_and_no_digit_is_cut(run: Run, command: str, columns: str) -> None:
    done = run(command, CIFAR, COLUMNS=columns)
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= int(columns)
    if command in ("params", "summary"):
        assert "131,200" in done.out


def test_a_terminal_without_unicode_gets_ascii(run: Run) -> None:
    done = run("params", "in {n}x{n}x3: local3-16", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.code == 0
    assert done.out.isascii()
    assert "27*16*(n - 2)^2 + 16*(n - 2)^2" in done.out
    assert "?" not in done.out


# --- where a network comes from -------------------------------------------------------------


def test_a_network_from_a_file_and_from_stdin(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.txt").write_text(f"# the homework's network\n{CIFAR}\n", "utf-8")
    assert run("params", "net.txt", "--no-steps").out == "156,074 parameters\n"
    done = subprocess.run(
        [sys.executable, "-m", "companion", "params", "-", "--no-steps"],
        input=CIFAR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "156,074 parameters\n"


def test_what_model_to_json_prints(run: Run, tmp_path: Path) -> None:
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 8, 8, 3], "name": "in"}},
        {
            "class_name": "Conv2D",
            "config": {"name": "c", "filters": 4, "kernel_size": [3, 3], "padding": "same"},
        },
    ]
    text = json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": layers}})
    (tmp_path / "model.json").write_text(text, "utf-8")
    done = run("params", "model.json", "--json")
    assert done.document["result"]["total"] == 3 * 3 * 3 * 4 + 4


@pytest.mark.slow
def test_a_saved_model(run: Run, tmp_path: Path) -> None:
    run("samples", "--copy", "here")
    model = next((tmp_path / "here").rglob("*unet*.h5"))
    by_file = run("params", str(model), "--json").document["result"]
    assert by_file["total"] == run("inspect", str(model), "--json").document["result"][
        "parameters"
    ]["total"]  # fmt: skip
    notation = run("summary", str(model), "--json").document["result"]["notation"]
    assert run("params", notation, "--json").document["result"]["total"] == by_file["total"]


# --- bad input ------------------------------------------------------------------------------

BAD = [
    ("an unknown word", ["params", "in 8x8x3: mxpool2"], "Did you mean maxpool2?"),
    ("a kernel larger than the input", ["shape", "in 4x4x3: conv7-16"], "does not fit"),
    ("channels that groups do not divide", ["params", "in 8x8x3: conv3-4/g2"], "divide"),
    ("zero", ["params", "--kernel", "0", "--in", "3", "--out", "1"], "at least 1"),
    ("negative", ["params", "--kernel", "3", "--in", "-3", "--out", "1"], "--in"),
    ("no number", ["params", "--kernel", "3.5", "--in", "3", "--out", "1"], "--kernel"),
    ("nothing", ["params"], "Nothing to compute"),
    ("a network and a layer", ["params", CIFAR, "--kernel", "3"], "exclude each other"),
    ("--out forgotten", ["params", "--kernel", "3", "--in", "3"], "--out is missing"),
    ("absurd", ["params", "--kernel", "3", "--in", "1" + 30 * "0", "--out", "1"], "2^63"),
    ("absurd, written", ["params", "in 9x9x3: conv3-1" + 30 * "0"], "2^63"),
    ("a letter that is not there", ["params", CIFAR, "--set", "n=3"], "no letter"),
    ("a bad --set", ["params", CIFAR, "--set", "n"], "n=32"),
    ("a bad --mine", ["params", CIFAR, "--mine", "4*(2"], "--mine"),
    ("an unknown layer", ["rf", CIFAR, "--at", "conv2d_7"], "no layer"),
    ("a folder", ["params", "."], "not a file"),
    ("invisible characters", ["params", "in 8x8x3: conv3-\x1b[31m1"], "^"),
    ("a missing file", ["params", "nowhere.keras"], "does not exist"),
    ("open sizes", ["cost", "conv3-16"], "open"),
    ("nested", ["shape", "in {n}x1: 70*(conv3-3/s2/same, conv3-3/s3)"], "nest too deep"),
    ("python", ["params", "in 8x8x{__import__('os')}: conv3-1"], "^"),
]


@pytest.mark.parametrize("words", [case[1] for case in BAD], ids=[case[0] for case in BAD])
def test_bad_input_is_an_error_with_what_to_do(run: Run, words: list[str]) -> None:
    said = next(case[2] for case in BAD if case[1] == words)
    done = run(*words)
    assert done.code == 2, done.out
    assert said in done.err
    assert "Traceback" not in done.err
    assert "bug" not in done.err
    assert "\x1b" not in done.err
    assert done.out == ""


def test_the_caret_stands_under_the_layer_that_does_not_fit(run: Run) -> None:
    done = run("shape", "in 8x8x3: conv3-16, conv7-16")
    lines = done.err.splitlines()
    shown = next(number for number, line in enumerate(lines) if line.startswith("  in 8x8x3"))
    assert lines[shown + 1].index("^") == lines[shown].index("conv7-16")


def test_a_million_characters_are_refused_at_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("conv3-1, " * 111_112, "utf-8")
    start = time.monotonic()
    done = run("params", "long.txt")
    assert done.code == 2
    assert time.monotonic() - start < 20
    assert len(done.err) < 2_000


def test_names_from_a_file_cannot_steer_the_terminal_or_the_picture(
    run: Run, tmp_path: Path
) -> None:
    name = "<script>alert(1)</script> & [bold]x"
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 9, 9, 1], "name": "in"}},
        {"class_name": "Conv2D", "config": {"name": name, "filters": 1, "kernel_size": [3, 3]}},
    ]
    text = json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": layers}})
    (tmp_path / "model.json").write_text(text, "utf-8")
    for command in ("params", "shape", "rf", "cost", "summary"):
        done = run(command, "model.json")
        assert done.code == 0, done.err
        assert "\x1b" not in done.out
    assert run("rf", "model.json", "--output", "field.svg").code == 0
    picture = (tmp_path / "field.svg").read_text("utf-8")
    assert "<script" not in picture
    assert "\x1b" not in picture


# --- pictures -------------------------------------------------------------------------------


def test_the_field_is_drawn_growing(run: Run) -> None:
    done = run("rf", "in 16x16x1: conv3-8/same, maxpool2, conv3-8/same", "--draw", "--no-steps")
    bars = [re.split(r"\s+", line) for line in done.out.splitlines() if "█" in line]
    assert [(int(size), bar.count("█")) for _, size, bar in bars] == [
        (1, 1), (3, 3), (4, 4), (8, 8),
    ]  # fmt: skip


def test_the_picture_is_well_formed_and_whole_or_not_there(run: Run, tmp_path: Path) -> None:
    from xml.etree import ElementTree as ET  # its usual name

    done = run("rf", "conv7-64/s2, maxpool3/s2", "--output", "field.svg", "--json")
    assert (done.code, done.err) == (0, "Written: field.svg.\n")
    assert done.document["ok"]
    root = ET.fromstring((tmp_path / "field.svg").read_text("utf-8"))  # noqa: S314  # our own file
    assert root.tag.endswith("svg")
    done = run("rf", "conv{k}-64", "--output", "no.svg")
    assert done.code == 2
    assert "can't be drawn" in done.err
    assert not (tmp_path / "no.svg").exists()
    assert list(tmp_path.glob(".*svg*")) == []


# --- start-up -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["params", "--kernel", "3", "--in", "16", "--out", "32"], set()),
        (["params", CIFAR], set()),
        (["rf", "in 32x32x3: conv3-16, conv3-32"], set()),
        (["params", "--kernel", "3", "--in", "c", "--out", "32"], {"sympy"}),
    ],
)
def test_a_calculator_imports_nothing_heavy(
    environment: dict[str, str], words: list[str], allowed: set[str]
) -> None:
    code = (
        "import sys; from companion.boundary import run; run(sys.argv[1:]); "
        "heavy = {'numpy', 'h5py', 'rich', 'pydantic', 'sympy', 'PIL', 'tensorflow', 'keras'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == f"{sorted(allowed)}\n"


def test_a_layer_without_a_rule_is_unknown_and_never_zero(run: Run, tmp_path: Path) -> None:
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 8, 8, 3], "name": "in"}},
        {"class_name": "Conv2D", "config": {"name": "c", "filters": 4, "kernel_size": [3, 3]}},
        {"class_name": "Mine", "module": "my.code", "config": {"name": "mine"}},
        {"class_name": "Dense", "config": {"name": "d", "units": 2}},
    ]
    text = json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": layers}})
    (tmp_path / "model.json").write_text(text, "utf-8")
    result = run("params", "model.json", "--json").document["result"]
    assert (result["total"], result["at_least"]) == (3 * 3 * 3 * 4 + 4, True)
    by_name = {row["name"]: row for row in result["layers"]}
    assert (by_name["mine"]["kind"], by_name["mine"]["parameters"]) == ("Mine", None)
    assert by_name["d"]["parameters"] is None
    assert run("params", "model.json", "--no-steps").out == "at least 112 parameters\n"
    for command in ("shape", "rf", "cost", "summary", "notation"):
        assert run(command, "model.json").code == 0

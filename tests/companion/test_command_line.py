"""What a person types first, and what goes wrong: words, streams, exit codes."""

from __future__ import annotations

import importlib
import shlex
import subprocess
import sys
from pathlib import Path

# fixtures are found by name; the type is only for the reader
from typing import Any

import pytest
from typer.main import get_command

from answers.errors import (
    CompanionError,
    InputError,
    MissingError,
    ModelFileError,
    RefusedError,
    RunError,
    StoppedError,
)
from answers.samples.shipped import shipped_models
from companion import exit_codes
from companion.cli.app import COMMANDS

Run = Any


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_has_help_with_examples(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert "Examples:" in done.out
    assert f"companion {command}" in done.out
    assert done.err == ""


def subcommands() -> list[tuple[str, str]]:
    """Every command of a command: ('solve', 'filters'), …"""
    apps = {c.name: get_command(importlib.import_module(c.module).app) for c in COMMANDS}
    return [(name, under) for name, app in apps.items() for under in getattr(app, "commands", ())]


@pytest.mark.parametrize("words", subcommands(), ids=" ".join)
def test_every_command_of_a_command_has_help_with_examples(
    run: Run, words: tuple[str, str]
) -> None:
    out = run(*words, "--help").out
    assert f"companion {' '.join(words)}" in out.partition("Examples:")[2]


@pytest.mark.parametrize("command", ["show", "new", "check"])
def test_the_examples_of_assignments_work(run: Run, tmp_path: Path, command: str) -> None:
    help_text = run("assignment", command, "--help").out.partition("Examples:")[2]
    lines = [line.strip() for line in help_text.splitlines() if line.strip()]
    assert len(lines) >= 2
    for line in lines:
        words, _, target = line.partition(" > ")
        done = run(*shlex.split(words)[1:])
        assert (done.code, done.err) == (0, ""), line
        if target:
            (tmp_path / shlex.split(target)[0]).write_text(done.out, "utf-8")
        else:
            assert done.out


def test_the_root_help_lists_every_command_without_loading_it(run: Run) -> None:
    done = run("--help")
    assert done.code == 0
    for command in COMMANDS:
        assert command.name in done.out
        assert command.help[:20] in done.out


def test_the_version_is_the_packages(run: Run) -> None:
    from importlib.metadata import version

    assert run("--version").out == f"companion {version('companion')}\n"


def test_help_imports_nothing_heavy(environment: dict[str, str]) -> None:
    code = (
        "import sys; from companion.boundary import run; run(['--help']); "
        "heavy = {'numpy', 'h5py', 'rich', 'pydantic', 'sympy', 'PIL', 'tensorflow', 'keras'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError, 2),
        (ModelFileError, 3),
        (RefusedError, 4),
        (RunError, 5),
        (MissingError, 6),
        (StoppedError, 130),
        (CompanionError, 70),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: type[CompanionError], code: int) -> None:
    assert exit_codes.of_error(error("some-code", "A sentence.")) == code


def test_the_readme_has_the_table_of_exit_codes() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    for code, meaning in exit_codes.MEANINGS:
        assert f"| {code} | {meaning} |" in readme


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["gradd"], "Did you mean 'grade'?"),
        (["assignment", "show", "unett"], "Did you mean 'unet'?"),
        (["grade", "sample-unet", "--color", "blue"], "--color takes auto"),
        (["grade"], "companion grade --help"),
        (["grade", "x.h5", "--devise", "cpu"], "companion grade --help"),
        (["grade", "x.h5", "--output", "report.pdf"], ".json, .html, .md"),
        (["grade", "x.h5", "--predictions", "p.csv"], "name the file .npz"),
        (["grade", "-net.h5"], "written ./-"),
        (["rf", "conv3-8", "--output", "field.png"], "name the file .svg"),
        (["rf", "conv3-8", "--output", "field"], "name the file .svg"),
        (["grade", "x.h5", "--output", "nowhere/report.md"], "does not exist"),
        (["grade", "a.h5", "b.h5", "--predictions", "p.npz"], "one model at a time"),
    ],
)
def test_a_slip_on_the_command_line_says_what_to_do(run: Run, words: list[str], hint: str) -> None:
    done = run(*words)
    assert done.code == 2
    assert hint in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_a_missing_file_is_a_slip_of_the_command_line(run: Run) -> None:
    done = run("grade", "nowhere.h5")
    assert done.code == 2
    assert "There is no file nowhere.h5" in done.out + done.err


@pytest.mark.parametrize("words", [["inspect", "nowhere.h5"], ["gradd"], ["inspect"]])
def test_json_errors_are_one_document_on_stdout(run: Run, words: list[str]) -> None:
    done = run(*words, "--json")
    assert done.code == 2
    assert done.document["ok"] is False
    assert set(done.document["error"]) == {"code", "message", "hint", "where"}
    assert done.err == ""


@pytest.mark.parametrize("place", [0, 2, 3, 4, 6])
def test_json_may_stand_anywhere(run: Run, place: int) -> None:
    words = ["--color", "never", "solve", "padding", "--kernel", "5"]
    words.insert(place, "--json")
    document = run(*words).document
    assert (document["format"], document["ok"]) == ("companion/solve", True)
    assert document["result"]["solutions"] == [{"first": 4, "last": 4}]


@pytest.mark.parametrize(
    ("words", "named"),
    [([], "companion"), (["solve"], "companion solve"), (["assignment", "new"], "assignment new")],
)
def test_where_nothing_has_a_document_it_says_so(run: Run, words: list[str], named: str) -> None:
    done = run("--json", *words)
    assert done.code == 2
    assert f"{named} has no document" in done.document["error"]["message"]


def test_a_word_after_the_end_of_options_asks_for_no_document(run: Run) -> None:
    done = run("explain", "--", "--json")
    assert (done.code, done.out) == (2, "")
    assert "no question '--json'" in done.err


def test_the_document_of_an_error_is_named_after_its_command(run: Run) -> None:
    document = run("--color", "never", "params", "--json").document
    assert document["format"] == "companion/params"


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("empty.h5", b"", 3, "empty"),
        ("page.h5", b"<!DOCTYPE html><html>", 3, "web page"),
        ("model.pkl", b"\x80\x04\x95", 4, "pickle"),
        ("lfs.keras", b"version https://git-lfs.github.com/spec/v1\n", 3, "Git LFS"),
        ("cut.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 40, 3, "damaged"),
        ("cut.keras", b"PK\x03\x04" + b"\0" * 40, 3, "damaged"),
    ],
)
def test_what_is_no_model_is_named(
    run: Run, tmp_path: Path, name: str, content: bytes, code: int, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    for command in ("inspect", "grade"):
        done = run(command, name)
        assert done.code == code
        assert words in " ".join((done.out + done.err).split())


def test_a_folder_without_a_model_is_no_model(run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert run("grade", "folder").code == 3


def test_a_saved_model_folder_is_refused_with_the_way_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"\x08\x01")
    done = run("inspect", "saved")
    assert done.code == 4
    assert 'model.save("model.keras")' in done.err


def test_control_characters_of_a_path_never_reach_the_terminal(run: Run) -> None:
    done = run("inspect", "a\x1b[31mred.h5")
    assert done.code == 2
    assert "\x1b" not in done.err


def test_bash_completes_a_command(run: Run) -> None:
    done = run(COMP_WORDS="companion gr", COMP_CWORD="1", _COMPANION_COMPLETE="complete_bash")
    assert done.out.split() == ["grade"]


def test_a_closed_pipe_is_silent(environment: dict[str, str], tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m companion assignment show unet | head -n 1'
    done = subprocess.run(
        ["bash", "-c", command],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("unet:")
    assert done.stderr == ""


def test_a_closed_pipe_is_no_failure(environment: dict[str, str]) -> None:
    command = f'set -o pipefail; "{sys.executable}" -m companion notation --json | head -n 1'
    done = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_is_no_bug_of_ours(environment: dict[str, str]) -> None:
    command = f'"{sys.executable}" -m companion notation > /dev/full'
    done = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 6
    assert "Error: The disk is full" in done.stderr
    assert "Code: disk-full" in done.stderr
    assert "Exception ignored" not in done.stderr


def test_an_encoding_without_our_signs_gets_ascii(run: Run) -> None:
    done = run("assignment", "show", "unet", PYTHONUTF8="0", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.code == 0
    assert ">= 0.8" in done.out


def test_every_fault_of_an_assignment_is_said_at_once(run: Run, tmp_path: Path) -> None:
    text = run("assignment", "new", "unet").out
    broken = text.replace("at_least = 0.80", "at_leest = 0.80").replace("format_version = 1", "")
    broken = broken.replace('average = "per-image"', 'average = "mean"').replace('"rgb"', '"rgbb"')
    (tmp_path / "assignment.toml").write_text(broken, "utf-8")
    done = run("assignment", "check")
    assert done.code == 2
    for fault in ("format_version", "check[1].at_leest", "check[2].average", "input.channels"):
        assert fault in done.err
    assert "Did you mean 'at_least'?" in done.err
    assert "Did you mean 'rgb'?" in done.err


def test_a_new_assignment_is_a_valid_one(run: Run, tmp_path: Path) -> None:
    for name in ("cifar10", "transfer", "unet", "sample-cnn", "sample-unet"):
        (tmp_path / "assignment.toml").write_text(run("assignment", "new", name).out, "utf-8")
        assert run("assignment", "check").code == 0


SAMPLES = {model.name: str(model.path) for model in shipped_models()}


@pytest.mark.parametrize("command", ["inspect", "summary", "params", "notation"])
def test_a_sample_is_taken_by_its_name(run: Run, command: str) -> None:
    named, placed = (
        run(command, "sample-cnn", "--json"),
        run(command, SAMPLES["sample-cnn"], "--json"),
    )
    assert named.code == 0
    assert named.document == placed.document


def test_a_file_with_the_name_of_a_sample_comes_first(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sample-cnn").write_text("in 9x9x1: conv3-2")
    assert run("notation", "sample-cnn").out == "in 9x9x1: conv3-2\n"
    assert run("inspect", "sample-cnn").code == 3


def test_inspect_says_what_goes_in_and_what_comes_out(run: Run) -> None:
    out = run("inspect", "sample-unet").out
    assert "128x128x3 → 128x128x1, ending in sigmoid" in out


def test_samples_are_copied_once(run: Run, tmp_path: Path) -> None:
    assert run("samples", "--copy", "here").code == 0
    assert (tmp_path / "here" / "sample-unet.h5").is_file()
    assert "0 files written" in run("samples", "--copy", "here").out

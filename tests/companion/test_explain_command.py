"""`companion explain` as a whole process: topics, lists, searches, codes of errors, forms."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from answers.textbook.library import Textbook

Run = Any


def test_a_topic_is_explained_in_plain_text_of_80_columns(run: Run) -> None:
    done = run("explain", "receptive-field")
    assert (done.code, done.err) == (0, "")
    lines = done.out.split("\n")
    assert lines[0] == "Receptive fields"
    assert "\x1b" not in done.out
    assert max(map(len, lines)) <= 80
    for words in ("A unit sees", "rₗ = rₗ₋₁ + (eₗ − 1) jₗ₋₁", "Sources", "See also:", "Answers"):
        assert words in done.out


def test_a_question_of_the_homework_is_explained_by_all_its_topics_in_order(run: Run) -> None:
    done = run("explain", "q4b", "--json")
    slugs = [topic["slug"] for topic in done.document["result"]["topics"]]
    assert {"binary-classifier", "precision-recall"} <= set(slugs)
    orders = [Textbook().outline(slug).order for slug in slugs]
    assert orders == sorted(orders)


def test_several_words_keep_their_order_and_a_topic_comes_once(run: Run) -> None:
    words = ("pooling", "receptive-field", "q4a", "hdf5-external-link")
    found = run("explain", *words, "--json").document["result"]
    assert [topic["slug"] for topic in found["topics"]] == ["pooling", "receptive-field"]
    assert [code["code"] for code in found["codes"]] == ["hdf5-external-link"]


def test_the_list_names_every_topic_once_in_order(run: Run) -> None:
    done = run("explain", "--list")
    heads = [line.split()[0] for line in done.out.split("\n") if line and line[0] != " "]
    assert heads == list(Textbook().outlines)
    rows = run("explain", "--list", "--json").document["result"]["topics"]
    assert [row["slug"] for row in rows] == heads
    assert all(row["title"] and row["summary"] and row["homework"] for row in rows)


def test_a_search_says_the_best_topic_first(run: Run) -> None:
    assert run("explain", "--search", "dilation holes").out.startswith("receptive-field")


ERRORS: list[tuple[str, list[str], str, str]] = [
    ("a slip of the pen", ["receptve-field"], "unknown-topic", "Did you mean 'receptive-field'?"),
    ("a slip in a code", ["hdf5-external-lnk"], "unknown-topic", "mean 'hdf5-external-link'?"),
    ("a code with a wrong sign", ["disk_full"], "unknown-topic", "Did you mean 'disk-full'?"),
    ("an unknown question", ["q2z"], "unknown-topic", ""),
    ("a question in capitals with a typo", ["Q22b"], "unknown-topic", ""),
    ("nothing at all", [], "option-missing", "companion explain receptive-field"),
    ("a topic and a list", ["pooling", "--list"], "options-clash", ""),
    ("a list and a search", ["--list", "--search", "x"], "options-clash", ""),
    ("two forms", ["pooling", "--html", "--markdown"], "options-clash", ""),
    ("a language that is none", ["pooling", "--language", "xx"], "language-missing", "There is en"),
    ("a search for nothing", ["--search", ""], "search-empty", ""),
    ("a search that finds nothing", ["--search", "zzzz"], "nothing-found", ""),
    ("a file of no form", ["pooling", "--output", "a.doc"], "option-value", "Name the file .html"),
    ("a folder that is not there", ["pooling", "--output", "no/a.html"], "cannot-write", ""),
    ("a width of nobody", ["pooling", "--width", "5"], "usage", ""),
    ("a list as a page", ["--list", "--html"], "options-clash", ""),
    ("a path", ["../../etc/passwd"], "unknown-topic", ""),
    ("control characters", ["\x1b[31mred"], "unknown-topic", ""),
]


@pytest.mark.parametrize(
    ("words", "code", "hint"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS]
)
def test_a_wrong_line_is_an_error_with_a_way_out(
    run: Run, words: list[str], code: str, hint: str
) -> None:
    done = run("explain", *words)
    assert (done.code, done.out) == (2, "")
    assert f"Code: {code}" in done.err
    assert hint in done.err
    assert "\x1b" not in done.err


def test_a_program_without_one_is_said(run: Run) -> None:
    done = run("explain", "precision-recall", "--code")
    assert done.code == 2
    assert "has no program" in done.err


def test_the_program_of_a_topic_is_shown_as_it_is(run: Run) -> None:
    outlines = Textbook().outlines.values()
    slug, name = next((o.slug, o.code[0]) for o in outlines if len(o.code) == 1)
    shown = run("explain", slug, "--code").out
    assert shown == Path(solutions(), name).read_text("utf-8")
    compile(shown, name, "exec")


def solutions() -> Path:
    import answers.solutions

    return Path(answers.solutions.__path__[0])


CODES = [
    ("hdf5-external-link", "names another file", 4),
    ("no-model-config", "weights alone", 3),
    ("code-lambda", "never run", 4),
    ("unknown-layer", "no layer of this name", 2),
    ("disk-full", "nothing half-written is left", 6),
    ("mask-grey", "by nearest", 1),
    ("too-many-parameters", "global pooling", 4),
    ("time-limit", "Raise seconds", 5),
    ("bug", "--debug", 70),
]


@pytest.mark.parametrize(("code", "words", "exit_code"), CODES, ids=[code for code, _, _ in CODES])
def test_a_code_of_an_error_is_explained(run: Run, code: str, words: str, exit_code: int) -> None:
    done = run("explain", code)
    assert done.code == 0
    assert words in " ".join(done.out.split())
    assert f"Exit code {exit_code}:" in done.out
    (found,) = run("explain", code, "--json").document["result"]["codes"]
    assert (found["code"], found["exit_code"]) == (code, exit_code)


def test_the_code_that_an_error_prints_is_explained(run: Run, tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04\x95")
    said = run("inspect", "model.pkl").err.split("Code: ")[1].strip()
    assert "never opened" in " ".join(run("explain", said).out.split())


def test_a_page_is_written_to_a_file_and_nowhere_else(run: Run, tmp_path: Path) -> None:
    done = run("explain", "pooling", "--output", "topic.html")
    assert (done.code, done.out, done.err) == (0, "", "Written: topic.html.\n")
    text = (tmp_path / "topic.html").read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert "<math" in text


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["md", "txt", "json"])
def test_the_name_of_a_file_says_its_form(run: Run, tmp_path: Path, suffix: str) -> None:
    form = {"md": "--markdown", "json": "--json"}.get(suffix)
    assert run("explain", "pooling", "--output", f"topic.{suffix}").code == 0
    shown = run("explain", "pooling", *([form] if form else []))
    assert (tmp_path / f"topic.{suffix}").read_text("utf-8") == shown.out


def test_markdown_keeps_mathematics_and_puts_values_in(run: Run) -> None:
    out = run("explain", "conv-parameters", "--markdown").out
    assert out.startswith("# Parameters of a convolution\n")
    assert "{{" not in out.replace("{{}", "")
    assert "$$\n" in out
    assert "4,640" in out


def test_a_terminal_without_unicode_gets_ascii_alone(run: Run) -> None:
    done = run("explain", "receptive-field", PYTHONUTF8="0", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.code == 0
    assert done.out.isascii()
    assert "?" not in done.out.split("The mathematics")[1].split("A worked example")[0]
    assert "r_l = r_(l-1) + (e_l - 1) j_(l-1)" in done.out


def test_a_light_topic_imports_nothing_heavy(environment: dict[str, str]) -> None:
    code = (
        "import sys; from companion.boundary import run; run(['explain', 'receptive-field']); "
        "heavy = {'numpy', 'sympy', 'rich', 'pydantic', 'PIL', 'keras', 'jinja2', 'latex2mathml'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == "[]\n"


def test_json_holds_sections_values_and_sources(run: Run) -> None:
    (topic,) = run("explain", "locally-connected", "--json").document["result"]["topics"]
    values = {value["name"]: value["value"] for value in topic["values"]}
    assert values["first"] == "448*(n - 2)**2"
    assert values["first_32"] == 403_200
    assert [section["key"] for section in topic["sections"]][:2] == ["idea", "mathematics"]
    assert topic["sources"][0]["url"].startswith("https://")
    json.dumps(topic, allow_nan=False)


@pytest.mark.slow
def test_help_has_examples_that_work(run: Run) -> None:
    shown = run("explain", "--help").out
    assert "companion explain receptive-field" in shown
    assert run("explain", "q2a", "q2b").code == 0
    assert run("explain", "--search", "dead unit").code == 0


def test_the_linter_says_what_is_wrong_with_file_and_line(run: Run, tmp_path: Path) -> None:
    from small_textbook import changed, copied

    folder = copied(tmp_path)
    words = ("content", "check", "--folder", str(folder), "--no-commands")
    fine = run(*words)
    assert (fine.code, fine.out) == (0, "Nothing is wrong with the 2 topics.\n")
    changed(folder, "topics/small/en.md", "{{recall:.1%}}", "{{recal:.1%}}")
    done = run(*words)
    assert done.code == 1
    line = "topics/small/en.md:23: There is no value 'recal'. (value-unknown)\n"
    assert done.out == f"{line}One to mend.\n"
    (finding,) = run(*words, "--json").document["result"]["findings"]
    assert finding == {
        "file": "topics/small/en.md",
        "line": 23,
        "code": "value-unknown",
        "message": "There is no value 'recal'.",
    }
    other = run(*words, "--topic", "other")
    assert (other.code, other.out, other.err) == (0, "Nothing is wrong with other.\n", "")


@pytest.mark.slow
def test_the_linter_runs_the_commands_of_a_text(run: Run, tmp_path: Path) -> None:
    from small_textbook import changed, copied

    folder = copied(tmp_path)
    changed(folder, "topics/small/en.md", "4,640 parameters", "4,608 parameters")
    changed(folder, "topics/other/en.md", "companion notation", "companion notation --no-such")
    done = run("content", "check", "--folder", str(folder))
    assert done.code == 1
    assert "it prints '4,640 parameters'" in done.out
    assert "companion notation --no-such ends with 2" in done.out
    assert done.out.endswith("2 to mend.\n")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--folder", "nowhere"], "path-missing"),
        (["--topic", "receptve-field"], "unknown-topic"),
        (["--part", "words"], "usage"),
        (["--seeds", "0"], "usage"),
    ],
)
def test_a_wrong_line_to_the_linter_is_an_error(run: Run, words: list[str], code: str) -> None:
    done = run("content", "check", *words)
    assert done.code == 2
    assert f"Code: {code}" in done.err

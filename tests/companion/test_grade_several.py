"""`companion grade` of many files: what a teacher sees, and the table for a spreadsheet."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from answers.errors import MissingError, ModelFileError
from answers.samples.shipped import shipped_models
from checkers.report import Report
from companion.boundary import AnsweredInterruptError
from companion.cli.grade_session import show
from companion.options import Everywhere
from companion.views import grade_csv, grade_html, grade_markdown, grade_overview, grade_terminal

Run = Any
SAMPLES = {model.name: model.path for model in shipped_models()}
CNN = SAMPLES["sample-cnn"]


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    """Anna's model, Bob's copy of it, and Eve's broken file."""
    place = tmp_path / "submissions"
    for name in ("anna", "bob", "eve"):
        (place / name).mkdir(parents=True)
    shutil.copy(CNN, place / "anna" / "=1+1.keras")
    shutil.copy(CNN, place / "bob" / "net.keras")
    (place / "eve" / "net.keras").write_bytes(CNN.read_bytes()[:5_000])
    (place / "notes.txt").write_text("no model")
    return place


def test_a_folder_is_a_line_for_each_model_in_it(run: Run, submissions: Path) -> None:
    done = run(
        "grade", "submissions", "--assignment", "sample-cnn", "--output", "marks.csv", COLUMNS="100"
    )
    assert done.code == 3  # a file that is no model weighs most
    assert "Left alone: 1 file that can be no model." in done.err
    lines = done.out.splitlines()
    assert lines[0].split() == ["file", "outcome", "points", "parameters", "score", "look", "at"]
    assert lines[1].split()[:2] == ["anna/=1+1.keras", "passed"]
    assert "the same file as" in done.out
    assert "3 files: 1 not graded, 2 passed." in done.out
    assert "companion explain CODE" in done.out  # what hdf5-damaged means, and what to do
    rows = list(
        csv.DictReader(io.StringIO((submissions.parent / "marks.csv").read_text("utf-8-sig")))
    )
    # spreadsheets take a file without this mark for one of another alphabet
    assert (submissions.parent / "marks.csv").read_bytes().startswith(codecs.BOM_UTF8)
    assert [row["outcome"] for row in rows] == ["passed", "passed", "not graded"]
    assert [row["same_as"] for row in rows] == ["", "anna/=1+1.keras", ""]
    assert f"{int(rows[0]['parameters']):,}" in lines[1]
    assert rows[2]["error"] == "hdf5-damaged"


def test_one_line_fits_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    error = ModelFileError("not-a-model", "no model")
    found = [report(f"class/{name}/a long name.keras", error=error) for name in ("anna", "bob")]
    for width, columns in ((40, []), (60, ["score"]), (66, ["points", "score"])):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COLUMNS", str(width))
            grade_terminal.draw(found, "never")
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].split() == ["file", "outcome", *columns, "look", "at"]
        assert max(map(len, lines)) <= width
        assert lines[1].startswith("anna/")  # numbers give way to names


@pytest.mark.parametrize("width", [52, 66, 80, 120])
def test_no_code_is_broken_that_people_would_paste(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    codes = ["no-model-config", "hdf5-external-link", "engine-not-covering", "outputs-out-of-range"]
    found = [
        report(f"class/{'a long name ' * number}.keras", error=ModelFileError(code, "no model"))
        for number, code in enumerate(codes, start=1)
    ]
    monkeypatch.setenv("COLUMNS", str(width))
    grade_terminal.draw(found, "never")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    assert [word for line in lines for word in line.split() if word in codes] == codes


@pytest.mark.slow
def test_a_zip_of_many_is_graded_when_asked(run: Run, submissions: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in ("anna/=1+1.keras", "bob/net.keras"):
            archive.write(submissions / name, name)
    refused = run("grade", "class.zip")
    assert refused.code == 3
    assert "It holds 2 models: companion grade --all grades each of them." in refused.err
    done = run("grade", "class.zip", "--all", "--assignment", "sample-cnn", "--json")
    assert done.code == 0
    files = [model["file"] for model in done.document["result"]["models"]]
    assert files == ["class.zip/anna/=1+1.keras", "class.zip/bob/net.keras"]


@pytest.mark.parametrize("command", ["grade", "inspect"])
def test_no_name_is_not_this_folder(run: Run, command: str) -> None:
    done = run(command, "")
    assert done.code == 2
    assert "The name of the file is empty." in done.err


def test_an_empty_folder_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    done = run("grade", "nothing")
    assert done.code == 3
    assert "holds no file that could be a model" in done.err


def test_predictions_of_a_folder_are_refused(run: Run, submissions: Path) -> None:
    assert submissions.is_dir()
    done = run("grade", "submissions", "--predictions", "said.npz")
    assert done.code == 2
    assert "predictions-of-several" in done.err


INTERRUPTED = """
import sys
from checkers import several
real, done = several.grade, []
def interrupted(*given):
    if len(done) == int(sys.argv[1]):
        raise KeyboardInterrupt
    done.append(1)
    return real(*given)
several.grade = interrupted
from companion.boundary import run
sys.exit(run(sys.argv[2:]))
"""


@pytest.fixture
def interrupted(
    environment: dict[str, str], tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`companion grade …`, interrupted when so many files are graded."""

    def call(after: int, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", INTERRUPTED, str(after), "grade", *words],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return call


def test_who_interrupts_gets_one_document_of_what_is_done(
    interrupted: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    words = [*[str(CNN)] * 3, "--assignment", "sample-cnn", "--json", "--output", "marks.json"]
    done = interrupted(1, *words)
    assert done.returncode == 130
    document = json.loads(done.stdout)
    assert (document["ok"], document["error"]["code"]) == (False, "interrupted")
    result = document["result"]
    assert (result["asked"], result["interrupted"], len(result["models"])) == (3, True, 1)
    assert json.loads((tmp_path / "marks.json").read_text()) == document


def test_an_interrupted_grade_of_one_file_is_an_error_in_the_document(
    interrupted: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = interrupted(0, str(CNN), "--assignment", "sample-cnn", "--json")
    assert done.returncode == 130
    document = json.loads(done.stdout)
    assert (document["format"], document["ok"]) == ("companion/grade", False)
    assert document["error"]["code"] == "interrupted"
    result = document["result"]
    assert (result["asked"], result["interrupted"], result["models"]) == (1, True, [])
    assert done.stderr.endswith("\nInterrupted.\n")


def test_an_interrupt_that_nobody_reads_about_ends_in_silence(
    environment: dict[str, str], tmp_path: Path
) -> None:
    words = ["0", "grade", str(CNN), "--assignment", "sample-cnn", "--json"]
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, *words],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        said = child.stderr.read()
    assert child.returncode == 0  # as with any reader who has seen enough
    assert b"Traceback" not in said
    assert b"BrokenPipe" not in said


def test_who_interrupts_keeps_the_reports_that_are_there(
    interrupted: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    outputs = [word for kind in ("csv", "html", "md") for word in ("--output", f"marks.{kind}")]
    done = interrupted(1, str(CNN), str(CNN), "--assignment", "sample-cnn", *outputs)
    assert done.returncode == 130
    assert "1 of 2 files are graded.\nWritten: marks.csv.\n" in done.stderr
    assert done.stderr.endswith("\nInterrupted.\n")
    assert "passed" in done.stdout
    for name in ("marks.html", "marks.md"):
        assert "Interrupted: 1 of 2 files are graded." in (tmp_path / name).read_text("utf-8")
    assert len((tmp_path / "marks.csv").read_text().splitlines()) == 2


# --- the views, without a grade -------------------------------------------------------------


def report(path: str, **more: object) -> Report:
    return Report(file=Path(path), **more)  # type: ignore[arg-type]  # fields by their names


def test_names_are_what_tells_files_apart() -> None:
    found = grade_overview.names([report("a/x/net.h5"), report("a/y/net.h5"), report("a/z.h5")])
    assert found == ["x/net.h5", "y/net.h5", "z.h5"]
    assert grade_overview.names([report("a/x/net.h5")]) == ["net.h5"]


def test_nobody_is_told_of_an_interrupt_where_none_was() -> None:
    every = [report("a/x/net.h5"), report("a/y/net.h5")]
    for document in (grade_html.page, grade_markdown.document):
        assert "Interrupted" not in document(every, asked=2)
        assert "Interrupted" in document(every, asked=3)


def test_a_spreadsheet_runs_nothing_of_a_file() -> None:
    error = ModelFileError("not-a-model", "=HYPERLINK(1)\x1b[2J")
    text = grade_csv.table([report("x/@net.h5", error=error), report("x/-b.h5")])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["file"] for row in rows] == ["'@net.h5", "'-b.h5"]
    assert rows[0]["message"].startswith("'=HYPERLINK(1)")
    assert "\x1b" not in text


def test_no_part_of_a_name_begins_a_cell_where_a_semicolon_ends_one() -> None:
    text = grade_csv.table([report("x/a;=1+1.h5"), report("x/b; -1.h5")])
    assert "a;'=1+1.h5" in text
    assert "b; '-1.h5" in text


def test_what_was_not_graded_has_no_points() -> None:
    error = ModelFileError("not-a-model", "no model")
    (row,) = csv.DictReader(io.StringIO(grade_csv.table([report("x/b.h5", error=error)])))
    assert (row["outcome"], row["points"]) == ("not graded", "")


@pytest.mark.parametrize("document", [grade_html.page, grade_markdown.document])
def test_reports_of_one_name_are_told_apart(document: Any) -> None:
    text = document([report("class/anna/net.h5"), report("class/bob/net.h5")])
    assert "anna/net.h5" in text
    assert "bob/net.h5" in text


def test_a_page_of_many_reports_begins_with_a_table_that_leads_to_each() -> None:
    error = ModelFileError("not-a-model", "no model")
    page = grade_html.page([report("class/<b>/net.h5"), report("class/eve.h5", error=error)])
    assert "<title>2 files: 1 not graded, 1 passed.</title>" in page.replace("companion: ", "")
    targets = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', page)
    assert [name for _, name in targets] == ["&lt;b&gt;/net.h5", "eve.h5"]
    assert all(page.count(f'<article id="{target}">') == 1 for target, _ in targets)
    assert '<td class="fail">not graded</td>' in page


def test_what_is_missing_is_said_once_with_the_line_that_installs_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    missing = (MissingError("engine-missing", "It needs Keras.", hint="pip install keras"),)
    found = [report(f"class/{name}.h5", missing=missing) for name in ("a", "b", "c")]
    grade_terminal.draw(found, "never")
    out = capsys.readouterr().out
    assert out.count("Not run: It needs Keras. pip install keras") == 1
    rows = list(csv.DictReader(io.StringIO(grade_csv.table(found))))
    assert [row["error"] for row in rows] == ["engine-missing"] * 3
    assert rows[0]["message"] == "It needs Keras. pip install keras"
    assert rows[0]["outcome"] == "not finished"


def test_what_is_not_finished_is_not_shown_as_passed() -> None:
    missing = (MissingError("no-data", "no data"),)
    page = grade_html.page([report("class/a.h5", missing=missing), report("class/b.h5")])
    assert '<td class="not-run">not finished</td>' in page
    assert '<td class="pass">passed</td>' in page


def test_a_page_of_one_report_is_called_by_it() -> None:
    page = grade_html.page([report("class/net.h5")])
    assert re.search(r"<title>companion: [^<]*net\.h5[^<]*</title>", page)
    assert "<a href=" not in page


def test_a_markdown_file_of_many_begins_with_their_table() -> None:
    text = grade_markdown.document([report("class/a|b.h5"), report("class/eve.h5")])
    assert text.splitlines()[:2] == ["# 2 files: 2 passed.", ""]
    assert "| a\\|b.h5 | passed |" in text


def test_one_that_fails_before_an_interrupt_is_a_line_and_no_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = [report("class/b.h5", error=ModelFileError("not-a-model", "no model"))]
    with pytest.raises(AnsweredInterruptError):
        show(found, Everywhere(), asked=2, as_json=False)
    assert "b.h5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Fraction(1741, 2500), "0.696400"), (Fraction(1_234_567), "1234567"), (None, "")],
)
def test_numbers_stand_as_spreadsheets_read_them(value: Fraction | None, shown: str) -> None:
    assert grade_csv._number(value) == shown

"""`companion data`: what a person types, sees, and gets as exit code and files."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Run = Any
FORMAT = ("format", "version", "ok")


def picture(seed: int) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), np.uint8)
    return Image.fromarray(coarse).resize((40, 40), Image.Resampling.BICUBIC)


def pixels(path: Path) -> Any:
    with Image.open(path) as image:
        return np.asarray(image)


def mask(value: int = 255) -> Image.Image:
    values = np.zeros((40, 40), np.uint8)
    values[10:30, 10:30] = value
    return Image.fromarray(values)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Nine pairs in three folders."""
    for number in range(9):
        folder = tmp_path / "raw" / str(number // 3)
        folder.mkdir(parents=True, exist_ok=True)
        picture(number).save(folder / f"p{number}.bmp")
        mask().save(folder / f"p{number}_label.bmp")
    return tmp_path / "raw"


@pytest.mark.parametrize("command", ["prepare", "check", "show"])
def test_each_command_has_help_with_examples(run: Run, command: str) -> None:
    done = run("data", command, "--help")
    assert done.code == 0
    assert "Examples:" in done.out
    assert f"companion data {command}" in done.out
    assert done.err == ""


def examples(text: str) -> list[list[str]]:
    import shlex

    return [
        shlex.split(line)[1:] for line in re.findall(r"^ +(companion data .*)", text, re.MULTILINE)
    ]


def test_the_examples_of_the_help_work_when_pasted(run: Run, raw: Path, tmp_path: Path) -> None:
    import tarfile

    with zipfile.ZipFile(tmp_path / "raw.zip", "w") as archive:
        for file in raw.rglob("*.bmp"):
            archive.write(file, file.relative_to(tmp_path))
    with tarfile.open(tmp_path / "raw.tar.xz", "w:xz") as packed:
        packed.add(raw, "raw")
    for command in ([], ["prepare"], ["check"], ["show"]):
        shown = examples(run("data", *command, "--help").out)
        assert len(shown) >= 2
        for words in shown:
            done = run(*words)
            assert done.code == 0, (words, done.out, done.err)
            assert done.err == ""


def test_prepare_says_what_it_did_and_a_second_run_does_nothing(
    run: Run, raw: Path, tmp_path: Path
) -> None:
    (raw / "2/p8_label.bmp").unlink()
    done = run("data", "prepare", "raw", "out", "--size", "16")
    assert done.code == 0
    assert "8 pairs in out: 8 pairs written." in done.out
    assert "'2/p8.bmp' has no mask" in done.out
    assert "25.0% of all pixels are object" in " ".join(done.out.split())
    assert pixels(tmp_path / "out/contact-sheet.png").shape == (2 * 132 + 4, 6 * 132 + 4, 3)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.*")}
    again = run("data", "prepare", "raw", "out", "--size", "16")
    assert "nothing to write, 8 already there" in again.out
    assert times == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.*")}


def test_prepare_as_a_document(run: Run, raw: Path, tmp_path: Path) -> None:
    document = run("data", "prepare", str(raw), "out", "--test", "0.34", "--json").document
    assert [document[key] for key in FORMAT] == ["companion/data", 1, True]
    result = document["result"]
    assert result["pairs"] == result["written"] == 9
    assert sorted((s["name"], s["pairs"], s["foreground_share"]) for s in result["splits"]) == [
        ("test", 3, 0.25),
        ("train", 6, 0.25),
    ]
    assert result["left_out"] == []
    text = (tmp_path / "out/pairs.csv").read_text("utf-8")
    assert len(list(csv.DictReader(io.StringIO(text)))) == 9


def test_a_grade_takes_what_was_prepared(run: Run, raw: Path) -> None:
    run("data", "prepare", str(raw), "out", "--size", "64")
    done = run("grade", "sample-unet", "--data", "out", "--json")
    assert done.document["result"]["models"][0]["data"]["count"] == 9


def test_check_ends_with_1_where_something_is_to_be_mended(run: Run, raw: Path) -> None:
    assert run("data", "check", "raw").code == 0
    mask(123).save(raw / "0/p0_label.bmp")
    done = run("data", "check", "raw")
    assert done.code == 1
    assert "mask-below-half" in done.out
    assert "0/p0" in done.out
    document = run("data", "check", "raw", "--json").document
    assert document["ok"] is True
    assert document["result"]["clean"] is False
    codes = {each["code"]: each["names"] for each in document["result"]["findings"]}
    assert codes["mask-below-half"] == ["0/p0"]


def test_show_draws_plain_text_into_a_pipe(run: Run, raw: Path) -> None:
    done = run("data", "show", str(raw), "--count", "1")
    assert done.code == 0
    assert "\033" not in done.out
    lines = done.out.splitlines()
    assert lines[-1] == "0/p0 (all), 25.0% object"
    drawn = lines[:-1]
    assert len(drawn) == 19
    assert sum(line.count("#") for line in drawn) == pytest.approx(0.25 * 38 * 19, rel=0.3)
    assert max(map(len, lines)) <= 80


def test_show_draws_half_blocks_where_there_is_colour(run: Run, raw: Path) -> None:
    done = run("data", "show", str(raw), "--count", "1", "--color", "always")
    rows = [line for line in done.out.splitlines() if "▀" in line]
    assert len(rows) == 19
    assert all(row.count("▀") == 2 * 38 for row in rows)
    assert all(row.endswith("\033[0m") for row in rows)


def test_show_writes_a_picture_and_a_page(run: Run, raw: Path, tmp_path: Path) -> None:
    (raw / "1/p3.bmp").rename(raw / "1/<b>.bmp")
    (raw / "1/p3_label.bmp").rename(raw / "1/<b>_label.bmp")
    done = run("data", "show", "raw", "--count", "9", "--output", "a.png", "--output", "a.html")
    assert done.code == 0
    sheet = pixels(tmp_path / "a.png")
    assert sheet.shape == (2 * 260 + 4, 6 * 260 + 4, 3)
    page = (tmp_path / "a.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert page.count("data:image/png;base64,") == 18
    assert "1/&lt;b&gt;" in page
    assert "<b>" not in page
    assert "<script" not in page


def test_show_as_a_document(run: Run, raw: Path) -> None:
    result = run("data", "show", str(raw), "--name", "2/", "--json").document["result"]
    assert [each["name"] for each in result["pictures"]] == ["2/p6", "2/p7", "2/p8"]
    assert {each["foreground_share"] for each in result["pictures"]} == {0.25}


WRONG: dict[str, tuple[list[str], int, str]] = {
    "no raw": (["prepare", "none", "out"], 2, "path-missing"),
    "no folder": (["check", "none"], 2, "path-missing"),
    "a folder without pictures": (["check", "home"], 2, "pairs-missing"),
    "out in raw": (["prepare", "raw", "raw/out"], 2, "out-inside-raw"),
    "a size of nothing": (["prepare", "raw", "out", "--size", "0"], 2, "option-value"),
    "a share of all": (["prepare", "raw", "out", "--test", "1"], 2, "option-value"),
    "a group of nothing": (
        ["prepare", "raw", "out", "--test", "0.5", "--group", "x"],
        2,
        "option-value",
    ),
    "a coding": (["prepare", "raw", "out", "--masks", "white"], 2, "mask-coding-unknown"),
    "a split": (["show", "raw", "--split", "test"], 2, "split-unknown"),
    "a name": (["show", "raw", "--name", "zebra"], 2, "picture-unknown"),
    "a file": (["check", "bad.zip"], 2, "path"),
    "an ending": (["show", "raw", "--output", "a.gif"], 2, "output-format"),
    "no such place": (["show", "raw", "--output", "no/a.png"], 2, "cannot-write"),
    "a hostile archive": (["prepare", "bad.zip", "out"], 4, "archive-member"),
    "a damaged archive": (["prepare", "cut.tar.gz", "out"], 2, "archive-damaged"),
}


@pytest.mark.parametrize(("words", "code", "error"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_with_its_exit_code(
    run: Run, raw: Path, tmp_path: Path, words: list[str], code: int, error: str
) -> None:
    assert raw.is_dir()
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../a.png", b"1")
    (tmp_path / "cut.tar.gz").write_bytes(b"\x1f\x8b\x08\x00 and no more of it")
    done = run("data", *words, "--json")
    assert done.code == code
    assert done.document["ok"] is False
    assert done.document["error"]["code"] == error
    assert not (tmp_path / "out/train").exists()


def test_a_name_can_not_steer_the_terminal(run: Run, raw: Path) -> None:
    (raw / "0/p0.bmp").rename(raw / "0/p\x1b[2J.bmp")
    done = run("data", "check", "raw")
    assert done.code == 1
    assert "\x1b" not in done.out
    assert "\x1b" not in run("data", "prepare", "raw", "out").out

"""`companion grade` of a model with a channel a class, as a whole process, in every view."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from class_scenes import ASSIGNMENT, NAMES, model, scenes

pytestmark = pytest.mark.slow
SCENES = scenes()
COUNTS = SCENES.counts()


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str, Path]:
    """The JSON document, the terminal's text, and the folder with the other views."""
    folder = tmp_path_factory.mktemp("classes")
    (folder / "assignment.toml").write_text(ASSIGNMENT, "utf-8")
    SCENES.save(folder / "scenes")
    words = ["grade", str(model(folder / "scenes.keras")), "--predictions", "said.npz"]
    words += ["--output", "r.html", "--output", "r.md", "--output", "r.json"]
    done = subprocess.run(
        [sys.executable, "-m", "companion", *words],
        cwd=folder,
        env=os.environ | {"COLUMNS": "80", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads((folder / "r.json").read_text("utf-8"))
    return document["result"]["models"][0], done.stdout, folder


def union(index: int) -> int:
    row, column = sum(COUNTS[index]), sum(line[index] for line in COUNTS)
    return row + column - COUNTS[index][index]


def test_the_document_has_the_confusion_matrix_and_every_class(
    graded: tuple[dict[str, Any], str, Path],
) -> None:
    found, _, _ = graded
    counts = found["counts"]
    assert counts["confusion"] == COUNTS
    assert counts["classes"] == list(NAMES)
    assert counts["ignored"] == int((SCENES.true == 255).sum())
    ious = [Fraction(COUNTS[k][k], union(k)) for k in range(4)]
    assert [Fraction(row["iou"]) for row in counts["per_class"]] == ious
    assert [row["truth"] for row in counts["per_class"]] == [sum(row) for row in COUNTS]
    assert Fraction(found["measures"]["iou_pooled"]) == sum(ious) / 4
    assert Fraction(found["measures"]["iou_pooled_without_background"]) == sum(ious[1:]) / 3
    right = sum(COUNTS[k][k] for k in range(4))
    assert Fraction(found["measures"]["accuracy_pooled"]) == Fraction(right, sum(map(sum, COUNTS)))


def test_the_document_says_which_mean_a_check_uses(
    graded: tuple[dict[str, Any], str, Path],
) -> None:
    checks = graded[0]["checks"]
    assert [(row["measure"], row["background"]) for row in checks] == [
        ("iou", True),
        ("dice", True),
        ("gain", True),
        ("accuracy", None),
    ]
    assert checks[0]["value"] == graded[0]["measures"]["iou_pooled"]


def test_the_terminal_shows_classes_means_and_confusions_in_80_columns(
    graded: tuple[dict[str, Any], str, Path],
) -> None:
    text = graded[1]
    assert max(map(len, text.splitlines())) <= 80
    whole = " ".join(text.split())
    assert "IoU (mean over classes with background," in whole
    assert "Mean over classes without background" in whole
    assert "Accuracy of pixels" in whole
    for name, row in zip(NAMES, graded[0]["counts"]["per_class"], strict=True):
        iou, dice = float(Fraction(row["iou"])), float(Fraction(row["dice"]))
        assert re.search(rf"{name} +{iou:.4f} +{dice:.4f} +{row['truth']:,}", text)
    assert f"{max(_confusions()):,} of" in whole
    assert "pixels of" in whole
    assert "the classes sky, road, car, tree in this order" in whole


def _confusions() -> list[int]:
    return [COUNTS[t][p] for t in range(4) for p in range(4) if t != p]


def test_markdown_has_the_classes(graded: tuple[dict[str, Any], str, Path]) -> None:
    text = (graded[2] / "r.md").read_text("utf-8")
    assert "| class | IoU | Dice | true pixels | answered |" in text
    assert "| Mean over classes without background | value |" in text
    assert "**Worst pictures**" in text


def test_the_page_draws_the_worst_pictures_in_the_colours_of_its_legend(
    graded: tuple[dict[str, Any], str, Path],
) -> None:
    import base64
    from io import BytesIO

    import numpy as np
    from PIL import Image

    page = (graded[2] / "r.html").read_text("utf-8")
    assert page.count("<img ") == 18
    legend = re.findall(r'background: (#[0-9a-f]{6})"></span>([^<]+)<', page)
    assert [name for _, name in legend] == ["road", "car", "tree", "does not count"]
    assert "class 0, sky, stays grey" in page
    pictures = re.findall(r"base64,([^\"]+)", page)
    drawn = np.asarray(Image.open(BytesIO(base64.b64decode(pictures[1]))), float)
    number = int(graded[0]["counts"]["worst"][0].split("s")[-1])
    truth = SCENES.true[number]
    for label, colour in zip((1, 2, 3, 255), (colour for colour, _ in legend), strict=True):
        tint = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
        # what is left of the grey picture is the same in all three channels
        left = drawn[truth == label] - 0.55 * tint
        assert left.size == 0 or (left.max(axis=1) - left.min(axis=1)).max() < 2


def test_the_predictions_give_the_confusion_matrix_again(
    graded: tuple[dict[str, Any], str, Path],
) -> None:
    import numpy as np

    with np.load(graded[2] / "said.npz", allow_pickle=False) as said:
        answers = said["predictions"].argmax(-1)
    assert answers.shape == SCENES.true.shape
    table = np.zeros((4, 4), int)
    kept = SCENES.true != 255
    np.add.at(table, (SCENES.true[kept], answers[kept]), 1)
    assert table.tolist() == COUNTS


def test_an_assignment_of_classes_is_shown_with_its_words(run: Any, tmp_path: Path) -> None:
    (tmp_path / "assignment.toml").write_text(ASSIGNMENT, "utf-8")
    done = run("assignment", "check")
    assert done.code == 0
    words = "class numbers (sky, road, car, tree); 255 does not count; means over classes with"
    assert words in " ".join(done.out.split())
    masks = run("assignment", "check", "--json").document["result"]["assignments"][0]["masks"]
    assert masks == {"coding": "class-ids", "ignore": 255, "classes": list(NAMES)}


def test_a_map_of_classes_without_an_assignment_says_how_to_write_one(
    run: Any, tmp_path: Path
) -> None:
    model(tmp_path / "scenes.keras")
    done = run("grade", "scenes.keras")
    assert done.code == 2
    said = " ".join((done.out + done.err).split())
    assert "16x16x4" in said
    assert "coding = 'class-ids'" in said

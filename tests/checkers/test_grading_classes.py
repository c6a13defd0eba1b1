"""Models with a channel a class are graded to the counts that loops over the pixels give."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from class_scenes import ASSIGNMENT, COLOURS, NAMES, SIDE, Scenes, model, scenes

from answers.errors import InputError
from checkers.assignment.assignment import Assignment
from checkers.assignment.toml_file import read_assignment
from checkers.grading import grade
from checkers.measuring.class_maps import ClassMapped
from checkers.measuring.data_source import DataRequest
from checkers.measuring.segmentation import Segmented
from checkers.report import Report
from checkers.request import Request

pytestmark = pytest.mark.slow


def assignment(without: Sequence[str] = (), metric: str = "", coding: str = "") -> Assignment:
    """The assignment of the scenes without some keys, with a [metric] or another coding."""
    lines = [line for line in ASSIGNMENT.splitlines() if line.split(" =")[0] not in without]
    text = "\n".join(lines).replace("[masks]", f"[metric]\n{metric}\n[masks]")
    if coding:
        text = text.replace('"class-ids"', f'"{coding}"').split('[[check]]\nmeasure = "acc')[0]
    return read_assignment(text.encode(), "scenes.toml")


def graded(path: Path, data: Path, given: Assignment | None = None, **more: int) -> Report:
    report = grade(
        Request(
            path=path,
            assignment=given or assignment(),
            data=DataRequest(path=data),
            channel=more.get("channel"),
        )
    )
    assert report.error is None, report.error
    return report


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def mean_iou(counts: list[list[int]]) -> Fraction:
    scores = []
    for k, row in enumerate(counts):
        union = sum(row) + sum(other[k] for other in counts) - row[k]
        if union:
            scores.append(Fraction(row[k], union))
    return sum(scores, Fraction(0)) / len(scores)


def test_a_softmax_of_four_classes_is_graded_pixel_by_pixel(tmp_path: Path) -> None:
    found = scenes()
    report = graded(model(tmp_path / "m.keras"), found.save(tmp_path / "scenes"))
    counts = found.counts()
    assert isinstance(report.result, ClassMapped)
    assert [list(row) for row in report.result.overlaps.confusion.counts] == counts
    assert report.result.classes == NAMES
    assert report.result.ignored == (found.true == 255).sum()
    assert codes(report) == ["class-channels"]
    iou, _, _, accuracy = report.verdicts
    assert iou.value == mean_iou(counts)
    assert accuracy.value == Fraction(sum(counts[k][k] for k in range(4)), sum(map(sum, counts)))
    assert report.passed
    assert len(report.result.worst) == 6


def test_logits_are_brought_to_the_masks_as_probabilities(tmp_path: Path) -> None:
    tensorflow = pytest.importorskip("tensorflow")
    found = scenes(4, ignored=False)
    large = Scenes(found.said, found.true.repeat(2, 1).repeat(2, 2)[:, : 2 * SIDE - 3])
    images = COLOURS[found.said]
    np.savez(tmp_path / "scenes.npz", images=images, masks=large.true)
    path = model(tmp_path / "m.h5", activation="linear", compiled=True)
    native = assignment(("classes", "ignore"), metric='resolution = "native"')
    report = graded(path, tmp_path / "scenes.npz", native)
    logits = np.zeros((*found.said.shape, 4))
    logits[..., 0] = 2.5
    logits[..., 1:] = 5 * (images / 255)
    chances = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    resized = tensorflow.image.resize(chances, large.true.shape[1:]).numpy()
    expected = Scenes(resized.argmax(-1).astype(np.uint8), large.true).counts()
    assert isinstance(report.result, ClassMapped)
    assert [list(row) for row in report.result.overlaps.confusion.counts] == expected
    assert codes(report) == ["logits", "class-channels"]


def test_answers_that_are_not_numbers_fail_and_have_no_score(tmp_path: Path) -> None:
    path = model(tmp_path / "m.keras", activation="exponential", bias=(1000, 0, 0, 0))
    report = graded(path, scenes(2).save(tmp_path / "scenes"))
    assert report.result is None
    assert report.failed
    assert "outputs-not-finite" in codes(report)
    assert {verdict.value for verdict in report.verdicts} == {None}


@pytest.mark.parametrize(
    ("channels", "activation", "without", "says"),
    [
        (1, "sigmoid", (), "a map of 4 channels, one for each class of the masks"),
        (3, "softmax", (), "a map of 4 channels"),
        (1, "sigmoid", ("classes",), "which can only tell one object from its background"),
        (3, "softmax", ("classes",), "3 channels, for the classes 0 to 2, but"),
    ],
    ids=["one channel", "too few", "one channel, unnamed", "too few, unnamed"],
)
def test_a_model_with_too_few_channels_fails_with_the_finding(
    tmp_path: Path, channels: int, activation: str, without: Sequence[str], says: str
) -> None:
    path = model(tmp_path / "m.keras", channels, activation)
    report = graded(path, scenes(2).save(tmp_path / "scenes"), assignment(without))
    assert report.failed
    assert codes(report) == ["wrong-output-shape"]
    assert says in report.findings[0].message
    assert says in report.verdicts[0].reason


def test_a_channel_a_class_does_not_answer_a_mask_of_one_object(tmp_path: Path) -> None:
    report = graded(
        model(tmp_path / "m.keras"),
        scenes(2, 2, ignored=False).save(tmp_path / "scenes"),
        assignment(("ignore", "classes"), coding="0/1"),
    )
    assert report.failed
    assert "coding = 'class-ids'" in report.findings[0].message


def test_two_channels_and_class_numbers_0_and_1_stay_one_object(tmp_path: Path) -> None:
    found = scenes(12, 2)
    path = model(tmp_path / "m.keras", 2, bias=(2.5, 0))
    report = graded(path, found.save(tmp_path / "scenes"), assignment(["classes"]))
    kept = found.true != 255
    assert isinstance(report.result, Segmented)
    pooled = report.result.overlaps.pooled
    assert pooled.intersection == ((found.said == 1) & (found.true == 1)).sum()
    assert pooled.predicted == ((found.said == 1) & kept).sum()
    assert pooled.pixels == kept.sum()
    assert codes(report) == ["object-channel"]
    assert report.verdicts[3].value == Fraction(int((found.said == found.true)[kept].sum()), int(kept.sum()))  # fmt: skip


def test_a_label_beyond_the_named_classes_is_an_error_of_the_data(tmp_path: Path) -> None:
    data = scenes(2).save(tmp_path / "scenes")
    request = Request(
        path=model(tmp_path / "m.keras"),
        assignment=assignment(["ignore"]),
        data=DataRequest(path=data),
    )
    with pytest.raises(InputError, match="The masks hold 255, but the 4 classes"):
        grade(request)


def test_a_channel_that_is_asked_for_is_no_answer_of_several_classes(tmp_path: Path) -> None:
    data = scenes(2).save(tmp_path / "scenes")
    request = Request(
        path=model(tmp_path / "m.keras"),
        assignment=assignment(),
        data=DataRequest(path=data),
        channel=2,
    )
    with pytest.raises(InputError, match="Channel 2 is to be graded as the one object"):
        grade(request)

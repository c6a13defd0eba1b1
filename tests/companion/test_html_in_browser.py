"""The HTML report as a person sees it: a real browser draws it and measures it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from chromium import NAMES, Chromium, Scheme, Seen, chromium_path

from answers.data.split import Sample
from answers.errors import MissingError, RefusedError
from checkers.assignment.catalogue import load_built_in
from checkers.assignment.verdict import judge
from checkers.measuring.answer import Answer
from checkers.measuring.classification import Classified, measure_classes
from checkers.measuring.segmentation import Segmented, measure_masks
from checkers.measuring.stream import Predicted
from checkers.model_file.record import Finding
from checkers.report import Report
from companion.views import grade_html

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE, NARROW = 1000, 400
HOSTILE = (
    "<script>document.documentElement.dataset.ran = 'script'</script>",
    "<img src=x onerror=\"document.documentElement.dataset.ran = 'image'\">",
    "\"'><svg onload=\"document.documentElement.dataset.ran = 'drawing'\">",
    "javascript:alert(1)//{{ 7 * 7 }}</title></style>-->",
)
READABLE = 4.5  # WCAG 2.2, 1.4.3: the contrast of text and ground, level AA


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Chromium:
    program = chromium_path()
    if program is None:
        pytest.skip(f"no browser here: none of {', '.join(NAMES)} is on the path")
    return Chromium(program, tmp_path_factory.mktemp("chromium"))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of both samples, as `companion grade` writes it."""
    folder = tmp_path_factory.mktemp("report")
    words = ["grade", "sample-unet", "sample-cnn", "--output", "report.html"]
    subprocess.run([sys.executable, "-m", "companion", *words], cwd=folder, check=True)
    return (folder / "report.html").read_text("utf-8")


@pytest.fixture(scope="module", params=[WIDE, NARROW], ids=["wide", "narrow"])
def seen(request: pytest.FixtureRequest, chromium: Chromium, page: str) -> Seen:
    return chromium.measure(page, width=request.param)


def test_the_page_names_no_address_but_its_own_pictures(seen: Seen) -> None:
    inside = [reference for reference in seen.references if reference.startswith("#")]
    assert inside == ["#report-1", "#report-2"]  # the table at the front leads to the reports
    others = set(seen.references) - set(inside)
    assert {reference.partition(",")[0] for reference in others} == {"data:image/png;base64"}


def test_the_six_worst_pictures_are_drawn_three_times_each(seen: Seen) -> None:
    assert len(seen.pictures) == 3 * 6
    assert all(min(picture) > 0 for picture in seen.pictures)


def test_nothing_is_wider_than_the_window(seen: Seen) -> None:
    assert seen.width in (WIDE, NARROW)
    assert seen.content_width <= seen.width


def test_there_is_no_script_in_the_page(seen: Seen) -> None:
    assert (seen.scripts, seen.handlers) == (0, [])


def test_both_models_their_verdicts_and_classes_are_read(seen: Seen) -> None:
    for words in ("sample-unet", "sample-cnn", "Dice", "Accuracy", "PASSED", "mean over classes"):
        assert words in seen.text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(
    chromium: Chromium, page: str, scheme: Scheme
) -> None:
    for shown in (page, grade_html.page([refused(), unfinished()])):
        seen = chromium.measure(shown, width=WIDE, scheme=scheme)
        assert seen.dark == (scheme == "dark")
        contrast, text = seen.faintest
        assert contrast >= READABLE, text


def test_what_was_refused_and_what_was_not_run_have_their_colours() -> None:
    page = grade_html.page([refused(), unfinished()])
    assert 'class="total fail">Not graded' in page
    assert 'class="total not-run">NOT FINISHED' in page


@pytest.mark.parametrize(
    ("width", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")]
)
def test_the_picture_of_the_page_is_not_blank(
    chromium: Chromium, page: str, width: int, scheme: Scheme
) -> None:
    pixels = chromium.screenshot(page, width=width, height=1200, scheme=scheme)
    assert pixels.shape[0] == 1200
    grey = pixels[:, :width].mean(axis=2)
    ground = np.median(grey)
    assert ground > 200 if scheme == "light" else ground < 60
    # A page of text covers a few per cent of its ground, in every part of the first screen.
    for part in np.array_split(np.abs(grey - ground) > 60, 4):
        assert 0.005 < part.mean() < 0.5


def refused() -> Report:
    """A report in the colour of failure."""
    return Report(file=Path("a.h5"), error=RefusedError("lambda-layer", "It holds a Lambda."))


def unfinished() -> Report:
    """A report in the colour of what could not be run."""
    assignment = load_built_in("cifar10")
    missing = (MissingError("data-missing", "No CIFAR-10 is here."),)
    verdicts = judge(assignment.checks, (), layers=())
    return Report(file=Path("b.h5"), assignment=assignment, verdicts=verdicts, missing=missing)


def hostile_classes() -> Report:
    """A classifier's report in which every name tries to become markup."""
    samples = [Sample(name=HOSTILE[0], image=np.zeros((2, 2, 3), np.uint8), label=0)] * 8
    rows = np.eye(len(HOSTILE), dtype=np.float32)[[0, 1, 2, 3, 1, 1, 2, 3]]
    answer = Answer(output=0, name="out", shape=(4,), activation="softmax", is_logits=False)
    batch = [Predicted(sample, row) for sample, row in zip(samples, rows, strict=True)]
    result, _ = measure_classes([batch], answer, HOSTILE)
    assert isinstance(result, Classified)
    findings = tuple(Finding("hostile", text) for text in HOSTILE)
    return Report(file=Path(HOSTILE[2]), result=result, findings=findings)


def hostile_masks() -> Report:
    """A segmentation model's report whose pictures have hostile names."""
    mask = np.eye(8, dtype=np.uint8)
    samples = [Sample(name=n, image=np.zeros((8, 8, 3), np.uint8), mask=mask) for n in HOSTILE]
    answer = Answer(output=0, name="out", shape=(8, 8, 1), activation="sigmoid", is_logits=False)
    values = np.zeros((8, 8, 1), np.float32)
    result, _ = measure_masks([[Predicted(s, values) for s in samples]], answer, "model")
    assert isinstance(result, Segmented)
    return Report(file=Path(HOSTILE[1]), result=result)


def test_hostile_names_are_text(chromium: Chromium) -> None:
    page = grade_html.page([hostile_classes(), hostile_masks()])
    seen = chromium.measure(page, width=NARROW, policy=False)
    assert (seen.ran, seen.scripts, seen.handlers) == ("", 0, [])
    assert seen.content_width <= NARROW
    for name in HOSTILE:
        assert name in seen.text


@pytest.mark.parametrize(("policy", "ran"), [(False, "script"), (True, "")], ids=["bare", "policy"])
def test_a_script_that_got_in_is_stopped_by_the_page_s_own_policy(
    chromium: Chromium, *, policy: bool, ran: str
) -> None:
    page = grade_html.page([hostile_masks()]).replace("<body>", f"<body>{HOSTILE[0]}")
    assert chromium.measure(page, width=WIDE, policy=policy).ran == ran

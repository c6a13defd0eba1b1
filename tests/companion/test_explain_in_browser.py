"""A topic's page as a person sees it: a real browser draws its formulas and pictures."""

from __future__ import annotations

import numpy as np
import pytest
from chromium import NAMES, Chromium, Scheme, Seen, chromium_path
from small_textbook import SMALL

from answers.textbook.library import Textbook
from answers.worked.lesson import Lesson
from companion.views import topic_html

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE, NARROW = 1000, 400
READABLE = 4.5  # WCAG 2.2, 1.4.3: the contrast of text and ground, level AA


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Chromium:
    program = chromium_path()
    if program is None:
        pytest.skip(f"no browser here: none of {', '.join(NAMES)} is on the path")
    return Chromium(program, tmp_path_factory.mktemp("chromium"))


@pytest.fixture(scope="module")
def page() -> str:
    """A topic with every kind of block, and two of the book."""
    book = Textbook()
    lessons = [Lesson.of(Textbook(SMALL), "small")]
    lessons += [Lesson.of(book, slug) for slug in ("receptive-field", "segmentation-losses")]
    return topic_html.page(lessons)


@pytest.fixture(scope="module", params=[WIDE, NARROW], ids=["wide", "narrow"])
def seen(request: pytest.FixtureRequest, chromium: Chromium, page: str) -> Seen:
    return chromium.measure(page, width=request.param)


def test_nothing_is_wider_than_the_window(seen: Seen) -> None:
    assert seen.width in (WIDE, NARROW)
    assert seen.content_width <= seen.width


def test_there_is_no_script_in_the_page(seen: Seen) -> None:
    assert (seen.scripts, seen.handlers) == (0, [])


def test_the_page_loads_nothing_from_anywhere(seen: Seen) -> None:
    """What it names are links to its own parts, and the addresses of its sources."""
    assert all(reference.startswith(("#", "https://")) for reference in seen.references)
    assert seen.pictures == []


def test_text_values_and_sources_are_read(seen: Seen) -> None:
    for words in ("A small topic", "Receptive fields", "4,640", "30.1 GB", "Sources", "Answer"):
        assert words in seen.text


def test_answers_are_folded_away_until_asked_for(seen: Seen) -> None:
    assert "Because of the bias." not in seen.text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(
    chromium: Chromium, page: str, scheme: Scheme
) -> None:
    seen = chromium.measure(page, width=WIDE, scheme=scheme)
    assert seen.dark == (scheme == "dark")
    contrast, text = seen.faintest
    assert contrast >= READABLE, text


@pytest.mark.parametrize(
    ("width", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")]
)
def test_the_picture_of_the_page_is_not_blank(
    chromium: Chromium, page: str, width: int, scheme: Scheme
) -> None:
    pixels = chromium.screenshot(page, width=width, height=3000, scheme=scheme)
    grey = pixels[:, :width].mean(axis=2)
    ground = np.median(grey)
    assert ground > 200 if scheme == "light" else ground < 60
    for part in np.array_split(np.abs(grey - ground) > 60, 6):
        assert 0.004 < part.mean() < 0.6


def test_a_fraction_is_drawn_and_not_written(chromium: Chromium) -> None:
    """Its parts stand over one another: the page with a fraction is higher than with a slash."""
    from companion.views.mathml import as_mathml

    heights = [
        chromium.measure(_only(as_mathml(latex, alone=True)), width=WIDE).height
        for latex in (r"\frac{\frac{a}{b}}{\frac{c}{d}}", "a/b/c/d")
    ]
    assert heights[0] > heights[1] + 15


def _only(body: str) -> str:
    return (
        '<!doctype html><html><head><meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\"></head>"
        f"<body>{body}</body></html>"
    )

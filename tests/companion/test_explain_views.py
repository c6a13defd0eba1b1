"""Every topic in every form: it fits its width, loses nothing, and holds no markup of its file."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from math import log
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from small_textbook import SMALL

from answers.errors import InputError
from answers.textbook.blocks import Code, ShownPicture, every_block, every_inline
from answers.textbook.inlines import Formula, Text
from answers.textbook.library import Textbook
from answers.textbook.pictures import TextPicture
from answers.worked.lesson import Lesson
from companion.typesetting.box import columns_of
from companion.views import topic_html, topic_json, topic_markdown, topic_terminal
from companion.views.mathml import as_mathml
from companion.views.sheet import Sheet
from companion.views.spans import BOLD, Span, wrapped

QUICK = ("receptive-field", "pooling")
SLUGS = [
    slug if slug in QUICK else pytest.param(slug, marks=pytest.mark.slow)
    for slug in Textbook().slugs
]
SHEETS = [
    Sheet(40),
    Sheet(60),
    Sheet(80),
    Sheet(100),
    Sheet(40, ascii_only=True),
    Sheet(60, ascii_only=True),
    Sheet(80, styled=True),
]
_STYLES = re.compile(r"\x1b\[[0-9;]*m")


@cache
def lesson(slug: str) -> Lesson:
    """A topic of the book, or the small one of the tests."""
    return Lesson.of(Textbook(SMALL) if slug == "small" else Textbook(), slug)


def programs(slug: str) -> set[str]:
    """The lines of the author's programs, which nobody can make narrower."""
    blocks = [block for s in lesson(slug).topic.sections for block in every_block(s.blocks)]
    codes = [
        b.text for b in blocks if isinstance(b, Code) and b.language in ("python", "text", "toml")
    ]
    return {line.strip() for line in "\n".join(codes).split("\n")}


@pytest.mark.parametrize(
    "sheet",
    SHEETS,
    ids=[f"{s.width}{' ascii' * s.ascii_only}{' styled' * s.styled}" for s in SHEETS],
)
@pytest.mark.parametrize("slug", ["small", *SLUGS])
def test_a_topic_fits_its_sheet(slug: str, sheet: Sheet) -> None:
    own = programs(slug)
    lines = list(topic_terminal.lines(lesson(slug), sheet))
    for line in lines:
        shown = _STYLES.sub("", line)
        assert columns_of(shown) <= sheet.width or shown.strip() in own, shown
        assert line == line.rstrip()
        assert not sheet.ascii_only or line.isascii()
        assert sheet.styled or line == shown


@pytest.mark.parametrize("slug", ["small", *SLUGS])
def test_a_drawing_is_shown_whole_or_its_width_is_said(slug: str) -> None:
    blocks = [block for s in lesson(slug).topic.sections for block in every_block(s.blocks)]
    pictures = [block.picture for block in blocks if isinstance(block, ShownPicture)]
    for picture in pictures:
        if isinstance(picture, TextPicture):
            needed = max(map(columns_of, picture.lines))
            for width in (40, needed, needed + 1, needed + 4, 60):
                shown = list(topic_terminal.lines(lesson(slug), Sheet(width)))
                said = f"needs {needed} columns" in " ".join(" ".join(shown).split())
                indent = " " * min(4, width - needed)
                lines = {(indent + line).rstrip() for line in picture.lines}
                assert said is (width < needed)
                assert lines <= set(shown) or said


def test_a_row_that_would_be_tall_is_written_below_its_title() -> None:
    (title,), words = [(Span("rate"),)], (Span("of all parts ninety seven are sorted rightly"),)
    titles, rows = [title, (Span("in words"),)], [[(Span("accuracy"),), words]]
    wide = Sheet(40).table(titles, rows, [False, False])
    assert wide[0].split() == ["rate", "in", "words"]
    narrow = Sheet(18).table(titles, rows, [False, False])
    assert narrow[0] == "accuracy"
    assert narrow[1].startswith("  in words: of all")


@pytest.mark.parametrize("slug", ["small", *SLUGS])
def test_every_word_of_a_topic_is_shown_in_every_form(slug: str) -> None:
    found = lesson(slug)
    words = {
        word
        for s in found.topic.sections
        for _, part in every_inline(s.blocks)
        if isinstance(part, Text)
        for word in re.findall(r"[A-Za-z]{3,}", part.text)
    }
    terminal = "\n".join(topic_terminal.lines(found, Sheet(200)))
    page = topic_html.page([found])
    for shown in (terminal, topic_markdown.written(found), page):
        assert words <= set(re.findall(r"[A-Za-z]{3,}", shown)), found.topic.slug
        assert "{{" not in shown.replace("{{}", "")
        assert "[@" not in shown


@pytest.mark.parametrize("slug", ["small", *SLUGS])
def test_a_page_is_closed_and_runs_nothing(slug: str) -> None:
    page = topic_html.page([lesson(slug)])
    closed = _Closed()
    closed.feed(page)
    assert closed.open == []
    assert closed.scripts == 0
    formulas = re.findall(r"<math.*?</math>", page, re.DOTALL)
    expected = sum(
        isinstance(part, Formula)
        for s in lesson(slug).topic.sections
        for _, part in every_inline(s.blocks)
    )
    assert len(formulas) >= expected
    for formula in formulas:
        ET.fromstring(formula)  # noqa: S314  # our own page


class _Closed(HTMLParser):
    """Which elements are open."""

    _EMPTY = ("meta", "br", "rect", "path", "polyline", "mspace")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script" or any(name.startswith("on") for name, _ in attrs)
        if tag not in self._EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._EMPTY:
            assert self.open.pop() == tag


@pytest.mark.parametrize("slug", ["small", *SLUGS])
def test_markdown_has_the_headings_lists_and_tables_of_the_topic(slug: str) -> None:
    """markdown-it reads from what we write the structure that it reads from the author's file."""
    found = lesson(slug)
    reader = MarkdownIt("commonmark").enable("table")
    ours = [t.type for t in reader.parse(topic_markdown.written(found))]
    theirs = [t.type for t in reader.parse(found.topic.face.body)]
    for kind in ("bullet_list_open", "ordered_list_open", "table_open", "blockquote_open"):
        extra = kind == "bullet_list_open" and bool(found.cited)  # the list of sources
        derivations = 0 if kind != "ordered_list_open" else ours.count(kind) - theirs.count(kind)
        assert ours.count(kind) == theirs.count(kind) + extra + derivations, kind
        assert derivations >= 0


@pytest.mark.parametrize("slug", ["small", *SLUGS])
def test_the_answers_of_a_page_are_folded_away(slug: str) -> None:
    page = topic_html.page([lesson(slug)])
    section = next(s for s in lesson(slug).topic.sections if s.key == "check")
    questions = sum(len(block.items) for block in section.blocks if hasattr(block, "items"))
    assert page.count("<details>") == questions > 0


def test_the_small_topic_has_its_values_in_the_terminal() -> None:
    text = "\n".join(topic_terminal.lines(lesson("small"), Sheet(80)))
    for words in (
        "A field of 8, a shape of 30x30x16, 50,000 pictures, 30.1 GB, a recall of 8/9",
        "88.9%",
        "a loss of 0.198 and 1.27·10⁻¹",
        "[First et al. 2001, section 2] [Fourth and Fifth 1999]",
        "A note about 448·(n − 2)² and",
        "= 4,640 parameters",
        "│",
        "with a | bar",
    ):
        assert words in " ".join(text.split()), words


def test_the_small_topic_as_json_is_exact() -> None:
    document = topic_json.as_document(lesson("small"))
    values = {value["name"]: value["value"] for value in document["values"]}
    assert values["recall"] == "8/9"
    assert values["local"] == "448*(n - 2)**2"
    assert values["shape"] == [30, 30, 16]
    assert values["cost"] == pytest.approx(-(2 * log(0.9) + log(0.8) + log(0.7)) / 4)
    assert [s["key"] for s in document["sources"]] == ["first2001", "pair1999"]


def test_links_lead_to_what_stands_on_the_page() -> None:
    other = Lesson.of(Textbook(SMALL), "other")
    together = topic_html.page([lesson("small"), other])
    assert 'href="#small-idea"' in together
    assert 'id="small-idea"' in together
    alone = topic_html.page([other])
    assert 'href="#small-idea"' not in alone
    assert "<em>the small one</em>" in alone


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style>-->{{ 7 * 7 }}",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_of_a_file_stay_words(tmp_path: Path, words: str) -> None:
    from small_textbook import changed, copied

    folder = copied(tmp_path)
    text = "topics/small/en.md"
    changed(folder, text, "title: A small topic", f"title: {words}")
    changed(folder, text, "Each filter has one.", f"`{words}` {words}".replace("{{ 7 * 7 }}", ""))
    changed(folder, text, 'caption = "How the field grows."', f"caption = '''{words}'''")
    changed(folder, "sources.toml", '"A paper"', f"'''{words}'''")
    changed(folder, "sources.toml", "https://example.org/paper", "javascript:alert(1)")
    page = topic_html.page([Lesson.of(Textbook(folder), "small")])
    closed = _Closed()
    closed.feed(page)
    assert closed.scripts == 0
    assert "<img" not in page
    assert "javascript:" not in page.replace("javascript:alert(1)</", "")
    assert "49" not in re.sub(r"<math.*?</math>|<svg.*?</svg>", "", page, flags=re.DOTALL)


MATHEMATICS = [
    (r"\frac{1}{2}", {"mfrac": 1}),
    (r"x_1^2", {"msubsup": 1}),
    (r"\sum_{i=1}^{n} i", {"munderover": 1}),
    (r"\sqrt{2}", {"msqrt": 1}),
    (r"\begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}", {"mtable": 1, "mtr": 2}),
    (r"\begin{aligned} a &= b \\ &= c \end{aligned}", {"mtable": 1, "mtr": 2, "mtd": 4}),
    (r"\text{a < b & c}", {"mtext": 1}),
    (r"4{,}640", {"mtext": 1}),
]


@pytest.mark.parametrize(("latex", "tags"), MATHEMATICS, ids=[latex for latex, _ in MATHEMATICS])
def test_mathematics_becomes_elements(latex: str, tags: dict[str, int]) -> None:
    tree = ET.fromstring(as_mathml(latex, alone=True))  # noqa: S314  # our own
    names = [element.tag.rpartition("}")[2] for element in tree.iter()]
    assert {tag: names.count(tag) for tag in tags} == tags


@pytest.mark.parametrize("latex", [r"\foo", r"\frac{1}{", r"a & b", r"x_", "{"])
def test_what_is_no_mathematics_is_said(latex: str) -> None:
    with pytest.raises(InputError, match="can't be written as MathML") as caught:
        as_mathml(latex, alone=False)
    assert caught.value.code == "latex-not-known"


def test_words_of_one_style_share_it() -> None:
    spans = (Span("two words", (BOLD,)), Span(", plain"))
    assert wrapped(spans, 80, styled=True) == ["\x1b[1mtwo words\x1b[0m, plain"]
    assert wrapped(spans, 80, styled=False) == ["two words, plain"]


def test_a_word_that_is_wider_than_the_line_is_cut() -> None:
    lines = wrapped((Span("x" * 30),), 12, styled=False)
    assert lines == ["x" * 12, "x" * 12, "x" * 6]

"""A text of a topic is read into sections, blocks and lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from small_textbook import SMALL

from answers.textbook.blocks import (
    Block,
    Code,
    Displayed,
    Heading,
    Listing,
    Paragraph,
    Quote,
    Section,
    ShownDerivation,
    ShownPicture,
    Table,
    every_block,
    every_inline,
)
from answers.textbook.fault import Fault
from answers.textbook.inlines import (
    Citation,
    CodeSpan,
    Emphasis,
    Formula,
    Inline,
    LineBreak,
    Link,
    Mention,
    Strong,
    Text,
    plain_text,
)
from answers.textbook.library import Textbook
from answers.textbook.markdown import read_sections
from answers.textbook.pictures import (
    BarsPicture,
    CurvePicture,
    FieldPicture,
    MaskPicture,
    PrCurvePicture,
    TextPicture,
)
from answers.textbook.topic import read_face

FILE = Path("topics/x/en.md")


def section(text: str) -> Section:
    (found,) = read_sections(f"## The idea {{#idea}}\n{text}\n", file=FILE)
    return found


def line(text: str) -> tuple[Inline, ...]:
    (block,) = section(text).blocks
    assert isinstance(block, Paragraph)
    return block.parts


LINES: list[tuple[str, str, tuple[Inline, ...]]] = [
    ("words", "plain words", (Text("plain words"),)),
    ("bold", "**a** b", (Strong((Text("a"),)), Text(" b"))),
    ("emphasis in bold", "**a *b***", (Strong((Text("a "), Emphasis((Text("b"),)))),)),
    ("code", "`a_b`", (CodeSpan("a_b"),)),
    ("code is no mathematics", "`$x$ {{a}}`", (CodeSpan("$x$ {{a}}"),)),
    ("mathematics", "$a_1 * b_2 * c$", (Formula(("a_1 * b_2 * c",)),)),
    ("mathematics with a backslash", r"$\frac{1}{2}$", (Formula((r"\frac{1}{2}",)),)),
    ("two dollars are money", "5$ and 6$", (Text("5$ and 6$"),)),
    ("a dollar that is escaped", r"\$5$", (Text("$5$"),)),
    ("a value", "{{first}}", (Mention("first"),)),
    ("a value with a form", "{{first:.3f}}", (Mention("first", ".3f"),)),
    ("a value in bold", "**{{first}}**", (Strong((Mention("first"),)),)),
    ("a value in mathematics", "$P = {{p}} + 1$", (Formula(("P = ", Mention("p"), " + 1")),)),
    ("a value in a fraction", r"$\frac{{{a}}}{2}$", (Formula((r"\frac{", Mention("a"), "}{2}")),)),
    ("braces of the notation", "in {n}x{n}x3", (Text("in {n}x{n}x3"),)),
    ("a citation", "[@a2001]", (Citation("a2001"),)),
    ("a citation with its place", "[@a2001, section 2]", (Citation("a2001", "section 2"),)),
    ("two citations", "[@a; @b, p. 3]", (Citation("a"), Text(" "), Citation("b", "p. 3"))),
    ("a link", "[words](pooling#idea)", (Link("pooling#idea", (Text("words"),)),)),
    ("a line that ends", "a\\\nb", (Text("a"), LineBreak(), Text("b"))),
    ("a line that goes on", "a\nb", (Text("a"), Text(" "), Text("b"))),
    ("brackets that are none", "[0, 1]", (Text("[0, 1]"),)),
    ("HTML is words", "<b>a</b>", (Text("<b>a</b>"),)),
]


@pytest.mark.parametrize(
    ("text", "parts"), [case[1:] for case in LINES], ids=[case[0] for case in LINES]
)
def test_a_line_is_read(text: str, parts: tuple[Inline, ...]) -> None:
    assert joined(line(text)) == parts


def joined(parts: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Neighbouring texts as one: how markdown-it cuts them does not matter."""
    found: list[Inline] = []
    for part in parts:
        before = found[-1] if found else None
        both = isinstance(part, Text) and isinstance(before, Text)
        if both and " " not in (part.text, before.text):  # type: ignore[union-attr]  # both are texts
            found[-1] = Text(before.text + part.text)  # type: ignore[union-attr]  # both are texts
        else:
            found.append(part)
    return tuple(found)


BLOCKS: list[tuple[str, str, type]] = [
    ("a smaller heading", "### Why", Heading),
    ("displayed in one line", "$$ a_1 $$", Displayed),
    ("displayed in three lines", "$$\na_1\n$$", Displayed),
    ("a list", "- a\n- b", Listing),
    ("a numbered list", "1. a\n2. b", Listing),
    ("a note", "> a", Quote),
    ("a table", "| a | b |\n|---|--:|\n| 1 | 2 |", Table),
    ("commands", "```sh\ncompanion rf\n```", Code),
    ("a derivation", "```derivation\nfirst\n```", ShownDerivation),
    ("a picture", '```picture\ndraw = "text"\nlines = ["a"]\n```', ShownPicture),
]


@pytest.mark.parametrize(
    ("text", "kind"), [case[1:] for case in BLOCKS], ids=[case[0] for case in BLOCKS]
)
def test_a_block_is_read_with_its_line(text: str, kind: type[Block]) -> None:
    (block,) = section(f"\n\n{text}").blocks
    assert isinstance(block, kind)
    assert block.line == 4


def test_a_table_knows_its_columns_of_numbers() -> None:
    (block,) = section("| a | b |\n|---|--:|\n| x *y* | {{v}} |").blocks
    assert isinstance(block, Table)
    assert block.right == (False, True)
    assert block.rows == (((Text("x "), Emphasis((Text("y"),))), (Mention("v"),)),)


def test_displayed_mathematics_ends_a_paragraph_and_needs_no_empty_line() -> None:
    kinds = [type(block) for block in section("Text\n$$ a\n= b $$\nmore").blocks]
    assert kinds == [Paragraph, Displayed, Paragraph]


def test_a_list_holds_answers_below_its_questions() -> None:
    (block,) = section("1. Why?\n\n   > Because.").blocks
    assert isinstance(block, Listing)
    assert [type(part) for part in block.items[0]] == [Paragraph, Quote]
    assert len(list(every_block((block,)))) == 4


FAULTS = [
    ("text before a section", "Text\n", "before the first heading", 1),
    ("a heading without a key", "## The idea\n", "needs the key", 1),
    ("an unknown key", "## The idea {#ideas}\n", "needs the key", 1),
    ("a heading too small", "## I {#idea}\n#### Why\n", "write '###'", 2),
    ("a rule", "## I {#idea}\n\n---\n", "A hr can't stand", 3),
    ("indented code", "## I {#idea}\n\n    code\n", "A code block can't stand", 3),
    ("a picture of the web", "## I {#idea}\n![a](b.png)\n", "A image can't stand", 2),
    ("a broken citation", "## I {#idea}\n[@a, p. 1; b]\n", "is no citation", 2),
    ("two derivations at once", "## I {#idea}\n```derivation\na b\n```\n", "one value", 2),
    ("a picture of nothing", '## I {#idea}\n```picture\ndraw = "fieldd"\n```\n', "none of field", 2),
    ("a picture with a wrong key", '## I {#idea}\n```picture\ndraw = "text"\nline = []\n```\n', "'line' is not known", 2),
    ("a picture that is no TOML", "## I {#idea}\n```picture\ndraw = field\n```\n", "no TOML", 3),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words", "at"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS]
)
def test_what_a_text_can_t_hold_is_said_with_its_line(text: str, words: str, at: int) -> None:
    with pytest.raises(Fault, match=words) as caught:
        read_sections(text, file=FILE)
    assert (caught.value.file, caught.value.line) == (FILE, at)
    assert caught.value.where == f"x/en.md:{at}"


HEADS = [
    ("no head", "title: a\n", "must begin with"),
    ("a head that does not end", "---\ntitle: a\n", "must begin with"),
    ("no summary", "---\ntitle: a\nwords: b\n---\n", "summary is missing"),
    ("an unknown entry", "---\ntitle: a\nsummery: b\n---\n", "'summery: b' is not"),
]


@pytest.mark.parametrize(
    ("text", "words"), [case[1:] for case in HEADS], ids=[case[0] for case in HEADS]
)
def test_a_broken_head_is_said(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "en.md").write_text(text, "utf-8")
    with pytest.raises(Fault, match=words):
        read_face(tmp_path / "en.md")


def test_the_small_topic_is_read_whole() -> None:
    topic = Textbook(SMALL).topic("small")
    blocks = [block for s in topic.sections for block in every_block(s.blocks)]
    pictures = [type(b.picture) for b in blocks if isinstance(b, ShownPicture)]
    kinds = [FieldPicture, BarsPicture, MaskPicture, CurvePicture, PrCurvePicture, TextPicture]
    assert pictures == kinds
    text = (SMALL / "topics" / "small" / "en.md").read_text("utf-8").split("\n")
    for block in blocks:
        if isinstance(block, Heading):
            assert text[block.line - 1] == f"### {plain_text(block.parts)}"
        if isinstance(block, Code):
            assert text[block.line - 1] == f"```{block.language}"


_MARKUP = re.compile(
    r"```.*?```|\$\$.*?\$\$|\$[^$]+\$|\{\{.*?\}\}|\[@.*?\]|\]\([^)]*\)|\{#.*?\}", re.DOTALL
)


@pytest.mark.parametrize("slug", Textbook().slugs)
def test_no_word_of_a_topic_is_lost(slug: str) -> None:
    """The words of the file, without mathematics, values, citations and blocks of code."""
    topic = Textbook().topic(slug)
    expected = words_of(_MARKUP.sub(" ", topic.face.body))
    parts = [part for s in topic.sections for _, part in every_inline(s.blocks)]
    texts = [part.text for part in parts if isinstance(part, Text | CodeSpan)]
    assert words_of(" ".join([*texts, *(s.title for s in topic.sections)])) == expected


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]{3,}", text))

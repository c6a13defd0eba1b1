"""The linter of the topics finds every error that is planted, and nothing in what is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_textbook import SMALL, changed, copied

from answers.errors import InputError
from answers.textbook.library import Textbook
from checkers.content.commands import Ran
from checkers.content.finding import Finding
from checkers.content.topic_text import Press, sentences
from checkers.content.topics import Tools, check
from checkers.content.typed_numbers import typed_numbers

TOPIC, TEXT = "topics/small/topic.toml", "topics/small/en.md"
PARAMS = "companion params --kernel 3 --in 16 --out 32"


def formula(latex: str) -> None:
    if "\\foo" in latex:
        raise InputError("latex-not-known", "\\foo is not known.")


def run(words: list[str], _folder: Path) -> Ran:
    """A command line that knows two commands and their options."""
    if words[0] == "notation":
        return Ran(0, "", "")
    known = {"--kernel", "--in", "--out", "--no-steps", "--mine"}
    wrong = [word for word in words[1:] if word.startswith("-") and word not in known]
    if wrong:
        return Ran(2, "", f"Error: No such option: {wrong[0]}\n")
    return Ran(1 if "--mine" in words else 0, "4,640 parameters\n", "")


TOOLS = Tools(
    press=Press(formula=formula, picture=lambda *_: None), run=run, commands=("params", "notation")
)


def found(folder: Path) -> tuple[Finding, ...]:
    return check(Textbook(folder), TOOLS)


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert found(SMALL) == ()


@dataclass(frozen=True)
class Planted:
    """An error: in which file other words are put, and with which code it is found, at which line.

    at: the line that is named, by its words (after the change); '' where the whole file is meant.
    """

    title: str
    file: str
    old: str
    new: str
    code: str
    at: str = ""


PLANTED = [
    Planted("a formula that can't be drawn", TEXT, "$k^2$", r"$\foo^2$", "latex-not-known", r"This is"),
    Planted("displayed mathematics that can't be drawn", TEXT, r"\sum", r"\foo", "latex-not-known", r"$$ r"),
    Planted("a typed number", TEXT, "Each filter has one.", "Each filter has one: 4,640.", "number-typed", "- **The bias"),
    Planted("a typed decimal", TEXT, "Because of the bias.", "A share of 0.67.", "number-typed", "   > A share"),
    Planted("a typed number in mathematics", TEXT, "$P = {{local}}$", "$P = 144$", "number-typed", "> A note"),
    Planted("a typed number in the summary", TEXT, "What a text can hold.", "All 156 of them.", "number-typed", "summary"),
    Planted("a source that is not there", TEXT, "@first2001", "@frist2001", "source-unknown", "Text with"),
    Planted("a source of a given number that is not there", TOPIC, '"pair1999"', '"pear1999"', "source-unknown", "[values.pictures]"),
    Planted("a source that nobody cites", "sources.toml", "[pair1999]", '[more2000]\nauthors = "A B"\ntitle = "C"\nyear = 2000\n\n[pair1999]', "source-unused", "[more2000]"),
    Planted("a source without its year", "sources.toml", "year = 2001", "", "textbook-value", "[first2001]"),
    Planted("a value by another name", TEXT, "{{recall:.1%}}", "{{recal:.1%}}", "value-unknown", "A field of"),
    Planted("a value in mathematics by another name", TEXT, "$P = {{local}}$", "$P = {{locla}}$", "value-unknown", "> A note"),
    Planted("a derivation of another name", TEXT, "```derivation\nlayer", "```derivation\nlayr", "value-unknown", "```derivation"),
    Planted("a derivation of a fact", TEXT, "```derivation\nlayer", "```derivation\npictures", "no-derivation", "```derivation"),
    Planted("a bar of another name", TEXT, '"local_32"', '"local_33"', "value-unknown", "```picture"),
    Planted("a value that nobody uses", TOPIC, "[values.layer]", '[values.more]\nformula = "1 + 1"\n\n[values.layer]', "value-unused", "[values.more]"),
    Planted("a value that can't be worked out", TOPIC, "conv3-32", "convv3-32", "value-fails", "[values.layer]"),
    Planted("a layer that is not there", TOPIC, 'layer = "c2"', 'layer = "c3"', "value-fails", "[values.tiny]"),
    Planted("a formula that names nothing", TOPIC, "pictures *", "picture *", "value-fails", "[values.memory]"),
    Planted("an unknown rate", TOPIC, 'measure = "recall"', 'measure = "recoll"', "value-fails", "[values.recall]"),
    Planted("a form of nobody", TEXT, "{{recall:.1%}}", "{{recall:1%}}", "value-form", "A field of"),
    Planted("a measured number without a form", TEXT, "{{cost:.3f}}", "{{cost}}", "value-unrounded", "A field of"),
    Planted("a key that is not known", TOPIC, 'take = "output"', 'take = "output"\nlayr = "a"', "textbook-value", "[values.shape]"),
    Planted("no TOML", TOPIC, "order = 1", "order = = 1", "textbook-toml", "order"),
    Planted("a section that is missing", TEXT, "## Try it {#try}", "### Try it", "section-missing"),
    Planted("sections in another order", TEXT, "{#mathematics}", "{#example}", "section-missing"),
    Planted("a section without its key", TEXT, "## Try it {#try}", "## Try it", "textbook-text", "## Try it"),
    Planted("an idea of four sentences", TEXT, "Is this the third?", "Is this the third? It is.", "idea", "This is"),
    Planted("an idea of two paragraphs", TEXT, "It says", "\n\nIt says", "idea", "## The idea"),
    Planted("a picture section without one", "topics/other/en.md", "## Common mistakes", "## A picture {#picture}\nNone.\n\n## Common mistakes", "picture-missing", "## A picture"),
    Planted("a mistake without its statement", TEXT, "**The bias is forgotten.**", "The bias is forgotten.", "mistakes", "- The bias"),
    Planted("a mistake without its reason", TEXT, "**The bias is forgotten.** Each filter has one.", "**The bias is forgotten.**", "mistakes", "- **The bias"),
    Planted("nothing to try", "topics/other/en.md", "```sh\ncompanion notation\n```", "Nothing.", "try", "## Try it"),
    Planted("a question without an answer", TEXT, "   > Because of the bias.\n", "", "check", "2. Why?"),
    Planted("a command with a typo", TEXT, f"```sh\n{PARAMS}", f"```sh\n{PARAMS} --steeps", "command-fails", f"{PARAMS} --steeps"),
    Planted("a command that is none", TEXT, f"```sh\n{PARAMS}", "```sh\ncompanion parms", "command-unknown", "companion parms"),
    Planted("a command of another program", TEXT, f"```sh\n{PARAMS}", "```sh\nrm -r x", "command-foreign", "rm -r x"),
    Planted("a command with a pipe", TEXT, f"```sh\n{PARAMS}", f"```sh\n{PARAMS} | head", "command-shell", f"{PARAMS} | head"),
    Planted("a command that no shell reads", TEXT, f"```sh\n{PARAMS}", '```sh\ncompanion params "x', "command-unreadable", 'companion params "x'),
    Planted("an output that has changed", TEXT, "4,640 parameters\n", "4,608 parameters\n", "output-differs", "$ companion"),
    Planted("a link to no topic", "topics/other/en.md", "(small#idea)", "(smal#idea)", "link", "See ["),
    Planted("a link to no section", TEXT, "(#example)", "(#exampel)", "link", "Text with"),
    Planted("a topic in words that is none", TEXT, "Because of the bias.", "See the topic `smal`.", "link", "   > See"),
    Planted("code of a language of nobody", TEXT, "```sh\n", "```bash\n", "code-language", "```bash"),
    Planted("a neighbour that is not there", TOPIC, '"other"', '"othr"', "see"),
    Planted("itself as a neighbour", TOPIC, '"other"', '"small"', "see"),
    Planted("a question that nobody answers", TOPIC, '"q2b", ', "", "homework-missing"),
    Planted("a question that there is not", TOPIC, '"q2b"', '"q2e"', "homework"),
    Planted("a program that is not there", TOPIC, "see = ", 'code = ["nothing.py"]\nsee = ', "code-missing"),
    Planted("two topics at one place", TOPIC, "order = 1", "order = 2", "order-twice"),
    Planted("an unfinished head", TEXT, "summary: What a text can hold.", "sumary: x", "textbook-text", "sumary"),
    Planted("a drawing that is too wide", TEXT, 'lines = ["a -> b"]', f'lines = ["{"-" * 57}"]', "picture-wide", "```picture"),
    Planted("a picture that is none", TEXT, 'draw = "mask"', 'draw = "maks"', "textbook-value", "```picture"),
    Planted("a curve of nobody", TEXT, '"sigmoid"', '"sigmoit"', "textbook-value", "```picture"),
]  # fmt: skip


def test_there_are_more_than_forty_planted_errors() -> None:
    assert len(PLANTED) > 40


@pytest.mark.parametrize("error", PLANTED, ids=[error.title for error in PLANTED])
def test_a_planted_error_is_found_at_its_line(tmp_path: Path, error: Planted) -> None:
    folder = copied(tmp_path)
    changed(folder, error.file, error.old, error.new)
    hits = [finding for finding in found(folder) if finding.code == error.code]
    assert hits, [finding.code for finding in found(folder)]
    if error.at:
        lines = (folder / error.file).read_text("utf-8").split("\n")
        at = [lines[hit.line - 1] for hit in hits if hit.file == folder / error.file and hit.line]
        assert any(line.startswith(error.at) for line in at), at


def stray(folder: Path) -> Path:
    path = folder / "topics" / "small" / "notes.txt"
    path.write_text("x", "utf-8")
    return path


def stray_folder(folder: Path) -> Path:
    path = folder / "topics" / "empty"
    path.mkdir()
    return path


def stray_file_beside(folder: Path) -> Path:
    path = folder / "topics" / "list.md"
    path.write_text("x", "utf-8")
    return path


def unused_network(folder: Path) -> Path:
    path = folder / "networks" / "more.txt"
    path.write_text("conv3-4", "utf-8")
    return path


def no_text(folder: Path) -> Path:
    (folder / "topics" / "other" / "en.md").unlink()
    return folder / "topics" / "other" / "topic.toml"


def no_text_in_utf8(folder: Path) -> Path:
    path = folder / "topics" / "other" / "en.md"
    path.write_bytes(b"\xff\xfe")
    return path


def language_without_words(folder: Path) -> Path:
    text = (folder / "topics" / "other" / "en.md").read_text("utf-8")
    (folder / "topics" / "other" / "fa.md").write_text(text, "utf-8")
    return Path()


SPOILT: list[tuple[Callable[[Path], Path], str]] = [
    (stray, "stray-file"),
    (stray_folder, "topic-missing"),
    (stray_file_beside, "stray-file"),
    (unused_network, "network-unused"),
    (no_text, "text-missing"),
    (no_text_in_utf8, "textbook-file"),
    (language_without_words, "language-missing"),
]


@pytest.mark.parametrize(("spoil", "code"), SPOILT, ids=[spoil.__name__ for spoil, _ in SPOILT])
def test_a_file_too_many_or_too_few_is_found(
    tmp_path: Path, spoil: Callable[[Path], Path], code: str
) -> None:
    folder = copied(tmp_path)
    file = spoil(folder)
    assert (file, code) in [(finding.file, finding.code) for finding in found(folder)]


def test_sections_in_another_order_are_found(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "topics" / "other" / "en.md"
    head, body = path.read_text("utf-8").split("## The idea", 1)
    idea, rest = body.split("## The mathematics", 1)
    mathematics, end = rest.split("## A worked", 1)
    swapped = f"{head}## The mathematics{mathematics}## The idea{idea}## A worked{end}"
    path.write_text(swapped, "utf-8")
    (finding,) = found(folder)
    assert finding.code == "section-order"
    assert finding.line == 6
    path.write_text(path.read_text("utf-8") + f"\n## The idea{idea}", "utf-8")
    assert "section-twice" in [finding.code for finding in found(folder)]


def test_an_error_in_one_topic_hides_none_in_another(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    changed(folder, TOPIC, "order = 1", "order = = 1")
    changed(folder, "topics/other/en.md", "One. Two. Three.", "One. Two.")
    assert {"textbook-toml", "idea"} <= {finding.code for finding in found(folder)}


def test_of_one_topic_only_its_own_text_is_looked_at(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    changed(folder, "topics/other/en.md", "One. Two. Three.", "One. Two.")
    assert check(Textbook(folder), TOOLS, ["small"]) == ()
    assert [f.code for f in check(Textbook(folder), TOOLS, ["other"])] == ["idea"]


NUMBERS = [
    ("It has 4,640 parameters.", ["4,640"]),
    ("It has 4640 parameters.", ["4640"]),
    ("0.67 of it", ["0.67"]),
    ("a field of 32x32, 3x3 and 10 classes", []),
    ("224x224", ["224"]),
    ("in 2015, and in 1997", []),
    ("ResNet-152, VGG16, DenseNet121 and float32", []),
    ("CIFAR-10 and question 2a", []),
    ("Keras 2.15 and TensorFlow 2.12, Python 3.11", []),
    ("Keras 2.12 to 2.15", []),
    ("section 2.3 and equation 4.10", []),
    ("the rates 0.1 and 0.01", ["0.1", "0.01"]),
    ("4{,}640", ["4{,}640"]),
    ("of 100, or 99", ["100"]),
    ("-1.5", ["1.5"]),
]


@pytest.mark.parametrize(("text", "numbers"), NUMBERS, ids=[text for text, _ in NUMBERS])
def test_typed_numbers_are_told_from_names_and_years(text: str, numbers: list[str]) -> None:
    assert list(typed_numbers(text)) == numbers


SENTENCES = [
    ("One. Two. Three.", 3),
    ("One, e.g. this. Two!", 2),
    ("Araujo et al. 2019 say so.", 1),
    ("Is it? It is: 'yes.' And 3.5 is no end.", 3),
    ("Version 2.1 is out.", 1),
    ("It is (see below). So.", 2),
]


@pytest.mark.parametrize(("text", "count"), SENTENCES, ids=[text for text, _ in SENTENCES])
def test_sentences_are_counted(text: str, count: int) -> None:
    assert sentences(text) == count

"""Which topics there are, how one is found, and what topic.toml may ask."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from small_textbook import SMALL, changed, copied

from answers.errors import InputError
from answers.textbook.fault import Fault
from answers.textbook.library import Textbook
from answers.textbook.requests import (
    Counts,
    FromFormula,
    Given,
    Loss,
    NetworkText,
    OfNetwork,
    Rate,
)

SIXTEEN = {
    "vanishing-gradients", "residual-blocks", "receptive-field", "conv-parameters",
    "inception-residual", "locally-connected", "cifar-cnn", "augmentation", "transfer-learning",
    "pooling", "binary-classifier", "precision-recall", "where-cnns-fit", "segmentation-losses",
    "unet", "segmentation-pipeline",
}  # fmt: skip
QUESTIONS = [
    ("q1a", {"vanishing-gradients"}),
    ("q1b", {"residual-blocks"}),
    ("q2a", {"receptive-field", "conv-parameters", "inception-residual"}),
    ("q2b", {"locally-connected"}),
    ("q3a", {"cifar-cnn"}),
    ("q3b", {"augmentation"}),
    ("q3c", {"augmentation"}),
    ("q3d", {"transfer-learning"}),
    ("q4a", {"pooling"}),
    ("q4b", {"binary-classifier", "precision-recall"}),
    ("q4c", {"where-cnns-fit"}),
    ("q4d", {"where-cnns-fit"}),
    ("q5a", {"unet", "segmentation-pipeline"}),
    ("q5b", {"segmentation-losses"}),
]
"""The table of the issue: which topics a question of the homework belongs to, at the least."""


def test_the_book_has_its_sixteen_topics() -> None:
    assert set(Textbook().slugs) == SIXTEEN


@pytest.mark.parametrize(("question", "topics"), QUESTIONS, ids=[q for q, _ in QUESTIONS])
def test_a_question_of_the_homework_has_its_topics(question: str, topics: set[str]) -> None:
    assert topics <= set(Textbook().asked(question))


WORDS = [
    ("small", ("small",)),
    ("Small", ("small",)),
    (" small ", ("small",)),
    ("q1a", ("small",)),
    ("Q1A", ("small",)),
    ("q3", ("small", "other")),
    ("q5", ("other",)),
]


@pytest.mark.parametrize(("word", "slugs"), WORDS, ids=[repr(word) for word, _ in WORDS])
def test_a_word_names_topics(word: str, slugs: tuple[str, ...]) -> None:
    assert Textbook(SMALL).asked(word) == slugs


@pytest.mark.parametrize(
    ("word", "hint"),
    [("smal", "Did you mean 'small'"), ("q9z", "explain --list"), ("zzz", "explain --list")],
)
def test_an_unknown_word_gets_the_nearest_name(word: str, hint: str) -> None:
    with pytest.raises(InputError, match=f"no topic and no question '{word}'") as caught:
        Textbook(SMALL).asked(word)
    assert caught.value.code == "unknown-topic"
    assert hint in caught.value.hint


@pytest.mark.parametrize("word", ["../small", "small/../other", "", "\0", "x" * 10_000])
def test_no_word_leads_out_of_the_folder(word: str) -> None:
    with pytest.raises(InputError, match="no topic"):
        Textbook(SMALL).outline(word)


@pytest.mark.parametrize("language", ["fa", "../en", "", "EN"])
def test_a_missing_language_is_said_with_those_that_there_are(language: str) -> None:
    book = Textbook(SMALL)
    for ask in (
        lambda: book.topic("small", language),
        lambda: book.wording(language),
        lambda: list(book.faces(language)),
    ):
        with pytest.raises(InputError, match="is not written in") as caught:
            ask()
        assert caught.value.hint == "There is en."


def test_a_language_is_added_by_files_alone(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    english = folder / "topics" / "small" / "en.md"
    (folder / "topics" / "small" / "fa.md").write_text(english.read_text("utf-8"), "utf-8")
    words = (folder / "languages" / "en.toml").read_text("utf-8")
    (folder / "languages" / "fa.toml").write_text(words.replace("English", "فارسی"), "utf-8")
    book = Textbook(folder)
    assert book.languages("small") == ("en", "fa")
    assert book.topic("small", "fa").language == "fa"
    assert [outline.slug for outline, _ in book.faces("fa")] == ["small"]


SEARCHES = [
    ("everything", ["small"]),
    ("EVERYTHING sample", ["small"]),
    ("neighb", ["other"]),
    ("topic", ["other", "small"]),
    ("topic zebra", []),
    ("bias", ["small"]),
]


@pytest.mark.parametrize(("words", "slugs"), SEARCHES, ids=[words for words, _ in SEARCHES])
def test_a_search_finds_topics_that_hold_all_words(words: str, slugs: list[str]) -> None:
    found = Textbook(SMALL).search(words)
    assert sorted(item.slug for item in found) == slugs


def test_what_stands_in_the_title_weighs_more_than_what_stands_in_the_text() -> None:
    assert Textbook().search("pooling")[0].slug == "pooling"
    assert Textbook().search("receptive field")[0].slug == "receptive-field"


def test_nothing_to_search_for_is_an_error() -> None:
    with pytest.raises(InputError, match="nothing to search for"):
        Textbook(SMALL).search(" … ")


REQUESTS: list[tuple[str, object]] = [
    (
        "tiny",
        OfNetwork(network=NetworkText(file="tiny"), take="parameters", layer="c2", at=()),
    ),
    (
        "local_32",
        OfNetwork(
            network=NetworkText(notation="in {n}x{n}x3: local3-16"),
            take="parameters",
            layer="",
            at=(("n", 32),),
        ),
    ),
    ("pictures", Given(value=Fraction(50_000), source="pair1999", because="")),
    ("memory", FromFormula(formula="pictures * 224^2 * 3 * 4", at=(), unit="bytes")),
    (
        "recall",
        Rate(measure="recall", counts=Counts(tp=8, fp=2, fn=1, tn=89), beta=Fraction(1)),
    ),
    (
        "overlap",
        Loss(
            loss="soft-dice",
            score=False,
            mask=((Fraction(0), Fraction(1)), (Fraction(1), Fraction(1))),
            probabilities=(
                (Fraction(1, 10), Fraction(4, 5)),
                (Fraction(7, 10), Fraction(9, 10)),
            ),
        ),
    ),
]


@pytest.mark.parametrize(("name", "request_"), REQUESTS, ids=[name for name, _ in REQUESTS])
def test_a_table_of_topic_toml_is_a_request(name: str, request_: object) -> None:
    assert Textbook(SMALL).outline("small").requests[name] == request_


def test_decimals_of_toml_are_exact(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    changed(folder, "topics/small/topic.toml", "given = 50_000", "given = 0.1")
    given = Textbook(folder).outline("small").requests["pictures"]
    assert isinstance(given, Given)
    assert given.value == Fraction(1, 10)


TOPIC_FAULTS = [
    ("an unknown key", "order = 1", "ordr = 1", "order is missing"),
    ("a key too many", "order = 1", "order = 1\nsees = []", "'sees' is not known"),
    ("a text for a number", "order = 1", 'order = "1"', "must be a whole number"),
    ("a question that is none", '"q1a"', '"q9a"', "is no question"),
    ("no TOML", "order = 1", "order = ", "no TOML"),
    ("a key twice", "order = 1", "order = 1\norder = 2", "no TOML"),
    ("an unknown take", 'take = "output"', 'take = "outputs"', "none of parameters"),
    ("no kind", 'formula = "pictures', 'formel = "pictures', "exactly one of"),
    ("two kinds", 'formula = "pic', 'given = 1\nformula = "pic', "exactly one of"),
    ("network and file", 'network_file = "tiny"', 'network_file = "tiny"\nnetwork = "conv3-4"', "not both"),
    ("a given number without its source", 'source = "pair1999"', "", "needs its source"),
    ("a mask of two shapes", "mask = [[0, 1], [1, 1]]", "mask = [[0, 1, 1]]", "same rows and columns"),
    ("rows of unequal length", "mask = [[0, 1], [1, 1]]", "mask = [[0, 1], [1]]", "same length"),
    ("a probability above 1", '"0.9"]]', '"1.9"]]', "from 0 to 1"),
    ("a probability that is no number", '"0.9"]]', '"a"]]', "must be a number"),
    ("a fraction over zero", '"0.9"]]', '"1/0"]]', "must be a number"),
    ("an infinite number", "given = 50_000", "given = inf", "no TOML"),
    ("a number too long", "given = 50_000", "given = 1e9999", "no TOML"),
    ("counts that are incomplete", "fn = 1, ", "", "fn is missing"),
    ("a count that is unknown", "tn = 89", "tn = 89, tx = 1", "'tx' is not known"),
    ("a name with capitals", "[values.layer]", "[values.Layer]", "no name of a value"),
    ("a value that is none", "[values.layer]\n", "[values]\nlayer = 1\n[values.l]\n", "must be a table"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [case[1:] for case in TOPIC_FAULTS],
    ids=[case[0] for case in TOPIC_FAULTS],
)
def test_what_topic_toml_can_t_hold_is_said(tmp_path: Path, old: str, new: str, words: str) -> None:
    folder = copied(tmp_path)
    changed(folder, "topics/small/topic.toml", old, new)
    with pytest.raises(Fault, match=words) as caught:
        Textbook(folder).outline("small")
    assert caught.value.file == folder / "topics" / "small" / "topic.toml"


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "sources.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Fault, match="no UTF-8 text"):
        _ = Textbook(folder).sources


def test_a_file_that_is_huge_is_not_read(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "sources.toml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(Fault, match="more than 1,048,576 bytes"):
        _ = Textbook(folder).sources


def test_sources_are_named_by_their_authors() -> None:
    sources = Textbook(SMALL).sources
    assert sources["first2001"].short == "First et al. 2001"
    assert sources["pair1999"].short == "Fourth and Fifth 1999"
    assert sources["pair1999"].address == "https://arxiv.org/abs/9901.00001"


def test_the_textbook_imports_neither_numpy_nor_sympy() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from answers.textbook.library import Textbook; b = Textbook(); "
        "[b.topic(s) for s in b.slugs]; b.search('stride'); "
        "print(sorted({'numpy', 'sympy', 'rich', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

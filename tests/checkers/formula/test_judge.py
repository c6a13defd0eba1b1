"""How answers are judged: roundings, percent, sizes, options; what is not known is not named."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from practice_book import small_textbook

from answers.errors import InputError
from answers.textbook.asked import Asked
from answers.textbook.question_book import QuestionBook
from checkers.formula.judge import judge

EXTRA = """
[output]
kind = "number"
network = "in 32x32x3: conv3-16/s2, maxpool2"
take = "output"
slips = ["padding-assumed", "pooling-forgotten"]

[macs]
kind = "number"
draw = { c = "2..9" }
network = "in 16x16x{c}: conv3-8"
take = "macs"
slips = ["positions-forgotten"]

[share]
kind = "number"
answer = "8/9"
mistakes = { precision-for-recall = "3/4", iou-for-dice = "2" }
"""
WORDS = """
[output]
text = "The shape?"
nudge = "Look."
formula = "Look it up."
step = "Begin."

[macs]
text = "MACs of {{network}}?"
nudge = "Look."
formula = "Look it up."

[share]
text = "The share?"
nudge = "Look."
formula = "Look it up."
step = "Begin."
solution = "It is {{answer:.2%}}."
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> QuestionBook:
    folder: Path = small_textbook(tmp_path_factory.mktemp("book"))
    extra = folder / "topics" / "extra"
    extra.mkdir()
    (extra / "questions.toml").write_text(EXTRA, "utf-8")
    (extra / "en.toml").write_text(WORDS, "utf-8")
    return QuestionBook(folder)


def asked(book: QuestionBook, name: str) -> Asked:
    return book.ask(book.question(name), 1)


SHARES = [
    ("8/9", True),
    ("16/18", True),
    ("0.89", True),
    ("0.889", True),
    ("0.8889", True),
    ("88.89%", True),
    ("89%", True),
    ("1 - 1/9", True),
    ("0.88", False),
    ("0.888", False),
    ("0.8890", False),
    ("88%", False),
    ("1", False),
    ("9/8", False),
]


@pytest.mark.parametrize(("text", "right"), SHARES, ids=[s[0] for s in SHARES])
def test_a_fraction_may_be_rounded_rightly_to_the_places_that_are_asked_for(
    book: QuestionBook, text: str, right: bool
) -> None:
    assert judge(asked(book, "share"), text, book.catalogue).is_right is right


BADLY = [
    ("0.9", "answer-too-coarse", "2 decimals at least"),
    ("88.9", "answer-percent", "50% or 0.5"),
    ("89", "answer-percent", "50% or 0.5"),
    ("0.8", "answer-too-coarse", "2 decimals at least"),
]


@pytest.mark.parametrize(("text", "code", "hint"), BADLY, ids=[b[0] for b in BADLY])
def test_a_known_number_that_is_written_badly_is_invalid_not_wrong(
    book: QuestionBook, text: str, code: str, hint: str
) -> None:
    with pytest.raises(InputError) as caught:
        judge(asked(book, "share"), text, book.catalogue)
    assert caught.value.code == code
    assert hint in caught.value.hint


MISTAKES = [
    ("share", "0.75", "precision-for-recall"),
    ("share", "75%", "precision-for-recall"),
    ("share", "2", "iou-for-dice"),
    ("output", "8x8x16", "padding-assumed"),
    ("output", "15x15x16", "pooling-forgotten"),
]


@pytest.mark.parametrize(("name", "text", "code"), MISTAKES, ids=[m[1] for m in MISTAKES])
def test_a_mistake_is_named(book: QuestionBook, name: str, text: str, code: str) -> None:
    found = judge(asked(book, name), text, book.catalogue).misconception
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("text", ["7x7x16", "7×7×16", "7, 7, 16", "۷x۷x۱۶", "14/2 x 7 x 16"])
def test_a_shape_is_right_in_every_way_of_writing(book: QuestionBook, text: str) -> None:
    assert judge(asked(book, "output"), text, book.catalogue).is_right


def test_a_shape_needs_all_its_sizes(book: QuestionBook) -> None:
    with pytest.raises(InputError, match="has 1 sizes; 3 are asked for"):
        judge(asked(book, "output"), "7", book.catalogue)


def test_a_square_field_is_one_size_or_two(book: QuestionBook) -> None:
    found = asked(book, "layers/branches")
    side = max(value.numerator for _, value in found.numbers)
    for text in (f"{side}", f"{side}x{side}", f"{side} × {side}"):
        assert judge(found, text, book.catalogue).is_right
    assert not judge(found, f"{side}x{side + 1}", book.catalogue).is_right


def test_a_slip_that_no_list_holds_is_named_if_it_alone_gives_the_answer(
    book: QuestionBook,
) -> None:
    found = asked(book, "macs")
    channels = dict(found.numbers)["c"].numerator
    judged = judge(found, str((9 * channels + 1) * 8 * 14 * 14), book.catalogue)
    assert judged.misconception is not None
    assert judged.misconception.code == "bias-added"
    assert judged.sentence.startswith("The additions of the biases")
    # FLOPs, or a layer counted twice: who can say
    twice = judge(found, str(2 * 9 * channels * 8 * 14 * 14), book.catalogue)
    assert (twice.is_right, twice.misconception) == (False, None)


def test_what_nothing_explains_has_no_name_and_no_points(book: QuestionBook) -> None:
    judged = judge(asked(book, "macs"), "17", book.catalogue)
    assert (judged.misconception, judged.sentence, judged.credit) == (None, "", Fraction(0))
    assert judged.topic == "extra"


OPTIONS = [
    ("", "answer-empty", "is empty"),
    ("z", "unknown-option", "no option 'z'"),
    ("a b", "answer-options", "2 options are named; 1 are asked for"),
    ("a" * 501, "formula-too-long", "the limit is 500"),
]


@pytest.mark.parametrize(("text", "code", "words"), OPTIONS, ids=[o[1] for o in OPTIONS])
def test_an_option_that_is_none_is_invalid(
    book: QuestionBook, text: str, code: str, words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        judge(asked(book, "masks/which"), text, book.catalogue)
    assert caught.value.code == code


ORDERS = ["{} {} {}", "{},{},{}", "{} < {} < {}", "{}{}{}", "{}) {}) {})"]


@pytest.mark.parametrize("form", ORDERS)
def test_an_order_is_read_in_every_way_of_writing(book: QuestionBook, form: str) -> None:
    found = asked(book, "masks/steps")
    letters = {option.name: option.letter for option in found.options}
    text = form.format(*(letters[name] for name in found.order))
    assert judge(found, text, book.catalogue).is_right


@pytest.mark.parametrize("text", ["a a b", "a b", "a b c d"])
def test_an_order_names_everything_once(book: QuestionBook, text: str) -> None:
    with pytest.raises(InputError, match=r"no option|each once"):
        judge(asked(book, "masks/steps"), text, book.catalogue)

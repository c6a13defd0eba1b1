"""Questions are drawn from a seed: the same everywhere, told apart, and no hint tells the answer."""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import pytest
from practice_book import SHIPPED, small_textbook

from answers.errors import InputError
from answers.expressions.parse import parse_expression
from answers.textbook.asked import Asked
from answers.textbook.drawing import condition, holds, numbers_of
from answers.textbook.fault import Fault
from answers.textbook.giveaway import formulas_in
from answers.textbook.question_book import QuestionBook
from answers.textbook.question_words import filled
from answers.textbook.questions import read_questions
from answers.textbook.telling_apart import tells


@pytest.fixture
def book(tmp_path: Path) -> QuestionBook:
    return QuestionBook(small_textbook(tmp_path))


def asked(book: QuestionBook, name: str, seed: int = 1) -> Asked:
    return book.ask(book.question(name), seed)


def test_a_seed_means_the_same_question_again(book: QuestionBook) -> None:
    assert asked(book, "layers/conv", 7) == asked(book, "layers/conv", 7)
    texts = {asked(book, "layers/conv", seed).text for seed in range(20)}
    assert len(texts) == 20


def test_the_first_try_of_a_seed_is_the_hash_of_question_seed_and_try(book: QuestionBook) -> None:
    # letters in the order of their names: a is thrown first
    digest = sha256(b"layers/branches/3/0#1").hexdigest()
    assert dict(asked(book, "layers/branches", 3).numbers)["a"] == [3, 5][int(digest, 16) % 2]


def test_numbers_that_hide_a_mistake_are_not_drawn(tmp_path: Path) -> None:
    folder = small_textbook(tmp_path)
    path = folder / "topics" / "layers" / "questions.toml"
    path.write_text(path.read_text("utf-8").replace("k = [3, 5, 7]", "k = [1, 3]"), "utf-8")
    book = QuestionBook(folder)
    drawn = {dict(asked(book, "layers/conv", seed).numbers)["k"] for seed in range(12)}
    assert drawn == {3}  # with k = 1 one side of the kernel is all of it


def test_conditions_hold_of_what_is_drawn(book: QuestionBook) -> None:
    for seed in range(30):
        numbers = dict(asked(book, "masks/dice", seed).numbers)
        assert numbers["both"] < min(numbers["truth"], numbers["guess"])


def test_options_are_shuffled_and_an_order_is_never_shown_in_order(book: QuestionBook) -> None:
    shown = {tuple(o.name for o in asked(book, "masks/which", s).options) for s in range(40)}
    assert len(shown) == 6
    for seed in range(40):
        found = asked(book, "masks/steps", seed)
        assert tuple(option.name for option in found.options) != found.order


def test_a_missing_step_is_the_same_question_with_other_numbers(book: QuestionBook) -> None:
    found = asked(book, "layers/conv")
    assert found.hints.step.startswith("With other numbers, in ")
    assert found.network not in found.hints.step
    assert "parameters" in found.hints.solution


def test_what_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    folder = small_textbook(tmp_path)
    path = folder / "topics" / "rates" / "questions.toml"
    path.write_text(path.read_text("utf-8").replace('"miss != alarm"', '"miss < 0"'), "utf-8")
    book = QuestionBook(folder)
    with pytest.raises(InputError, match=r"miss < 0 does not hold \(200 of 200 tries\)"):
        asked(book, "threshold")


@pytest.mark.parametrize("seed", [-1, 10**9 + 1])
def test_a_seed_has_bounds(book: QuestionBook, seed: int) -> None:
    with pytest.raises(InputError, match="is not from 0 to"):
        asked(book, "layers/conv", seed)


def test_a_question_is_found_by_its_name_alone_or_with_its_topic(book: QuestionBook) -> None:
    assert book.question("dice") == book.question("masks/dice")
    with pytest.raises(InputError, match="no question 'dise'") as caught:
        book.question("dise")
    assert caught.value.hint == "Did you mean 'dice'?"
    with pytest.raises(InputError, match="no topic 'mask'") as topic:
        book.of_topic("mask")
    assert topic.value.hint == "Did you mean 'masks'?"


TELLING = [
    ("Divide: `{tp}/({tp} + {fn})`.", True),
    ("It is {answer}.", True),
    ("Take `tp/(tp + fn)`.", True),
    ("Take TP/(TP + FN).", True),
    ("Take `1 - fn/(fn + tp)`.", True),
    ("It is about {rounded}.", True),
    ("Or {percent}%.", True),
    ("Take `tp/(tp + fp)`.", False),
    ("What is the whole?", False),
    ("There are {tp} hits.", False),
]


@pytest.mark.parametrize(("text", "told"), TELLING, ids=[t for t, _ in TELLING])
def test_an_answer_is_found_in_every_form(book: QuestionBook, text: str, told: bool) -> None:
    found = asked(book, "rates/recall")
    numbers = dict(found.numbers)
    tp, fn = (numbers[name].numerator for name in ("tp", "fn"))
    answer = Fraction(tp, tp + fn)
    words = text.format(
        tp=tp,
        fn=fn,
        answer=answer,
        rounded=f"{float(answer):.3f}",
        percent=f"{100 * float(answer):.1f}",
    )
    assert tells(words, found) is told


def test_no_hint_and_no_sentence_of_the_shipped_questions_tells_the_answer() -> None:
    book = QuestionBook(SHIPPED)
    for question in book.all():
        found = book.ask(question, 2)
        hints = found.hints
        texts = (hints.nudge, hints.step, *(item.sentence for item in found.mistakes))
        assert not any(tells(text, found) for text in texts), question.id
        assert not tells(hints.formula, found, letters=False), question.id


def test_the_formulas_of_a_text_are_all_found() -> None:
    found = formulas_in("A kernel has `k·k·c` weights, 27 here (or 3·9), of 100%.", frozenset("kc"))
    for text in ("k·k·c", "k·k", "27", "3·9", "9", "100%"):
        assert parse_expression(text, decimals=True) in found


WORDS = [
    ("{{tp}} of {{all}}", "8 of 4,608"),
    ("{{part}}", "8/9"),
    ("{{part:.3f}}", "0.889"),
    ("{{part:.1%}}", "88.9%"),
    ("{{all:.2e}}", "4.61e+3"),
    ("{{ name }}", "in 3: dense-1"),
]


@pytest.mark.parametrize(("text", "words"), WORDS, ids=[t for t, _ in WORDS])
def test_words_get_their_numbers(text: str, words: str) -> None:
    said: dict[str, Fraction | str] = {
        "tp": Fraction(8),
        "all": Fraction(4608),
        "part": Fraction(8, 9),
        "name": "in 3: dense-1",
    }
    assert filled(text, said) == words


RANGES = [
    ("5..7", [5, 6, 7]),
    ("-1..1", [-1, 0, 1]),
    ("10..40 step 15", [10, 25, 40]),
    ("10..30 step 15", [10, 25]),
]


@pytest.mark.parametrize(("word", "numbers"), RANGES, ids=[w for w, _ in RANGES])
def test_a_range_holds_both_its_ends(word: str, numbers: list[int]) -> None:
    assert list(numbers_of(word)) == numbers


@pytest.mark.parametrize("word", ["5", "5..", "7..5", "1..9999999999", "0..2000000", "a..b", ""])
def test_what_is_no_range_is_refused(word: str) -> None:
    with pytest.raises(InputError, match=r"range of numbers|holds no number"):
        numbers_of(word)


CONDITIONS = [
    ("a < b", True),
    ("a > b", False),
    ("a <= 2", True),
    ("2*a == b - 1", True),
    ("a != b", True),
    ("a + b >= 8", False),
]


@pytest.mark.parametrize(("text", "true"), CONDITIONS, ids=[t for t, _ in CONDITIONS])
def test_a_condition_compares_exactly(text: str, true: bool) -> None:
    assert holds(condition(text), {"a": Fraction(2), "b": Fraction(5)}) is true


def test_a_condition_that_compares_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="compares nothing"):
        condition("a + b")


FAULTS = [
    ('kind = "number"\nanswer = "1"\nletters = { n = "1..2" }', "Only a formula has letters"),
    ('kind = "formula"\nanswer = "n"', "A formula needs letters"),
    ('kind = "number"', "Either network .* or answer"),
    ('kind = "number"\nanswer = "1"\nplaces = 10', "places is 10"),
    ('kind = "number"\nanswer = "1"\ndraw = { k = [] }', "no number at all"),
    ('kind = "number"\nanswer = "1"\ndraw = { "k+1" = [1] }', "no letter of a formula"),
    ('kind = "number"\nanswer = "1 +"', "ends where"),
    ('kind = "number"\nnetwork = "in 3: dense-1"\ntake = "colour"', "take is 'colour'"),
    ('kind = "choice"\nright = "a"\nwrong = []', "at least one option"),
    ('kind = "choice"\nright = "a"\nwrong = ["b"]\nmistakes = { c = "iou-for-dice" }', "no wrong"),
    ('kind = "ordering"\norder = ["a"]', "From 2 to 9"),
    ('kind = "ordering"', "Either order or ascending"),
    ("kind = 3", "kind must be a text"),
]


@pytest.mark.parametrize(("text", "words"), FAULTS, ids=[w for _, w in FAULTS])
def test_a_question_that_is_not_as_it_must_be_is_a_fault_with_its_line(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "questions.toml").write_text(f"# one\n\n[q]\n{text}\n", "utf-8")
    with pytest.raises(Fault, match=words) as caught:
        read_questions(tmp_path)
    assert (caught.value.line, caught.value.file.name) == (3, "questions.toml")

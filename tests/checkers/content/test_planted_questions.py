"""The linter can fail: each planted error is found, at its file; the unspoilt textbook has none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from practice_book import SHIPPED, small_textbook

from checkers.content.equations import wrong_equations
from checkers.content.questions import check_questions

SEEDS = 2
# the fixture has no topics to read, and does not meet every misconception
ELSEWHERE = {"misconception-topic", "misconception-unused"}


@dataclass(frozen=True)
class Planted:
    """A change of one file, and the code of the finding that it must lead to."""

    name: str
    file: str
    old: str
    new: str
    code: str


LAYERS, RATES, MASKS = (f"topics/{topic}/questions.toml" for topic in ("layers", "rates", "masks"))
WORDS = "topics/{}/en.toml"
CASES = [
    Planted("a wrong formula", RATES, 'answer = "tp/(tp + fn)"', 'answer = "tp/(tp + fp)"', "question-undrawable"),
    Planted("a mistake that is right", RATES, '"tp/(tp + fp)"\naccuracy-for', '"tp/(fn + tp)"\naccuracy-for', "question-undrawable"),
    Planted("two mistakes alike", MASKS, 'recall-for-overlap = "both/truth"', 'recall-for-overlap = "both/guess"', "question-undrawable"),
    Planted("an unreachable slip", LAYERS, '"filters-ignored",', '"filters-ignored",\n    "groups-ignored",', "question-undrawable"),
    Planted("numbers that hide a mistake", LAYERS, "k = [3, 5, 7], s", "k = [1], s", "question-undrawable"),
    Planted("a condition that never holds", RATES, '"miss != alarm"', '"miss < 0"', "question-undrawable"),
    Planted("an unknown slip", LAYERS, '"local-as-shared"', '"local-as-share"', "unknown-misconception"),
    Planted("an unknown misconception", RATES, "costs-exchanged =", "costs-swapped =", "unknown-misconception"),
    Planted("a formula that can't be read", RATES, '"alarm/(alarm + miss)"', '"alarm/(alarm + miss"', "textbook-value"),
    Planted("an unknown letter", RATES, '"(a + b)/(a + b + p + q)"', '"(a + b)/(a + b + p + r)"', "formula-symbol"),
    Planted("an unknown key", RATES, "places = 3", "place = 3", "textbook-value"),
    Planted("an unknown kind", MASKS, 'kind = "choice"', 'kind = "choise"', "textbook-value"),
    Planted("a network that can't be read", LAYERS, "local{k}-{f}", "locl{k}-{f}", "notation-unknown-word"),
    Planted("an empty range", RATES, 'miss = "2..50"', 'miss = "50..2"', "textbook-value"),
    Planted("the right option among the wrong", MASKS, 'wrong = ["iou"', 'wrong = ["dice"', "textbook-value"),
    Planted("broken TOML", MASKS, "[iou]", "[iou", "textbook-toml"),
    Planted("a letter that nothing needs", RATES, "tn = ", 'zz = "1..2", tn = ', "draw-unused"),
    Planted("an empty hint", WORDS.format("rates"), 'nudge = "Look at the picture."', 'nudge = ""', "textbook-value"),
    Planted("a missing hint", WORDS.format("rates"), 'step = "Begin at the left."\n', "", "hint-missing"),
    Planted("a hint that tells the answer", WORDS.format("rates"), "Begin at the left.", "It is `tp/(fn + tp)`.", "question-undrawable"),
    Planted("a nudge that tells it in numbers", WORDS.format("rates"), "Look at the picture.", "Try {{tp}}/({{tp}} + {{fn}}).", "question-undrawable"),
    Planted("a choice that is told", WORDS.format("masks"), "Look it up.", "Not the second one, the first one.", "question-undrawable"),
    Planted("an answer before its time", WORDS.format("rates"), "Look it up.", "It is {{answer}}.", "words-name"),
    Planted("an unknown name", WORDS.format("rates"), "{{tp}}, {{fp}}", "{{tp}}, {{pf}}", "words-name"),
    Planted("an unknown format", WORDS.format("rates"), "It is {{answer}}.", "It is {{answer:.3x}}.", "words-format"),
    Planted("a number that is not said", WORDS.format("rates"), "A miss costs {{miss}}, an alarm", "An alarm costs", "draw-unsaid"),
    Planted("a wrong equation", WORDS.format("rates"), "Begin at the left.", "Since 27·16 = 423, begin.", "words-equation"),
    Planted("a question without words", WORDS.format("masks"), "[iou]", "[uoi]", "words-missing"),
    Planted("words without a question", WORDS.format("masks"), "[dice]", "[ecid]\n[dice]", "words-stray"),
    Planted("an option without words", WORDS.format("masks"), 'dice = "the first one"\n', "", "words-missing"),
    Planted("words for no option", WORDS.format("masks"), 'dice = "the', 'other = "another"\ndice = "the', "words-stray"),
    Planted("a wrong option that is not explained", WORDS.format("masks"), 'accuracy = "It is not that."', "", "words-missing"),
    Planted("a credit of all points", "misconceptions.toml", 'credit = "3/4"', 'credit = "1"', "textbook-value"),
    Planted("a misconception without words", "misconceptions.en.toml", "[iou-for-dice]", "[uoi-for-dice]", "textbook-value"),
    Planted("an empty sentence", "misconceptions.en.toml", 'name = "Dice for IoU"', 'name = " "', "misconception-words"),
    Planted("a slip that is none", "misconceptions.toml", "[slip.bias-once]", "[slip.bias-twice]", "textbook-value"),
    Planted("a sentence with the answer", "misconceptions.en.toml", "Which class is asked about?", "It is tp/(tp + fn).", "question-undrawable"),
]  # fmt: skip


def test_the_fixture_is_without_fault(tmp_path: Path) -> None:
    found = check_questions(small_textbook(tmp_path), seeds=SEEDS)
    assert [item for item in found if item.code not in ELSEWHERE] == []


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_planted_error_is_found(case: Planted, tmp_path: Path) -> None:
    folder = small_textbook(tmp_path)
    path = folder / case.file
    text = path.read_text("utf-8")
    assert case.old in text
    path.write_text(text.replace(case.old, case.new), "utf-8")
    _only(folder, case.file)
    found = [f for f in check_questions(folder, seeds=SEEDS) if f.code not in ELSEWHERE]
    assert case.code in {item.code for item in found}, found
    assert all(item.line >= 0 and item.message and item.file.is_file() for item in found)


def _only(folder: Path, file: str) -> None:
    """The other topics are not needed to find it."""
    import shutil

    if file.startswith("topics/"):
        for topic in (folder / "topics").iterdir():
            if topic.name != file.split("/")[1]:
                shutil.rmtree(topic)


def test_a_topic_that_is_not_there_and_a_mistake_that_nobody_meets_are_found(
    tmp_path: Path,
) -> None:
    found = check_questions(small_textbook(tmp_path), seeds=1)
    assert {item.code for item in found} == ELSEWHERE


def test_one_topic_alone_can_be_asked(tmp_path: Path) -> None:
    folder = small_textbook(tmp_path)
    topics = sorted(path.parent.name for path in folder.glob("topics/*/questions.toml"))
    for path in folder.glob("topics/*/questions.toml"):
        path.write_text("[broken", "utf-8")
    for name in topics:
        found = check_questions(folder, seeds=1, only=[name])
        broken = {item.file.parent.name for item in found if item.code not in ELSEWHERE}
        assert broken == {name}


EQUATIONS = [
    ("27·16 = 432 holds.", []),
    ("27·16 = 423.", ["27·16 = 423"]),
    ("8/9 = 0.889, about", []),
    ("8/9 = 0.88", ["8/9 = 0.88"]),
    ("8/9 = 88.9%", []),
    ("(3·3·3 + 1)·16 = 448, then 448·4 = 1,792", []),
    ("n = 5 and k = 3", []),
    ("2·n = 10", []),
    ("x2 = 3", []),
    ("1 + 1 = 3", ["1 + 1 = 3"]),
]


@pytest.mark.parametrize(("text", "wrong"), EQUATIONS, ids=[e[0] for e in EQUATIONS])
def test_equations_of_numbers_are_worked_out(text: str, wrong: list[str]) -> None:
    assert list(wrong_equations(text)) == wrong


@pytest.mark.long  # .ci/run checks the same by `companion content check`
def test_the_shipped_questions_hold_with_a_hundred_seeds() -> None:
    assert check_questions(SHIPPED, seeds=100) == ()


def test_the_shipped_questions_hold_with_a_seed() -> None:
    assert check_questions(SHIPPED, seeds=1) == ()

"""Practice: what comes next, what is kept, the dialogue line by line, and the sheet."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from practice_book import small_textbook

from answers.errors import CompanionError, InputError
from answers.textbook.asked import Asked
from answers.textbook.formulas import value_text
from answers.textbook.question_book import QuestionBook
from companion import boundary
from companion.practice.choosing import next_question, standings
from companion.practice.dialogue import Dialogue
from companion.practice.progress import Past, Progress, read_progress, write_progress
from companion.practice.sheet import check_sheet, write_sheet
from companion.views.paper import Paper

TODAY = date(2026, 3, 1)


@pytest.fixture
def book(tmp_path: Path) -> QuestionBook:
    return QuestionBook(small_textbook(tmp_path / "book"))


def right_answer(asked: Asked) -> str:
    """What a person who knows it would type."""
    letters = {option.name: option.letter for option in asked.options}
    return value_text(asked.right[0]) if asked.right else " ".join(letters[n] for n in asked.order)


def test_right_answers_come_back_later_and_later_and_a_miss_the_same_day() -> None:
    progress = Progress()
    for days in (1, 3, 7, 21, 60, 60):
        progress = progress.answered("a/b", right=True, today=TODAY)
        assert progress.questions["a/b"].due == TODAY + timedelta(days=days)
    progress = progress.answered("a/b", right=False, today=TODAY)
    assert progress.questions["a/b"] == Past(asked=7, right=6, in_a_row=0, due=TODAY)
    assert progress.seed("a/b") == 8
    assert progress.answered("a/b", right=True, today=TODAY).questions["a/b"].due == date(
        2026, 3, 2
    )


def test_what_was_left_open_comes_first_then_what_is_due_then_what_is_new(
    book: QuestionBook,
) -> None:
    questions = book.of_topic("rates")
    names = [item.name for item in questions]

    def following(progress: Progress, last: str = "") -> str | None:
        found = next_question(questions, progress, TODAY, last=last)
        return found.name if found else None

    assert following(Progress()) == names[0]
    assert following(Progress().opened("rates/f1")) == "f1"
    missed = Progress().answered("rates/f1", right=False, today=TODAY)
    assert following(missed) == "f1"
    assert following(missed, last="rates/f1") == names[0]
    done = Progress()
    for item in questions:
        done = done.answered(item.id, right=True, today=TODAY)
    assert following(done) is None
    done = done.answered("rates/f1", right=False, today=TODAY)
    assert following(done, last="rates/f1") == "f1"
    (standing,) = standings(questions, done, TODAY)
    assert (standing.questions, standing.done, standing.due) == (5, 4, 1)


def test_progress_is_written_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "practice.json"
    assert read_progress(file) == Progress()
    progress = Progress().answered("a/b", right=True, today=TODAY).opened("c/d")
    write_progress(file, progress)
    assert read_progress(file) == progress
    assert [path.name for path in file.parent.iterdir()] == ["practice.json"]


DAMAGED = ["", "{", "[]", '{"format_version": 2}', "null", '{"format_version": 1, "open": ""}',
           '{"format_version": 1, "open": "", "questions": {"a": {"asked": -1}}}', "[" * 5000,
           '{"format_version": 1, "open": "", "questions": {"a": 3}}']  # fmt: skip


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_damaged_progress_is_said_and_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "practice.json"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match="can't be read as progress"):
        read_progress(file)
    assert file.read_text("utf-8") == text


Sit = Callable[..., tuple[Progress, str]]


@pytest.fixture
def sit(book: QuestionBook, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Sit:
    """A sitting with these lines; RIGHT stands for the right answer of what is asked."""
    file = tmp_path / "state" / "practice.json"

    def sitting(*lines: str, topic: str = "rates", praise: bool = True) -> tuple[Progress, str]:
        waiting: Iterator[str] = iter(lines)

        def hear() -> str | None:
            line = next(waiting, None)
            if line != "RIGHT":
                return line
            question = book.question(talk.progress.open)
            return right_answer(book.ask(question, talk.progress.seed(question.id)))

        def complain(error: CompanionError) -> None:
            print(f"invalid: {error.message}")  # noqa: T201  # the terminal of this test

        talk = Dialogue(
            book=book,
            questions=book.of_topic(topic),
            progress=read_progress(file),
            file=file,
            paper=Paper(columns=80, styled=False),
            hear=hear,
            complain=complain,
            today=lambda: TODAY,
            praise=praise,
        )
        talk.run()
        return read_progress(file), capsys.readouterr().out

    return sitting


def test_a_sitting_ends_when_all_is_right(sit: Sit) -> None:
    progress, out = sit(*["RIGHT"] * 5)
    assert [past.in_a_row for past in progress.questions.values()] == [1] * 5
    assert "All done for today. The next question is due on 2026-03-02." in out
    assert "Well done: 5 in a row." in out


def test_praise_can_be_switched_off(sit: Sit) -> None:
    _, out = sit(*["RIGHT"] * 5, praise=False)
    assert "Well done" not in out


def test_it_goes_on_where_one_stopped_with_the_same_numbers(sit: Sit) -> None:
    first, out = sit("RIGHT", "quit")
    assert first.open == "rates/precision"
    shown = out.split("rates/precision\n")[1].splitlines()[0]
    second, again = sit("RIGHT")
    assert shown in again
    assert set(second.questions) == {"rates/recall", "rates/precision"}


def test_a_missed_question_comes_back_after_another_one_with_other_numbers(sit: Sit) -> None:
    progress, out = sit("0.123", "RIGHT", "RIGHT", "RIGHT", "quit")
    headings = [line for line in out.splitlines() if line.startswith("rates/")]
    assert headings[:3] == ["rates/recall", "rates/precision", "rates/recall"]
    assert progress.questions["rates/recall"].asked == 2
    assert "Not right" in out


def test_an_answer_that_cannot_be_read_is_no_miss(sit: Sit) -> None:
    progress, out = sit("8 /", "(", "RIGHT")
    assert out.count("invalid: ") == 2
    assert progress.questions["rates/recall"].right == 1


def test_hints_come_one_by_one_and_the_solution_ends_the_question(sit: Sit) -> None:
    progress, out = sit("hint", "hint", "hint", "hint", "solution", "skip")
    assert "Where to look:" in out
    assert "There are no more hints" in out
    assert "The solution:" in out
    assert progress.questions["rates/recall"].in_a_row == 0
    assert set(progress.questions) == {"rates/recall"}


def test_options_and_orders_are_answered_too(sit: Sit) -> None:
    progress, _ = sit(*["RIGHT"] * 5, topic="masks")
    assert all(past.right for past in progress.questions.values())


def test_a_sheet_is_filled_in_and_checked(book: QuestionBook, tmp_path: Path) -> None:
    file, questions = tmp_path / "homework.toml", book.of_topic("masks")
    write_sheet(book, questions, file)
    text = file.read_text("utf-8")
    assert list(tomllib.loads(text)) == [item.id for item in questions]
    assert [item.judged for item in check_sheet(book, file)] == [None] * 5
    answers = [right_answer(book.ask(item, 1)) for item in questions]
    answers[1], answers[2] = "1/3", "1 +"
    for answer in answers:
        text = text.replace('answer = ""', f'answer = "{answer}"', 1)
    file.write_text(text, "utf-8")
    checked = check_sheet(book, file)
    verdicts = [item.judged.is_right if item.judged else item.fault for item in checked]
    assert verdicts[:2] == [True, False]
    assert "ends where" in str(verdicts[2])
    assert verdicts[3:] == [True, True]


def test_a_sheet_is_never_written_over(book: QuestionBook, tmp_path: Path) -> None:
    file = tmp_path / "homework.toml"
    file.write_text("mine", "utf-8")
    with pytest.raises(InputError, match="exists"):
        write_sheet(book, book.of_topic("masks"), file)
    assert file.read_text("utf-8") == "mine"


SHEETS = [
    ("= 3", "can't be read"),
    ('["masks/dice"]\nanswer = [1]', "needs a line such as"),
    ('["masks/dice"]', "needs a line such as"),
    ("x = 3", "needs a line such as"),
    ('["masks/dise"]\nanswer = "3"', "no question 'masks/dise'"),
]


@pytest.mark.parametrize(("text", "words"), SHEETS, ids=[w for _, w in SHEETS])
def test_a_sheet_that_cannot_be_read_is_said(
    book: QuestionBook, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "homework.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=words):
        check_sheet(book, file)


@pytest.fixture
def call(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """A command within this process, in a folder of its own."""
    monkeypatch.setenv("COMPANION_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)

    def called(*words: str) -> tuple[int, str, str]:
        code = boundary.run(["practice", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return called


Call = Callable[..., tuple[int, str, str]]


def test_without_a_terminal_it_says_what_to_do_instead(call: Call) -> None:
    code, out, err = call()
    assert (code, out) == (2, "")
    assert "companion check" in err


def test_the_sheet_and_its_check_without_a_terminal(call: Call, tmp_path: Path) -> None:
    code, out, _ = call("locally-connected", "--sheet")
    assert code == 0
    assert "homework.toml" in out
    file = tmp_path / "homework.toml"
    assert {"locally-connected/first-layer", "locally-connected/second-layer"} <= set(
        tomllib.loads(file.read_text("utf-8"))
    )
    answers = {"first-layer": "448(n-2)^2", "second-layer": "4640(n-4)^2"}
    tables = {name: f'["locally-connected/{name}"]\nanswer = "{{}}"\n' for name in answers}
    file.write_text("".join(table.format("") for table in tables.values()), "utf-8")
    code, out, _ = call("--watch", "homework.toml")
    assert (code, "0 of 2 right, 2 empty." in out) == (1, True)
    file.write_text("".join(tables[name].format(answers[name]) for name in tables), "utf-8")
    code, out, _ = call("--watch", "homework.toml")
    assert (code, "2 of 2 right, 0 empty." in out) == (0, True)


def test_the_status_counts_topics(call: Call, tmp_path: Path) -> None:
    progress = Progress().answered("locally-connected/first-layer", right=True, today=TODAY)
    write_progress(tmp_path / "state" / "practice.json", progress)
    code, out, _ = call("--status", "locally-connected", "--json")
    assert code == 0
    (row,) = json.loads(out)["result"]["topics"]
    assert (row["topic"], row["done"], row["due"]) == ("locally-connected", 1, 1)
    assert "1 of " in call("--status")[1]


WRONG = [
    (("--sheet", "--status"), "exclude each other"),
    (("--watch", "no.toml"), "does not exist"),
    (("locally-conected", "--sheet"), "Did you mean 'locally-connected'?"),
    (("--json",), "goes with --status"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[" ".join(w) for w, _ in WRONG])
def test_what_is_asked_wrongly_is_said(call: Call, words: tuple[str, ...], said: str) -> None:
    code, out, err = call(*words)
    assert code == 2
    assert said in (out if "--json" in words else err)

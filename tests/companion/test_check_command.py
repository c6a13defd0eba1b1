"""`companion check` as a whole process: streams, exit codes, documents."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from companion import boundary
from companion.cli.check import EPILOG

Run = Any


@dataclass(frozen=True)
class Done:
    """What a call left."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Call = Callable[..., Done]
FIRST = "locally-connected/first-layer"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """A command within this process: soon done."""

    def called(*words: str, columns: str = "80") -> Done:
        monkeypatch.setenv("COLUMNS", columns)
        code = boundary.run([*words])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return called


def test_a_right_answer_is_right_and_echoed(run: Run) -> None:
    done = run("check", FIRST, "448(n-2)^2")
    assert (done.code, done.err) == (0, "")
    assert "I read this as 448·(n − 2)²." in done.out
    assert "Right." in done.out


def test_a_wrong_answer_is_named_and_helped(call: Call) -> None:
    done = call("check", FIRST, "432(n-2)^2")
    assert (done.code, done.err) == (1, "")
    for words in (
        "Not right: bias forgotten.",
        "3/4 of the points",
        "companion explain",
        "--hint 1",
    ):
        assert words in done.out
    assert "448" not in done.out


def test_an_unknown_mistake_is_said_to_be_unknown(call: Call) -> None:
    done = call("check", FIRST, "449(n-2)^2")
    assert done.code == 1
    assert "I don't recognise this mistake." in done.out


@pytest.mark.parametrize(
    ("words", "echo"),
    [
        ((FIRST, "-448"), "−448"),
        ((FIRST, "-n^2"), "−n²"),
        ((FIRST, "--", "-448"), "−448"),
        (("conv-parameters/one-layer", "-2424", "--seed", "7"), "−2,424"),
    ],
    ids=["number", "letter", "after two dashes", "before an option"],
)
def test_an_answer_may_begin_with_a_minus(call: Call, words: tuple[str, ...], echo: str) -> None:
    done = call("check", *words)
    assert (done.code, done.err) == (1, "")
    assert f"I read this as {echo}." in done.out


def test_the_values_of_options_are_no_answers(call: Call) -> None:
    done = call("check", "conv-parameters/one-layer", "--seed", "-1")
    assert (done.code, done.out) == (2, "")
    assert "The seed -1 is not from 0" in done.err
    assert call("check", FIRST, "--sed", "7").code == 2
    assert "Usage" in call("check", "-h").out


INVALID = [
    ("448(n-2", "ends where", "^"),
    ("9**9**9", "brackets around the power", "^"),
    ("(" * 1000, "the limit is 500", ""),
    ("", "is empty", ""),
    ("۴۴۸(n−۲)^m", "whole number as the exponent", "^"),
]


@pytest.mark.parametrize(("text", "words", "caret"), INVALID, ids=[i[0][:12] for i in INVALID])
def test_an_invalid_answer_is_no_wrong_one(call: Call, text: str, words: str, caret: str) -> None:
    done = call("check", FIRST, text)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert caret in done.err


def test_a_question_is_shown_with_its_seed_and_without_its_answer(call: Call) -> None:
    done = call("check", "conv-parameters/one-layer", "--seed", "7")
    assert done.code == 0
    assert "--seed 7" in done.out
    assert "2,424" not in done.out  # (5·5·4 + 1)·24
    assert call("check", "conv-parameters/one-layer", "2424", "--seed", "7").code == 0


def test_hints_come_one_after_another_and_the_solution_when_given_up(call: Call) -> None:
    one = call("check", FIRST, "--hint", "1").out
    assert "Where to look:" in one
    assert "The formula:" not in one
    assert "A step:" in call("check", FIRST, "--hint", "3").out
    given_up = call("check", FIRST, "--give-up")
    assert given_up.code == 0
    assert "448·(n − 2)²" in given_up.out


def test_a_choice_and_an_order_are_answered_with_letters(call: Call) -> None:
    shown = call("check", "conv-parameters/larger-picture", "--json").document["result"]
    letters = {option["name"]: option["letter"] for option in shown["options"]}
    assert call("check", "conv-parameters/larger-picture", letters["same"]).code == 0
    assert call("check", "conv-parameters/larger-picture", letters["double"]).code == 1
    assert call("check", "conv-parameters/larger-picture", "z").code == 2
    order = call("check", "conv-parameters/which-is-largest", "--json").document["result"]
    by_name = {option["name"]: option["letter"] for option in order["options"]}
    answer = " ".join(by_name[name] for name in ("pointwise", "separable", "plain", "wide"))
    assert call("check", "conv-parameters/which-is-largest", answer).code == 0
    backwards = call("check", "conv-parameters/which-is-largest", answer[::-1])
    assert backwards.code == 1
    assert "turned round" in backwards.out


def test_the_document_of_a_judgement(call: Call) -> None:
    document = call("check", FIRST, "448", "--json").document
    assert (document["format"], document["version"], document["ok"]) == ("companion/check", 1, True)
    result = document["result"]
    assert result["question"] == FIRST
    assert result["solution"] is None
    judgement = result["judgement"]
    assert (judgement["right"], judgement["recognised"]) == (False, True)
    assert judgement["misconception"]["code"] == "local-as-shared"
    assert set(judgement) == {
        "read_as", "right", "remark", "recognised", "misconception", "sentence", "credit", "topic",
    }  # fmt: skip


def test_an_invalid_answer_is_a_document_too(run: Run) -> None:
    done = run("check", FIRST, "448(", "--json")
    assert done.code == 2
    assert done.document["ok"] is False
    assert done.document["error"]["code"] == "formula-unreadable"


def test_the_list_holds_every_question_and_one_topic_alone(call: Call) -> None:
    everything = call("check", "--list").out
    assert FIRST in everything
    topic = call("check", "locally-connected", "--list", "--json").document["result"]["questions"]
    assert {item["topic"] for item in topic} == {"locally-connected"}


UNKNOWN = [
    (("check", "frist-layer"), "Did you mean 'first-layer'?"),
    (("check", "conv-parameters"), "Its questions: companion check --list conv-parameters."),
    (("check",), "companion check --list"),
    (("check", "--list", "conv-parameter"), "Did you mean 'conv-parameters'?"),
    (("check", FIRST, "--seed", "-1"), ""),
    (("check", FIRST, "--hint", "4"), "--help"),
]


@pytest.mark.parametrize(("words", "hint"), UNKNOWN, ids=[" ".join(w[0]) for w in UNKNOWN])
def test_what_is_unknown_has_a_way_out(call: Call, words: tuple[str, ...], hint: str) -> None:
    done = call(*words)
    assert (done.code, done.out) == (2, "")
    assert hint in done.err


@pytest.mark.parametrize("columns", ["60", "80", "100"])
def test_no_line_is_wider_than_the_terminal(call: Call, columns: str) -> None:
    for words in (("--list",), (FIRST, "432(n-2)^2", "--hint", "3"), (FIRST, "--give-up")):
        lines = call("check", *words, columns=columns).out.splitlines()
        assert max(map(len, lines)) <= int(columns)


def test_without_unicode_everything_is_ascii(run: Run) -> None:
    done = run("check", FIRST, "432(n-2)^2", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.out.isascii()
    assert "432*(n - 2)^2" in done.out


def test_the_examples_of_the_help_work(call: Call) -> None:
    lines = [line.split('"') for line in EPILOG.splitlines() if "companion check" in line]
    assert len(lines) == 4
    for parts in lines:
        words = [w for i, p in enumerate(parts) for w in ([p] if i % 2 else p.split())]
        assert call(*words[1:]).code == 0, words


def test_a_number_needs_no_algebra_and_no_arrays() -> None:
    program = (
        "import sys; from companion.boundary import run; "
        "run(['check', 'conv-parameters/one-layer', '7856']); "
        "heavy = {'numpy', 'h5py', 'rich', 'pydantic', 'sympy', 'keras'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr == "[]\n"

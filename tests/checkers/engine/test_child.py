"""Whatever a child process does, the parent gets a typed error, and nothing of it stays behind."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from answers.data.input_contract import Scale
from answers.errors import RunError
from answers.layers.base import Shape
from checkers.engine import child as module
from checkers.engine.child import Child
from checkers.engine.choice import KERAS
from checkers.engine.frames import Frame
from checkers.engine.predicting import Predictor

DOUBLES = Path(__file__).with_name("child_doubles.py")
MEMORY = 512 << 20
BIG = 50 << 20


@pytest.fixture(autouse=True)
def _run_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    """A behaviour's name stands where the module's name does."""

    def command(behaviour: str, memory: int, numbers: tuple[int, ...]) -> list[str]:
        given = [str(memory), *map(str, numbers), behaviour]
        return [sys.executable, "-I", "-B", str(DOUBLES), *given]

    monkeypatch.setattr(module, "_command", command)


def start(behaviour: str, *, seconds: float = 30, memory: int = MEMORY) -> Child:
    return Child("predictor", behaviour, descriptors=(), seconds=seconds, memory=memory)


FAILURES = [
    ("dies", "child-died", r"The predictor was ended by signal 9 \(Killed\)"),
    ("crashes", "child-crashed", "The predictor crashed: Segmentation fault"),
    ("leaves", "child-died", "The predictor was ended with exit 3 before it answered"),
    ("announces", "protocol", r"announces 2 \+ 10,737,418,240 bytes"),
    ("garbage", "protocol", "A message announces"),
    ("no-object", "protocol", "is no object"),
    ("no-json", "protocol", "can't be read"),
    ("nests-deep", "protocol", "can't be read"),
    ("odd-error", "protocol", "An error of a child process can't be read"),
    ("strange-kind", "protocol", "an unknown kind of error"),
]


@pytest.mark.parametrize(
    ("behaviour", "code", "words"), FAILURES, ids=[failure[0] for failure in FAILURES]
)
def test_a_child_that_fails_is_a_failed_run_and_leaves_nothing_behind(
    behaviour: str, code: str, words: str
) -> None:
    before = psutil.Process().num_fds()
    with start(behaviour) as child, pytest.raises(RunError, match=words) as caught:
        child.receive()
    assert caught.value.code == code
    assert not psutil.pid_exists(child.pid)
    assert psutil.Process().num_fds() == before


def test_a_child_that_hangs_is_ended_at_its_deadline() -> None:
    before = psutil.Process().num_fds()
    with (
        start("hangs", seconds=1) as child,
        pytest.raises(RunError, match="did not finish within 1 s") as caught,
    ):
        child.receive()
    assert caught.value.code == "time-limit"
    assert "seconds" in caught.value.hint
    assert not psutil.pid_exists(child.pid)
    assert psutil.Process().num_fds() == before


class Clock:
    """A clock that stands still, but for what a test says. step: how far each look at it moves it."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 0.0, step

    def monotonic(self) -> float:
        self.now += self.step
        return self.now


def test_what_the_parent_does_meanwhile_is_no_delay_of_a_child_that_has_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    with start("echoes", seconds=120) as child:
        for number in (1, 2):
            child.send(Frame({"number": number}))
        wait_for_an_answer(child)
        clock.now += 130  # the data is opened
        assert child.receive() == Frame({"number": 1})
        clock.now += 130
        assert child.receive() == Frame({"number": 2})


def test_an_answer_longer_than_the_pipe_may_come_after_the_parent_was_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    with start("greedy", seconds=120) as child:
        child.send(Frame({"bytes": BIG}))
        wait_for_an_answer(child)
        clock.now += 1000
        assert len(child.receive().body) == BIG


@pytest.mark.parametrize("behaviour", ["trickles", "hangs"])
def test_a_child_that_sends_byte_after_byte_is_ended_like_one_that_sends_nothing(
    behaviour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(step=1.0)
    monkeypatch.setattr(module, "time", clock)
    with (
        start(behaviour, seconds=0.5 if behaviour == "hangs" else 20) as child,
        pytest.raises(RunError, match="did not finish within") as caught,
    ):
        child.receive()
    assert caught.value.code == "time-limit"
    assert clock.now <= 2 * 20  # two looks at it for each wait


def test_more_time_is_counted_from_when_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "time", Clock(step=1.0))
    with start("echoes", seconds=3) as child:
        for number in range(20):
            child.allow(3)
            child.send(Frame({"number": number}))
            assert child.receive() == Frame({"number": number})


def wait_for_an_answer(child: Child) -> None:
    deadline = time.monotonic() + 30
    while not child.answered:
        assert time.monotonic() < deadline


def test_the_last_words_of_a_child_are_kept() -> None:
    with start("leaves") as child, pytest.raises(RunError):
        child.receive()
    assert child.stderr == "last words\n"


def test_a_child_that_writes_much_to_stderr_still_answers() -> None:
    with start("is-loud") as child:
        child.send(Frame({"number": 1}))
        assert child.receive() == Frame({"number": 1})
        child.send(Frame({"number": 2}))
        child.receive()
    assert child.stderr.endswith("the end")
    assert len(child.stderr) <= 8192


def test_two_full_pipes_stop_nobody() -> None:
    body = b"\xab" * BIG
    with start("stubborn") as child:
        child.send(Frame({"number": 1}, body))
        assert child.receive() == Frame({}, bytes(BIG))
        assert child.receive() == Frame({"number": 1}, body)


def test_what_was_sent_first_is_answered_first() -> None:
    with start("echoes") as child:
        for number in range(50):
            child.send(Frame({"number": number}, bytes(number)))
        answers = [child.receive() for _ in range(50)]
    assert answers == [Frame({"number": number}, bytes(number)) for number in range(50)]


def test_an_answer_is_seen_before_it_is_waited_for() -> None:
    with start("echoes") as child:
        assert not child.answered  # nothing was asked
        child.send(Frame({"number": 1}))
        wait_for_an_answer(child)
        assert child.receive() == Frame({"number": 1})
        assert not child.answered


def test_the_end_of_a_child_is_an_answer_too() -> None:
    with start("leaves") as child:
        child.send(Frame({}))
        wait_for_an_answer(child)
        with pytest.raises(RunError, match="exit 3"):
            child.receive()


def test_a_secret_of_the_parent_is_not_seen_by_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with start("environment") as child:
        child.send(Frame({}))
        seen = child.receive().header["environment"]
    assert "secret" not in seen.values()
    assert not {"TOKEN", "PYTHONPATH", "USER"} & set(seen)
    assert seen["OMP_NUM_THREADS"] == "3"
    assert not Path(seen["HOME"]).exists()


def test_a_child_gets_no_more_memory_than_it_was_given() -> None:
    with start("greedy") as child:
        child.send(Frame({"bytes": 1 << 20}))
        assert len(child.receive().body) == 1 << 20
        child.send(Frame({"bytes": 2 * MEMORY}))
        with pytest.raises(RunError, match="ran out of memory") as caught:
            child.receive()
    assert caught.value.code == "memory-limit"


def test_what_a_child_started_ends_with_it() -> None:
    with start("parent-of-another") as child:
        other = psutil.Process(child.receive().header["pid"])
    psutil.wait_procs([other], timeout=10)
    assert not other.is_running() or other.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("rows", "answer", "fits"),
    [(5, (2,), True), (5, (None,), True), (4, (2,), False), (5, (3,), False), (5, (2, 1), False)],
)
def test_an_answer_of_another_shape_is_no_answer(rows: int, answer: Shape, *, fits: bool) -> None:
    """The double answers whatever it is asked with five rows of two."""
    with start("five-rows-of-two") as child:
        predictor = Predictor(child, KERAS, "tensorflow")
        child.send(Frame({"ask": "engine"}))
        assert predictor.engine().device == "CPU"
        said = predictor.predict([np.zeros((rows, 2, 2, 3), np.uint8)], Scale("raw"), answer)
        if fits:
            assert [part.shape for part in said] == [(5, 2)]
            return
        with pytest.raises(
            RunError, match=rf"answered {rows} samples with shape \(5, 2\)"
        ) as caught:
            list(said)
    assert caught.value.code == "protocol"


def test_a_child_that_ends_while_it_is_sent_to_is_a_failed_run() -> None:
    with start("dies") as child:
        child.send(Frame({}, bytes(BIG)))
        with pytest.raises(RunError, match="ended by signal 9"):
            child.receive()

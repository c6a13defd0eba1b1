"""Events of a training as lines, and a training that is over as words."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from toy_history import LEVEL, OVERFITS, epochs, run_of

from answers.solutions.events import EpochDone, Preparing, Remark, RunStarted, StepDone, Stopped
from companion.views.paper import Paper
from companion.views.trained_view import trained
from companion.views.training_view import TrainingView


def started(first_epoch: int = 1) -> RunStarted:
    return RunStarted(
        phase="cifar", epochs=5, first_epoch=first_epoch, steps=10, scores=("accuracy",)
    )


def test_a_pipe_gets_a_line_an_epoch_and_nothing_of_the_steps(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with TrainingView(shown=False) as view:
        view.tell(Preparing(stage="reading", done=1, total=2))
        view.tell(started())
        view.tell(StepDone(epoch=1, step=1, steps=10, loss=2.3))
        view.tell(OVERFITS[0])
        view.tell(OVERFITS[3])
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "Epoch 1 of 5, 1.5 s: training loss 1.500, accuracy 0.450; validation loss 1.600, accuracy 0.400 (best so far)",
        "Epoch 4 of 5, 1.5 s: training loss 0.500, accuracy 0.830; validation loss 1.100, accuracy 0.660",
    ]


def test_a_run_that_goes_on_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    TrainingView(shown=False).tell(started(first_epoch=3))
    assert capsys.readouterr().err == "An unfinished run goes on at epoch 3 of 5.\n"


def test_whoever_interrupts_is_told_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(KeyboardInterrupt), TrainingView(shown=False) as view:
        view.tell(started())
        raise KeyboardInterrupt
    assert "The same command goes on" in capsys.readouterr().err


def test_a_remark_can_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    view = TrainingView(shown=False)
    view.tell(Remark(code="some", message="a\x1b[2Jb"))
    view.tell(started())
    assert capsys.readouterr().err == "a?[2Jb\n"


def test_a_remark_waits_until_the_run_begins_and_is_said_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    view = TrainingView(shown=False)
    view.tell(Remark(code="some", message="It is not graded."))
    assert capsys.readouterr().err == ""
    view.tell(started(first_epoch=3))
    view.tell(Stopped(reason="epochs", last_epoch=5, best_epoch=4))
    goes_on = "An unfinished run goes on at epoch 3 of 5."
    assert capsys.readouterr().err == f"It is not graded.\n{goes_on}\n"


def test_what_a_run_takes_of_memory_is_said_before_it_begins(
    capsys: pytest.CaptureFixture[str],
) -> None:
    TrainingView(shown=False).tell(Remark(code="memory", message="It takes 2 GB."))
    assert capsys.readouterr().err == "It takes 2 GB.\n"


def test_a_run_that_was_over_already_says_its_remarks_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    view = TrainingView(shown=False)
    view.tell(Remark(code="some", message="It is not graded."))
    view.tell(Stopped(reason="epochs", last_epoch=5, best_epoch=4))
    assert capsys.readouterr().err == "It is not graded.\n"


WORDS = {
    "overfits": (OVERFITS, ["epoch 3 of 5", "It overfits from epoch 4 on", "30.0 points"]),
    "goes on falling": (LEVEL, ["epoch 4 of 4", "It does not overfit yet", "2.0 points"]),
    "noise": (
        epochs([(1.0, 0.5), (0.9, 0.5)], [(1.00, 0.5), (1.01, 0.6)]),
        ["ends 1.0% above that, which is no more than noise", "-10.0 points"],
    ),
    "both get worse": (
        epochs([(1.0, 0.5), (1.5, 0.5)], [(1.0, 0.5), (1.5, 0.5)]),
        ["ends 50.0% above that, and so does the training loss", " 0.0 points"],
    ),
}


@pytest.mark.parametrize(("history", "words"), WORDS.values(), ids=WORDS.keys())
def test_a_training_is_said_in_words(
    capsys: pytest.CaptureFixture[str], history: tuple[EpochDone, ...], words: list[str]
) -> None:
    trained(Paper(80, styled=False), run_of(history), [Path("a.keras"), Path("a.run.json")])
    out = capsys.readouterr().out
    text = " ".join(out.split())
    for each in [*words, "156,074 parameters", "70 of 100 right (70.00%)", "a.keras, a.run.json"]:
        assert each in text
    assert max(map(len, out.splitlines())) <= 80


def test_every_epoch_is_marked_in_the_curve_and_the_saved_one_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    trained(Paper(80, styled=False), run_of(OVERFITS), [])
    drawn = [line for line in capsys.readouterr().out.splitlines() if "│" in line]
    assert sum(line.count("v") for line in drawn) == 4
    assert sum(line.count("V") for line in drawn) == 1

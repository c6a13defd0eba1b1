"""The reading child from outside: honest, damaged, too late, and lying."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from answers.errors import CompanionError, ModelFileError, RefusedError, RunError
from checkers.engine import child as module
from checkers.engine.reading import Reading, reading
from checkers.engine.submission import submission

MODELS = Path(__file__).resolve().parents[2] / "fixtures" / "models"
DOUBLES = Path(__file__).with_name("reader_doubles.py")


def test_two_questions_give_the_network_and_the_sealed_weights() -> None:
    before = psutil.Process().num_fds()
    with submission(MODELS / "cnn.keras") as copy, reading(copy.descriptor) as reader:
        model = reader.model()
        weights = reader.weights(model)
        assert os.fstat(weights).st_size == 4 * 2520  # the number that Keras counted
        with pytest.raises(PermissionError):
            os.pwrite(weights, b"x", 0)
    assert psutil.Process().num_fds() == before


def test_a_refusal_crosses_over_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with (
        submission(path) as copy,
        reading(copy.descriptor) as reader,
        pytest.raises(ModelFileError, match="damaged") as caught,
    ):
        reader.model()
    assert caught.value.code == "hdf5-damaged"


@contextmanager
def lying(
    monkeypatch: pytest.MonkeyPatch, behaviour: str, seconds: float = 30
) -> Iterator[Reading]:
    def command(_: str, memory: int, numbers: tuple[int, ...]) -> list[str]:
        given = [str(memory), *map(str, numbers), behaviour]
        return [sys.executable, "-I", "-B", str(DOUBLES), *given]

    monkeypatch.setattr(module, "_command", command)
    with submission(MODELS / "cnn.h5") as copy, reading(copy.descriptor, seconds=seconds) as reader:
        yield reader


def ask_for_model(reader: Reading) -> None:
    reader.model()


def ask_for_both(reader: Reading) -> None:
    reader.weights(reader.model())


Ask = Callable[[Reading], None]
LIES: list[tuple[str, Ask, type[CompanionError], str, str]] = [
    ("crashes", ask_for_model, ModelFileError, "hdf5-damaged", "that reads it crashed on it"),
    ("dies", ask_for_model, RunError, "child-died", "ended by signal 9"),
    ("hangs", ask_for_model, RunError, "time-limit", "did not finish within 1 s"),
    ("no-model", ask_for_model, ModelFileError, "reader-answer", "is no document"),
    ("bad-layer", ask_for_model, RunError, "protocol", "The reader's answer can't be used"),
    ("blames-the-command", ask_for_model, RefusedError, "config-value", "A sentence"),
    ("too-few-weights", ask_for_both, RunError, "protocol", "another number of bytes"),
    ("too-much-memory", ask_for_both, RunError, "double", "Operation not permitted"),
    ("keeps-the-memory", ask_for_both, RunError, "protocol", "can't be sealed"),
]


@pytest.mark.parametrize(
    ("behaviour", "ask", "kind", "code", "words"), LIES, ids=[row[0] for row in LIES]
)
def test_a_reader_that_fails_or_lies_never_blames_the_command(
    monkeypatch: pytest.MonkeyPatch,
    behaviour: str,
    ask: Ask,
    kind: type[CompanionError],
    code: str,
    words: str,
) -> None:
    seconds = 1 if behaviour == "hangs" else 30
    with (
        lying(monkeypatch, behaviour, seconds) as reader,
        pytest.raises(kind, match=words) as caught,
    ):
        ask(reader)
    assert caught.value.code == code

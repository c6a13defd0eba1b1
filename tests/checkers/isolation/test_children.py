"""The real children inside the lock: the same answers, and the parts that they hold."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from answers.data.input_contract import Scale
from answers.errors import RunError
from answers.network.shapes import output_shapes
from checkers.engine import predicting as module
from checkers.engine.child import Child
from checkers.engine.predicting import EngineFacts, Launch, predicting
from checkers.engine.reading import reading
from checkers.engine.submission import submission
from checkers.isolation import lock
from checkers.isolation.probes import prove

MODELS = Path(__file__).resolve().parents[2] / "fixtures" / "models"
linux = pytest.mark.skipif(not lock.possible(), reason="the lock is for Linux")


@linux
@pytest.mark.parametrize("name", ["cnn.keras", "cnn.h5", "unet.keras"])
def test_the_reader_holds_all_that_this_machine_has(name: str) -> None:
    with submission(MODELS / name) as copy, reading(copy.descriptor) as reader:
        model = reader.model()
        reader.weights(model)
        assert set(reader.locks) == set(prove().held)


def test_the_reader_has_imported_every_module_of_its_room_before_the_last_lock() -> None:
    code = (
        "import sys, pkgutil\n"
        "from checkers.engine import reader_child\n"
        "from checkers import model_file\n"
        "reader_child._Reader(0, 0)._lock()\n"  # without the first lock there is no last one
        "names = [m.name for m in pkgutil.iter_modules(model_file.__path__)]\n"
        "print(*(n for n in names if f'checkers.model_file.{n}' not in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def predictions() -> tuple[EngineFacts, bytes]:
    with (
        submission(MODELS / "cnn.keras") as copy,
        reading(copy.descriptor) as reader,
        predicting(Launch(engine="keras", device="cpu", memory=4 << 30)) as predictor,
    ):
        model = reader.model()
        weights = reader.weights(model)
        facts = predictor.engine()
        predictor.build(model.network, weights)
        shape = model.network.nodes[0].layer.shape  # type: ignore[union-attr]  # the input
        batch = np.random.default_rng(1).integers(0, 256, (5, *shape), np.uint8)
        (answer,) = output_shapes(model.network)
        said = list(predictor.predict([batch, batch[:2]], Scale.parse("unit"), answer))
    return facts, b"".join(part.tobytes() for part in said)


@linux
@pytest.mark.slow
def test_the_lock_changes_no_bit_of_a_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    facts, locked = predictions()
    assert set(facts.locks) == set(prove().held)
    monkeypatch.setitem(module._HIDDEN_GPUS, lock.SWITCH, lock.OFF)
    facts, unlocked = predictions()
    assert facts.locks == ()
    monkeypatch.setitem(module._HIDDEN_GPUS, lock.SWITCH, lock.DEVICES)
    facts, with_devices = predictions()  # the lock of a GPU's child, here without one
    assert "devices" in facts.locks or "files" not in prove().held
    assert locked == unlocked == with_devices


def test_a_child_that_can_not_be_started_leaves_no_descriptor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", full)
    before = psutil.Process().num_fds()
    with pytest.raises(RunError, match=r"could not be started: Resource temporarily"):
        Child("reader", "none", descriptors=(), seconds=1, memory=1 << 30)
    assert psutil.Process().num_fds() == before

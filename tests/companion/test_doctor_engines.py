"""What doctor says of each engine on each device; engines, cards and packages are pretended."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from typing import Any

import pytest

from answers.errors import MissingError
from checkers.engine.choice import Choice
from checkers.engine.predicting import EngineFacts
from companion.cli import doctor, doctor_engines
from companion.cli.doctor import Fact

ONNX_LINE = "uninstall --yes onnxruntime onnxruntime-gpu && "
KERAS_LINE = "'tensorflow[and-cuda]>=2.16'"


def engine(name: str, *, gpu: bool) -> EngineFacts:
    device = "GPU (A card)" if gpu else "CPU (x86_64, 2 cores)"
    return EngineFacts(name, (("package", "1.0"),), device, gpu=gpu, seconds=0.1)


def said(
    monkeypatch: pytest.MonkeyPatch,
    *,
    card: bool,
    cuda: bool = False,
    used: bool = False,
    missing: str = "",
    backend: Any = None,
) -> dict[str, Fact]:
    """The lines. card: a GPU is there; cuda: onnxruntime is built for it; used: both engines use it."""

    def started(choice: Choice, _: str) -> EngineFacts:
        if choice.engine == missing:
            raise MissingError("engine-missing", f"{missing} is not here.", hint="The line.")
        return engine(choice.engine, gpu=used)

    monkeypatch.setattr(doctor_engines, "_started", started)
    monkeypatch.setattr(doctor_engines, "gpu_is_there", lambda: card)
    monkeypatch.setattr(doctor_engines, "onnx_has_cuda", lambda: cuda)
    monkeypatch.setattr(doctor_engines, "_level", lambda _: "strong")
    return {fact.name: fact for fact in doctor_engines.engines(backend)}


def test_a_machine_without_a_gpu_needs_nothing_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = said(monkeypatch, card=False)
    for name in ("onnx", "keras"):
        assert found[f"Engine {name}"].value == f"{name} (package 1.0) in 0.1 s"
        assert found[f"Engine {name}, GPU"].value == "no GPU is here"
    assert all(fact.fine for fact in found.values())


def test_a_gpu_that_is_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = said(monkeypatch, card=True, cuda=True, used=True)
    for name in ("Engine onnx, GPU", "Engine keras, GPU", "Device"):
        assert found[name].value == "GPU (A card)"


@pytest.mark.parametrize(
    ("cuda", "words"),
    [(False, "onnxruntime is built without CUDA"), (True, "does not answer: its driver, CUDA or")],
)
def test_a_gpu_that_is_not_used_has_the_line_to_paste(
    monkeypatch: pytest.MonkeyPatch, words: str, *, cuda: bool
) -> None:
    found = said(monkeypatch, card=True, cuda=cuda)
    assert words in found["Engine onnx, GPU"].value
    assert ONNX_LINE in found["Engine onnx, GPU"].value
    assert "does not answer" in found["Engine keras, GPU"].value
    assert KERAS_LINE in found["Engine keras, GPU"].value
    assert all(fact.fine for fact in found.values())  # grading goes on, on the processor


def test_an_engine_that_is_missing_has_the_lines_of_both_devices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = said(monkeypatch, card=True, missing="keras")
    assert found["Engine keras"] == Fact("Engine keras", "keras is not here. The line.")
    assert KERAS_LINE in found["Engine keras, GPU"].value
    assert not said(monkeypatch, card=False, missing="keras", backend="jax")["Engine keras"].fine
    assert not said(monkeypatch, card=False, missing="onnx")["Engine onnx"].fine


def test_a_backend_of_its_own_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = said(monkeypatch, card=True, backend="jax")
    assert found["Engine keras, GPU"].value.endswith("jax, built for it")


def packages(monkeypatch: pytest.MonkeyPatch, *absent: str) -> dict[str, Fact]:
    def version(name: str) -> str:
        if name in absent:
            raise PackageNotFoundError
        return "1.0"

    monkeypatch.setattr("importlib.metadata.version", version)
    return {fact.name: fact for fact in doctor._packages()}


def test_one_onnxruntime_is_as_good_as_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    assert packages(monkeypatch, "onnxruntime-gpu")["onnxruntime"] == Fact("onnxruntime", "1.0")
    found = packages(monkeypatch, "onnxruntime")
    assert found["onnxruntime-gpu"] == Fact("onnxruntime-gpu", "1.0")
    assert "onnxruntime" not in found


def test_none_of_them_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = packages(monkeypatch, "onnxruntime", "onnxruntime-gpu")["onnxruntime"]
    assert not found.fine
    assert found.value.endswith("-m pip install onnxruntime")


def test_both_of_them_break_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    found = packages(monkeypatch)["onnxruntime"]
    assert not found.fine
    assert "overwrite each other's files" in found.value
    assert ONNX_LINE in found.value


def test_what_only_training_needs_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = packages(monkeypatch, "onnxruntime-gpu", "keras", "tensorflow", "typer")
    assert found["keras"].fine
    assert not found["typer"].fine

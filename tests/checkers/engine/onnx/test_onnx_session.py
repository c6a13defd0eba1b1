"""What ONNX Runtime is asked for where a GPU is, with a pretended runtime: no GPU was here."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from layer_chain import chain

from answers.errors import MissingError
from answers.layers.core import Dense
from checkers.engine import choice, onnx_child
from checkers.engine.frames import Frame
from checkers.engine.onnx import session as module
from checkers.engine.onnx.graph import Graph
from checkers.engine.onnx.session import CUDA, started
from checkers.isolation import lock

CPU = "CPUExecutionProvider"


class Runtime:
    """Stands for the package onnxruntime. runs_on: what its sessions say that they use."""

    def __init__(self, *built_for: str, runs_on: tuple[str, ...] | Exception) -> None:
        self._built_for, self._runs_on = built_for, runs_on
        self.asked: list[tuple[Any, dict[str, Any]]] = []
        self.preloaded: list[str] = []

    def get_available_providers(self) -> list[str]:
        return [*self._built_for, CPU]

    def SessionOptions(self) -> Any:  # noqa: N802  # its name
        return SimpleNamespace(add_session_config_entry=lambda *_: None)

    def InferenceSession(self, _: bytes, options: Any, **given: Any) -> Any:  # noqa: N802  # its name
        self.asked.append((options, given))
        if isinstance(self._runs_on, Exception):
            raise self._runs_on
        return SimpleNamespace(
            get_providers=lambda: list(self._runs_on), run=lambda *_: [np.zeros(1)]
        )

    def preload_dlls(self, directory: str) -> None:
        self.preloaded.append(directory)


def pretend(monkeypatch: pytest.MonkeyPatch, runtime: Runtime) -> Runtime:
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    return runtime


def test_a_gpu_is_used_with_whole_floats_and_the_same_algorithm_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = pretend(monkeypatch, Runtime(CUDA, runs_on=(CUDA, CPU)))
    assert started(b"", gpu=True).get_providers() == [CUDA, CPU]
    ((options, given),) = runtime.asked
    ((name, said),) = given["providers"]
    assert name == CUDA
    assert (said["use_tf32"], said["cudnn_conv_algo_search"]) == ("0", "DEFAULT")
    assert said["device_id"] == "0"
    assert given["enable_fallback"] == 0
    assert options.use_deterministic_compute is True


def test_without_a_gpu_the_processor_alone_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = pretend(monkeypatch, Runtime(CUDA, runs_on=(CPU,)))
    started(b"")
    assert [given for _, given in runtime.asked] == [{"providers": [CPU]}]


MISSING: list[tuple[str, Runtime, str]] = [
    ("built without CUDA", Runtime(runs_on=(CPU,)), "is not built for CUDA"),
    ("the processor instead", Runtime(CUDA, runs_on=(CPU,)), "can't be loaded"),
    ("a failing driver", Runtime(CUDA, runs_on=RuntimeError("no device")), "RuntimeError: no dev"),
]


@pytest.mark.parametrize(
    ("runtime", "words"), [row[1:] for row in MISSING], ids=[row[0] for row in MISSING]
)
def test_a_gpu_that_is_not_used_is_an_error_with_the_line_to_install_it(
    monkeypatch: pytest.MonkeyPatch, runtime: Runtime, words: str
) -> None:
    pretend(monkeypatch, runtime)
    with pytest.raises(MissingError, match=words) as caught:
        started(b"", gpu=True)
    assert caught.value.code == "gpu-missing"
    assert "--device cpu" in caught.value.hint
    assert "pip uninstall --yes onnxruntime onnxruntime-gpu && " in caught.value.hint
    assert "pip install 'onnxruntime-gpu[cuda,cudnn]>=1.21'" in caught.value.hint


@pytest.mark.parametrize("row", MISSING, ids=[row[0] for row in MISSING])
def test_only_who_leaves_the_device_open_gets_the_processor(
    monkeypatch: pytest.MonkeyPatch, row: tuple[str, Runtime, str]
) -> None:
    pretend(monkeypatch, row[1])
    with pytest.raises(MissingError):
        onnx_child._warmed_up("gpu")
    pretend(monkeypatch, Runtime(runs_on=(CPU,)))
    assert onnx_child._warmed_up("auto") is False
    assert onnx_child._warmed_up("cpu") is False


@pytest.mark.parametrize("device", ["auto", "gpu"])
def test_a_gpu_that_answers_is_taken_with_the_libraries_that_pip_brought(
    monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    runtime = pretend(monkeypatch, Runtime(CUDA, runs_on=(CUDA, CPU)))
    assert onnx_child._warmed_up(device) is True
    assert runtime.preloaded == [""]


def test_every_session_of_a_child_on_a_gpu_is_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = pretend(monkeypatch, Runtime(CUDA, runs_on=(CUDA, CPU)))
    runtime.__version__ = "1.31.1"  # type: ignore[attr-defined]  # as a module has it
    monkeypatch.setenv(choice.TELEMETRY_OFF, "1")
    monkeypatch.setattr(lock, "last", lambda: None)
    monkeypatch.setattr(onnx_child, "gpu_name", lambda: "A card")
    child = onnx_child._Predictor(0)
    said = child._engine(Frame({"ask": "engine", "device": "gpu"})).header
    assert (said["device"], said["gpu"]) == ("GPU (A card)", True)
    graph = Graph()
    model = onnx_child._Model(chain((2,), Dense(units=1)), 0, [(2,)], output=0, rows=4)
    child._crew(model, graph, graph.input((2,)))
    assert [given["providers"][0][0] for _, given in runtime.asked] == [CUDA, CUDA]


def test_the_small_model_is_one_that_runs() -> None:
    pytest.importorskip("onnxruntime")
    module.warm_up()


class Driver:
    """Stands for the library of NVIDIA's driver. fails: what its first call answers."""

    def __init__(self, name: bytes, *, fails: int = 0) -> None:
        self._name, self._fails = name, fails

    def cuInit(self, _: int) -> int:  # noqa: N802  # its name
        return self._fails

    def cuDeviceGetName(self, buffer: Any, _: int, device: int) -> int:  # noqa: N802  # its name
        assert device == 0
        buffer.value = self._name
        return 0


@pytest.mark.parametrize(
    ("driver", "name"),
    [
        (lambda _: Driver(b"NVIDIA A100"), "NVIDIA A100"),
        (lambda _: Driver(b"NVIDIA A100", fails=100), "unnamed"),
        (lambda _: object(), "unnamed"),
    ],
    ids=["a card", "no card", "another library"],
)
def test_a_card_has_the_name_that_its_driver_gives_it(
    monkeypatch: pytest.MonkeyPatch, driver: Any, name: str
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", driver)
    assert module.gpu_name() == name


def test_a_machine_without_a_driver_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DRIVER", "libno-such-driver.so.1")
    assert module.gpu_name() == "unnamed"


@pytest.mark.parametrize(
    ("file", "there"),
    [
        ("capi/libonnxruntime_providers_cuda.so", True),
        ("capi/onnxruntime_providers_cuda.dll", True),
        ("capi/libonnxruntime_providers_shared.so", False),
    ],
)
def test_a_runtime_for_cuda_is_known_by_its_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, *, there: bool
) -> None:
    (tmp_path / "capi").mkdir()
    (tmp_path / file).touch()
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(choice, "find_spec", lambda _: found)
    assert choice.onnx_has_cuda() is there


def test_no_runtime_has_no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "find_spec", lambda _: None)
    assert not choice.onnx_has_cuda()

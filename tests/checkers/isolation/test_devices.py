"""The lock of a child that uses a GPU, with stand-ins: there is no GPU where this was written.

/dev/random is the device that may be used, and asked how much entropy it has; others may not.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from answers.errors import MissingError, RunError
from answers.samples.shipped import shipped_models
from checkers.assignment.catalogue import load_built_in
from checkers.engine import child as child_module
from checkers.engine import choice
from checkers.engine import predicting as module
from checkers.engine.child import Child
from checkers.engine.choice import KERAS, Choice, Device
from checkers.engine.frames import Frame
from checkers.engine.predicting import NO_GPU_ANSWERS, Launch, predicting
from checkers.grading import grade
from checkers.isolation import devices, landlock, lock
from checkers.isolation.level import OPEN_WITH_DEVICES, Level, level_of
from checkers.isolation.probes import Proof, prove
from checkers.request import Request
from checkers.several import grade_several

ATTEMPTS = Path(__file__).with_name("device_attempts.py")
DOUBLES = Path(__file__).with_name("gpu_doubles.py")
linux = pytest.mark.skipif(not lock.possible(), reason="the lock is for Linux")
landlocked = pytest.mark.skipif(
    not lock.possible() or landlock.version(os.uname().machine) == 0, reason="needs Landlock"
)


def attempts(switch: str, libraries: str = "") -> set[str]:
    """What a child got done that was started with this lock. libraries: LD_LIBRARY_PATH."""
    done = subprocess.run(
        [sys.executable, "-I", "-B", str(ATTEMPTS)],
        env={lock.SWITCH: switch, "LD_LIBRARY_PATH": libraries},
        cwd="/",  # where the real ones begin
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@landlocked
@pytest.mark.parametrize("libraries", ["", ".", "/", "/.", "lib:..:"])
def test_only_the_named_nodes_open(libraries: str) -> None:
    """Whatever stands in LD_LIBRARY_PATH: '.' is common there, and would be the root here."""
    done = attempts(lock.DEVICES, libraries)
    assert done >= {"use-the-device", "name-a-thread", "read-a-library", "start-a-thread"}
    assert not done & {
        *("use-another-device", "read-a-secret", "write-a-file", "socket", "fork", "program"),
        *("read-the-parent", "signal-the-parent", "list-the-root"),
    }


@landlocked
@pytest.mark.skipif(
    not lock.possible() or landlock.version(os.uname().machine) < 5, reason="from Linux 6.10 on"
)
def test_only_the_named_nodes_can_be_asked() -> None:
    done = attempts(lock.DEVICES)
    assert "ask-the-device" in done
    assert "ask-another-device" not in done  # though it may be read


@linux
def test_without_the_lock_all_of_it_is_done() -> None:
    done = attempts(lock.OFF)
    assert done >= {"use-the-device", "use-another-device", "ask-another-device", "write-a-file"}
    assert done >= {"read-a-secret", "socket", "fork", "program", "signal-the-parent"}


@landlocked
def test_all_but_what_a_driver_needs_is_blocked() -> None:
    proof = prove(devices=True)
    assert "devices" in proof.held
    assert {item.name for item in proof.outcomes if not item.fine} == OPEN_WITH_DEVICES
    assert proof.level == "partial"


WITH_DEVICES = ("privileges", "limits", "files", "calls", "devices")
LEVELS: list[tuple[str, tuple[str, ...], tuple[str, ...], Level]] = [
    ("as it should be", WITH_DEVICES, (), "partial"),
    ("what a driver needs", WITH_DEVICES, tuple(OPEN_WITH_DEVICES), "partial"),
    ("a socket", WITH_DEVICES, ("internet socket",), "none"),
    ("no Landlock", ("privileges", "limits", "calls"), (), "none"),
    ("no filter", ("privileges", "limits", "files"), (), "none"),
]


@pytest.mark.parametrize(
    ("held", "opened", "wanted"), [row[1:] for row in LEVELS], ids=[row[0] for row in LEVELS]
)
def test_a_gpu_is_never_called_strong(
    held: tuple[str, ...], opened: tuple[str, ...], wanted: Level
) -> None:
    assert level_of(held, opened) == wanted


def test_library_folders_are_read_where_they_are_named_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", f".:{tmp_path}:/:")
    assert tuple(lock._library_folders()) == (str(tmp_path),)


@pytest.mark.parametrize(("version", "asked"), [(1, False), (4, False), (5, True), (7, True)])
def test_devices_are_governed_from_the_fifth_version_on(version: int, *, asked: bool) -> None:
    governed = int.from_bytes(landlock.ruleset(version)[:8], "little")
    assert bool(landlock._asking(version)) == asked
    assert landlock._asking(version) & governed == landlock._asking(version)


def test_the_nodes_are_those_that_are_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("nvidia0", "nvidiactl", "nvidia-uvm", "sda"):
        (tmp_path / name).touch()
    monkeypatch.setattr(devices, "NODES", (f"{tmp_path}/nvidia*", f"{tmp_path}/kfd"))
    names = [Path(path).name for path in devices.usable()]
    assert names == ["nvidia-uvm", "nvidia0", "nvidiactl", "task"]


# --- which lock such a child is started with ---------------------------------------------------


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with the node of a GPU, and with a lock for it."""
    node = tmp_path / "nvidiactl"
    node.touch()
    monkeypatch.setattr(choice, "_GPU_NODES", (str(node),))
    monkeypatch.setattr(module, "_devices_are_proven", lambda: True)


def test_a_machine_without_a_gpu_has_the_whole_lock(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(choice, "_GPU_NODES", (str(tmp_path / "none"),))
    assert module.for_a_gpu() == {}


@pytest.mark.usefixtures("gpu")
def test_a_gpu_has_its_own_lock_where_that_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.for_a_gpu() == {lock.SWITCH: lock.DEVICES}
    assert module.for_a_gpu(locked=False) == {lock.SWITCH: lock.OFF}
    monkeypatch.setattr(module, "_devices_are_proven", lambda: False)
    assert module.for_a_gpu() == {lock.SWITCH: lock.OFF}


def _no_answer(**_: bool) -> Proof:
    raise RunError("probes-failed", "They could not be run.")


@pytest.mark.parametrize(
    ("proof", "proven"),
    [
        (lambda **_: Proof(held=WITH_DEVICES, outcomes=()), True),
        (lambda **_: Proof(held=("privileges", "limits"), outcomes=()), False),
        (_no_answer, False),
    ],
    ids=["all is held", "too little is held", "no answer"],
)
def test_the_lock_of_a_gpu_counts_where_the_probes_say_so(
    proof: Callable[..., Proof],
    proven: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("checkers.isolation.probes.prove", proof)
    module._devices_are_proven.cache_clear()
    assert module._devices_are_proven() is proven
    module._devices_are_proven.cache_clear()


@pytest.fixture
def doubles(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Start doubles of the predictor, that behave so inside the lock."""

    def behave(inside: str) -> None:
        def command(_: str, memory: int, numbers: tuple[int, ...]) -> list[str]:
            given = [str(memory), *map(str, numbers), inside]
            return [sys.executable, "-I", "-B", str(DOUBLES), *given]

        monkeypatch.setattr(child_module, "_command", command)

    return behave


ANSWERS = [
    ("sees-it", lock.DEVICES, True),
    ("sees-nothing", lock.OFF, True),
    ("crashes", lock.OFF, True),
    ("says-it-is-missing", lock.OFF, True),
]


@linux
@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(("inside", "switch", "used"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_where_no_gpu_answers_inside_the_lock_one_without_it_is_asked(
    doubles: Callable[[str], None], inside: str, switch: str, *, used: bool
) -> None:
    doubles(inside)
    before = psutil.Process().num_fds()
    with predicting(Launch(engine="keras", device="gpu", memory=1 << 30)) as predictor:
        engine = predictor.engine()
        pid = predictor._child.pid
    assert engine.gpu is used
    assert engine.device == switch  # the double says which lock it was given
    assert (engine.locks == ()) == (switch == lock.OFF)
    assert not psutil.pid_exists(pid)
    assert psutil.Process().num_fds() == before


@linux
@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("inside", ["is-blind", "sees-nothing"])
@pytest.mark.parametrize("chosen", [KERAS, Choice("onnx")], ids=["keras", "onnx"])
def test_where_no_gpu_answers_at_all_the_processor_has_the_whole_lock(
    doubles: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    inside: str,
    chosen: Choice,
) -> None:
    doubles(inside)
    monkeypatch.setattr(module, "onnx_has_cuda", lambda: True)
    before = psutil.Process().num_fds()
    with predicting(Launch(engine=chosen.engine, memory=1 << 30), chosen) as predictor:
        engine = predictor.engine()
    if inside == "is-blind":
        assert (engine.device, engine.gpu, engine.locks) == ("whole", False, ("paths",))
        assert engine.reason == NO_GPU_ANSWERS
    else:
        assert (engine.device, engine.gpu, engine.locks) == (lock.OFF, True, ())
        assert engine.reason == ""
    assert psutil.Process().num_fds() == before


@landlocked
@pytest.mark.slow
@pytest.mark.usefixtures("gpu")
def test_where_keras_finds_no_gpu_the_engine_that_needs_none_takes_its_place(
    doubles: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine with a GPU whose TensorFlow was installed without CUDA: asked once a call."""
    pytest.importorskip("onnxruntime")
    monkeypatch.setattr(choice, "keras_is_here", lambda: True)
    ours = child_module._command
    doubles("is-blind")
    double, begun = child_module._command, list[str]()

    def command(name: str, memory: int, numbers: tuple[int, ...]) -> list[str]:
        begun.append(name.rpartition(".")[2])
        keras = name == "checkers.engine.predictor_child"
        return (double if keras else ours)(name, memory, numbers)

    monkeypatch.setattr(child_module, "_command", command)
    for report in grade_several([replace(request("auto"), engine="auto")] * 2):
        assert (report.error, report.missing, report.isolation) == (None, (), "strong")
        assert report.engine is not None
        assert (report.engine.name, report.engine.reason) == ("onnx", NO_GPU_ANSWERS)
        assert report.passed
    wanted = ["predictor_child", "predictor_child", "onnx_child", "onnx_child"]
    assert [name for name in begun if name.startswith(("predictor", "onnx"))] == wanted


@linux
@pytest.mark.slow
@pytest.mark.usefixtures("gpu")
def test_what_takes_the_place_of_keras_is_verified_by_keras(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second engine is the one that did not run, not the one that was not chosen."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tensorflow")
    monkeypatch.setattr(module, "_devices_are_proven", lambda: False)
    wanted = replace(request("auto"), engine="auto", verify=True, proven="none")
    for report in grade_several([wanted] * 2):
        assert (report.error, report.missing) == (None, ())
        assert report.engine is not None
        assert report.verification is not None
        assert report.engine.name == "onnx"
        assert report.verification.engine == "keras on tensorflow"


@linux
@pytest.mark.usefixtures("gpu")
def test_a_gpu_that_was_asked_for_is_not_replaced_where_none_answers(
    doubles: Callable[[str], None],
) -> None:
    doubles("is-blind")
    launch = Launch(engine="keras", device="gpu", memory=1 << 30)
    with predicting(launch) as predictor:
        assert predictor.engine().device == lock.OFF  # ours would have said that it is missing
        assert not predictor._others


@linux
@pytest.mark.usefixtures("gpu")
def test_a_driver_that_fails_with_a_submission_in_its_hands_is_not_started_again(
    doubles: Callable[[str], None],
) -> None:
    """A submission that makes it fail would be rid of the lock."""
    doubles("fails-later")
    with predicting(Launch(engine="keras", memory=1 << 30)) as predictor:
        assert predictor.engine().locks == ("devices",)
        pid = predictor._child.pid
        with pytest.raises(RunError, match="crashed") as caught:
            predictor.products()
        assert predictor._child.pid == pid
    assert "--device cpu" in caught.value.hint


@linux
@pytest.mark.usefixtures("gpu")
def test_the_second_engine_gets_the_lock_of_a_gpu_where_it_is_built_for_one(
    doubles: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    doubles("sees-it")
    monkeypatch.setattr(module, "onnx_has_cuda", lambda: True)
    chosen = Choice("onnx", reason="")
    with predicting(Launch(engine="onnx", memory=1 << 30), chosen) as predictor:
        engine = predictor.engine()
    assert (engine.name, engine.device) == ("onnx on CUDA", lock.DEVICES)


def request(device: Device) -> Request:
    path = next(model.path for model in shipped_models() if model.name == "sample-unet")
    return Request(
        path=path,
        assignment=load_built_in("sample-unet"),
        engine="onnx",
        device=device,
        proven="strong",
    )


@pytest.mark.slow
@landlocked
@pytest.mark.usefixtures("gpu")
def test_a_gpu_that_does_not_answer_is_asked_once_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the runtime for the processor, which is taken here for one that is built for CUDA."""
    pytest.importorskip("onnxruntime")
    started: list[tuple[str, bool]] = []
    whole = Launch.start

    def counted(launch: Launch, *, locked: bool = True) -> Child:
        started.append((launch.device, locked))
        return whole(launch, locked=locked)

    monkeypatch.setattr(Launch, "start", counted)
    monkeypatch.setattr(module, "onnx_has_cuda", lambda: True)
    for report in grade_several([request("auto")] * 2):
        assert (report.error, report.missing, report.isolation) == (None, (), "strong")
        assert report.engine is not None
        assert (report.engine.name, report.engine.reason) == ("onnx", NO_GPU_ANSWERS)
        assert report.passed
    assert started == [("auto", True), ("auto", False), ("cpu", True), ("cpu", True)]


@pytest.mark.slow
@landlocked
@pytest.mark.usefixtures("gpu")
def test_a_grade_on_a_gpu_that_does_not_answer_is_not_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.setattr(module, "onnx_has_cuda", lambda: True)
    monkeypatch.setattr(choice, "onnx_has_cuda", lambda: True)
    report = grade(request("gpu"))
    assert [error.code for error in report.missing] == ["gpu-missing"]
    assert "not built for CUDA" in report.missing[0].message
    assert "onnxruntime-gpu" in report.missing[0].hint
    assert (report.result, report.engine) == (None, None)


@pytest.mark.usefixtures("gpu")
def test_no_library_of_nvidia_shortens_a_float(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    class Started:
        def __init__(self, *_: object, environment: dict[str, str], **__: object) -> None:
            given.update(environment)

        def send(self, frame: Frame) -> None:
            given["asked for"] = frame.header["device"]

    monkeypatch.setattr(module, "Child", Started)
    monkeypatch.setattr(module, "onnx_has_cuda", lambda: False)
    Launch(engine="keras", memory=1).start()
    assert (given["NVIDIA_TF32_OVERRIDE"], given["asked for"]) == ("0", "auto")
    Launch(engine="onnx", memory=1).start()
    assert (given["CUDA_VISIBLE_DEVICES"], given["asked for"]) == ("-1", "cpu")


@linux
@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(
    ("launch", "chosen"),
    [
        (Launch(engine="keras", device="cpu", memory=1 << 30), KERAS),
        (Launch(engine="onnx", memory=1 << 30), Choice("onnx")),
    ],
    ids=["on the CPU", "the engine without a GPU"],
)
def test_who_needs_no_gpu_keeps_the_whole_lock(
    doubles: Callable[[str], None], launch: Launch, chosen: Choice
) -> None:
    doubles("says-it-is-missing")
    with predicting(launch, chosen) as predictor, pytest.raises(MissingError):
        predictor.engine()

"""The lock proves itself apart from the reader: Keras itself loads hostile files, safe mode off.

Inside the lock their code runs, and nothing comes of it; outside of it the same files do all that
they want. The files are made for the Python that runs here: byte code fits one version alone.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from checkers.isolation import lock
from checkers.isolation.probes import prove

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not lock.possible(), reason="the lock is for Linux"),
]

ENGINE = Path(__file__).with_name("loading_engine.py")
HIDDEN = "0.4711 not-a-secret"
_SAY = "__import__('os').environ.__setitem__('SAID', str({}))"
# Our own payloads, beside those of the corpus, which touch a marker.
PAYLOADS = {
    "runs.h5": _SAY.format("'it runs'"),
    "read.h5": _SAY.format("open('not-a-secret.txt').read()"),
    "start.h5": _SAY.format(
        "__import__('subprocess').Popen(['sleep', '60'], start_new_session=True).pid"
    ),
    "fork.h5": _SAY.format("__import__('os').fork() or __import__('os')._exit(0)"),
    "connect.h5": _SAY.format("__import__('socket').socket(2, 2).fileno()"),
    "signal.h5": _SAY.format("__import__('os').kill(__import__('os').getppid(), 0)"),
    "memory.h5": _SAY.format("open('/proc/%d/maps' % __import__('os').getppid()).read(4)"),
}
RUNS = "runs.h5"  # the one that may
# Files of the corpus whose payload fires in these libraries, measured; others stop on the way.
FIRES = {
    "keras": {
        *("cfg_lambda_marshal.keras", "cfg_lambda_escaped_name.keras"),
        *("cfg_lambda_keras3.h5", "cfg_lambda_three_deep.h5"),
    },
    "tf_keras": {"cfg_lambda_marshal_keras2.h5"},
}
LIBRARIES = [name for name in FIRES if importlib.util.find_spec(name)]


@dataclass
class Ended:
    """What became of all files in one child."""

    locks: list[str]
    files: dict[str, dict[str, Any]]
    markers: set[str]
    here: set[str]


def _write(kit: Any, path: Path, library: str) -> None:
    """A file whose Lambda holds the kit's payload, as the library's own age wrote it."""
    if library == "keras":
        kit.write_h5(str(path), kit.with_layer(kit.lambda3()))
        return
    old = kit.layer(
        "Lambda",
        "lambda",
        function=[f"{kit.lambda_code()}\n", None, None],
        function_type="lambda",
        output_shape=None,
        output_shape_type="raw",
        output_shape_module=None,
        arguments={},
    )
    old["config"]["module"] = "__main__"
    kit.write_h5(str(path), kit.with_layer(old), style=2)


def made(corpus: Path, folder: Path, library: str) -> list[Path]:
    """The files with code in their configuration, and ours, with byte code of this Python."""
    path = corpus / "hostile" / "make_hostile.py"
    spec = importlib.util.spec_from_file_location("make_hostile", path)
    assert spec is not None
    assert spec.loader is not None
    kit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kit)
    folder.mkdir()
    for case in kit.CASES:
        if case["group"] == "config":
            case["write"](str(folder / case["file"]))
    for name, code in PAYLOADS.items():
        vars(kit)["TOUCH"] = code
        _write(kit, folder / name, library)
    return sorted(folder.iterdir())


def loaded(corpus: Path, folder: Path, library: str, *, locked: bool) -> Ended:
    """Let a library load and run every file in one child."""
    here, markers = folder / "here", folder / "markers"
    here.mkdir()
    markers.mkdir()
    (here / "not-a-secret.txt").write_text(HIDDEN)
    shutil.copytree(corpus / "hostile" / "files" / "sm_write_file", here / "sm_write_file")
    with ExitStack() as stack:
        files = [
            stack.enter_context(path.open("rb")) for path in made(corpus, folder / "files", library)
        ]
        pairs = [word for file in files for word in (Path(file.name).name, str(file.fileno()))]
        done = subprocess.run(
            [sys.executable, "-B", str(ENGINE), library, str(int(locked)), str(markers), *pairs],
            pass_fds=[file.fileno() for file in files],
            cwd=here,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    first, *rest = map(json.loads, done.stdout.splitlines())
    return Ended(
        locks=first["locks"],
        files={item["file"]: item for item in rest},
        markers={path.name for path in markers.iterdir()},
        here={path.name for path in here.iterdir()},
    )


def environment() -> dict[str, str]:
    kept = {key: os.environ[key] for key in ("PATH", "PYTHONPATH") if key in os.environ}
    home = {"HOME": "/dev/null/none", "KERAS_HOME": "/dev/null/none", "KERAS_BACKEND": "tensorflow"}
    return {**kept, **home, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


@pytest.fixture(scope="module", params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def inside(corpus: Path, library: str, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    return loaded(corpus, tmp_path_factory.mktemp("inside"), library, locked=True)


@pytest.fixture(scope="module")
def outside(
    corpus: Path, library: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ended]:
    ended = loaded(corpus, tmp_path_factory.mktemp("outside"), library, locked=False)
    yield ended
    said = ended.files["start.h5"]["said"]
    with suppress(ProcessLookupError, ValueError):
        os.kill(int(said), signal.SIGKILL)  # the one process that the payload has started


def test_inside_the_lock_no_payload_fires(inside: Ended) -> None:
    if "paths" not in prove().held:
        pytest.skip("this machine has no seccomp")
    assert set(inside.locks) == set(prove().held)
    assert inside.markers == set()
    assert inside.here == {"not-a-secret.txt", "sm_write_file"}


def test_inside_the_lock_nothing_is_read_started_or_reached(inside: Ended) -> None:
    if "paths" not in inside.locks:
        pytest.skip("this machine has no seccomp")
    assert {name: said for name, said in said_of(inside).items() if said} == {}
    assert HIDDEN not in json.dumps(inside.files)
    assert psutil.Process().children(recursive=True) == []


def test_the_code_of_a_file_does_run_inside_the_lock(inside: Ended) -> None:
    assert inside.files[RUNS]["said"] == "it runs"


def test_outside_the_same_payloads_fire(outside: Ended, library: str) -> None:
    assert outside.locks == []
    assert outside.markers >= FIRES[library]


def test_outside_the_same_files_read_start_and_reach(outside: Ended) -> None:
    assert [name for name, said in said_of(outside).items() if not said] == []
    assert said_of(outside)["read.h5"] == HIDDEN
    assert psutil.pid_exists(int(said_of(outside)["start.h5"]))


def said_of(ended: Ended) -> dict[str, str]:
    return {name: ended.files[name]["said"] for name in PAYLOADS if name != RUNS}

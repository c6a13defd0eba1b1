"""`companion doctor`: what this machine has, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from companion.views.terminal import say

if TYPE_CHECKING:
    from checkers.engine.choice import Backend

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """\b
Examples:
  companion doctor
  companion doctor --backend "jax"
  companion doctor --isolation
  companion doctor --json
"""

_PACKAGES = (
    "companion", "typer", "rich", "numpy", "h5py", "pillow", "pydantic", "jinja2", "pooch",
    "platformdirs", "onnxruntime",
)  # fmt: skip
_ONNX, _ONNX_GPU = "onnxruntime", "onnxruntime-gpu"  # one in the place of the other
_OF_THE_EXTRA = ("keras", "tensorflow")  # training, and what the second engine can't run

_PARTS = {
    "privileges": "no new privileges",
    "limits": "limits of files and descriptors",
    "files": "the interpreter's files alone (Landlock)",
    "calls": "no network, no other processes (seccomp)",
    "paths": "no path at all once a file is read (seccomp)",
}


@dataclass(frozen=True)
class Fact:
    """One line of the doctor: what, what was found, and whether grading can go on with it."""

    name: str
    value: str
    fine: bool = True


@app.command(epilog=EPILOG)
def doctor(
    *,
    backend: Annotated[
        Literal["tensorflow", "jax", "torch"] | None,
        typer.Option(help="Keras's backend to try, tensorflow unless said."),
    ] = None,
    isolation: Annotated[
        bool, typer.Option("--isolation", help="Try everything that a locked child must not do.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> int:
    """Say what this machine has: Python, packages, engine, devices, data, caches.

    Starts each engine once, as a grade would, so it takes a few seconds. Exit code 6 when
    something that grading needs is missing. What a GPU needs is said with the line that installs it.
    """
    from companion import exit_codes
    from companion.views import json_document

    if isolation:
        facts = list(_isolation())
    else:
        facts = [*_python(), *_packages(), *_engine(backend), *_data(), *_places()]
    code = exit_codes.DONE if all(fact.fine for fact in facts) else 6
    if json:
        rows = [{"name": f.name, "value": f.value, "fine": f.fine} for f in facts]
        say(json_document.result("doctor", {"facts": rows}))
        return code
    width = max(len(fact.name) for fact in facts)
    for fact in facts:
        say(f"{fact.name:<{width}}  {fact.value}")
    return code


def _python() -> Iterator[Fact]:
    import platform
    import sys

    yield Fact("Python", f"{platform.python_version()} ({sys.executable})")
    yield Fact("System", f"{platform.system()} {platform.release()}, {platform.machine()}")


def _packages() -> Iterator[Fact]:
    from answers.installing import install_line, onnx_gpu_line

    if _version(_ONNX) and _version(_ONNX_GPU):
        twice = f"{_ONNX} and {_ONNX_GPU} are both installed, and overwrite each other's files"
        yield Fact(_ONNX, f"{twice}. For a GPU: {onnx_gpu_line()}", fine=False)
    for name in _PACKAGES:
        instead = _ONNX_GPU if name == _ONNX and _version(_ONNX_GPU) else name
        found = _version(instead)
        missing = f"not installed: {install_line(name)}"
        yield Fact(instead, found or missing, fine=bool(found))
    for name in _OF_THE_EXTRA:
        needed = "not installed; training and the engine keras need it"
        yield Fact(name, _version(name) or needed)


def _version(name: str) -> str:
    """The version of an installed package; empty where there is none."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _engine(asked: Backend | None) -> Iterator[Fact]:
    from companion.cli.doctor_engines import engines

    yield from engines(asked)


def _isolation() -> Iterator[Fact]:
    """The level, the parts of the lock, and how each probe ended just now."""
    from checkers.engine.choice import gpu_is_there
    from checkers.isolation.lock import ALL
    from checkers.isolation.probes import prove
    from companion.views.grade_words import ISOLATION

    proof = prove()
    yield Fact("Isolation", ISOLATION[proof.level], fine=proof.level != "none")
    if gpu_is_there():
        yield Fact("Isolation with a GPU", ISOLATION[prove(devices=True).level])
    for part in ALL:
        there = part in proof.held
        yield Fact(f"Lock: {_PARTS[part]}", "in place" if there else "not possible here", there)
    for item in proof.outcomes:
        yield Fact(f"Try: {item.name}", item.outcome, item.fine)
    yield from _advice(proof.held)


def _advice(held: tuple[str, ...]) -> Iterator[Fact]:
    """What is missing for more, and for a child that uses a GPU."""
    import os
    import platform
    import sys

    from checkers.engine.choice import gpu_is_there
    from checkers.isolation.advice import advice

    slurm = any(name.startswith("SLURM_") for name in os.environ)
    said = advice(sys.platform, platform.machine(), held, gpu=gpu_is_there(), slurm=slurm)
    yield from (Fact("What to know", sentence) for sentence in said)


def _data() -> Iterator[Fact]:
    import os

    from answers.data.cifar10 import find_cifar10

    found = find_cifar10()
    yield Fact("CIFAR-10", str(found) if found else "not found (grade with --data or --download)")
    yield Fact("COMPANION_DATA", os.environ.get("COMPANION_DATA", "not set"))


def _places() -> Iterator[Fact]:
    from companion.places import cache_folder, state_folder

    yield Fact("Cache", str(cache_folder()))
    yield Fact("State", str(state_folder()))

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
_ENGINE_MEMORY = 4 << 30
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

    Starts the engine once, as a grade would, so it takes a few seconds. Exit code 6 when
    something that grading needs is missing.
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
    from importlib.metadata import PackageNotFoundError, version

    from answers.installing import install_line

    for name in (*_PACKAGES, *_OF_THE_EXTRA):
        try:
            yield Fact(name, version(name))
        except PackageNotFoundError:
            if name in _OF_THE_EXTRA:
                yield Fact(name, "not installed; training and the engine keras need it")
            else:
                yield Fact(name, f"not installed: {install_line(name)}", fine=False)


def _engine(asked: Backend | None) -> Iterator[Fact]:
    """Both engines, each started once; one of them is enough, if none was asked for."""
    from answers.errors import CompanionError
    from checkers.engine.choice import KERAS, Choice
    from checkers.engine.predicting import Launch, predicting

    found = []
    for choice in (Choice("onnx"), KERAS):
        try:
            launch = Launch(
                engine=choice.engine, backend=asked or "tensorflow", memory=_ENGINE_MEMORY
            )
            with predicting(launch, choice) as predictor:
                found.append(predictor.engine())
        except CompanionError as error:
            enough = bool(found) and asked is None and error.code == "engine-missing"
            yield Fact("Engine", f"{error.message} {error.hint}", fine=enough)
            continue
        versions = ", ".join(f"{name} {number}" for name, number in found[-1].versions)
        yield Fact("Engine", f"{found[-1].name} ({versions}) in {found[-1].seconds:.1f} s")
    for facts in found[-1:]:
        yield Fact("Device", facts.device)
        yield Fact("Isolation", _level(facts.locks))


def _level(locks: tuple[str, ...]) -> str:
    """The level of a predictor that holds these parts of the lock, by the probes."""
    from checkers.isolation.level import level_of, weaker
    from checkers.isolation.proven import proven_level
    from companion.places import state_folder
    from companion.views.grade_words import ISOLATION

    return ISOLATION[weaker(proven_level(state_folder()), level_of(locks, ()))]


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

"""What `companion doctor` says of the engines: which are here, what they run on, what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from answers.errors import CompanionError
from answers.installing import GPU, engine_line, install_line, onnx_gpu_line
from checkers.engine.choice import KERAS, Choice, gpu_is_there, onnx_has_cuda
from checkers.engine.predicting import EngineFacts, Launch, predicting
from companion.cli.doctor import Fact

if TYPE_CHECKING:
    from checkers.engine.choice import Backend

_MEMORY = 4 << 30


def engines(asked: Backend | None) -> Iterator[Fact]:
    """Both engines, each started once, on each device; one is enough, if none was asked for."""
    found: list[EngineFacts] = []
    backend: Backend = asked or "tensorflow"
    for choice in (Choice("onnx"), KERAS):
        name = f"Engine {choice.engine}"
        try:
            facts = _started(choice, backend)
        except CompanionError as error:
            enough = bool(found) and asked is None and error.code == "engine-missing"
            yield Fact(name, f"{error.message} {error.hint}", fine=enough)
            if gpu_is_there():
                yield Fact(f"{name}, GPU", _line_for_a_gpu(choice, backend))
            continue
        found.append(facts)
        versions = ", ".join(f"{name} {number}" for name, number in facts.versions)
        yield Fact(name, f"{facts.name} ({versions}) in {facts.seconds:.1f} s")
        yield Fact(f"{name}, GPU", _on_a_gpu(choice, backend, facts))
    for facts in found[-1:]:
        yield Fact("Device", facts.device)
        yield Fact("Isolation", _level(facts.locks))


def _started(choice: Choice, backend: Backend) -> EngineFacts:
    launch = Launch(engine=choice.engine, backend=backend, memory=_MEMORY)
    with predicting(launch, choice) as predictor:
        return predictor.engine()


def _on_a_gpu(choice: Choice, backend: Backend, facts: EngineFacts) -> str:
    """The GPU that an engine uses, or what is missing for one."""
    if facts.gpu:
        return facts.device
    if not gpu_is_there():
        return "no GPU is here"
    line = _line_for_a_gpu(choice, backend)
    if choice.engine == "onnx" and not onnx_has_cuda():
        return f"onnxruntime is built without CUDA. {line}"
    return f"a GPU is here, and does not answer: its driver, CUDA or cuDNN is missing. {line}"


def _line_for_a_gpu(choice: Choice, backend: Backend) -> str:
    """What is to be installed for an engine on a GPU."""
    if choice.engine == "onnx":
        return f"For a GPU: {onnx_gpu_line()}"
    if backend == "tensorflow":
        return f"For a GPU: {install_line(*GPU)}"
    return f"For a GPU: {engine_line(backend)}, built for it"


def _level(locks: tuple[str, ...]) -> str:
    """The level of a predictor that holds these parts of the lock, by the probes."""
    from checkers.isolation.level import level_of, weaker
    from checkers.isolation.proven import proven_level
    from companion.places import state_folder
    from companion.views.grade_words import ISOLATION

    return ISOLATION[weaker(proven_level(state_folder()), level_of(locks, ()))]

"""A parent that starts children as a grade does, says their numbers, and waits to be killed.

Arguments: real, spins, waits, or spins-free, which asks the kernel for nothing; and what the switch of the lock says.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from checkers.engine.child import Child
from checkers.isolation import entry, lock


def parent(kind: str, switch: str) -> None:
    """Start the children, and wait."""
    numbers = [str(each.pid) for each in (_real() if kind == "real" else [_double(kind, switch)])]
    sys.stdout.write(" ".join(numbers) + "\n")
    sys.stdout.flush()
    signal.pause()


def _real() -> list[Child]:
    from checkers.engine.predicting import Launch
    from checkers.engine.reading import Reading

    predictor = Launch(engine="onnx", memory=1 << 30).start()
    predictor.receive()  # it is locked, and waits
    reader = Reading()
    reader.prepare()
    reader._child.receive()
    return [reader._child, predictor]


def _double(kind: str, switch: str) -> Child:
    from checkers.engine import child

    def command(module: str, memory: int, numbers: tuple[int, ...]) -> list[str]:
        given = [module, str(memory), *map(str, numbers)]
        return [sys.executable, "-I", "-B", str(Path(__file__)), "child", *given]

    child._command = command
    environment = {lock.SWITCH: switch}
    started = Child(
        kind, kind, descriptors=(), seconds=600, memory=1 << 30, environment=environment
    )
    while started._channel.fileno() >= 0 and not started.answered:
        started._selector.select(1)
    return started


class _Behaviour:
    """What stands where a module of ours would: it says that it runs, and goes on."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def main(self) -> None:
        os.write(int(sys.argv[2]), b"x")
        while self.kind.startswith("spins"):
            pass
        signal.pause()


def _child() -> None:
    import importlib

    importlib.import_module = lambda name, _=None: _Behaviour(name)  # type: ignore[assignment, return-value]  # whatever is asked for
    if sys.argv[1] == "spins-free":
        lock.die_with_the_parent = lambda: None
    entry.main()


if __name__ == "__main__":
    if sys.argv[1] == "child":
        del sys.argv[1]
        _child()
    else:
        parent(sys.argv[1], sys.argv[2])

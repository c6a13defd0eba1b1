"""How soon the calculators answer: whole processes, interleaved, as ratios to a bare import.

    python tests/benchmarks/start_up.py [--rounds 11]

Each command runs on a terminal (a pty), as a person has it; the ratio is to `python -c "import X"`
of the same round, the median over the rounds, with the smallest and the largest.
"""

from __future__ import annotations

import argparse
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """A command of ours, the import that it is held against, and the bar."""

    title: str
    ours: list[str]
    base: str
    bar: float


COMPANION = [str(Path(sys.executable).with_name("companion"))]


def pairs(folder: Path) -> list[Pair]:
    """What is compared."""
    one = [*COMPANION, "params", "--kernel", "3", "--in", "16", "--out", "32"]
    symbol = [*COMPANION, "params", "--kernel", "3", "--in", "c", "--out", "32"]
    resnet = [*COMPANION, "summary", str(folder / "resnet152.keras")]
    formula = [*COMPANION, "check", "locally-connected/first-layer", "448(n - 2)^2"]
    topic = ["env", "PAGER=", *COMPANION, "explain", "receptive-field"]  # a pager would wait
    return [
        Pair("params, numbers", one, "typer", 2.0),
        Pair("params, a symbol", symbol, "sympy", 1.6),
        Pair("check, a formula", formula, "sympy", 3.0),
        Pair("summary of ResNet-152", resnet, "h5py", 5.0),
        Pair("explain, a topic of numbers", topic, "rich.console", 4.0),
    ]


def seconds(command: list[str]) -> float:
    """The wall time of a process whose streams are a terminal."""
    ours, theirs = pty.openpty()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    while True:
        try:
            if not os.read(ours, 1 << 16):
                break
        except OSError:  # the terminal is closed when the process has ended
            break
    code = process.wait()
    wall = time.perf_counter() - start
    os.close(ours)
    if code:
        raise SystemExit(f"{command} ended with {code}")
    return wall


def save_resnet(path: Path) -> None:
    """ResNet-152 of Keras's applications, untrained, in a process of its own."""
    script = f"import keras; keras.applications.ResNet152(weights=None).save({str(path)!r})"
    subprocess.run([sys.executable, "-c", script], check=True, stderr=subprocess.DEVNULL)


def main() -> None:
    """Compare, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_resnet(folder / "resnet152.keras")
        for pair in pairs(folder):
            base = [sys.executable, "-c", f"import {pair.base}"]
            seconds(pair.ours), seconds(base)  # warm the page cache
            ratios = sorted(seconds(pair.ours) / seconds(base) for _ in range(rounds))
            print(  # noqa: T201  # a program that prints its table
                f"{pair.title}: {statistics.median(ratios):.2f} x import {pair.base} "
                f"({ratios[0]:.2f} to {ratios[-1]:.2f}); the bar is {pair.bar}"
            )


if __name__ == "__main__":
    main()

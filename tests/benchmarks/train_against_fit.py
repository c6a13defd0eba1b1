"""An epoch of `companion train cifar` against plain Keras `fit` on arrays, interleaved.

    python tests/benchmarks/train_against_fit.py [--rounds 5] [--pictures 20000] [--save]

Drawn pictures of CIFAR-10's size: what is in them costs nothing. Prints the medians of the ratios
(smallest to largest) of wall time and of processor time, each against `fit(x, y,
validation_data=…)` on float32 arrays; with --save they are kept beside it, for the table. For

    ours            batches, loop, and the measuring of both sides
    ours, steps     the same without the measuring
    textbook        `fit` on the tf.data pipeline
    no pipeline     `fit` on one batch again and again: what is left when pictures cost nothing
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from answers.solutions.cifar import measure_on
from answers.solutions.cifar_batches import CifarBatches, textbook_pipeline
from answers.solutions.cifar_model import cifar_model, compile_cifar
from answers.solutions.cifar_pictures import Pictures
from answers.solutions.engine import prepare_engine
from answers.solutions.events import Measured
from answers.solutions.training import Judges, Plan, train

BATCH = 64
BASE = "fit on arrays"
Times = tuple[float, float]


def drawn(count: int, seed: int) -> Pictures:
    """Noise, with labels."""
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    return Pictures(images=images, labels=generator.integers(0, 10, count))


def made(*, augment: bool) -> Any:
    """A compiled network."""
    model = cifar_model(augment=augment)
    compile_cifar(model, 0.001)
    return model


def variants(count: int, *, augment: bool) -> dict[str, Callable[[], Any]]:
    """What is timed: each trains one epoch of a model of its own, which is warm."""
    pictures, held = drawn(count, 1), drawn(count // 10, 2)
    x, y = pictures.images.astype(np.float32) / 255, pictures.labels
    held_x, held_y = held.images.astype(np.float32) / 255, held.labels
    models = [made(augment=augment) for _ in range(5)]
    batches = CifarBatches(pictures, batch=BATCH, seed=0)
    textbook = textbook_pipeline(pictures, batch=BATCH, seed=0)
    plan = Plan(phase="cifar", epochs=1, patience=None, scores=("accuracy",))
    measuring = Judges(training=measure_on(held), validation=measure_on(held))
    unmeasured = Judges(training=_nothing, validation=_nothing)
    return {
        BASE: lambda: models[0].fit(
            x, y, batch_size=BATCH, validation_data=(held_x, held_y), verbose=0
        ),
        "ours": lambda: train(models[1], batches, plan, measuring),
        "ours, steps": lambda: train(models[2], batches, plan, unmeasured),
        "textbook": lambda: models[3].fit(
            textbook, shuffle=False, validation_data=(held_x, held_y), verbose=0
        ),
        "no pipeline": lambda: models[4].fit(
            _same(x[:BATCH], y[:BATCH], len(batches)),
            shuffle=False,
            validation_data=(held_x, held_y),
            verbose=0,
        ),
    }


def _nothing(_model: Any) -> Measured:
    return Measured(loss=1.0, scores=(0.0,))


def _same(x: Any, y: Any, steps: int) -> Any:
    import tensorflow as tf

    return tf.data.Dataset.from_tensors((x, y)).repeat(steps).prefetch(2)


def timed(run: Callable[[], Any]) -> Times:
    """Wall and processor seconds."""
    wall, used = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - used


def spread(values: list[float]) -> tuple[float, float, float]:
    """Median, smallest, largest."""
    return statistics.median(values), min(values), max(values)


def found(times: list[dict[str, Times]], pictures: int) -> dict[str, Any]:
    """What was measured, as it is kept."""
    rows = [
        {"what": name}
        | {
            kind: spread([each[name][place] / each[BASE][place] for each in times])
            for place, kind in enumerate(("wall", "processor"))
        }
        for name in times[0]
        if name != BASE
    ]
    return {
        "rounds": len(times),
        "pictures": pictures,
        "cores": len(os.sched_getaffinity(0)),
        "seconds": round(statistics.median(each[BASE][0] for each in times), 2),
        "versions": {name: version(name) for name in ("tensorflow", "keras")},
        "rows": rows,
    }


def main() -> None:
    """Compare, print, and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=20_000)
    parser.add_argument("--augment", action="store_true")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    prepare_engine(0)
    runs = variants(options.pictures, augment=options.augment)
    for run in runs.values():
        run()  # traced, and warm
    times = [{name: timed(run) for name, run in runs.items()} for _ in range(options.rounds)]
    text = json.dumps(found(times, options.pictures), indent=1) + "\n"
    print(text)  # noqa: T201  # a program that prints what it found
    if options.save:
        Path(__file__).with_suffix(".json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()

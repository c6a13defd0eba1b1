"""`companion grade` against the plain script that a user writes: whole processes, interleaved.

    python tests/benchmarks/grade_against_script.py [--rounds 5] [--only CNN|U-Net|many] [--save]

Needs the corpus (COMPANION_CORPUS or ../shared). Prints, for the CNN and the U-Net and both engines, the ratios of
wall time and of peak memory (largest sum of PSS over the process tree, sampled), grade / script;
medians over the rounds, with the smallest and the largest, and the share of the machine's matrix
products that predicting reaches. Then twenty CNNs in one call against twenty times the script.
--save keeps it in the file beside this one, in the place of what stood there of the same name;
README's table is made from it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

CNN_SCRIPT = """
import numpy as np, tensorflow as tf
data = np.load("cifar.npz")
model = tf.keras.models.load_model("cnn.h5", compile=False)
model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
print(model.evaluate(data["x_test"].astype("float32") / 255, data["y_test"], verbose=0))
"""
UNET_SCRIPT = """
import numpy as np, tensorflow as tf
data = np.load("membrane.npz")
x = np.repeat(data["images"][..., None].astype("float32") / 255, 3, -1)
y = data["masks"] > 127
p = tf.keras.models.load_model("unet.keras", compile=False).predict(x, verbose=0)[..., 0] > 0.5
print(2 * (p & y).sum() / (p.sum() + y.sum()))
"""

FOUND = Path(__file__).with_suffix(".json")
_MANY = 20


@dataclass(frozen=True)
class Run:
    """Wall time in seconds, and the largest sum of PSS over the process tree in bytes."""

    wall: float
    peak: int


def measure(command: list[str], folder: Path) -> Run:
    """Run a command, and watch the memory of everything it starts."""
    start, peak = time.perf_counter(), 0
    process = subprocess.Popen(  # our own commands
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    root = psutil.Process(process.pid)
    while process.poll() is None:
        total = 0
        with contextlib.suppress(psutil.Error):
            for item in (root, *root.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    total += item.memory_full_info().pss
        peak = max(peak, total)
        time.sleep(0.05)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {process.returncode}")
    return Run(time.perf_counter() - start, peak)


def prepare(corpus: Path, folder: Path) -> None:
    """The data as .npz, the CNN, and the U-Net once as it is and once saved by Keras 3."""
    from PIL import Image

    with tarfile.open(corpus / "data" / "cifar10_test_jpeg.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    classes = sorted((folder / "test").iterdir())
    rows = [(path, label) for label, c in enumerate(classes) for path in sorted(c.iterdir())]
    images = np.stack([np.asarray(Image.open(path).convert("RGB")) for path, _ in rows])
    np.savez(folder / "cifar.npz", x_test=images, y_test=np.array([label for _, label in rows]))
    trained = corpus / "models" / "trained"
    (folder / "cnn.h5").write_bytes((trained / "cnn_base_k3.h5").read_bytes())
    (folder / "membrane.npz").write_bytes((corpus / "data" / "membrane_test.npz").read_bytes())
    subprocess.run(  # our own interpreter
        [sys.executable, __file__, "--save-unet", str(trained / "unet_mnv2_1ch.h5")],
        cwd=folder,
        check=True,
    )


def save_unet(path: Path) -> None:
    """Rebuild the U-Net of TF 2.12, and save it as Keras 3 does."""
    import keras

    from checkers.engine.keras_builder import build, put_weights
    from checkers.model_file.reader import open_model

    with path.open("rb") as file:
        opened = open_model(file)
        built = build(opened.model.network)
        put_weights(built, opened.model.network, opened.weights())
    keras.Model(built.inputs, built.outputs).save("unet.keras")


@dataclass(frozen=True)
class Row:
    """Ratios to the script: medians, with the smallest and the largest.

    share: of the machine's matrix products that predicting reaches, as `--json` says it.
    """

    what: str
    wall: tuple[float, float, float]
    memory: tuple[float, float, float]
    script_seconds: float
    script_mib: float
    share: tuple[float, float, float] | None = None


def main() -> None:
    """Compare, and print the table."""
    from corpus import corpus_path

    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["CNN", "U-Net", "many"])
    parser.add_argument(
        "--save", action="store_true", help="keep what was found, for README's table"
    )
    parser.add_argument("--save-unet", type=Path)
    options = parser.parse_args()
    if options.save_unet:
        save_unet(options.save_unet)
        return
    corpus = corpus_path()
    if corpus is None:
        raise SystemExit("no reference corpus here: set COMPANION_CORPUS")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(corpus, folder)
        rows = list(compare(folder, options.rounds, options.only))
    if options.save:
        facts = {"rounds": options.rounds, "cores": os.cpu_count(), "versions": versions()}
        known = json.loads(FOUND.read_text())["rows"] if FOUND.exists() else []
        found = {row["what"]: row for row in (*known, *map(asdict, rows))}
        FOUND.write_text(json.dumps({**facts, "rows": [*found.values()]}, indent=1) + "\n")


def compare(folder: Path, rounds: int, only: str | None) -> Iterator[Row]:
    """A row for each model and engine, and one for many models in one call."""
    grade = [sys.executable, "-m", "companion", "grade"]
    for engine in ("onnx", "keras"):
        for title, file, data, script in (
            ("CNN, 10,000 pictures", "cnn.h5", "cifar.npz", CNN_SCRIPT),
            ("U-Net, 96 pictures", "unet.keras", "membrane.npz", UNET_SCRIPT),
        ):
            if only is None or title.startswith(only):
                ours = [*grade, file, "--data", data, "--engine", engine]
                pair = _pair(ours, [sys.executable, "-c", script], folder, rounds)
                row = _row(f"{title}, {engine}", pair)
                yield _said(replace(row, share=_spread(shares(ours, folder, rounds))))
    if only in (None, "many"):
        many(folder)
        ours = [*grade, "many", "--data", "cifar.npz"]
        pair = _pair(ours, [sys.executable, "-c", CNN_SCRIPT], folder, rounds)
        yield _said(_row(f"{_MANY} CNNs in one call", pair, times=_MANY))


def _pair(ours: list[str], theirs: list[str], folder: Path, rounds: int) -> list[tuple[Run, Run]]:
    measure(ours, folder), measure(theirs, folder)  # warm the page cache
    return [(measure(ours, folder), measure(theirs, folder)) for _ in range(rounds)]


def _row(what: str, runs: list[tuple[Run, Run]], times: int = 1) -> Row:
    """times: how many scripts the call stands for; their memory is that of one."""
    return Row(
        what=what,
        wall=_spread([a.wall / (times * b.wall) for a, b in runs]),
        memory=_spread([a.peak / b.peak for a, b in runs]),
        script_seconds=statistics.median(times * b.wall for _, b in runs),
        script_mib=statistics.median(b.peak / 2**20 for _, b in runs),
    )


def many(folder: Path) -> None:
    """Twenty models of a class."""
    place = folder / "many"
    place.mkdir()
    for number in range(_MANY):
        (place / f"student-{number:02}.h5").write_bytes((folder / "cnn.h5").read_bytes())


def shares(command: list[str], folder: Path, rounds: int) -> list[float]:
    """How much of the machine's matrix products the predicting reaches, as `--json` says it."""
    found = []
    for _ in range(rounds):
        done = subprocess.run(  # our own command
            [*command, "--json"], cwd=folder, capture_output=True, check=False
        )
        (model,) = json.loads(done.stdout)["result"]["models"]
        found.append(model["speed"]["share"])
    return found


def versions() -> dict[str, str]:
    """Of what both sides run on."""
    names = ("tensorflow", "keras", "onnxruntime", "numpy")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def _spread(values: list[float]) -> tuple[float, float, float]:
    return statistics.median(values), min(values), max(values)


def _said(row: Row) -> Row:
    """One row, printed."""
    shown = {"wall": row.wall, "memory": row.memory, "share": row.share}
    texts = [
        f"{name} {middle:.3f} ({low:.3f} to {high:.3f})"
        for name, (middle, low, high) in ((n, v) for n, v in shown.items() if v)
    ]
    said = f"{row.what}: {', '.join(texts)}; script {row.script_seconds:.1f} s, {row.script_mib:.0f} MiB"
    print(said, flush=True)  # noqa: T201  # a program that prints its table
    return row


if __name__ == "__main__":
    main()

"""`companion grade` against the plain script that a user writes: whole processes, interleaved.

    python tests/benchmarks/grade_against_script.py [--rounds 5] [--only CNN|U-Net|many]

Needs the corpus (COMPANION_CORPUS or ../shared). Prints, for the CNN and the U-Net and both engines, the ratios of
wall time and of peak memory (largest sum of PSS over the process tree, sampled), grade / script;
medians over the rounds, with the smallest and the largest. Then twenty CNNs in one call against
twenty times the script, and the share of the machine's matrix products that predicting reaches.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
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


def main() -> None:
    """Compare, and print the table."""
    from corpus import corpus_path

    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["CNN", "U-Net", "many"])
    parser.add_argument("--save-unet", type=Path)
    options = parser.parse_args()
    if options.save_unet:
        save_unet(options.save_unet)
        return
    corpus = corpus_path()
    if corpus is None:
        raise SystemExit("no reference corpus here: set COMPANION_CORPUS")
    grade = [sys.executable, "-m", "companion", "grade"]
    cnn = [*grade, "cnn.h5", "--data", "cifar.npz", "--engine"]
    unet = [*grade, "unet.keras", "--data", "membrane.npz", "--engine"]
    pairs = {
        f"{title} ({engine})": ([*ours, engine], [sys.executable, "-c", script])
        for engine in ("onnx", "keras")
        for title, ours, script in (
            ("CNN, 10,000 pictures", cnn, CNN_SCRIPT),
            ("U-Net, 96 pictures", unet, UNET_SCRIPT),
        )
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(corpus, folder)
        for title, (ours, theirs) in pairs.items():
            if options.only and not title.startswith(options.only):
                continue
            measure(ours, folder), measure(theirs, folder)  # warm the page cache
            runs = [(measure(ours, folder), measure(theirs, folder)) for _ in range(options.rounds)]
            show(title, "wall", [a.wall / b.wall for a, b in runs], [b.wall for _, b in runs], "s")
            peaks = [b.peak / 2**20 for _, b in runs]
            show(title, "peak memory", [a.peak / b.peak for a, b in runs], peaks, "MiB")
        if options.only in (None, "many"):
            show_many(folder, options.rounds, [sys.executable, "-c", CNN_SCRIPT])
        for title, (ours, _) in pairs.items():
            if options.only is None or title.startswith(options.only):
                show_share(title, ours, folder, options.rounds)


def show_many(folder: Path, rounds: int, script: list[str]) -> None:
    """Twenty models in one call, against twenty scripts (each round measures one of these)."""
    many = folder / "many"
    many.mkdir()
    for number in range(_MANY):
        (many / f"student-{number:02}.h5").write_bytes((folder / "cnn.h5").read_bytes())
    ours = [sys.executable, "-m", "companion", "grade", "many", "--data", "cifar.npz"]
    runs = [(measure(ours, folder), measure(script, folder)) for _ in range(rounds)]
    ratios = [a.wall / (_MANY * b.wall) for a, b in runs]
    show(f"{_MANY} CNNs", "wall", ratios, [_MANY * b.wall for _, b in runs], "s")
    show(
        f"{_MANY} CNNs",
        "peak memory",
        [a.peak / b.peak for a, b in runs],
        [b.peak / 2**20 for _, b in runs],
        "MiB",
    )


def show_share(title: str, command: list[str], folder: Path, rounds: int) -> None:
    """How much of the machine's matrix products the predicting reaches, as `--json` says it."""
    shares = []
    for _ in range(rounds):
        done = subprocess.run(  # our own command
            [*command, "--json"], cwd=folder, capture_output=True, check=False
        )
        (model,) = json.loads(done.stdout)["result"]["models"]
        shares.append(model["speed"]["share"])
    found = f"{statistics.median(shares):.2f} ({min(shares):.2f} to {max(shares):.2f})"
    print(f"{title}: share of matrix products = {found}", flush=True)  # noqa: T201  # as below


def show(title: str, what: str, ratios: list[float], base: list[float], unit: str) -> None:
    """One line of the table."""
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    print(  # noqa: T201  # a program that prints its table
        f"{title}: {what} grade / script = {middle:.2f} ({low:.2f} to {high:.2f}); "
        f"script {statistics.median(base):.1f} {unit}"
    )


if __name__ == "__main__":
    main()

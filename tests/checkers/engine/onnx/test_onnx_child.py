"""The second engine's child: the writers' own outputs, its statistics, and its silence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from numpy.typing import NDArray

from answers.data.input_contract import Scale
from answers.errors import MissingError
from answers.network.shapes import input_shapes, output_shapes
from checkers.engine import choice, sealed_memory
from checkers.engine.choice import KERAS, TELEMETRY_OFF, Choice, choose
from checkers.engine.onnx.coverage import uncovered
from checkers.engine.predicting import Launch, Predictor, predicting
from checkers.model_file.reader import open_model

pytest.importorskip("onnxruntime")

MODELS = Path(__file__).resolve().parents[3] / "fixtures" / "models"
FILES: list[dict[str, Any]] = (load_json("models/dialects/manifest.json") or {"files": []})["files"]
PICTURES = [
    row
    for row in FILES
    if row["expect"] == "grade"
    and row["probe"]["inputs"] == 1
    and row["probe"]["scale"] in ("unit", "raw")
]
# What the second engine leaves to Keras among them: what computes in another type.
LEFT_TO_KERAS = ("float16", "float64")


def probe(height: int, width: int, channels: int, count: int = 8) -> NDArray[np.uint8]:
    """The probe pictures of the corpus, by the formula that its manifest gives."""
    n, i, j, c = np.indices((count, height, width, channels))
    values = (31 * i * i + 17 * j * j * (n + 1) + 7 * i * j + 101 * c + 53 * n) % 256
    return values.astype(np.uint8)  # type: ignore[no-any-return]  # an array


def probe_for(shape: list[int | None]) -> NDArray[np.uint8]:
    height, width, *channels = (size or 32 for size in shape[1:])
    if channels:
        return probe(height, width, channels[0])
    return probe(height, width, 1)[..., 0]


def sample_of(path: Path, shape: list[int | None]) -> tuple[str, tuple[int, ...]]:
    """What keeps a file from this engine, and the shape of its probes."""
    sizes = probe_for(shape).shape[1:]
    with path.open("rb") as file:
        return uncovered(open_model(file).model.network, [sizes]), sizes


def answered(predictor: Predictor, path: Path, pictures: Any, scale: str, output: int = 0) -> Any:
    """Read a file in this process, and predict in the child."""
    with path.open("rb") as file, sealed_memory.memory("weights") as weights:
        opened = open_model(file)
        sealed_memory.write(weights, (a.data.cast("B") for a in opened.weights() if a.size))
        sealed_memory.seal(weights)
        predictor.build(opened.model.network, weights, output)
        wanted = output_shapes(opened.model.network)[output]
        parts = predictor.predict(np.array_split(pictures, 2), Scale.parse(scale), wanted)
        return np.concatenate(list(parts))


def child(sizes: tuple[int, ...]) -> Any:
    return started(Choice("onnx", sizes=(sizes,)))


def started(chosen: Choice) -> Any:
    launch = Launch(engine=chosen.engine, device="cpu", memory=4 << 30)
    return predicting(launch, chosen, seconds=300)


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.parametrize("row", PICTURES, ids=[row["file"] for row in PICTURES])
def test_the_probes_are_answered_as_the_writer_did(corpus: Path, row: dict[str, Any]) -> None:
    folder = corpus / "models" / "dialects"
    path, kept = folder / row["file"], row["outputs"]
    reason, sizes = sample_of(path, row["input_shape"])
    if reason:
        pytest.skip(f"left to Keras: {reason}")
    with child(sizes) as predictor, np.load(folder / "outputs.npz") as outputs:
        predictor.engine()
        for number, (key, stride) in enumerate(zip(kept["keys"], kept["stride"], strict=True)):
            pictures, scale = probe_for(row["input_shape"]), row["probe"]["scale"]
            found = answered(predictor, path, pictures, scale, number)
            assert list(found.shape) == kept["shapes"][number]
            cut = found[tuple(slice(None, None, step) for step in stride)]
            np.testing.assert_allclose(cut, outputs[key], rtol=0, atol=kept["tolerance"])


@pytest.mark.corpus
def test_few_of_the_files_are_left_to_keras(corpus: Path) -> None:
    folder = corpus / "models" / "dialects"
    reasons = {
        row["file"]: sample_of(folder / row["file"], row["input_shape"])[0] for row in PICTURES
    }
    left = {name: reason for name, reason in reasons.items() if reason}
    assert all(any(word in reason for word in LEFT_TO_KERAS) for reason in left.values()), left
    assert len(left) * 20 <= len(PICTURES)


def test_a_shipped_model_answers_as_keras_did_when_it_was_written() -> None:
    truth = json.loads((MODELS / "models.json").read_text("utf-8"))["cnn.keras"]
    with child((16, 16, 3)) as predictor:
        facts = predictor.engine()
        found = answered(predictor, MODELS / "cnn.keras", probe(16, 16, 3, count=4), "unit")
    assert facts.name == "onnx"
    assert dict(facts.versions).keys() == {"onnxruntime"}
    wanted = np.array(truth["outputs"])
    np.testing.assert_allclose(found.reshape(4, -1)[:, ::5], wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("scale", ["unit", "standardize"])
def test_bytes_and_floats_of_one_picture_get_one_answer(scale: str) -> None:
    """Pictures that were resized come as floats, beside others that were not."""
    pictures = probe(16, 16, 3, count=8).astype(np.uint8)
    with child((16, 16, 3)) as predictor:
        predictor.engine()
        of_bytes = answered(predictor, MODELS / "cnn.keras", pictures, scale)
        batches = [pictures[:3], pictures[3:5].astype(np.float32), pictures[5:]]
        said = predictor.predict(batches, Scale.parse(scale), of_bytes.shape[1:])
        mixed = np.concatenate(list(said))
    np.testing.assert_allclose(mixed, of_bytes, rtol=0, atol=1e-6)


@pytest.mark.slow
def test_both_engines_say_the_same_of_what_reaches_a_normalisation() -> None:
    pictures, found = probe(16, 16, 3), []
    for chosen in (Choice("onnx", sizes=((16, 16, 3),)), KERAS):
        with started(chosen) as predictor:
            predictor.engine()
            answered(predictor, MODELS / "cnn.keras", pictures, "unit")
            found.append(predictor.statistics(pictures, Scale("unit"))[0])
    fast, keras = found
    assert fast.layer == keras.layer
    np.testing.assert_allclose(fast.mean, keras.mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(fast.variance, keras.variance, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(fast.moving_mean, keras.moving_mean)
    np.testing.assert_array_equal(fast.moving_variance, keras.moving_variance)


def test_the_runtime_reports_to_nobody(tmp_path: Path) -> None:
    """As the child's launcher sets it: no file under the home, no further thread, no CI variable."""
    program = (
        "import os, onnxruntime\n"
        "print(len(os.listdir('/proc/self/task')) if os.path.isdir('/proc/self/task') else 1)"
    )
    kept = ("PATH", "LD_LIBRARY_PATH", "LANG")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"HOME": str(tmp_path), TELEMETRY_OFF: "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "1"
    assert list(tmp_path.rglob("*")) == []


class StartedError(Exception):
    """Stands for a child, to see what it would be given."""


def test_the_switch_is_in_the_environment_of_every_predictor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: dict[str, str] = {}

    def start(*_: Any, environment: dict[str, str], **__: Any) -> Any:
        given.update(environment)
        raise StartedError

    monkeypatch.setattr("checkers.engine.predicting.Child", start)
    with pytest.raises(StartedError), child((4,)):
        pass
    assert given[TELEMETRY_OFF] == "1"


# --- which engine ------------------------------------------------------------------------------


def network_and_size() -> tuple[Any, tuple[int, ...]]:
    with (MODELS / "cnn.keras").open("rb") as file:
        network = open_model(file).model.network
    return network, tuple(int(size or 0) for size in input_shapes(network)[0])


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "gpu_is_there", lambda: False)


def test_a_covered_network_runs_on_onnx_unless_keras_is_asked_for() -> None:
    network, size = network_and_size()
    assert choose("auto", network, size).engine == "onnx"
    assert choose("keras", network, size) == KERAS
    assert choose("auto", network, size, backend="jax") == KERAS
    assert choose("onnx", network, size).sizes == (size,)


def test_pictures_of_different_sizes_are_left_to_keras() -> None:
    network, _ = network_and_size()
    assert "sizes of their own" in choose("auto", network, None).reason


WHERE: list[tuple[str, str, bool, bool, str, str]] = [
    # who has a GPU, what is installed, what is asked for → the engine
    ("a GPU, both", "auto", True, True, "auto", "keras"),
    ("a GPU, both, but not wanted", "auto", True, True, "cpu", "onnx"),
    ("a GPU wanted, both", "auto", True, True, "gpu", "keras"),
    ("a GPU, no Keras", "auto", False, True, "auto", "onnx"),
    ("a GPU wanted, no Keras", "auto", False, True, "gpu", "onnx"),
    ("a GPU, no CUDA in either", "auto", False, False, "auto", "onnx"),
    (
        "a GPU wanted, no CUDA in either",
        "auto",
        False,
        False,
        "gpu",
        "keras",
    ),  # which says the line
    ("onnx asked for on a GPU", "onnx", True, True, "gpu", "onnx"),
    ("onnx asked for", "onnx", True, True, "auto", "onnx"),
    ("onnx asked for, built without CUDA", "onnx", True, False, "auto", "onnx"),
]


@pytest.mark.parametrize(
    ("asked", "keras", "cuda", "device", "engine"),
    [row[1:] for row in WHERE],
    ids=[row[0] for row in WHERE],
)
def test_a_gpu_is_left_to_keras_where_that_is_here(
    monkeypatch: pytest.MonkeyPatch,
    asked: Any,
    device: Any,
    engine: str,
    *,
    keras: bool,
    cuda: bool,
) -> None:
    monkeypatch.setattr(choice, "gpu_is_there", lambda: True)
    monkeypatch.setattr(choice, "keras_is_here", lambda: keras)
    monkeypatch.setattr(choice, "onnx_has_cuda", lambda: cuda)
    network, size = network_and_size()
    assert choose(asked, network, size, device=device).engine == engine


def test_a_gpu_for_an_engine_built_without_cuda_is_an_error_with_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(choice, "onnx_has_cuda", lambda: False)
    network, size = network_and_size()
    with pytest.raises(MissingError, match="built without CUDA") as caught:
        choose("onnx", network, size, device="gpu")
    assert caught.value.code == "gpu-missing"
    assert "onnxruntime-gpu[cuda,cudnn]" in caught.value.hint


@pytest.mark.parametrize("missing", ["keras", "tensorflow"])
def test_half_of_the_extra_is_none(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(choice, "find_spec", lambda name: None if name == missing else object())
    assert not choice.keras_is_here()


def test_what_is_not_covered_is_said_and_refused_where_onnx_was_asked_for() -> None:
    from one_layer import made, network_of

    network = network_of(made("Activation", activation="sparsemax"), (4, 6))
    found = choose("auto", network, (4, 6))
    assert found.engine == "keras"
    assert "layer: sparsemax" in found.reason
    with pytest.raises(MissingError, match="sparsemax") as caught:
        choose("onnx", network, (4, 6))
    assert caught.value.code == "engine-not-covering"


def test_without_the_runtime_keras_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "find_spec", lambda _: None)
    network, size = network_and_size()
    assert choose("auto", network, size).reason == "onnxruntime is not installed"
    with pytest.raises(MissingError, match="onnxruntime"):
        choose("onnx", network, size)

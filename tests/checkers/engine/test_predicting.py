"""What the rebuilt networks answer, against the writers' own outputs and against Keras itself.

One predicting child serves every file: the import of TensorFlow is most of the time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from keras_oracle import needs_keras_of_today
from numpy.typing import NDArray

from answers.data.input_contract import Scale
from answers.errors import CompanionError, RunError
from answers.layers.catalogue import LAYERS
from answers.network.shapes import output_shapes
from checkers.engine import predicting as module
from checkers.engine import sealed_memory
from checkers.engine.predicting import Launch, Predictor, batch_size, predicting
from checkers.engine.reading import reading
from checkers.engine.submission import submission
from checkers.model_file.layer_config import NOT_GRADED
from checkers.model_file.reader import open_model

MODELS = Path(__file__).resolve().parents[2] / "fixtures" / "models"
OLD_MODELS = MODELS.with_name("old_models")
FILES: list[dict[str, Any]] = (load_json("models/dialects/manifest.json") or {"files": []})["files"]
PICTURES = [
    row
    for row in FILES
    if row["expect"] == "grade"
    and row["probe"]["inputs"] == 1
    and row["probe"]["scale"] in ("unit", "raw")
]
# Pictures go in: what is left out takes several inputs, or no pictures.
ANSWERED = 45
CPU = Launch(engine="keras", device="cpu", memory=4 << 30)


def probe(height: int, width: int, channels: int, count: int = 8) -> NDArray[np.uint8]:
    """The probe pictures of the corpus, by the formula that its manifest gives."""
    n, i, j, c = np.indices((count, height, width, channels))
    values = (31 * i * i + 17 * j * j * (n + 1) + 7 * i * j + 101 * c + 53 * n) % 256
    pixels: NDArray[np.uint8] = values.astype(np.uint8)
    return pixels


def probe_for(shape: list[int | None]) -> NDArray[np.uint8]:
    """The probes for an input shape with its batch axis: pictures, or steps with features."""
    height, width, *channels = (size or 32 for size in shape[1:])
    if channels:
        return probe(height, width, channels[0])
    return probe(height, width, 1)[..., 0]


@pytest.fixture(scope="module")
def predictor() -> Iterator[Predictor]:
    with predicting(CPU, seconds=600) as started:
        started.engine()
        yield started


def answer(
    predictor: Predictor, path: Path, pictures: NDArray[Any], scale: str, output: int = 0
) -> NDArray[np.float32]:
    """Read a file in this process, and predict in the child."""
    with path.open("rb") as file, sealed_memory.memory("weights") as weights:
        opened = open_model(file)
        sealed_memory.write(weights, (a.data.cast("B") for a in opened.weights() if a.size))
        sealed_memory.seal(weights)
        predictor.build(opened.model.network, weights, output)
        wanted = output_shapes(opened.model.network)[output]
        parts = predictor.predict(np.array_split(pictures, 2), Scale.parse(scale), wanted)
        return np.concatenate(list(parts))


def readable(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            open_model(file)
    except CompanionError:
        return False
    return True


# --- without the corpus ----------------------------------------------------------------------

SHIPPED: dict[str, Any] = json.loads((MODELS / "models.json").read_text("utf-8"))


def agrees(found: NDArray[np.float32], name: str) -> None:
    """The answer to four probes is what Keras predicted when the file was written."""
    assert found.shape == (4, *SHIPPED[name]["output_shape"])
    wanted = np.array(SHIPPED[name]["outputs"])
    np.testing.assert_allclose(found.reshape(4, -1)[:, ::5], wanted, rtol=0, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_answers_as_keras_did(predictor: Predictor, name: str) -> None:
    agrees(answer(predictor, MODELS / name, probe(16, 16, 3, count=4), "unit"), name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["steps-1.2.2", "steps-2.2.4", "unet-2.0.9"])
def test_a_file_of_an_old_keras_answers_in_the_child_as_its_writer_did(
    predictor: Predictor, name: str
) -> None:
    truth = np.load(OLD_MODELS / f"{name}.npz")
    found = answer(predictor, OLD_MODELS / f"{name}.h5", truth["given"], "raw")
    np.testing.assert_allclose(found, truth["answer"], rtol=0, atol=1e-5)


@pytest.mark.slow
def test_the_child_builds_every_layer_of_the_catalogue() -> None:
    from checkers.engine.keras_builder import COVERED

    in_another = {"StackedRNNCells"}  # a layer of `RNN` alone
    assert set(LAYERS) - NOT_GRADED - in_another == COVERED


@pytest.mark.slow
def test_every_answer_fits_its_batch_whatever_the_sizes(predictor: Predictor) -> None:
    pictures = probe(16, 16, 3, count=7)
    whole = answer(predictor, MODELS / "cnn.keras", pictures, "raw")
    sizes = [1, 3, 2, 1]
    parts = np.split(pictures, np.cumsum(sizes)[:-1])
    answers = list(predictor.predict(parts, Scale("raw"), whole.shape[1:]))
    assert [len(part) for part in answers] == sizes
    np.testing.assert_allclose(np.concatenate(answers), whole, rtol=0, atol=1e-5)


@needs_keras_of_today
@pytest.mark.slow
def test_the_statistics_of_a_normalisation_are_those_of_what_reaches_it(
    predictor: Predictor,
) -> None:
    import keras

    pictures = probe(16, 16, 3)
    answer(predictor, MODELS / "cnn.keras", pictures, "unit")
    (found,) = predictor.statistics(pictures, Scale("unit"))
    model = keras.models.load_model(MODELS / "cnn.keras", compile=False)
    layer = next(x for x in model.layers if isinstance(x, keras.layers.BatchNormalization))
    before = keras.Model(model.inputs, layer.input).predict_on_batch(
        pictures.astype(np.float32) / 255
    )
    np.testing.assert_allclose(found.mean, before.mean((0, 1, 2)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.variance, before.var((0, 1, 2)), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(found.moving_mean, np.asarray(layer.moving_mean))
    np.testing.assert_array_equal(found.moving_variance, np.asarray(layer.moving_variance))


@pytest.mark.slow
def test_weights_of_another_network_are_not_taken_and_the_next_model_gets_its_own(
    predictor: Predictor,
) -> None:
    with (MODELS / "cnn.h5").open("rb") as file, sealed_memory.memory("weights") as weights:
        network = open_model(file).model.network
        sealed_memory.write(weights, [b"\0" * 40])
        with pytest.raises(RunError, match="could not run the model") as caught:
            predictor.build(network, weights)
    assert caught.value.code == "engine-failed"
    agrees(answer(predictor, MODELS / "unet.h5", probe(16, 16, 3, count=4), "unit"), "unet.h5")


@pytest.mark.slow
def test_the_whole_way_from_file_to_answer_goes_through_two_children(predictor: Predictor) -> None:
    pictures = probe(16, 16, 3, count=4)
    with submission(MODELS / "unet.keras") as copy, reading(copy.descriptor) as reader:
        model = reader.model()
        predictor.build(model.network, reader.weights(model))
        (found,) = predictor.predict([pictures], Scale("unit"), *output_shapes(model.network))
    agrees(found, "unet.keras")


_MIB = 1 << 20


@pytest.mark.parametrize(
    ("live", "keras", "onnx"),
    [
        pytest.param(0, 512, 512, id="nothing is held"),
        pytest.param(20_480, 12 * _MIB // 81_920, 5 * _MIB // 81_920, id="the homework's CNN"),
        pytest.param(1_310_720, 4, 4, id="its U-Net: four beside each other"),
        pytest.param(6 * _MIB, 2, 2, id="48 MiB are the most"),
        pytest.param(10**9, 1, 1, id="one picture is the least"),
    ],
)
def test_a_batch_is_as_large_as_its_activations_allow(live: int, keras: int, onnx: int) -> None:
    assert (batch_size(live, "keras"), batch_size(live, "onnx")) == (keras, onnx)


def test_a_gpu_gets_more_at_once_and_no_more_than_its_share() -> None:
    assert batch_size(20_480, "onnx", gpu=True) == 512
    assert batch_size(1_310_720, "keras", gpu=True) == 51  # 256 MiB of the homework's U-Net
    assert batch_size(10**9, "keras", gpu=True) == 1


@pytest.mark.parametrize(
    ("device", "node", "cuda", "used"),
    [
        ("auto", True, True, True),
        ("gpu", True, True, True),
        ("gpu", False, True, True),  # so that the child says what is missing
        ("auto", False, True, False),
        ("auto", True, False, False),
        ("cpu", True, True, False),
    ],
)
def test_the_second_engine_is_shown_a_gpu_where_it_can_use_one(
    monkeypatch: pytest.MonkeyPatch, device: Any, *, node: bool, cuda: bool, used: bool
) -> None:
    monkeypatch.setattr(module, "gpu_is_there", lambda: node)
    monkeypatch.setattr(module, "onnx_has_cuda", lambda: cuda)
    assert Launch(engine="onnx", device=device, memory=1).may_use_a_gpu is used


def test_a_child_without_a_gpu_is_shown_none() -> None:
    for launch in (Launch(engine="onnx", memory=1), Launch(engine="keras", device="cpu", memory=1)):
        assert launch.gpus["CUDA_VISIBLE_DEVICES"] == "-1"


@pytest.mark.parametrize(
    ("shown", "number", "seen"),
    [(None, 1, "1"), ("0,1", 1, "1"), ("GPU-a, GPU-b", 1, "GPU-b"), ("3", 1, "-1"), ("", 0, "-1")],
)
def test_one_gpu_of_several_is_shown_and_of_those_that_are_shown_to_us(
    monkeypatch: pytest.MonkeyPatch, shown: str | None, number: int, seen: str
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if shown is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown)
    launch = Launch(engine="keras", device="gpu", gpu=number, memory=1)
    assert launch.gpus == {"CUDA_VISIBLE_DEVICES": seen, "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    assert Launch(engine="keras", device="gpu", memory=1).gpus == {}


# --- with the corpus -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def outputs(corpus: Path) -> Iterator[Any]:
    with np.load(corpus / "models" / "dialects" / "outputs.npz") as kept:
        yield kept


@pytest.mark.corpus
def test_every_file_that_takes_pictures_is_read(corpus: Path) -> None:
    folder = corpus / "models" / "dialects"
    assert [row["file"] for row in PICTURES if not readable(folder / row["file"])] == []
    assert len(PICTURES) >= ANSWERED


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.parametrize("row", PICTURES, ids=[row["file"] for row in PICTURES])
def test_the_probes_are_answered_as_the_writer_did(
    corpus: Path, outputs: Any, predictor: Predictor, row: dict[str, Any]
) -> None:
    path = corpus / "models" / "dialects" / row["file"]
    kept = row["outputs"]
    for number, (key, stride) in enumerate(zip(kept["keys"], kept["stride"], strict=True)):
        found = answer(
            predictor, path, probe_for(row["input_shape"]), row["probe"]["scale"], number
        )
        assert list(found.shape) == kept["shapes"][number]
        cut = found[tuple(slice(None, None, step) for step in stride)]
        np.testing.assert_allclose(cut, outputs[key], rtol=0, atol=kept["tolerance"])


@pytest.fixture(scope="module")
def cifar(cifar_npz: Path) -> NDArray[np.uint8]:
    """The first 200 test pictures of CIFAR-10."""
    with np.load(cifar_npz) as data:
        pictures: NDArray[np.uint8] = data["x_test"][:200]
    return pictures


@needs_keras_of_today
@pytest.mark.slow
@pytest.mark.corpus
# Keras 3 warns of the input shape that Keras 2 wrote into the first layer, and as an error that
# warning would keep it from opening the file.
@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`:UserWarning")
@pytest.mark.parametrize("name", ["cnn_base_k3.h5", "cnn_base.keras", "cnn_base.h5", "cnn_aug.h5"])
def test_the_trained_classifiers_answer_as_keras_does(
    corpus: Path, predictor: Predictor, cifar: NDArray[np.uint8], name: str
) -> None:
    import keras

    path = corpus / "models" / "trained" / name
    model = keras.models.load_model(path, compile=False)
    wanted = model.predict_on_batch(cifar.astype(np.float32) / 255)
    found = answer(predictor, path, cifar, "unit")
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)
    assert (found.argmax(1) == wanted.argmax(1)).all()

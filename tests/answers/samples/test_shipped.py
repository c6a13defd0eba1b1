from __future__ import annotations

import errno
import hashlib
from pathlib import Path
from typing import Any, NoReturn

import h5py
import numpy as np
import pytest
from keras_oracle import needs_keras_of_today
from PIL import Image

from answers.data.open import open_split
from answers.data.split import ContentHash
from answers.errors import InputError, MissingError
from answers.samples import pictures, surfaces
from answers.samples.shipped import ShippedModel, copy_arrays, copy_samples, shipped_models
from answers.solutions.run_record import read_record

MODELS = shipped_models()
by_name = pytest.mark.parametrize("model", MODELS, ids=[model.name for model in MODELS])


def stored_parameters(path: Path) -> int:
    sizes: list[int] = []

    def add(_name: str, node: Any) -> None:
        if isinstance(node, h5py.Dataset):
            sizes.append(int(np.prod(node.shape)))

    with h5py.File(path) as file:
        file["model_weights"].visititems(add)
    return sum(sizes)


def test_one_model_is_shipped_for_each_sample() -> None:
    assert [(model.name, model.file) for model in MODELS] == [
        ("sample-cnn", "sample-cnn.h5"),
        ("sample-unet", "sample-unet.h5"),
    ]


@by_name
def test_a_shipped_model_is_the_pinned_file(model: ShippedModel) -> None:
    assert hashlib.sha256(model.path.read_bytes()).hexdigest() == model.sha256


@by_name
def test_a_shipped_model_is_small(model: ShippedModel) -> None:
    assert model.path.stat().st_size <= 2_000_000
    assert 10_000 < stored_parameters(model.path) <= 450_000


@by_name
def test_a_shipped_model_holds_a_network_and_no_training_state(model: ShippedModel) -> None:
    with h5py.File(model.path) as file:
        assert set(file.keys()) == {"model_weights"}
        assert set(file.attrs.keys()) == {"backend", "keras_version", "model_config"}


@by_name
def test_a_description_is_one_sentence_that_says_sample(model: ShippedModel) -> None:
    assert model.description.startswith("A sample: ")
    assert model.description.count(".") == 1


@pytest.mark.parametrize(
    ("name", "split"), [("sample-cnn", pictures.split), ("sample-unet", surfaces.split)]
)
def test_the_record_of_training_is_about_the_shipped_file_and_todays_drawings(
    name: str, split: Any
) -> None:
    model = next(model for model in MODELS if model.name == name)
    record = read_record(model.path)
    content = ContentHash()
    for sample in split("train").read():
        content.update(sample)
    assert (record.model, record.sha256) == (model.file, model.sha256)
    assert record.parameters == stored_parameters(model.path)
    assert {used.sha256 for used in record.data} == {content.hexdigest()}
    assert sum(used.count for used in record.data) == split("train").count
    counts = dict(record.counts)
    assert counts.get("total", counts.get("images")) == split("test").count


def test_a_copy_holds_models_pictures_and_surfaces(tmp_path: Path) -> None:
    written = copy_samples(tmp_path / "samples")
    found = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert len(written) == 2 + 100 + 120
    assert set(written) == found
    for model in MODELS:
        assert (tmp_path / "samples" / model.file).read_bytes() == model.path.read_bytes()


def test_copied_pictures_lie_in_a_folder_for_each_class(tmp_path: Path) -> None:
    copy_samples(tmp_path)
    for index in range(100):
        sample = pictures.draw(index, "test")
        folder = tmp_path / "pictures" / pictures.CLASSES[index % 10]
        with Image.open(folder / f"{sample.name}.png") as picture:
            assert np.array_equal(np.asarray(picture), sample.image)
    assert {len(list(folder.iterdir())) for folder in (tmp_path / "pictures").iterdir()} == {10}


def test_copied_surfaces_are_read_as_the_homeworks_raw_folders(tmp_path: Path) -> None:
    copy_samples(tmp_path)
    read = list(open_split(tmp_path / "surfaces", task="segmentation").read())
    drawn = list(surfaces.split("test").read())
    assert len(read) == len(drawn) == 60
    for copied, sample in zip(read, drawn, strict=True):
        assert sample.name in copied.name
        assert np.array_equal(copied.image, sample.image)
        assert copied.mask is not None
        assert sample.mask is not None
        assert np.array_equal(copied.mask, sample.mask)


@pytest.mark.slow
def test_the_arrays_hold_every_drawn_sample_in_both_splits(tmp_path: Path) -> None:
    written = copy_arrays(tmp_path / "drawn")
    assert [path.name for path in written] == ["pictures.npz", "surfaces.npz"]
    for path, collection in zip(written, (pictures, surfaces), strict=True):
        for name in ("train", "test"):
            drawn, read = ContentHash(), ContentHash()
            for sample in collection.split(name).read():
                drawn.update(sample)
            task = collection.split(name).task
            for sample in open_split(path, task=task, split=name).read():
                read.update(sample)
            assert read.hexdigest() == drawn.hexdigest()
    assert copy_arrays(tmp_path / "drawn") == []


def test_a_second_copy_writes_only_what_is_missing(tmp_path: Path) -> None:
    copy_samples(tmp_path)
    assert copy_samples(tmp_path) == []
    gone = tmp_path / "surfaces" / "1" / "surface-007_label.bmp"
    gone.unlink()
    assert copy_samples(tmp_path) == [gone]


def other_file(path: Path) -> None:
    path.write_bytes(b"my own work")


def other_folder(path: Path) -> None:
    path.mkdir()


def dead_link(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize("put", [other_file, other_folder, dead_link])
def test_nothing_is_written_where_something_else_stands_at_a_place(
    put: Any, tmp_path: Path
) -> None:
    place = tmp_path / "sample-unet.h5"
    put(place)
    with pytest.raises(InputError, match="is not the sample's file; nothing was written") as caught:
        copy_samples(tmp_path)
    assert (caught.value.code, caught.value.where) == ("file-exists", str(place))
    assert list(tmp_path.iterdir()) == [place]


def test_several_other_files_are_counted_in_one_error(tmp_path: Path) -> None:
    for model in MODELS:
        (tmp_path / model.file).write_bytes(model.path.read_bytes()[::-1])
    with pytest.raises(InputError, match=r"sample-cnn\.h5' \(and 1 more\) is there already"):
        copy_samples(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "samples").write_bytes(b"")
    with pytest.raises(InputError, match=r"Cannot write '.*': (Not a directory|File exists)") as e:
        copy_samples(tmp_path / "samples")
    assert e.value.code == "cannot-write"


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> NoReturn:
        path.open("wb").close()
        raise OSError(errno.ENOSPC, f"no room for {len(data)} bytes")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(MissingError, match="No space left on device") as caught:
        copy_samples(tmp_path)
    assert caught.value.code == "disk-full"
    assert list(tmp_path.iterdir()) == []


def scaled_test_pictures(split: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    images = np.stack([sample.image for sample in split("test").read()])
    return images.astype(np.float32) / np.float32(255)


def predicted(name: str, images: Any) -> Any:
    import keras

    model = next(model for model in MODELS if model.name == name)
    return keras.models.load_model(model.path, compile=False).predict(images, verbose=0)


@needs_keras_of_today
@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # TensorFlow's own warnings are not ours to mend
def test_the_shipped_classifier_is_good_and_not_perfect() -> None:
    labels = np.array([sample.label for sample in pictures.split("test").read()])
    probabilities = predicted("sample-cnn", scaled_test_pictures(pictures.split))
    correct = int(np.sum(probabilities.argmax(axis=1) == labels))
    assert 700 <= correct <= 950


@needs_keras_of_today
@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # TensorFlow's own warnings are not ours to mend
def test_the_shipped_segmenter_is_good_and_not_perfect() -> None:
    truth = np.stack(
        [sample.mask for sample in surfaces.split("test").read() if sample.mask is not None]
    )
    found = predicted("sample-unet", scaled_test_pictures(surfaces.split))[..., 0] > 0.5
    overlap = int(np.sum(found & (truth == 1)))
    dice = 2 * overlap / (int(found.sum()) + int(truth.sum()))
    assert 0.7 <= dice <= 0.95

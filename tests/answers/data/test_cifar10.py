"""CIFAR-10 from every form that people have gives the same pixels and labels."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from answers.data import tar_stream
from answers.data.cifar10 import find_cifar10, open_cifar10
from answers.data.cifar_batches import read_binary_batch
from answers.data.cifar_counts import CIFAR_CLASSES
from answers.data.split import ContentHash, Split
from answers.errors import CompanionError, InputError, RefusedError

SameAs = Callable[[Split, Any], None]
MakeTar = Callable[[Path, dict[str, bytes]], Path]


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def python_folder(root: Path, tiny: Any, _: MakeTar) -> Path:
    write(root / "cifar-10-batches-py/test_batch", tiny.pickled())
    return root / "cifar-10-batches-py"


def folder_around(root: Path, tiny: Any, make_tar: MakeTar) -> Path:
    return python_folder(root, tiny, make_tar).parent


def keras_2(root: Path, tiny: Any, _: MakeTar) -> Path:
    write(root / "datasets/cifar-10-batches-py/test_batch", tiny.pickled(2))
    return root / "datasets"


def keras_3(root: Path, tiny: Any, _: MakeTar) -> Path:
    inner = "datasets/cifar-10-batches-py-target/cifar-10-batches-py/test_batch"
    write(root / inner, tiny.pickled(2))
    return root / "datasets"


def binary_folder(root: Path, tiny: Any, _: MakeTar) -> Path:
    write(root / "cifar-10-batches-bin/test_batch.bin", tiny.binary())
    return root


def single_batch(root: Path, tiny: Any, make_tar: MakeTar) -> Path:
    return python_folder(root, tiny, make_tar) / "test_batch"


def single_binary(root: Path, tiny: Any, make_tar: MakeTar) -> Path:
    return binary_folder(root, tiny, make_tar) / "cifar-10-batches-bin/test_batch.bin"


def archive(root: Path, tiny: Any, make_tar: MakeTar) -> Path:
    files = {
        "cifar-10-batches-py/readme.html": b"<p>",
        "cifar-10-batches-py/test_batch": tiny.pickled(),
    }
    return make_tar(root / "cifar-10-python.tar.gz", files)


def archive_without_ending(root: Path, tiny: Any, make_tar: MakeTar) -> Path:
    return archive(root, tiny, make_tar).rename(root / "cifar-10-batches-py-target_archive")


def archive_in_a_folder(root: Path, tiny: Any, make_tar: MakeTar) -> Path:
    return archive(root, tiny, make_tar).parent


def binary_archive(root: Path, tiny: Any, make_tar: MakeTar) -> Path:
    files = {"cifar-10-batches-bin/test_batch.bin": tiny.binary()}
    return make_tar(root / "cifar-10-binary.tar", files)


def xz_archive(root: Path, tiny: Any, make_tar: MakeTar) -> Path:
    return make_tar(root / "cifar.tar.xz", {"cifar-10-batches-py/test_batch": tiny.pickled()})


def class_folders(root: Path, tiny: Any, _: MakeTar) -> Path:
    for number, (image, label) in enumerate(zip(tiny.images, tiny.labels, strict=True)):
        path = root / "test" / CIFAR_CLASSES[label] / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return root


def folders_of_the_split(root: Path, tiny: Any, make_tar: MakeTar) -> Path:
    return class_folders(root, tiny, make_tar) / "test"


def npz(root: Path, tiny: Any, _: MakeTar) -> Path:
    np.savez(root / "cifar10.npz", x_test=tiny.images, y_test=tiny.labels[:, None])
    return root / "cifar10.npz"


def npz_in_a_folder(root: Path, tiny: Any, make_tar: MakeTar) -> Path:
    return npz(root, tiny, make_tar).parent


FORMS = [
    python_folder,
    folder_around,
    keras_2,
    keras_3,
    binary_folder,
    single_batch,
    single_binary,
    archive,
    archive_without_ending,
    archive_in_a_folder,
    binary_archive,
    xz_archive,
    class_folders,
    folders_of_the_split,
    npz,
    npz_in_a_folder,
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_form_gives_the_same_pixels_and_labels(
    form: Any, tiny: Any, same_as: SameAs, make_tar: MakeTar, tmp_path: Path
) -> None:
    split = open_cifar10(form(tmp_path, tiny, make_tar))
    same_as(split, tiny)
    assert split.classes == CIFAR_CLASSES
    assert (split.name, split.task) == ("test", "classification")
    assert [note.code for note in split.notes] == ["not-the-whole-set"]


@pytest.mark.corpus
@pytest.mark.parametrize(
    "name",
    ["py27_numpy1.16_protocol2", "py27_numpy1.16_protocol2_fortran", "py3_numpy1.26_protocol2"],
)
def test_a_batch_of_python_2_is_opened(name: str, corpus: Path, tmp_path: Path) -> None:
    data = (corpus / "reference/cifar_samples" / name).read_bytes()
    write(tmp_path / "test_batch", data)
    assert [sample.label for sample in open_cifar10(tmp_path).read()] == [2, 1, 7, 8]


def test_the_training_set_is_five_batches_in_their_order(tiny: Any, tmp_path: Path) -> None:
    for number in range(1, 6):
        part = slice(4 * number - 4, 4 * number)
        write(tmp_path / f"data_batch_{number}", part_of(tiny, part).pickled())
    split = open_cifar10(tmp_path, "train")
    samples = list(split.read())
    assert np.array_equal(np.stack([sample.image for sample in samples]), tiny.images)
    assert [sample.label for sample in samples] == tiny.labels.tolist()
    assert "graded-on-train" in [note.code for note in split.notes]


def part_of(tiny: Any, part: slice) -> Any:
    return type(tiny)(tiny.images[part], tiny.labels[part])


def test_a_missing_batch_is_named(tiny: Any, tmp_path: Path) -> None:
    for number in (1, 2, 4, 5):
        write(tmp_path / f"data_batch_{number}", tiny.pickled())
    with pytest.raises(InputError, match=r"4 of 5 batches; missing: data_batch_3"):
        open_cifar10(tmp_path, "train")


def whole_batch(labels: list[int]) -> bytes:
    data = np.zeros((10_000, 3072), np.uint8)
    return pickle.dumps({"data": data, "labels": labels}, protocol=3)


def test_a_whole_test_set_needs_a_thousand_of_each_class(tmp_path: Path) -> None:
    labels = [number % 10 for number in range(10_000)]
    write(tmp_path / "test_batch", whole_batch(labels))
    split = open_cifar10(tmp_path)
    assert split.count == 10_000
    assert [note.code for note in split.notes] == ["not-the-original-batch"]
    labels[0] = 1
    write(tmp_path / "test_batch", whole_batch(labels))
    with pytest.raises(InputError, match="999 × airplane, 1,001 × automobile"):
        open_cifar10(tmp_path)


def test_a_batch_in_an_archive_is_read_without_unpacking(
    tiny: Any, make_tar: MakeTar, tmp_path: Path
) -> None:
    path = archive(tmp_path, tiny, make_tar)
    list(open_cifar10(path).read())
    assert list(tmp_path.iterdir()) == [path]


def test_a_cut_archive_says_so(make_tar: MakeTar, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes(400_000)
    path = make_tar(tmp_path / "cifar-10-python.tar.gz", {"cifar-10-batches-py/x": noise})
    path.write_bytes(path.read_bytes()[:200_000])
    with pytest.raises(InputError, match="cannot be read") as raised:
        open_cifar10(path)
    assert raised.value.code == "archive-damaged"
    assert "170,498,071" in raised.value.hint


def test_an_archive_that_unpacks_without_end_is_refused(
    make_tar: MakeTar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tar_stream, "MAX_UNPACKED", 1_000_000)
    path = make_tar(tmp_path / "bomb.tar.gz", {"a": bytes(3_000_000)})
    with pytest.raises(RefusedError, match="unpacks to more than 1,000,000 bytes"):
        open_cifar10(path)


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    import tarfile

    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as packed:
        member = tarfile.TarInfo("cifar-10-batches-py/test_batch")
        member.type, member.linkname = tarfile.SYMTYPE, str(secret)
        packed.addfile(member)
    with pytest.raises(InputError, match="holds no CIFAR-10 data"):
        open_cifar10(tmp_path / "a.tar.gz")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("cifar-10-batches-mat/test_batch.mat", "cifar-matlab"),
        ("3.0.2/cifar10-test.tfrecord-00000-of-00001", "cifar-tfds"),
        ("notes/readme.txt", "cifar-form-unknown"),
    ],
)
def test_forms_that_are_not_read_say_what_they_are(name: str, code: str, tmp_path: Path) -> None:
    write(tmp_path / name, b"x")
    with pytest.raises(CompanionError) as raised:
        open_cifar10(tmp_path)
    assert raised.value.code == code
    assert raised.value.hint


def test_a_damaged_batch_names_its_file(tmp_path: Path) -> None:
    write(tmp_path / "test_batch", b"\x80\x02}")
    with pytest.raises(InputError, match="cut off") as raised:
        open_cifar10(tmp_path)
    assert raised.value.where.endswith("test_batch")


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "0 bytes"), (bytes(3072), "3,072 bytes"), (b"\x0a" + bytes(3072), "label 10")],
)
def test_a_damaged_binary_batch_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_binary_batch(data)


def test_folders_called_0_to_9_are_labels_without_names(
    tiny: Any, make_tar: MakeTar, same_as: SameAs, tmp_path: Path
) -> None:
    class_folders(tmp_path, tiny, make_tar)
    for label, name in enumerate(CIFAR_CLASSES):
        (tmp_path / "test" / name).rename(tmp_path / "test" / str(label))
    split = open_cifar10(tmp_path)
    same_as(split, tiny)
    assert split.classes == tuple("0123456789")


def test_folders_of_other_classes_come_in_natural_order(tmp_path: Path) -> None:
    for name in ("class10", "class2"):
        (tmp_path / name).mkdir()
        for number in (10, 9):
            Image.new("L", (4, 5), number).save(tmp_path / name / f"{number:02d}.png")
    split = open_cifar10(tmp_path)
    assert split.classes == ("class2", "class10")
    assert [(s.name, s.label) for s in split.read()] == [
        ("class2/09.png", 0),
        ("class2/10.png", 0),
        ("class10/09.png", 1),
        ("class10/10.png", 1),
    ]


def test_a_class_without_pictures_is_said(tiny: Any, make_tar: MakeTar, tmp_path: Path) -> None:
    class_folders(tmp_path, tiny, make_tar)
    for path in (tmp_path / "test/dog").iterdir():
        path.unlink()
    notes = {note.code: note.message for note in open_cifar10(tmp_path).notes}
    assert "no pictures of dog" in notes["class-without-pictures"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("COMPANION_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path


@pytest.mark.usefixtures("home")
def test_nothing_is_found_where_nothing_is() -> None:
    assert find_cifar10() is None


@pytest.mark.parametrize("form", [keras_2, keras_3], ids=lambda form: form.__name__)
def test_the_caches_of_keras_are_found(
    form: Any, home: Path, tiny: Any, make_tar: MakeTar, same_as: SameAs
) -> None:
    form(home / "keras", tiny, make_tar)
    found = find_cifar10()
    assert found is not None
    same_as(open_cifar10(found), tiny)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_companion_data_comes_first(
    form: Any, home: Path, tiny: Any, make_tar: MakeTar, monkeypatch: pytest.MonkeyPatch
) -> None:
    keras_2(home / "keras", tiny, make_tar)
    (home / "own").mkdir()
    path = form(home / "own", tiny, make_tar)
    monkeypatch.setenv("COMPANION_DATA", str(path))
    assert find_cifar10() == path


@pytest.mark.corpus
@pytest.mark.slow
def test_the_jpeg_test_set_has_its_published_pixels(corpus: Path, tmp_path: Path) -> None:
    import tarfile

    with tarfile.open(corpus / "data/cifar10_test_jpeg.tar.xz") as packed:
        packed.extractall(tmp_path, filter="data")
    split = open_cifar10(tmp_path)
    content, labels = ContentHash(), bytearray()
    for sample in split.read():
        content.update(sample)
        labels.append(sample.label or 0)
    assert content.pixels == "5a6aa8185204d80b65d3dfb540696dadd5f10d185ded226a96665d3e0fc6259f"
    assert (
        hashlib.sha256(labels).hexdigest()
        == "a054c239a40ee7f2a5745e7e4bc11a51e9cb40c98134b602c1068e6a207487c6"
    )
    assert split.count == 10_000
    assert split.notes == ()

"""Find and open CIFAR-10 in the forms that people have on their disks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from answers.data.array_split import open_labelled_arrays
from answers.data.cifar_batches import (
    STEMS,
    find_in_archive,
    find_in_folder,
    open_batches,
    single_file,
)
from answers.data.cifar_counts import CIFAR_CLASSES
from answers.data.class_folders import find_class_folders, open_class_folders
from answers.data.npz import is_npz
from answers.data.split import Split
from answers.data.tar_stream import is_tar
from answers.errors import InputError, RefusedError

# Where Keras 2, some releases of Keras 3, and Keras 3.15 put the folder, and then the archive.
_FOLDERS = (
    "cifar-10-batches-py",
    "cifar-10-batches-py-target",
    "cifar-10-batches-bin",
)
_ARCHIVES = (
    "cifar-10-batches-py.tar.gz",
    "cifar-10-batches-py-target_archive",
    "cifar-10-python.tar.gz",
    "cifar-10-binary.tar.gz",
)
_KNOWN = (
    "Known forms: the folder cifar-10-batches-py or cifar-10-batches-bin, their .tar.gz, "
    "a folder for each class (test/CLASS/NNNN.png; unpack an archive of these first), "
    "or an .npz with x_test and y_test."
)


def open_cifar10(path: Path, split: str | None = None) -> Split:
    """Open a split ('test' by default) of CIFAR-10, or of any pictures with class labels.

    path: a folder, a tar archive, an .npz, or a single batch.
    Raises InputError (cifar-form-unknown, and those of the forms) and RefusedError
    (cifar-matlab, cifar-tfds, and those of the forms).
    """
    opened = _open_folder(path, split) if path.is_dir() else _open_file(path, split)
    if opened is not None:
        return opened
    _refuse_known_foreigners(path)
    raise InputError(
        "cifar-form-unknown",
        f"'{path}' holds no CIFAR-10 data of the split '{split or 'test'}'.",
        hint=_KNOWN,
        where=str(path),
    )


def _open_file(path: Path, split: str | None) -> Split | None:
    batch = single_file(path)
    if batch is not None:
        name = "test" if batch.stem == "test_batch" else "train"
        return open_batches((batch,), name, path)
    if is_npz(path):
        return open_labelled_arrays(path, split)
    return _open_archive(path, split) if is_tar(path) else None


def _open_archive(path: Path, split: str | None) -> Split | None:
    name = split or "test"
    files = find_in_archive(path, name)
    return open_batches(files, name, path) if files else None


def _open_folder(path: Path, split: str | None) -> Split | None:
    name = split or "test"
    for folder in _batch_folders(path):
        files = find_in_folder(folder, name)
        if files:
            return open_batches(files, name, folder)
    folders = find_class_folders(path, split)
    if folders is not None:
        return open_class_folders(folders, split)
    return _open_file_inside(path, split)


def _batch_folders(path: Path) -> Iterator[Path]:
    """The folder itself, and the known ones inside, one more level deep as Keras 3 nests them."""
    yield path
    for name in _FOLDERS:
        for folder in (path / name, path / name / _FOLDERS[0]):
            if folder.is_dir():
                yield folder


def _open_file_inside(path: Path, split: str | None) -> Split | None:
    for name in _ARCHIVES:
        if (path / name).is_file():
            return _open_archive(path / name, split)
    arrays = sorted(path.glob("*.npz"))
    return open_labelled_arrays(arrays[0], split) if len(arrays) == 1 else None


def _refuse_known_foreigners(path: Path) -> None:
    names = [path.name] if path.is_file() else sorted(_names_below(path))
    if any(".tfrecord" in name for name in names):
        raise RefusedError(
            "cifar-tfds",
            f"'{path}' is CIFAR-10 as TensorFlow Datasets keeps it (shuffled records).",
            hint="Save it once as arrays: numpy.savez('cifar10.npz', x_test=…, y_test=…).",
            where=str(path),
        )
    if any(name.endswith(".mat") for name in names) or _is_matlab_archive(path):
        raise RefusedError(
            "cifar-matlab",
            f"'{path}' is the Matlab version of CIFAR-10, which needs SciPy to be read.",
            hint="Take the Python version (cifar-10-python.tar.gz) or the binary version.",
            where=str(path),
        )


def _names_below(path: Path) -> Iterator[str]:
    """Names in the folder and two levels below, at most a thousand."""
    for number, pattern in enumerate(("*", "*/*", "*/*/*")):
        for count, found in enumerate(path.glob(pattern)):
            if count >= 1_000 * (number + 1):
                break
            yield found.name


def _is_matlab_archive(path: Path) -> bool:
    return path.is_file() and path.name.startswith("cifar-10-matlab")


def keras_datasets() -> tuple[Path, ...]:
    """The folders in which Keras may keep data sets: KERAS_HOME, else home, then /tmp."""
    home = os.environ.get("KERAS_HOME")
    first = Path(home) if home else Path.home() / ".keras"
    # Keras itself falls back to this folder where its home cannot be written.
    fallback = Path("/tmp/.keras")  # noqa: S108  (Keras's own choice; it is only looked at)
    return first / "datasets", fallback / "datasets"


def find_cifar10() -> Path | None:
    """Where CIFAR-10 lies on this machine: COMPANION_DATA, then Keras's caches; or None.

    A path that is found holds the test set in one of the known forms, by the look of it;
    whether it is whole shows when it is opened.
    """
    named = os.environ.get("COMPANION_DATA")
    if named and _looks_like_cifar10(Path(named)):
        return Path(named)
    places = (place / name for place in keras_datasets() for name in (*_FOLDERS, *_ARCHIVES))
    return next((place for place in places if _looks_like_cifar10(place)), None)


def _looks_like_cifar10(path: Path) -> bool:
    if path.is_file():
        return single_file(path) is not None or is_npz(path) or is_tar(path)
    if not path.is_dir():
        return False
    names = [f"{stem}{suffix}" for stem in STEMS["test"] for suffix in ("", ".bin")]
    if any((folder / name).is_file() for folder in _batch_folders(path) for name in names):
        return True
    inside = [*_ARCHIVES, *(found.name for found in path.glob("*.npz"))]
    return any((path / name).is_file() for name in inside) or _has_class_folders(path)


def _has_class_folders(path: Path) -> bool:
    names = (CIFAR_CLASSES[0], "0")
    return any((folder / name).is_dir() for folder in (path, path / "test") for name in names)

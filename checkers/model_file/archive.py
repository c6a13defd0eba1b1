"""A `.keras` archive: three members of a zip file, read exactly and within bounds."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from answers.errors import CompanionError, ModelFileError, RefusedError
from checkers.model_file import limits
from checkers.model_file.sniff import HAND_IN

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zip programs leave behind when a student packs the archive again.
_LITTER = ("__MACOSX/", ".DS_Store", "assets/")


@dataclass(frozen=True)
class Archive:
    """The bytes of the members. metadata: None where it is missing (it holds the version only)."""

    config: bytes
    weights: bytes
    metadata: bytes | None


def read_archive(file: BinaryIO) -> Archive:
    """The members of a `.keras` file.

    Raises: ModelFileError zip-damaged, zip-crc, zip-missing-member; RefusedError zip-… for what
    is whole and not accepted.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _members(archive)
    except zipfile.BadZipFile as error:
        raise ModelFileError(
            "zip-damaged", f"The archive is damaged or cut off: {error}.", hint=HAND_IN
        ) from None


def _members(archive: zipfile.ZipFile) -> Archive:
    entries = _entries(archive.infolist())
    missing = [name for name in (CONFIG, WEIGHTS) if name not in entries]
    if missing:
        raise _not_keras(archive.namelist(), missing)
    for entry in entries.values():
        _check(entry)
    return Archive(
        config=_read(archive, entries[CONFIG]),
        weights=_read(archive, entries[WEIGHTS]),
        metadata=_read(archive, entries[METADATA]) if METADATA in entries else None,
    )


def _entries(infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    if len(infos) > limits.ARCHIVE_MEMBERS:
        raise RefusedError(
            "zip-too-many-members",
            f"The archive has {len(infos)} members; a Keras archive has three.",
        )
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        if info.filename in entries:
            raise RefusedError("zip-duplicate", f"The archive holds {info.filename!r:.80} twice.")
        entries[info.filename] = info
    return entries


def _check(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if name.startswith("/") or ".." in name.split("/") or "\\" in name:
        raise RefusedError("zip-path", f"The member {name!r:.80} points outside the archive.")
    if entry.flag_bits & 1:
        raise RefusedError("zip-encrypted", f"The member {name!r:.80} is encrypted.")
    kind = entry.external_attr >> 28
    if kind not in (0, 4, 8):  # unknown, folder, regular file
        raise RefusedError("zip-special-member", f"The member {name!r:.80} is no regular file.")
    expected = name in (CONFIG, METADATA, WEIGHTS) or name.startswith(_LITTER)
    if not expected:
        raise RefusedError("zip-extra-member", f"The archive also holds {name!r:.80}.")
    if entry.compress_type not in _METHODS:
        raise RefusedError(
            "zip-method", f"The member {name!r:.80} is packed in a way that Keras does not use."
        )
    _check_size(entry)


def _check_size(entry: zipfile.ZipInfo) -> None:
    most = limits.FILE_BYTES if entry.filename == WEIGHTS else limits.JSON_BYTES
    ratio = entry.file_size / max(entry.compress_size, 1)
    if entry.file_size > most or (
        entry.file_size > limits.SMALL_BYTES and ratio > limits.ARCHIVE_RATIO
    ):
        raise RefusedError(
            "zip-bomb",
            f"The member {entry.filename!r:.80} would unpack {entry.compress_size:,} bytes to "
            f"{entry.file_size:,}.",
        )


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(entry) as member:
            data = member.read(entry.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        code = "zip-crc" if "CRC" in str(error) else "zip-damaged"
        raise ModelFileError(
            code, f"The member {entry.filename!r} is damaged: {error}.", hint=HAND_IN
        ) from None
    if len(data) != entry.file_size:
        raise ModelFileError(
            "zip-damaged", f"The member {entry.filename!r} is shorter than it says.", hint=HAND_IN
        )
    return data


def _not_keras(names: list[str], missing: list[str]) -> CompanionError:
    if any(name.endswith("data.pkl") for name in names):
        return ModelFileError("not-a-model", "This is a PyTorch model.", hint=HAND_IN)
    if any(name.endswith(".npy") for name in names):
        return ModelFileError("zip-missing-member", "This is a NumPy archive.", hint=HAND_IN)
    inner = [name for name in names if name.endswith((".h5", ".keras", ".hdf5"))]
    hint = f"Unpack it and hand in {inner[0]!r:.80}." if len(inner) == 1 else HAND_IN
    return ModelFileError(
        "zip-missing-member",
        f"This zip archive is no Keras model: it holds no {' and no '.join(missing)}.",
        hint=hint,
    )

"""A `.keras` archive: three members of a zip file, read exactly and within bounds."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from answers.errors import CompanionError, ModelFileError, RefusedError
from checkers.model_file import limits
from checkers.model_file.names import may_be_a_model
from checkers.model_file.sniff import HAND_IN, Container, sniff

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_MANY = "An archive of many models is read with --all, folders with or without it."
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ASSETS = "assets/"  # an empty folder; only layers that carry files put something there
_END_RECORD = b"PK\x05\x06"
_LOCAL = struct.Struct("<4s5H3L2H")
_PARTS = (METADATA, CONFIG, WEIGHTS)
_ENTRY_BYTES, _END_BYTES = 30 + 46, 22  # of a stored member beside its name twice, and of the end
_DESCRIPTOR = 24  # the most bytes that may follow a member whose sizes come after it


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
    with _members(file) as (archive, entries):
        return Archive(
            config=_read(archive, entries[CONFIG]),
            weights=_read(archive, entries[WEIGHTS]),
            metadata=_read(archive, entries[METADATA]) if METADATA in entries else None,
        )


def inner_model(file: BinaryIO, *, weights: bool = False) -> tuple[str, bytes] | None:
    """Name and bytes of the only model that lies in a zip file which is none itself, else None.

    weights: a file of weights that is called as an archive's member is one, too, where no
        configuration lies beside it. What else lies there is never unpacked.
    Raises: as `read_archive`.
    """
    with _opened(file) as archive:
        entries = _entries(archive.infolist())
        if _prefix(entries) is not None:
            return None
        models = [name for name in entries if _is_model_name(name)]
        if weights and not models and not any(name.endswith(CONFIG) for name in entries):
            models = [n for n in entries if n.lower().endswith(WEIGHTS) and not _is_litter(n)]
        if len(models) != 1:
            return None
        _check_places(file, archive)
        _check(entries[models[0]], models[0], expected=True)
        return models[0], _read(archive, entries[models[0]])


@dataclass(frozen=True)
class Member:
    """A model in a zip file of many, a file or an unpacked folder. size: in bytes, unpacked."""

    name: str
    size: int


@dataclass(frozen=True)
class Contents:
    """What a zip file of many holds: models by their names, and how many other files."""

    models: tuple[Member, ...] = ()
    others: int = 0


def contents(file: BinaryIO) -> Contents:
    """What lies in a zip file that is no model itself; nothing where it is one.

    What is wrong with one of the models shows when it is unpacked.
    Raises: as `read_archive`.
    """
    if sniff(file) is not Container.ZIP:
        return Contents()
    with _opened(file) as archive:
        entries = _entries(archive.infolist(), limits.COLLECTION_MEMBERS)
        parts = _models(entries)
        files = sum(not (name.endswith("/") or _is_litter(name)) for name in entries)
        others = files - sum(map(len, parts.values()))
        one_model = len(parts) == 1 and not others and _prefix(entries) is not None
        if not parts or one_model:
            return Contents()
        _check_places(file, archive)
        models = tuple(Member(name, _size(entries, parts[name])) for name in sorted(parts))
        return Contents(models, others)


def _models(entries: dict[str, zipfile.ZipInfo]) -> dict[str, list[str]]:
    """The models by their names, each with its members: one, or those of an unpacked folder."""
    files = {name for name in entries if not name.endswith("/") and not _is_litter(name)}
    folders = {name.removesuffix(CONFIG) for name in files if name.rpartition("/")[2] == CONFIG} & {
        name.removesuffix(WEIGHTS) for name in files if name.rpartition("/")[2] == WEIGHTS
    }
    parts = {
        folder.rstrip("/") or CONFIG: [folder + n for n in _PARTS if folder + n in files]
        for folder in folders
    }
    taken = {name for names in parts.values() for name in names}
    return parts | {name: [name] for name in files - taken if may_be_a_model(name)}


def _size(entries: dict[str, zipfile.ZipInfo], parts: list[str]) -> int:
    """The bytes of a model: of its file, or of the archive that its folder was."""
    plain = sum(entries[name].file_size for name in parts)
    if len(parts) == 1:
        return plain
    names = [name.rpartition("/")[2] for name in parts]
    return plain + _END_BYTES + sum(_ENTRY_BYTES + 2 * len(name) for name in names)


def unpacked(file: BinaryIO, name: str) -> bytes:
    """The bytes of one of the models of `contents`; a folder's as the archive that it was.

    Raises: as `read_archive`; ModelFileError zip-missing-member.
    """
    if name not in {member.name for member in contents(file).models}:
        raise ModelFileError("zip-missing-member", f"The archive holds no {name!r:.80}.")
    with _opened(file) as archive:
        entries = _entries(archive.infolist(), limits.COLLECTION_MEMBERS)
        parts = _models(entries)[name]
        for part in parts:
            _check(entries[part], part.rpartition("/")[2], expected=True)
        if len(parts) == 1:
            return _read(archive, entries[name])
        return packed((part.rpartition("/")[2], _read(archive, entries[part])) for part in parts)


def packed(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A `.keras` archive: names and bytes, stored, and without dates, so that its hash is one."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data)
    return into.getvalue()


def _is_model_name(name: str) -> bool:
    endings = (".h5", ".keras", ".hdf5", ".keras.zip")
    plain = name.lower()
    return plain.endswith(endings) and not plain.endswith(WEIGHTS) and not _is_litter(name)


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] == ".DS_Store"


def _prefix(entries: dict[str, zipfile.ZipInfo]) -> str | None:
    """The folder of an archive in which the members lie: '' as Keras packs it, or one folder."""
    folders = {name.removesuffix(CONFIG) for name in entries if name.endswith(CONFIG)}
    found = [folder for folder in folders if f"{folder}{WEIGHTS}" in entries]
    whole = [folder for folder in found if folder.count("/") <= 1 and not _is_litter(folder)]
    return whole[0] if len(whole) == 1 else None


def read_config(file: BinaryIO) -> bytes:
    """The configuration alone: the weights are not unpacked.

    Raises: as `read_archive`.
    """
    with _members(file) as (archive, entries):
        return _read(archive, entries[CONFIG])


@contextmanager
def _members(
    file: BinaryIO,
) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    """The archive and its members by name, all of them checked."""
    with _opened(file) as archive:
        yield archive, _checked(file, archive)


@contextmanager
def _opened(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """A zip file; whatever the library says about damaged data becomes an error of ours."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check_end(file, archive)
            yield archive
    except CompanionError:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise ModelFileError(
            "zip-damaged", f"The archive is damaged or cut off: {error}.", hint=HAND_IN
        ) from None


def _check_end(file: BinaryIO, archive: zipfile.ZipFile) -> None:
    """One end record, at the very end, without a comment: other readers look for another one."""
    file.seek(-22, os.SEEK_END)
    end = file.read(22)
    if not end.startswith(_END_RECORD) or end[20:] != b"\0\0" or archive.comment:
        raise RefusedError("trailing-data", "Something lies behind the end of the archive.")


def _checked(file: BinaryIO, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by their names in the archive, or in the one folder that was packed."""
    entries = _entries(archive.infolist())
    prefix = _prefix(entries)
    if prefix is None:
        missing = [name for name in (CONFIG, WEIGHTS) if name not in entries]
        raise _not_keras(archive.namelist(), missing or [CONFIG])
    _check_places(file, archive)
    members = {f"{prefix}{name}" for name in (CONFIG, METADATA, WEIGHTS, _ASSETS, "")}
    for name, entry in entries.items():
        _check(entry, name.removeprefix(prefix), expected=name in members or _is_litter(name))
    return {name.removeprefix(prefix): entry for name, entry in entries.items()}


def _entries(
    infos: list[zipfile.ZipInfo], most: int = limits.ARCHIVE_MEMBERS
) -> dict[str, zipfile.ZipInfo]:
    if len(infos) > most:
        raise RefusedError(
            "zip-too-many-members",
            f"The archive has {len(infos):,} members; {most:,} are read. A Keras archive has three.",
            hint=_MANY
            if len(infos) <= limits.COLLECTION_MEMBERS
            else "Unpack it, and name its folder.",
        )
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        if info.filename in entries:
            raise RefusedError("zip-duplicate", f"The archive holds {info.filename!r:.80} twice.")
        entries[info.filename] = info
    return entries


def _check(entry: zipfile.ZipInfo, inner: str, *, expected: bool) -> None:
    """Refuse a member that Keras does not write. inner: its name in the folder of the model."""
    name = entry.filename
    if name.startswith("/") or ".." in name.split("/") or "\\" in name:
        raise RefusedError("zip-path", f"The member {name!r:.80} points outside the archive.")
    if entry.flag_bits & 1:
        raise RefusedError("zip-encrypted", f"The member {name!r:.80} is encrypted.")
    kind = entry.external_attr >> 28
    if kind not in (0, 4, 8):  # unknown, folder, regular file
        raise RefusedError("zip-special-member", f"The member {name!r:.80} is no regular file.")
    if not expected:
        raise _added(name, inner)
    _check_size(entry, inner)
    if entry.compress_type not in _METHODS:
        raise RefusedError(
            "zip-method", f"The member {name!r:.80} is packed in a way that Keras does not use."
        )


def _added(name: str, inner: str) -> RefusedError:
    if inner.startswith(_ASSETS) and inner.endswith("/vocabulary.txt"):
        return RefusedError(
            "layer-not-allowed",
            f"A layer of the model looks words up in {name!r:.80}; a model gets numbers here.",
            hint="Hand in the part of the model that begins behind this layer.",
        )
    return RefusedError("zip-extra-member", f"The archive also holds {name!r:.80}.")


def _check_size(entry: zipfile.ZipInfo, inner: str) -> None:
    large = inner == WEIGHTS or may_be_a_model(inner)
    most = limits.FILE_BYTES if large else limits.JSON_BYTES
    ratio = entry.file_size / max(entry.compress_size, 1)
    if entry.file_size > most or (
        entry.file_size > limits.SMALL_BYTES and ratio > limits.ARCHIVE_RATIO
    ):
        raise RefusedError(
            "zip-bomb",
            f"The member {entry.filename!r:.80} would unpack {entry.compress_size:,} bytes to "
            f"{entry.file_size:,}.",
        )


def _check_places(file: BinaryIO, archive: zipfile.ZipFile) -> None:
    """The members lie one behind the other from the first byte on, with nothing between them."""
    begin = 0
    for entry in sorted(archive.infolist(), key=lambda info: info.header_offset):
        gap = entry.header_offset - begin
        if gap < 0:
            raise RefusedError("zip-overlap", f"The member {entry.filename!r:.80} lies in another.")
        if gap > (_DESCRIPTOR if begin else 0):
            raise _ambiguous(gap)
        begin = entry.header_offset + _local_size(file, entry) + entry.compress_size
    gap = archive.start_dir - begin
    if gap < 0:
        raise RefusedError("zip-overlap", "The last member lies in the directory of the archive.")
    if gap > _DESCRIPTOR:
        raise _ambiguous(gap)


def _ambiguous(gap: int) -> RefusedError:
    return RefusedError(
        "zip-ambiguous",
        f"The archive holds {gap:,} byte{'' if gap == 1 else 's'} outside its members.",
    )


def _local_size(file: BinaryIO, entry: zipfile.ZipInfo) -> int:
    """The length of a member's own header, which must say what the directory says."""
    file.seek(entry.header_offset)
    header = _LOCAL.unpack(file.read(_LOCAL.size))
    flags, method = header[2:4]
    crc, packed, plain, name, extra = map(int, header[6:])
    said = file.read(name)
    later = flags & 8  # CRC and sizes follow the member
    sizes = (entry.compress_size, entry.file_size)
    honest = (
        method == entry.compress_type
        and said == entry.orig_filename.encode("utf-8" if flags & 0x800 else "cp437")
        and (later or crc == entry.CRC)
        # sizes over 4 GiB stand elsewhere, but so large a member is refused
        and (later or (packed, plain) in (sizes, (0xFFFFFFFF, 0xFFFFFFFF)))
    )
    if not honest:
        raise RefusedError(
            "zip-header-mismatch",
            f"The member {entry.filename!r:.80} has one name or size in its header, and another in "
            "the directory of the archive.",
        )
    return int(_LOCAL.size + name + extra)


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
    if len(inner) > 1:
        hint = f"It holds {len(inner)} models: companion grade --all grades each of them."
    return ModelFileError(
        "zip-missing-member",
        f"This zip archive is no Keras model: it holds no {' and no '.join(missing)}.",
        hint=hint,
    )

"""Read an array of an .npz file row by row, so that memory does not grow with the file.

`numpy.load` would hold the whole array; here the compressed member is read as a stream. Nothing
is unpickled: an array of objects is refused by its header.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from answers.errors import InputError, RefusedError

MAX_MEMBERS = 1_000
MAX_ROWS = 10_000_000
MAX_ROW_BYTES = 256_000_000
MAX_BYTES = 64_000_000_000
_BLOCK_BYTES = 1 << 20
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError)


def is_npz(path: Path) -> bool:
    """Whether the file is a zip archive by its content."""
    with path.open("rb") as stream:
        return stream.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}


def member_names(path: Path) -> tuple[str, ...]:
    """The names of the arrays in the file, without '.npy'.

    Raises InputError (npz-damaged) and RefusedError (npz-limit).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".npy")]
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    if len(names) > MAX_MEMBERS:
        raise _limit(f"'{path}' holds {len(names):,} arrays, at most {MAX_MEMBERS:,} are read.")
    return tuple(name.removesuffix(".npy") for name in names)


@dataclass(frozen=True, kw_only=True)
class NpzArray:
    """An array in an .npz file: what its header says, and its rows as a stream.

    shape: (rows, …); dtype: bool, integer or floating-point, of at most 8 bytes.
    """

    path: Path
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @classmethod
    def open(cls, path: Path, name: str) -> Self:
        """Read the header of one array.

        Raises InputError (npz-damaged) and RefusedError (npz-objects, npz-fortran, npz-limit,
        npz-compression).
        """
        try:
            with zipfile.ZipFile(path) as archive:
                info = archive.getinfo(f"{name}.npy")
                _check_member(path, info)
                with archive.open(info) as stream:
                    shape, fortran, dtype = _header(path, name, stream)
                    rest = info.file_size - stream.tell()
        except _DAMAGE as error:
            raise _damaged(path, error) from error
        made = cls(path=path, name=name, shape=shape, dtype=dtype)
        made._check(rest, fortran=fortran)
        return made

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def _row_bytes(self) -> int:
        return math.prod(self.shape[1:]) * self.dtype.itemsize

    def _check(self, rest: int, *, fortran: bool) -> None:
        place = f"The array '{self.name}' of '{self.path}'"
        if fortran and len(self.shape) > 1:
            raise RefusedError(
                "npz-fortran",
                f"{place} is stored column by column (Fortran order), and cannot be streamed.",
                hint="Save numpy.ascontiguousarray(array) instead.",
            )
        if any(side < 0 for side in self.shape):
            raise _damaged(self.path, ValueError(f"'{self.name}' has the shape {self.shape}"))
        if not self.shape or 0 in self.shape[1:]:
            raise InputError(
                "npz-shape",
                f"{place} has the shape {self.shape}, so it holds no rows.",
                hint="The first axis counts the samples.",
            )
        if len(self) > MAX_ROWS or self._row_bytes > MAX_ROW_BYTES:
            raise _limit(f"{place} has the shape {self.shape}, which is more than is read.")
        if rest != len(self) * self._row_bytes:
            raise _damaged(self.path, ValueError(f"'{self.name}' has not the size it declares"))

    def blocks(self) -> Iterator[NDArray[Any]]:
        """New pass over the array, in blocks (k, …) of about a megabyte. Raises InputError."""
        rows = max(1, _BLOCK_BYTES // max(self._row_bytes, 1))
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(f"{self.name}.npy") as stream:
                _header(self.path, self.name, stream)
                for start in range(0, len(self), rows):
                    yield self._block(stream, min(rows, len(self) - start))
        except _DAMAGE as error:
            raise _damaged(self.path, error) from error

    def _block(self, stream: IO[bytes], rows: int) -> NDArray[Any]:
        data = stream.read(rows * self._row_bytes)
        if len(data) != rows * self._row_bytes:
            raise EOFError("the data ends early")
        block = np.frombuffer(data, self.dtype).reshape(rows, *self.shape[1:])
        return block.astype(self.dtype.newbyteorder("="), copy=False)

    def rows(self) -> Iterator[NDArray[Any]]:
        """New pass over the array, one row (…) at a time. Raises InputError (npz-damaged)."""
        for block in self.blocks():
            yield from block


def _check_member(path: Path, info: zipfile.ZipInfo) -> None:
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or info.flag_bits & 1:
        raise RefusedError(
            "npz-compression",
            f"'{info.filename}' of '{path}' is packed in a way that NumPy does not write.",
            hint="Save the arrays with numpy.savez or numpy.savez_compressed.",
        )
    if info.file_size > MAX_BYTES:
        raise _limit(f"'{info.filename}' of '{path}' unpacks to {info.file_size:,} bytes.")


def _header(
    path: Path, name: str, stream: IO[bytes]
) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = npy.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = npy.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, fortran, dtype = npy.read_array_header_2_0(stream)
    else:
        raise ValueError(f"version {version} of the .npy format")
    if dtype.kind not in "buif" or dtype.itemsize > 8:
        raise RefusedError(
            "npz-objects",
            f"The array '{name}' of '{path}' holds {dtype}, not numbers.",
            hint="Save arrays of numbers, such as uint8: nothing is unpickled.",
        )
    return shape, fortran, dtype


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        "npz-damaged",
        f"'{path}' cannot be read as .npz: {error}.",
        hint="The file is cut or damaged, or is no .npz: copy it again from its source.",
        where=str(path),
    )


def _limit(message: str) -> RefusedError:
    hint = f"Limits: {MAX_ROWS:,} rows, {MAX_ROW_BYTES:,} bytes a row, {MAX_BYTES:,} bytes in all."
    return RefusedError("npz-limit", message, hint=hint)

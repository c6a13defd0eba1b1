"""Read an 8-bit or 4-bit BMP whose palette is just black and white, which Pillow misreads.

Pillow 13.0.0 takes 'two palette entries, black and white' for one bit a pixel, whatever the
header says, and every pixel becomes 0. Such files come out of drawing programs as masks.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class BmpHeader:
    """What the header says: sizes in pixels (height below 0: rows run top down), bits a pixel."""

    start: int
    palette_start: int
    width: int
    height: int
    bits: int
    compression: int
    colours: int

    @classmethod
    def read(cls, data: bytes) -> Self | None:
        """The header of a BMP with a header of 40 bytes or more, or None for anything else."""
        if len(data) < 54 or data[:2] != b"BM":
            return None
        size, width, height, _, bits, compression = struct.unpack_from("<IiiHHI", data, 14)
        (start,) = struct.unpack_from("<I", data, 10)
        (colours,) = struct.unpack_from("<I", data, 46)
        return cls(
            start=start,
            palette_start=14 + size,
            width=width,
            height=height,
            bits=bits,
            compression=compression,
            colours=colours,
        )

    @property
    def is_misread(self) -> bool:
        """Whether Pillow takes these pixels for single bits."""
        return self.bits in {4, 8} and self.colours == 2


def read_two_colours(data: bytes, header: BmpHeader) -> NDArray[np.uint8]:
    """The colours (height, width, 3) of an uncompressed file with two palette entries.

    Raises ValueError where the file is compressed, is cut, or has an index without a colour.
    """
    if header.compression != 0:
        raise ValueError("a compressed BMP with a palette of two colours")
    rows, width = abs(header.height), header.width
    stride = (width * header.bits + 31) // 32 * 4
    if len(data) < header.start + rows * stride:
        raise ValueError("the file is cut")
    grid = np.frombuffer(data, np.uint8, rows * stride, header.start).reshape(rows, stride)
    index = _indices(grid, header.bits)[:, :width]
    if index.max(initial=0) > 1:
        raise ValueError(f"the palette has 2 colours, but a pixel has number {index.max()}")
    entries = np.frombuffer(data, np.uint8, 8, header.palette_start).reshape(2, 4)
    colours = entries[:, 2::-1][index]
    return colours if header.height < 0 else colours[::-1]


def _indices(grid: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    if bits == 8:
        return grid
    return np.stack([grid >> 4, grid & 15], axis=-1).reshape(len(grid), -1)

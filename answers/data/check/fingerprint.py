"""What tells whether two pictures are one: a hash of the pixels, a perceptual hash, a thumbnail."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HASH_SIDE = 8
_BITS = 2 * _HASH_SIDE**2
_THUMB = 32
_BLOCK = 1024
# Two pictures are near duplicates where few of 128 bits differ and their thumbnails agree: more
# differing bits ask for more agreement. Measured on nuclei and tiles: pictures of different splits
# stay outside of it (they agree to at most 0.953), while JPEG of quality 50, half and double size,
# blur, noise, brightness and contrast of the same picture stay inside.
_RULES = ((20, 0.90), (28, 0.955), (48, 0.97))


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """exact: SHA-256 of shape and pixels. bits: (128,) bool difference hash, rows then columns.

    thumbnail: (1024,) uint8 grey. flat: one value everywhere, so that only `exact` says anything.
    """

    exact: bytes
    bits: NDArray[np.bool_]
    thumbnail: NDArray[np.uint8]
    flat: bool

    @classmethod
    def of(cls, photo: NDArray[np.uint8]) -> Fingerprint:
        """The fingerprint of a photo (height, width) or (height, width, 3)."""
        import dhash
        from PIL import Image

        digest = hashlib.sha256(str(photo.shape).encode())
        digest.update(np.ascontiguousarray(photo).data)
        grey = Image.fromarray(photo).convert("L")
        side = _HASH_SIDE + 1
        small = np.asarray(grey.resize((side, side), Image.Resampling.LANCZOS))
        both = dhash.dhash_row_col(small.reshape(-1).tolist(), _HASH_SIDE)
        data = b"".join(int(part).to_bytes(_HASH_SIDE**2 // 8, "big") for part in both)
        thumb = grey.resize((_THUMB, _THUMB), Image.Resampling.BOX)
        return cls(
            exact=digest.digest(),
            bits=np.unpackbits(np.frombuffer(data, np.uint8)).astype(bool),
            thumbnail=np.asarray(thumb).reshape(-1),
            flat=bool(np.ptp(photo) == 0),
        )


def exact_pairs(prints: Sequence[Fingerprint]) -> Iterator[tuple[int, int]]:
    """Index pairs of equal pictures: each with the first of its kind."""
    first: dict[bytes, int] = {}
    for index, each in enumerate(prints):
        found = first.setdefault(each.exact, index)
        if found != index:
            yield found, index


def near_pairs(prints: Sequence[Fingerprint]) -> Iterator[tuple[int, int]]:
    """Index pairs of pictures that look alike without being equal; time grows with the square."""
    signs = np.array([each.bits for each in prints], np.float32) * 2 - 1
    thumbs = _unit(np.array([each.thumbnail for each in prints], np.float32))
    flat = np.array([each.flat for each in prints])
    for top in range(0, len(prints), _BLOCK):
        block = slice(top, top + _BLOCK)
        differing = (_BITS - signs[block] @ signs.T) / 2
        alike = _alike(differing, thumbs[block] @ thumbs.T)
        alike &= ~flat[block, None] & ~flat[None]
        for row, column in np.argwhere(np.triu(alike, top + 1)):
            if prints[row + top].exact != prints[column].exact:
                yield int(row + top), int(column)


def _alike(differing: NDArray[Any], agreement: NDArray[Any]) -> NDArray[np.bool_]:
    found = np.zeros(differing.shape, bool)
    for bits, least in _RULES:
        found |= (differing <= bits) & (agreement >= least)
    return found


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows with mean 0 and length 1, so that a product of two is their correlation."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: NDArray[np.float32] = centred / np.maximum(length, np.float32(1e-6))
    return unit

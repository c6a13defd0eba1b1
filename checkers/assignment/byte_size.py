"""Sizes of memory as people write them: '4 GiB', '512 MB', or a whole number of bytes."""

from __future__ import annotations

import re

from checkers.assignment.exact_number import whole
from checkers.assignment.fault import WrongValueError, shown

_UNITS = {
    "kB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
}
LEAST, MOST = 1024**2, 1024**4


def byte_size(value: object) -> int:
    """The number of bytes, from 1 MiB to 1 TiB. Raises WrongValueError with a whole sentence."""
    if not isinstance(value, str):
        return whole(value, LEAST, MOST)
    found = re.fullmatch(r"([0-9]{1,12}) ?([A-Za-z]+)", value)
    unit = _UNITS.get(found[2]) if found else None
    if found is None or unit is None:
        raise WrongValueError(
            f'It must be a size such as "4 GiB" ({", ".join(_UNITS)}), not {shown(value)}.'
        )
    return whole(int(found[1]) * unit, LEAST, MOST)

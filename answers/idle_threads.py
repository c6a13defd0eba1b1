"""Threads of NumPy's that have nothing to do: asleep, instead of looking for work."""

from __future__ import annotations

from collections.abc import MutableMapping

_TIMEOUT, _CYCLES = "OPENBLAS_THREAD_TIMEOUT", 20


def let_them_sleep(environment: MutableMapping[str, str]) -> None:
    """Say so for a process that imports NumPy later, unless the person has said something.

    OpenBLAS's threads look for work for 2^28 cycles after the import and after each product: a
    tenth of a second of a core that others need, and nothing when it is 2^20. The rate of one
    product after the other is the same (measured with 512 x 512).
    """
    environment.setdefault(_TIMEOUT, str(_CYCLES))

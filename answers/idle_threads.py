"""Threads of NumPy's that have nothing to do: asleep, instead of looking for work."""

from __future__ import annotations

from collections.abc import MutableMapping

_TIMEOUT, _CYCLES = "OPENBLAS_THREAD_TIMEOUT", 20


def let_them_sleep(environment: MutableMapping[str, str]) -> None:
    """Say so for a process that imports NumPy later, unless the person has said something.

    OpenBLAS's threads look for work for a while after the import and after each product: a tenth of
    a second, of a core that others need, with NumPy's own build (measured); a few milliseconds
    where 2^20 cycles are said. The rate of one product after the other is the same.
    """
    environment.setdefault(_TIMEOUT, str(_CYCLES))

"""Threads over many files: Pillow and NumPy give the lock free while they work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Given = TypeVar("Given")
Answer = TypeVar("Answer")
_AT_ONCE = 64


def in_parallel(
    work: Callable[[Given], Answer], items: Iterable[Given], jobs: int = 0
) -> Iterator[Answer]:
    """The answers in the order of the items; never more than 64 wait in memory.

    jobs: threads; 0: one a core.
    """
    rest = iter(items)
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        while batch := list(islice(rest, _AT_ONCE)):
            yield from pool.map(work, batch)

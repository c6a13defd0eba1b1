"""What is freed is kept: the kernel doesn't clear the same pages again for every step."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_STEPS = """
import resource, sys
import numpy as np
from answers.kept_memory import keep_memory

if sys.argv[1] == "kept":
    keep_memory()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(48 << 20, np.uint8)  # larger than any block that glibc would keep by itself
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    """Pages that the kernel gave to a process that allocates 48 MiB twenty times."""
    done = subprocess.run(
        [sys.executable, "-c", _STEPS, how], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_memory_of_a_step_serves_the_next_one() -> None:
    assert faults("kept") < faults("given back") / 4

"""What doctor says of a machine where the lock, or a part of it, is missing."""

from __future__ import annotations

import pytest

from checkers.isolation.advice import advice
from checkers.isolation.lock import ALL

CASES = [
    ("all is well", "linux", "x86_64", ALL, False, False, []),
    ("no Landlock", "linux", "aarch64", ALL[:2] + ALL[3:], False, False, ["Landlock is missing"]),
    ("a closed container", "linux", "x86_64", ALL[:3], False, False, ["seccomp is refused here"]),
    ("an old kernel", "linux", "x86_64", ALL[:2], False, False, ["seccomp is", "Landlock is"]),
    ("a GPU", "linux", "x86_64", ALL, True, False, ["--device cpu locks it whole"]),
    ("a cluster", "linux", "x86_64", ALL, False, True, ["inside the job"]),
    ("another processor", "linux", "riscv64", (), False, False, ["and this is riscv64"]),
    ("macOS", "darwin", "arm64", (), False, False, ["sandbox-exec is deprecated"]),
    ("Windows", "win32", "AMD64", (), True, False, ["On Windows no model file is opened"]),
    ("BSD", "freebsd14", "amd64", (), False, False, ["No lock is written for freebsd14"]),
]


@pytest.mark.parametrize(
    ("system", "machine", "held", "gpu", "slurm", "words"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_what_is_missing_is_said_with_what_to_do(
    system: str,
    machine: str,
    held: tuple[str, ...],
    *,
    gpu: bool,
    slurm: bool,
    words: list[str],
) -> None:
    said = list(advice(system, machine, held, gpu=gpu, slurm=slurm))
    assert len(said) == len(words)
    assert all(word in sentence for word, sentence in zip(words, said, strict=True))

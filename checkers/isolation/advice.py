"""What would be needed for a stronger lock on this machine, in whole sentences.

Measured on Linux x86-64 alone; what stands here of other systems, containers and clusters is from
their documentation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

_ELSEWHERE = {
    "darwin": "macOS has no lock that a process can put on itself for good (sandbox-exec is "
    "deprecated, memory limits are not kept).",
    "win32": "On Windows no model file is opened: a child has no way to be handed one. The Windows "
    "Subsystem for Linux has.",
}
_LINUX = "Grade in a Linux container or virtual machine for a lock."
_CONTAINER = (
    "seccomp is refused here. In a container its own profile may forbid it: run it with a profile "
    "that allows the calls prctl and seccomp (Docker's default does), or outside."
)
_LANDLOCK = (
    "Landlock is missing: it needs Linux 5.13 or newer with 'landlock' in "
    "/sys/kernel/security/lsm, and a container profile that allows its three calls."
)
_CLUSTER = "In a Slurm job the node decides: run companion doctor --isolation inside the job."
_GPU = (
    "A device of a GPU is here: with --device auto or gpu the child that predicts can open it and the "
    "system's libraries at any time, as drivers do, and the level is partial at the most; none where "
    "the GPU does not answer inside that lock. --device cpu locks it whole."
)


def advice(
    system: str, machine: str, held: Collection[str], *, gpu: bool, slurm: bool
) -> Iterator[str]:
    """What is missing here and what can be done, most important first; nothing where all is well.

    system: as `sys.platform`. machine: as `os.uname().machine`. held: the parts of the lock.
    gpu: whether a device node of a GPU is there. slurm: whether this is a Slurm machine.
    """
    if system != "linux":
        yield f"{_ELSEWHERE.get(system, f'No lock is written for {system}.')} {_LINUX}"
        return
    if machine not in ("x86_64", "aarch64"):
        yield f"The lock is written for x86-64 and 64-bit ARM, and this is {machine}."
        return
    if not {"calls", "paths"} <= set(held):
        yield _CONTAINER
    if "files" not in held:
        yield _LANDLOCK
    if gpu:
        yield _GPU
    if slurm:
        yield _CLUSTER

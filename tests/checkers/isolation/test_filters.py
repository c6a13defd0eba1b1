"""The filter programs, run byte by byte by a small interpreter of BPF, on both machines.

The numbers of the calls and which of them must be shut are told here once more, from the kernel's
headers and from what the calls do: not from our own tables.
"""

from __future__ import annotations

import errno
import re
from pathlib import Path

import bpf
import kernel_numbers
import pytest

from checkers.isolation import seccomp
from checkers.isolation.seccomp import Which, assembled
from checkers.isolation.syscalls import FORBIDDEN, IMPORT, LOCK, MACHINES, RUN, number

PID = 4711
# the kernel's words, from linux/seccomp.h and linux/audit.h
ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# of other machines, in both orders of bytes, with the flags for 64 bits and little-endian or not
OTHER_MACHINES = (
    *(0x40000003, 0x40000028, 0x28, 0xC00000F3, 0x80000015, 0x80000016, 0xC0000102, 0),
    *(0x8000003E, 0x4000003E, 0x400000B7, 0x800000B7, 0xFFFFFFFF),
)
NUMBERS = {"x86_64": kernel_numbers.X86_64, "aarch64": kernel_numbers.AARCH64}
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
# What nothing of a file may reach, by what it would do.
SHUT = {
    "network": "socket socketpair connect accept accept4 bind listen sendto sendmsg sendmmsg "
    "recvfrom recvmmsg setsockopt shutdown",
    "other processes": "fork vfork execve execveat kill tkill rt_sigqueueinfo rt_tgsigqueueinfo "
    "ptrace process_vm_readv process_vm_writev pidfd_open pidfd_getfd pidfd_send_signal kcmp "
    "process_madvise process_mrelease setpgid setsid setpriority ioprio_set wait4 waitid",
    "changing files": "creat rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink "
    "unlinkat symlink symlinkat chmod fchmod fchmodat chown fchown lchown fchownat truncate "
    "ftruncate fallocate mknod mknodat utime utimes utimensat futimesat setxattr lsetxattr "
    "fsetxattr removexattr copy_file_range sendfile splice tee vmsplice sync_file_range pwrite64 "
    "pwritev pwritev2",
    "other ways to open": "open_by_handle_at name_to_handle_at openat2 inotify_init inotify_init1 "
    "fanotify_init fanotify_mark memfd_create memfd_secret shmget shmat mq_open msgget semget",
    "the system": "mount umount2 move_mount fsopen fsconfig fsmount fspick open_tree mount_setattr "
    "pivot_root chroot chdir fchdir swapon swapoff reboot sethostname setdomainname init_module "
    "finit_module delete_module kexec_load kexec_file_load syslog acct quotactl settimeofday "
    "clock_settime clock_adjtime adjtimex iopl ioperm modify_ldt uselib personality",
    "who one is": "setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups "
    "capset unshare setns keyctl add_key request_key",
    "limits": "setrlimit",
    "wide doors of the kernel": "bpf perf_event_open userfaultfd io_uring_setup io_uring_enter "
    "io_uring_register io_setup io_submit lookup_dcookie vhangup nfsservctl remap_file_pages "
    "landlock_create_ruleset landlock_add_rule landlock_restrict_self",
}
WITH_A_PATH = (
    "open openat stat lstat statx readlink readlinkat access faccessat faccessat2 statfs getcwd "
    "getdents getdents64 ioctl prctl seccomp epoll_create1 epoll_ctl"
)
# Seen by strace in both engines while they predict (isolation-notes.md).
SEEN = (
    "futex write brk munmap madvise rt_sigprocmask rt_sigaction mprotect rseq set_robust_list close "
    "exit_group uname gettid sched_yield clock_nanosleep sched_getaffinity sysinfo sched_getparam "
    "sched_getscheduler mmap"
)
# All that may be open at all: the notes' two lists, and three to take descriptors over.
NOTED = (
    "read write readv writev pread64 close fstat lseek poll ppoll mmap mprotect munmap mremap brk "
    "madvise mincore msync rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack sched_yield "
    "sched_getaffinity sched_setaffinity getcpu nanosleep clock_nanosleep clock_gettime "
    "clock_getres gettimeofday time times futex set_robust_list set_tid_address rseq membarrier "
    "getrandom getpid gettid getppid getuid geteuid getgid getegid uname sysinfo getrusage "
    "getrlimit exit exit_group restart_syscall fcntl dup eventfd2 pipe2 get_mempolicy mbind "
    "sched_getscheduler sched_getparam sched_getattr arch_prctl epoll_wait epoll_pwait clone "
    "tgkill newfstatat prlimit64 recvmsg getsockname getsockopt"
)
# Arguments that open a call which is open with some only, and others.
ARGUMENTS = (
    *((), (2**64 - 1,) * 6, (PID, PID, 0), (0x10000,), (0, 0, 0, 0x1000), (0, 0, 0, 2)),
    *((3, 1030), (0, 7, 0, 1), (2**32 - 1,) * 6, (1 << 32,) * 6, (PID | 1 << 32, 1, 9)),
)
WHICH: tuple[Which, ...] = ("import", "run")


def outcome(which: Which, machine: str, name: str, *arguments: int) -> int:
    """What a filter answers on its own machine."""
    code = assembled(seccomp.program(which, machine, PID))
    return bpf.verdict(code, AUDIT[machine], NUMBERS[machine][name], arguments)


CASES = [
    ("a thread may be started", "run", "clone", (0x3D0F00,), ALLOW),
    ("fork is shut", "run", "clone", (17,), EPERM),
    ("clone3 is not there, so that glibc falls back", "run", "clone3", (), ENOSYS),
    ("own signals are possible", "run", "tgkill", (PID, PID, 6), ALLOW),
    ("others get no signal", "run", "tgkill", (1, 1, 9), EPERM),
    ("private memory", "run", "mmap", (0, 4096, 3, 0x22), ALLOW),
    ("shared memory", "run", "mmap", (0, 4096, 3, 0x21), EPERM),
    ("shared memory, validated", "run", "mmap", (0, 4096, 3, 0x3), EPERM),
    ("libraries map files", "import", "mmap", (0, 4096, 5, 0x1), ALLOW),
    ("the limits can be read", "run", "prlimit64", (0, 2, 0, 1 << 40), ALLOW),
    ("the limits can't be set", "run", "prlimit64", (0, 2, 0x7F0000000000, 0), EPERM),
    ("the limits can't be set by a low address", "import", "prlimit64", (0, 2, 4096, 0), EPERM),
    ("a descriptor can be doubled", "run", "fcntl", (3, 1030, 0), ALLOW),
    ("no signals by descriptors", "run", "fcntl", (3, 8, 1), EPERM),
    ("no flags are set", "run", "fcntl", (3, 4, 0o20000), EPERM),
    ("the size of an open file", "run", "newfstatat", (3, 0, 0, 0x1000), ALLOW),
    ("the size by a path", "run", "newfstatat", (3, 0, 0, 0), EPERM),
    ("files are opened while importing", "import", "openat", (), ALLOW),
    ("and never later", "run", "openat", (), EPERM),
    ("no device is asked", "run", "ioctl", (), EPERM),
]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("which", "name", "arguments", "wanted"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_the_filter_decides(
    machine: str, which: seccomp.Which, name: str, arguments: tuple[int, ...], wanted: int
) -> None:
    assert outcome(which, machine, name, *arguments) == wanted


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("which", WHICH)
def test_a_program_is_one_that_the_kernel_takes(machine: str, which: Which) -> None:
    code = assembled(seccomp.program(which, machine, PID))
    assert len(bpf.instructions(code)) <= bpf.MOST_INSTRUCTIONS


BROKEN = [
    ("empty", b""),
    ("cut off", b"x" * 7),
    ("without an end", assembled([(0x20, 0, 0, 4)])),
    ("with a jump out", assembled([(0x15, 9, 0, 0), (6, 0, 0, 0)])),
    ("with a load from outside", assembled([(0x20, 0, 0, 64), (6, 0, 0, 0)])),
    ("with an unknown instruction", assembled([(0x61, 0, 0, 0), (6, 0, 0, 0)])),
]


@pytest.mark.parametrize("code", [row[1] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_the_interpreter_refuses_what_the_kernel_does(code: bytes) -> None:
    with pytest.raises(bpf.RefusedError):
        bpf.instructions(code)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("group", SHUT)
def test_what_no_child_needs_is_shut(machine: str, which: Which, group: str) -> None:
    names = SHUT[group].split()
    assert set(names) <= {*NUMBERS["x86_64"], *NUMBERS["aarch64"]}
    for name in names:
        for arguments in ARGUMENTS if name in NUMBERS[machine] else ():
            assert outcome(which, machine, name, *arguments) == EPERM, (name, arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_what_takes_a_path_is_open_while_importing_and_shut_afterwards(machine: str) -> None:
    for name in WITH_A_PATH.split():
        if name in NUMBERS[machine]:
            assert outcome("import", machine, name) == ALLOW, name
            assert {outcome("run", machine, name, *each) for each in ARGUMENTS} == {EPERM}, name


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("which", WHICH)
def test_what_the_engines_were_seen_to_need_is_open(machine: str, which: Which) -> None:
    for name in SEEN.split():
        assert outcome(which, machine, name) == ALLOW, name


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("which", WHICH)
def test_of_all_calls_only_the_noted_ones_are_open(machine: str, which: Which) -> None:
    names = {value: name for name, value in NUMBERS[machine].items()}
    noted = {*NOTED.split(), *(WITH_A_PATH.split() if which == "import" else ())}
    code = assembled(seccomp.program(which, machine, PID))
    last = 0x3FFFFFFF if machine == "x86_64" else 0xFFFFFFFF
    for call in (*range(600), 0x3FFFFFFF, last):
        said = {bpf.verdict(code, AUDIT[machine], call, each) for each in ARGUMENTS}
        name = names.get(call, "")
        if name == "clone3":
            assert said == {ENOSYS}
        else:
            assert said == {EPERM} or name in noted, (call, name)


@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_of_another_machine_end_the_process(machine: str, which: Which) -> None:
    code = assembled(seccomp.program(which, machine, PID))
    others = {value for name, value in AUDIT.items() if name != machine}
    for other in (*others, *OTHER_MACHINES):
        for call in (*range(0, 600, 7), 59, 221, 0x40000000, 0xFFFFFFFF):
            assert bpf.verdict(code, other, call) == KILL


@pytest.mark.parametrize("which", WHICH)
def test_numbers_of_x32_end_the_process(which: Which) -> None:
    code = assembled(seccomp.program(which, "x86_64", PID))
    for call in (*range(600), 0x3FFFFFFF, 0xBFFFFFFF):
        assert bpf.verdict(code, AUDIT["x86_64"], 0x40000000 + call) == KILL


@pytest.mark.parametrize("machine", MACHINES)
def test_our_numbers_are_those_of_the_kernel(machine: str) -> None:
    for table in (RUN, IMPORT, LOCK, FORBIDDEN):
        for name in table:
            assert number(table, name, machine) == NUMBERS[machine].get(name), name


@pytest.mark.parametrize("machine", MACHINES)
def test_the_copied_table_is_that_of_the_headers(machine: str) -> None:
    path = HEADERS[machine]
    if not path.exists():
        pytest.skip("the kernel's headers are not installed here")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", path.read_text())
    numbers = {name: int(value) for name, value in found}
    numbers["newfstatat"] = numbers.get("newfstatat", numbers.get("fstatat", -1))
    for name, value in NUMBERS[machine].items():
        assert numbers[name] == value, name

"""A child process and the conversation with it, seen from the parent.

The parent never blocks on writing: what it sends waits in a buffer that is emptied whenever it
waits for an answer, so two full pipes can't stop both sides. Time is kept here.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from answers.errors import MissingError, RunError
from answers.idle_threads import let_them_sleep
from checkers.engine.frames import Decoder, Frame, encode, error_of
from checkers.isolation import lock

_STDERR_KEPT = 8192
_PIECE = 1 << 20

# What a child may see of the environment: where libraries lie, and how many threads to use.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
_ENVIRONMENT_PREFIXES = ("CUDA", "NVIDIA", "OMP_", "OPENBLAS_", "MKL_", "XLA_", "TF_", "JAX_")
# Signals that a process brings on itself, by touching what it must not.
_CRASHES = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL")
_OUT_OF_TIME = "SIGXCPU"  # of the processor; the parent's clock ends an honest child before
# An impossible home: a missing one would be created by some library.
_NO_HOME = {"HOME": "/dev/null/none", "KERAS_HOME": "/dev/null/none"}


class Child:
    """A fresh interpreter that runs one of our modules and talks over a socket.

    name: what it does, for messages ('reader', 'predictor').
    seconds: of the clock that the parent may wait for it altogether. What the parent does meanwhile
    is no delay of the child, which may have answered long ago; how long it computes, the kernel limits.
    """

    def __init__(
        self,
        name: str,
        module: str,
        *,
        descriptors: tuple[int, ...],
        seconds: float,
        memory: int,
        environment: dict[str, str] | None = None,
    ) -> None:
        _check_the_system()
        self.name = name
        self.seconds = self._left = seconds
        self._decoder, self._frames = Decoder(), list[Frame]()
        self._outgoing = bytearray()
        self._stderr = bytearray()
        self._ended = False
        ours, theirs = socket.socketpair()
        self._hands, their_hands = socket.socketpair()
        with theirs, their_hands:
            numbers = (theirs.fileno(), their_hands.fileno(), *descriptors)
            try:
                self._process = _started(_command(module, memory, numbers), numbers, environment)
            except OSError as error:
                ours.close()
                self._hands.close()
                raise RunError(
                    "child-not-started", f"The {name} could not be started: {error.strerror}."
                ) from None
        self._channel = ours
        self._channel.setblocking(False)
        self._watch()

    def send(self, frame: Frame) -> None:
        """Put a frame into the buffer; it leaves while `receive` waits."""
        self._outgoing += encode(frame)
        self._flush()

    def allow(self, seconds: float) -> None:
        """Have patience for so many seconds of waiting, from now on."""
        self.seconds = self._left = seconds

    def hand_over(self, descriptor: int) -> None:
        """Give the child a descriptor, which it takes with `service.take_over`."""
        with suppress(BrokenPipeError, ConnectionResetError):  # its end shows when we read
            socket.send_fds(self._hands, [b"+"], [descriptor])

    def receive(self) -> Frame:
        """The next frame.

        Raises: RunError child-crashed, child-died, time-limit, protocol; or the typed error that
        the child sent.
        """
        while not self._frames:
            self._wait()
        frame = self._frames.pop(0)
        error = error_of(frame.header)
        if error is not None:
            raise error
        return frame

    @property
    def answered(self) -> bool:
        """Whether `receive` has something to look at: a frame, or the child's end."""
        if self._frames:
            return True
        return any(key.fileobj is self._channel for key, _ in self._selector.select(0))

    def kill(self) -> None:
        """End it, and everything it started, now."""
        if self._ended:
            return
        self._ended = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)  # also what outlives its first process
        self._process.wait()

    @property
    def stderr(self) -> str:
        """The end of what it said on stderr."""
        return self._stderr.decode("utf-8", "replace")

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it, and let go of everything that led to it."""
        self.kill()
        self._selector.close()
        self._channel.close()
        self._hands.close()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _watch(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._channel, selectors.EVENT_READ)
        if self._process.stderr is not None:
            os.set_blocking(self._process.stderr.fileno(), False)
            self._selector.register(self._process.stderr, selectors.EVENT_READ)

    def _wait(self) -> None:
        if self._left <= 0:
            self.kill()
            raise self._late()
        start = time.monotonic()
        self._look(self._left)
        self._left -= time.monotonic() - start

    def _look(self, seconds: float) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
        self._selector.modify(self._channel, events)
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._channel:
                self._flush()
                self._take()
            else:
                self._take_stderr()

    def _flush(self) -> None:
        try:
            while self._outgoing:
                sent = self._channel.send(memoryview(self._outgoing)[:_PIECE])
                del self._outgoing[:sent]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            self._outgoing.clear()  # its end shows when we read

    def _take(self) -> None:
        try:
            data = self._channel.recv(_PIECE)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if not data:
            raise self._died()
        self._frames.extend(self._decoder.feed(data))

    def _take_stderr(self) -> None:
        pipe = self._process.stderr
        data = b"" if pipe is None else pipe.read(_PIECE)
        if data:
            self._stderr = (self._stderr + data)[-_STDERR_KEPT:]
        elif pipe is not None and data == b"":
            self._selector.unregister(pipe)

    def _died(self) -> RunError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        self.kill()
        code = self._process.returncode
        self._take_stderr_rest()
        if _name_of(code) == _OUT_OF_TIME:
            return self._late()
        if _name_of(code) in _CRASHES:
            return RunError("child-crashed", f"The {self.name} crashed: {signal.strsignal(-code)}.")
        how = f"by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"with exit {code}"
        return RunError(
            "child-died",
            f"The {self.name} was ended {how} before it answered.",
            hint=self._last_words(),
        )

    def _late(self) -> RunError:
        return RunError(
            "time-limit",
            f"The {self.name} did not finish within {self.seconds:.0f} s.",
            hint="Raise `seconds` under [limits] in the assignment, or grade a smaller model.",
        )

    def _last_words(self) -> str:
        lines = self.stderr.strip().splitlines()
        return f"Its last words: {lines[-1]:.300}" if lines else ""

    def _take_stderr_rest(self) -> None:
        pipe = self._process.stderr
        if pipe is not None:
            self._stderr = (self._stderr + (pipe.read() or b""))[-_STDERR_KEPT:]


def _check_the_system() -> None:
    """Files go to children as descriptors, which Windows can't hand over.

    Raises: MissingError `system-without-children`.
    """
    if not hasattr(socket, "send_fds"):
        raise MissingError(
            "system-without-children",
            f"Model files can't be opened on this system ({sys.platform}): they are read in a "
            "child process that is handed the open file, which it has no way for.",
            hint="Use Linux or macOS; on Windows, the Windows Subsystem for Linux (WSL).",
        )


def _name_of(code: int) -> str:
    """The name of the signal that an exit code stands for; empty where it is none."""
    return next((each.name for each in signal.Signals if each == -code), "")


def _started(
    command: list[str], numbers: tuple[int, ...], environment: dict[str, str] | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # our own interpreter and module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=numbers,
        cwd="/",
        env=_scrubbed(environment or {}),
        start_new_session=True,  # Ctrl-C reaches the parent alone, which ends the child
    )


def _command(module: str, memory: int, numbers: tuple[int, ...]) -> list[str]:
    entry = "checkers.isolation.entry"
    return [sys.executable, "-I", "-B", "-m", entry, module, str(memory), *map(str, numbers)]


def _scrubbed(extra: dict[str, str]) -> dict[str, str]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if key in _ENVIRONMENT or key.startswith(_ENVIRONMENT_PREFIXES)
    }
    let_them_sleep(kept)
    return kept | _NO_HOME | {lock.PARENT: str(os.getpid())} | extra

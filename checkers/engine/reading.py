"""Stage 1, seen from the parent: a child reads the file, first its network, then its weights."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from answers.errors import CompanionError, InputError, ModelFileError, RefusedError, RunError
from answers.layers.fields import checked
from answers.network.document import from_json
from answers.network.graph import Network
from answers.network.parameters import parameters
from checkers.engine import sealed_memory
from checkers.engine.child import Child
from checkers.engine.frames import Frame
from checkers.isolation import rlimits
from checkers.model_file.archive import Contents, Member
from checkers.model_file.record import (
    NOTHING,
    Expected,
    ModelFile,
    StoredArray,
    expected_to_document,
    from_document,
)
from checkers.model_file.sniff import HAND_IN

SECONDS = 60.0
_THREADS = 2  # the most that work at once while a file is read
MEMORY = 4 << 30
_ALONE = {"OPENBLAS_NUM_THREADS": "1"}  # it multiplies nothing, and threads cost its start


class Reading:
    """A child that reads one submission, and the conversation with it.

    It starts without a file, which comes with `open`.
    locks: the parts of the lock that it held, known with the model.
    """

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._preparing = seconds, False
        self.locks: tuple[str, ...] = ()
        self.weights_descriptor = sealed_memory.create("weights")
        try:
            self._child = Child(
                "reader",
                "checkers.engine.reader_child",
                descriptors=(self.weights_descriptor,),
                seconds=seconds,
                memory=memory,
                environment=_ALONE | {rlimits.CPU: str(math.ceil(_THREADS * seconds))},
            )
        except CompanionError:
            os.close(self.weights_descriptor)
            raise

    def prepare(self) -> None:
        """Have it import everything and lock itself, before there is a file."""
        self._child.send(Frame({"ask": "prepare"}))
        self._preparing = True

    def open(self, descriptor: int) -> None:
        """Hand over the file: its time begins now.

        descriptor: of the sealed copy of a submission, or of a file that is only looked at.
        """
        self._child.allow(self._seconds)
        if self._preparing:
            self._child.receive()
        self._child.hand_over(descriptor)

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._child.alive

    def finish(self) -> None:
        """End the child: all of the file is read. The memory with the weights stays open."""
        self._child.close()

    def close(self) -> None:
        """End the child, whatever it does, and let go of the weights."""
        self._child.close()
        os.close(self.weights_descriptor)

    def contents(self) -> Contents:
        """The models that lie in a zip file, and how much else does.

        Raises: ModelFileError, RefusedError; RunError time-limit, memory-limit.
        """
        header = self._ask("models").header
        try:
            rows = checked(header.get("models"), tuple[tuple[str, int], ...], "")
            others = checked(header.get("others"), int, "")
            return Contents(tuple(Member(*row) for row in rows), others)
        except InputError as error:
            raise RunError("protocol", f"The reader's answer can't be used: {error}") from None

    def unpack(self, member: Member) -> int:
        """The descriptor of sealed memory with a member of a zip file.

        Raises: as `contents`.
        """
        return self._sealed("unpack", member.size, name=member.name)

    def network(self) -> Network:
        """The network alone, for looking at: a layer that can't be rebuilt stays as `Unknown`.

        Raises: ModelFileError, RefusedError; RunError time-limit, memory-limit.
        """
        document = self._ask("network").header.get("network")
        try:
            return from_json(document)
        except InputError as error:
            raise RunError("protocol", f"The reader's answer can't be used: {error}") from None

    def stored(self) -> tuple[Network, tuple[StoredArray, ...]]:
        """The network for looking at, and what the file holds for its unknown layers.

        Raises: as `network`.
        """
        header = self._ask("stored").header
        try:
            rows = checked(header.get("stored"), tuple[tuple[str, str, tuple[int, ...]], ...], "")
            return from_json(header.get("network")), tuple(StoredArray(*row) for row in rows)
        except InputError as error:
            raise RunError("protocol", f"The reader's answer can't be used: {error}") from None

    def model(self, expected: Expected = NOTHING) -> ModelFile:
        """What the file holds, without its weights.

        expected: what the assignment knows, for what the file leaves out.
        Raises: ModelFileError, RefusedError; RunError time-limit, memory-limit.
        """
        header = self._ask("model", expected=expected_to_document(expected)).header
        document, locks = header.get("model"), header.get("locks")
        self.locks = tuple(map(str, locks)) if isinstance(locks, list) else ()
        try:
            return from_document(document)
        except InputError as error:
            raise RunError("protocol", f"The reader's answer can't be used: {error}") from None

    def weights(self, model: ModelFile) -> int:
        """The descriptor of sealed memory with every array, in the order of the leaves.

        Raises: ModelFileError, RefusedError; RunError.
        """
        try:
            wanted = 4 * parameters(model.network).total
        except InputError as error:
            raise _refused(error) from None
        return self._sealed("weights", wanted)

    def _sealed(self, what: str, wanted: int, **more: Any) -> int:
        """Let the reader write exactly so many bytes, and take them from it."""
        sealed_memory.fix_size(self.weights_descriptor, wanted)
        written = self._ask(what, **more).header.get("bytes")
        try:
            sealed_memory.seal(self.weights_descriptor)
        except OSError as error:
            raise RunError("protocol", f"The reader's memory can't be sealed: {error}.") from None
        if written != wanted or os.fstat(self.weights_descriptor).st_size != wanted:
            raise RunError("protocol", "The reader handed on another number of bytes.")
        return self.weights_descriptor

    def _ask(self, what: str, **more: Any) -> Frame:
        self._child.send(Frame({"ask": what, **more}))
        try:
            return self._child.receive()
        except RunError as error:
            raise _damaged(error) from None
        except InputError as error:
            raise _refused(error) from None


def _refused(error: InputError) -> RefusedError:
    """What the layer algebra says of a submitted network is no fault of the command."""
    return RefusedError(error.code, error.message, hint=error.hint, where=error.where)


def _damaged(error: RunError) -> CompanionError:
    """A reader that crashes on a file means a damaged file: HDF5's library does on some."""
    if error.code != "child-crashed":
        return error
    return ModelFileError(
        "hdf5-damaged",
        "The file is damaged: the library that reads it crashed on it.",
        hint=HAND_IN,
    )


@contextmanager
def reading(
    descriptor: int, *, seconds: float = SECONDS, memory: int = MEMORY, ready: Reading | None = None
) -> Iterator[Reading]:
    """Read a file in a child of its own, and end that whatever happens.

    descriptor: as `Reading.open`. ready: a child that waits for its file; None: a new one.
    """
    reader = ready or Reading(seconds=seconds, memory=memory)
    try:
        reader.open(descriptor)
        yield reader
    finally:
        reader.close()

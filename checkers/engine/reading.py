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


class Reading:
    """A conversation with the reader about one submission.

    locks: the parts of the lock that it held, known with the model.
    """

    def __init__(self, child: Child, weights: int) -> None:
        self._child = child
        self.weights_descriptor = weights
        self.locks: tuple[str, ...] = ()

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
        sealed_memory.fix_size(self.weights_descriptor, wanted)
        written = self._ask("weights").header.get("bytes")
        try:
            sealed_memory.seal(self.weights_descriptor)
        except OSError as error:
            raise RunError("protocol", f"The reader's memory can't be sealed: {error}.") from None
        if written != wanted or os.fstat(self.weights_descriptor).st_size != wanted:
            raise RunError("protocol", "The reader handed on another number of weights.")
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
    descriptor: int, *, seconds: float = SECONDS, memory: int = MEMORY
) -> Iterator[Reading]:
    """Start a reader for a file, and end it whatever happens.

    descriptor: of the sealed copy of a submission, or of a file that is only looked at.
    """
    with sealed_memory.memory("weights") as weights:
        child = Child(
            "reader",
            "checkers.engine.reader_child",
            descriptors=(descriptor, weights),
            seconds=seconds,
            memory=memory,
            environment={rlimits.CPU: str(math.ceil(_THREADS * seconds))},
        )
        with child:
            yield Reading(child, weights)

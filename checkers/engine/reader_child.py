"""The first child: opens the submitted file, says its network, then hands the weights on.

It is given memory for the weights, and with the first request the file (sealed memory). Everything
that may be needed is imported before the last lock, and the file is opened after it.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import BinaryIO

from answers.errors import CompanionError, ModelFileError, RunError
from answers.layers.catalogue import FAMILIES
from answers.network.document import to_json
from answers.network.graph import Network
from checkers.engine.frames import Frame
from checkers.engine.sealed_memory import write
from checkers.engine.service import serve, start, take_over
from checkers.isolation import lock
from checkers.model_file.archive import contents, unpacked
from checkers.model_file.reader import OpenedModel, open_model, read_network
from checkers.model_file.record import StoredArray, expected_from_document, to_document

_HDF5 = (
    *("h5py", "checkers.model_file.hdf5", "checkers.model_file.places"),
    *("checkers.model_file.lost_flags", "checkers.model_file.lost_input"),
    "checkers.model_file.weights_only",
    "checkers.model_file.stored_arrays",
)
_NAMES = 1 << 16  # the end of an archive, where its members are named


class _Reader:
    """Answers 'network' or 'stored'; or 'model', then 'weights'; or 'models', then 'unpack'."""

    def __init__(self, hands: int, weights: int) -> None:
        self._hands, self._weights = hands, weights
        self._file: BinaryIO | None = None
        self._opened: OpenedModel | None = None
        self._locked = False

    def answer(self, frame: Frame) -> Frame:
        if frame.header.get("ask") == "prepare":
            self._lock()
            return Frame({})
        if self._file is None:
            self._file = os.fdopen(take_over(self._hands), "rb")
        return self._of_the_file(frame, self._file)

    def _of_the_file(self, frame: Frame, file: BinaryIO) -> Frame:
        self._lock(file if frame.header.get("ask") == "network" else None)
        if frame.header.get("ask") == "models":
            found = contents(file)
            rows = [[each.name, each.size] for each in found.models]
            return Frame({"models": rows, "others": found.others})
        if frame.header.get("ask") == "unpack":
            data = unpacked(file, str(frame.header.get("name")))
            return Frame({"bytes": write(self._weights, [data])})
        if frame.header.get("ask") == "network":
            return Frame({"network": to_json(read_network(file))})
        if frame.header.get("ask") == "stored":
            network = read_network(file)
            rows = [[a.layer, a.name, a.shape] for a in _stored(file, network)]
            return Frame({"network": to_json(network), "stored": rows})
        if frame.header.get("ask") == "model":
            expected = expected_from_document(frame.header.get("expected"))
            self._opened = open_model(file, expected)
            document = to_document(self._opened.model)
            return Frame({"model": document, "locks": list(lock.held())})
        if self._opened is None:
            raise ModelFileError("reader-order", "The weights were asked for before the model.")
        pieces = (array.data.cast("B") for array in self._opened.weights() if array.size)
        return Frame({"bytes": write(self._weights, pieces)})

    def _lock(self, looked_at: BinaryIO | None = None) -> None:
        """Import everything, and take the last lock. looked_at: the file, if its network is all."""
        if self._locked:
            return
        self._locked = True
        import encodings.cp437  # noqa: F401  # names in old archives

        for family in FAMILIES:
            import_module(f"answers.layers.{family}")
        # looking at an archive's network needs no arrays, and importing them takes as long again
        if looked_at is None or not _names_a_configuration(looked_at.fileno()):
            for module in _HDF5:
                import_module(module)
        lock.last()


def _stored(file: BinaryIO, network: Network) -> tuple[StoredArray, ...]:
    from checkers.model_file.stored_arrays import stored_arrays  # imported before the lock

    return stored_arrays(file, network)


def _names_a_configuration(file: int) -> bool:
    """Whether bytes at the end look like an archive's list of members: a search, no parsing."""
    size = os.fstat(file).st_size
    return b"config.json" in os.pread(file, _NAMES, max(size - _NAMES, 0))


def _damaged(error: Exception) -> CompanionError:
    if isinstance(error, ImportError):  # the lock came too early for it: no fault of the file
        return RunError("reader-locked", f"The reader could not import what it needs: {error}.")
    return ModelFileError(
        "unreadable", f"The file can't be read: {type(error).__name__}: {error!s:.200}."
    )


def main() -> None:
    """Serve the parent."""
    begin = start()
    (weights,) = begin.given
    serve(begin.channel, _Reader(begin.hands, weights).answer, _damaged)


if __name__ == "__main__":
    main()

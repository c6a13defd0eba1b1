"""The first child: opens the submitted file, says its network, then hands the weights on.

It is given two descriptors: the file (sealed memory), and memory for the weights.
"""

from __future__ import annotations

import os

from answers.errors import CompanionError, ModelFileError
from answers.network.document import to_json
from checkers.engine.frames import Frame
from checkers.engine.sealed_memory import write
from checkers.engine.service import serve, start
from checkers.model_file.reader import OpenedModel, open_model, read_network
from checkers.model_file.record import to_document


class _Reader:
    """Answers 'network'; or 'model', then 'weights'."""

    def __init__(self, file: int, weights: int) -> None:
        self._file, self._weights = os.fdopen(file, "rb"), weights
        self._opened: OpenedModel | None = None

    def answer(self, frame: Frame) -> Frame:
        if frame.header.get("ask") == "network":
            return Frame({"network": to_json(read_network(self._file))})
        if frame.header.get("ask") == "model":
            self._opened = open_model(self._file)
            return Frame({"model": to_document(self._opened.model)})
        if self._opened is None:
            raise ModelFileError("reader-order", "The weights were asked for before the model.")
        pieces = (array.data.cast("B") for array in self._opened.weights() if array.size)
        return Frame({"bytes": write(self._weights, pieces)})


def _damaged(error: Exception) -> CompanionError:
    return ModelFileError(
        "unreadable", f"The file can't be read: {type(error).__name__}: {error!s:.200}."
    )


def main() -> None:
    """Serve the parent."""
    begin = start()
    file, weights = begin.given
    serve(begin.channel, _Reader(file, weights).answer, _damaged)


if __name__ == "__main__":
    main()

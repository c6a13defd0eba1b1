"""The children of the next file, started while this one's are at work."""

from __future__ import annotations

from contextlib import suppress

from answers.errors import RunError
from checkers.engine.child import Child
from checkers.engine.predicting import Launch
from checkers.engine.reading import Reading


class Ready:
    """A reader and a predictor that have imported what they need and wait, each for one file.

    What nobody took is ended by `close`.
    """

    def __init__(self) -> None:
        self._reader: Reading | None = None
        self._predictor: tuple[Launch, Child] | None = None

    def prepare(self, launch: Launch | None) -> None:
        """Start what is not there yet. launch: of a predictor like this one; None: of none.

        What can't be started now is no fault of the file that is graded: it starts in its turn.
        """
        with suppress(RunError, OSError):
            if self._reader is None:
                self._reader = Reading()
                self._reader.prepare()
            if self._predictor is None and launch is not None:
                self._predictor = launch, launch.start()

    def reader(self) -> Reading | None:
        """The reader that waits, for whoever asks first; one that died meanwhile is let go."""
        found, self._reader = self._reader, None
        if found is None or found.alive:
            return found
        found.close()
        return None

    def predictor(self, launch: Launch) -> Child | None:
        """The predictor that waits, if it was launched like this and lives; another is ended."""
        found, self._predictor = self._predictor, None
        if found is None:
            return None
        if found[0] == launch and found[1].alive:
            return found[1]
        found[1].close()
        return None

    def close(self) -> None:
        """End what nobody took."""
        if self._reader is not None:
            self._reader.close()
        if self._predictor is not None:
            self._predictor[1].close()

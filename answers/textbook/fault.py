"""A file of the textbook that is not as it must be, with the place in it."""

from __future__ import annotations

from pathlib import Path

from answers.errors import InputError


class Fault(InputError):  # noqa: N818  # as in checkers/assignment: one word for one thing
    """What is wrong in a file of the textbook.

    file: which one. line: from 1; 0 where the whole file is meant.
    """

    def __init__(
        self, code: str, message: str, *, file: Path, line: int = 0, hint: str = ""
    ) -> None:
        place = f"{file.parent.name}/{file.name}"
        super().__init__(code, message, hint=hint, where=f"{place}:{line}" if line else place)
        self.file = file
        self.line = line

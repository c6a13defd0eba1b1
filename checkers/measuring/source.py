"""The data of one call: opened once, and read once where it fits into memory."""

from __future__ import annotations

from dataclasses import replace

from answers.data.input_contract import InputContract, Scale
from answers.data.split import Split
from checkers.assignment.assignment import Assignment
from checkers.measuring.data_source import DataRequest, open_data
from checkers.measuring.rows import Rows


class Source:
    """What was opened last stays open for the next model.

    keep: how many bytes of pictures and truths may stay in memory between two models.
    """

    def __init__(self, keep: int = 0) -> None:
        self._keep = keep
        self._opened: tuple[DataRequest, Assignment, Split] | None = None
        self._rows: Rows | None = None

    def split(self, request: DataRequest, assignment: Assignment) -> Split:
        """The split to measure on.

        Raises: as `open_data`.
        """
        if self._opened is None or self._opened[:2] != (request, assignment):
            self._opened = (request, assignment, open_data(request, assignment))
        return self._opened[2]

    def rows(self, split: Split, contract: InputContract) -> Rows:
        """The rows of a split as a contract prepares them; its scale is applied later."""
        unscaled = replace(contract, scale=Scale("raw"))
        if self._rows is None or self._rows.split is not split or self._rows.contract != unscaled:
            self._rows = Rows(split, unscaled, self._keep)
        return self._rows

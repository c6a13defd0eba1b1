"""`--predictions FILE.npz`: what a model said, by sample name, written as it comes."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from checkers.measuring.stream import Predicted
from companion.output_file import trouble, written


class PredictionsFile:
    """Gathers predictions on disk, and makes the .npz of them at the end.

    The archive holds `names` (n,) and `predictions` (n, …) float32, as the model answered.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows: Any = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `save`
        self._names: list[str] = []
        self._shape: tuple[int, ...] | None = None

    def add(self, items: list[Predicted]) -> None:
        """Take the predictions of a batch.

        Raises: MissingError disk-full.
        """
        try:
            for item in items:
                self._shape = item.values.shape
                self._names.append(item.sample.name)
                self._rows.write(item.values.tobytes())
        except OSError as error:
            raise trouble(self.path, error) from None

    def save(self) -> None:
        """Write the archive, whole or not at all."""
        with written(self.path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            with archive.open("names.npy", "w") as member:
                npy.write_array(member, np.array(self._names, dtype=np.str_), allow_pickle=False)
            with archive.open("predictions.npy", "w", force_zip64=True) as member:
                self._write_rows(member)
        self._rows.close()

    def _write_rows(self, member: Any) -> None:
        shape = (len(self._names), *(self._shape or ()))
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(member, header)
        self._rows.seek(0)
        while piece := self._rows.read(1 << 20):
            member.write(piece)

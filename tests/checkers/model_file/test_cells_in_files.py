"""Cells, equations and wrapped kernels in a file's configuration: what is refused, and how."""

from __future__ import annotations

from typing import Any

import pytest

from answers.errors import CompanionError, ModelFileError, RefusedError
from answers.layers.recurrent import GRU, LSTM, RNN, StackedRNNCells
from checkers.model_file.layer_config import read_layer

MODULE = "keras.layers"


def cell(kind: str, **settings: Any) -> dict[str, Any]:
    config = {"units": 2, "dropout": 0.1, "seed": None, **settings}
    return {"class_name": kind, "module": MODULE, "config": config, "registered_name": None}


def stack(*cells: Any) -> dict[str, Any]:
    return {"class_name": "StackedRNNCells", "module": MODULE, "config": {"cells": list(cells)}}


def test_a_cell_is_read_as_the_layer_that_does_the_same() -> None:
    found = read_layer("RNN", {"cell": cell("LSTMCell"), "return_sequences": True}, MODULE)
    assert found == RNN(cell=LSTM(units=2), return_sequences=True)


def test_cells_on_cells_keep_their_order() -> None:
    cells = stack(cell("GRUCell", reset_after=True), cell("LSTMCell", units=3))
    found = read_layer("RNN", {"cell": cells}, MODULE)
    both = (GRU(units=2), LSTM(units=3))
    assert found == RNN(cell=StackedRNNCells(cells=both))


def nested(depth: int) -> dict[str, Any]:
    inner = cell("LSTMCell")
    for _ in range(depth):
        inner = stack(inner)
    return inner


FOREIGN = {
    "class_name": "MyCell",
    "module": "student",
    "config": {},
    "registered_name": "My>MyCell",
}
CASES: list[tuple[str, str, dict[str, Any], type[CompanionError], str]] = [
    ("a cell of their own", "RNN", {"cell": FOREIGN}, RefusedError, "is not Keras's own"),
    ("own among Keras's", "RNN", {"cell": stack(cell("LSTMCell"), FOREIGN)}, RefusedError, "MyCell"),
    ("a foreign LSTMCell", "RNN", {"cell": cell("LSTMCell") | {"module": "x"}}, RefusedError, "not Keras's own"),
    ("a layer for a cell", "RNN", {"cell": cell("Dense")}, RefusedError, "'Dense'"),
    ("a text for a cell", "RNN", {"cell": "os.system"}, ModelFileError, "for a cell"),
    ("no cell", "RNN", {"return_sequences": True}, ModelFileError, "lacks a setting"),
    ("no cells", "RNN", {"cell": stack()}, ModelFileError, "1 to 64 cells"),
    ("a thousand cells", "RNN", {"cell": stack(*[cell("LSTMCell")] * 1000)}, ModelFileError, "1 to 64"),
    ("stacks in stacks", "RNN", {"cell": nested(50)}, ModelFileError, "no list of cells"),
    ("a list for a stack", "RNN", {"cell": stack() | {"config": []}}, ModelFileError, "no list of cells"),
    ("states of a word", "RNN", {"cell": cell("GRUCell"), "return_state": "ls"}, ModelFileError, "return_state must be true or false"),
    ("a cell alone", "LSTMCell", {"units": 2}, RefusedError, "'LSTMCell'"),
    ("cells alone", "StackedRNNCells", {"cells": []}, RefusedError, "'StackedRNNCells'"),
    ("numbers for units", "RNN", {"cell": cell("LSTMCell", units=-1)}, ModelFileError, "must be a whole"),
    ("code for an equation", "EinsumDense", {"equation": "__import__('os')", "output_shape": [2]}, ModelFileError, "can't be read"),
    ("an endless equation", "EinsumDense", {"equation": "a" * 10**6, "output_shape": [2]}, ModelFileError, "can't be read"),
    ("sizes below 1", "EinsumDense", {"equation": "ab,bc->ac", "output_shape": [-2]}, ModelFileError, "must be"),
    ("a wrapped model", "SpectralNormalization", {"layer": {"class_name": "Sequential", "config": {}}}, RefusedError, "'Sequential'"),
    ("no kernel", "SpectralNormalization", {"layer": {"class_name": "Flatten", "config": {}}}, ModelFileError, "has no kernel"),
    ("words", "TextVectorization", {"vocabulary": None, "max_tokens": 9}, RefusedError, "takes texts"),
    ("a vocabulary", "StringLookup", {"vocabulary": ["a"]}, RefusedError, "takes texts"),
    ("a wrapped Lambda", "SpectralNormalization", {"layer": {"class_name": "Lambda", "config": {}}}, RefusedError, "Python code"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "config", "error", "words"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_is_no_layer_of_keras_is_refused(
    kind: str, config: dict[str, Any], error: type[CompanionError], words: str
) -> None:
    with pytest.raises(error, match=words):
        read_layer(kind, config, MODULE)

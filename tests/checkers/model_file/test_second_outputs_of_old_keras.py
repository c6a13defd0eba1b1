"""Files of Keras 2 in which states or scores of a layer are used, against the words of their writers.

`tests/fixtures/make_second_outputs.py` had each of them write its models, and what it predicts.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from answers.errors import InputError, RefusedError
from answers.network.document import from_json, to_json
from answers.network.graph import Network
from answers.network.parameters import parameters
from answers.network.summary import summary
from answers.notation.printer import to_notation
from checkers.model_file.reader import open_model

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "second_outputs"
FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".h5", ".keras"))
WORDS = np.array([[1, 2, 3, 0, 0, 0], [4, 0, 5, 6, 0, 0], [0, 0, 0, 0, 0, 1], [7, 8, 1, 2, 3, 4]])


# its decoder begins with padding, which Keras before 2.3 answered with the first state
REFUSED = ("both_ways-2.2.4.h5", "gates-2.2.4.h5", "translator-2.2.4.h5")
OPENED = [name for name in FILES if name not in REFUSED]


@pytest.mark.parametrize("name", REFUSED)
def test_padding_that_was_answered_with_a_state_is_refused(name: str) -> None:
    with (
        (FOLDER / name).open("rb") as file,
        pytest.raises(RefusedError, match=r"Keras before 2\.3 answers masked steps"),
    ):
        open_model(file)


def test_models_of_four_writers_are_there() -> None:
    versions = {Path(name).stem.split("-", 1)[1] for name in FILES}
    assert versions == {"2.2.4", "2.2.4-tf", "2.4.0", "2.15.0"}


@pytest.mark.parametrize("name", OPENED)
def test_a_file_has_the_parameters_that_its_writer_counted(name: str) -> None:
    with (FOLDER / name).open("rb") as file:
        network = open_model(file).model.network
    assert [parameters(network).total] == np.load(FOLDER / f"{name}.npz")["parameters"].tolist()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask:UserWarning")
@pytest.mark.parametrize("name", OPENED)
def test_a_file_answers_as_its_writer_did(name: str) -> None:
    import keras

    from checkers.engine.keras_builder import build, put_weights

    with (FOLDER / name).open("rb") as file:
        opened = open_model(file)
        arrays = iter(list(opened.weights()))
    built = build(opened.model.network)
    put_weights(built, opened.model.network, arrays)
    names = [tensor.node for tensor in opened.model.network.inputs]
    given = {"asked": WORDS, "told": WORDS[::-1]}
    model = keras.Model(built.inputs, built.outputs[0])
    answer = model.predict([given[name].astype("f4") for name in names], verbose=0)
    wanted = np.load(FOLDER / f"{name}.npz")["answer"]
    assert np.ptp(wanted) > 0.01
    np.testing.assert_allclose(answer, wanted, rtol=0, atol=1e-5)


# --- what the calculators make of such a network ------------------------------------------------


def network_of_file(name: str) -> Network:
    with (FOLDER / name).open("rb") as file:
        return open_model(file).model.network


def test_the_table_of_a_network_has_its_states_beside() -> None:
    rows = {row.kind: row for row in summary(network_of_file("translator-2.15.0.h5")).rows}
    assert (rows["LSTM"].output, rows["LSTM"].beside) == ((6, 4), ((4,), (4,)))
    assert rows["Dense"].beside == ()


@pytest.mark.parametrize("name", [n for n in OPENED if "2.15" in n and n.endswith("h5")])
def test_a_network_with_second_outputs_survives_its_document(name: str) -> None:
    network = network_of_file(name)
    assert from_json(to_json(network)) == network


def test_the_notation_says_that_it_has_no_states() -> None:
    with pytest.raises(InputError, match="lstm gives more than one tensor: its states or scores"):
        to_notation(network_of_file("translator-2.15.0.h5"))

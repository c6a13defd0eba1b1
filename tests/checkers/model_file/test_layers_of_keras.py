"""Every layer of today's Keras is read, or is on the list of those that are refused by name."""

from __future__ import annotations

import inspect

import pytest

from answers.errors import RefusedError
from checkers.model_file.layer_config import check_class, read_layer

pytestmark = pytest.mark.slow

REFUSED = {
    *("FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper", "Lambda"),  # code of their own
    *("IntegerLookup", "StringLookup", "TextVectorization"),  # words, and files with words
    *("CategoryEncoding", "Discretization", "HashedCrossing", "Hashing", "MaxNumBoundingBoxes"),
    *("MelSpectrogram", "STFTSpectrogram"),  # sounds
    *("AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "Equalization", "RandomCrop"),
    *("StackedRNNCells", "GRUCell", "LSTMCell", "SimpleRNNCell"),  # cells by themselves
    *("Pipeline", "ReversibleEmbedding", "Wrapper", "Layer"),
}


def names_of_layers() -> set[str]:
    import keras

    every = vars(keras.layers).items()
    return {name for name, c in every if inspect.isclass(c) and c.__name__ == name} & {
        name for name, c in every if inspect.isclass(c) and issubclass(c, keras.layers.Layer)
    }


def test_every_layer_of_keras_is_read_or_refused_by_name() -> None:
    read = set()
    for name in names_of_layers():
        try:
            check_class(name, "keras.layers", None)
        except RefusedError:
            continue
        read.add(name)
    assert names_of_layers() - read <= REFUSED
    assert len(read) > 108


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_layer_that_is_not_read_is_refused_with_its_name(name: str) -> None:
    with pytest.raises(RefusedError, match=name):
        read_layer(name, {"name": "x"}, "keras.layers")

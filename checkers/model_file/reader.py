"""Bytes → ModelFile, then its weights. Nothing of the file is run, imported or unpickled.

The configuration comes first, so that whoever asked can judge the network before a single array
is read.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from answers.errors import CompanionError, ModelFileError, RefusedError
from answers.layers.core import InputLayer
from answers.network.graph import Network
from checkers.model_file.archive import inner_model, read_archive, read_config
from checkers.model_file.graph_config import read_model_config, says_no_input
from checkers.model_file.old_meaning import as_keras2_meant
from checkers.model_file.own_flags import by_flags_of_groups, by_own_flags
from checkers.model_file.own_functions import own_functions
from checkers.model_file.record import NOTHING, Expected, Finding, ModelFile
from checkers.model_file.sniff import HAND_IN, Container, sniff
from checkers.model_file.stored_loss import loss_takes
from checkers.model_file.strict_json import parse

if TYPE_CHECKING:  # arrays are imported with the file that has some
    import numpy as np
    from numpy.typing import NDArray

    from checkers.model_file.hdf5 import Tree
    from checkers.model_file.places import Places


@dataclass(frozen=True)
class OpenedModel:
    """A model whose configuration is read and whose weights wait."""

    model: ModelFile
    tree: Tree
    legacy_root: str | None  # the group of an HDF5 file's weights; None for an archive
    is_keras1: bool = False
    reference: bool = False  # the architecture is the assignment's, and not the file's
    grouped: Network | None = (
        None  # by whose flags the groups are ordered, where not by the model's
    )

    def weights(self) -> Iterator[NDArray[np.float32]]:
        """Every array as little-endian float32, in the order of the network's leaves.

        Raises: ModelFileError weights-missing, weights-extra, weights-shape, weights-dtype,
        weights-not-finite, hdf5-damaged; RefusedError hdf5-bomb.
        """
        for place in self._places():
            yield from place.form.restore([self.tree.array(path) for path in place.paths])

    def _places(self) -> Places:
        from checkers.model_file.places import archive_places, legacy_places
        from checkers.model_file.stored_form import habits_of
        from checkers.model_file.weights_only import weights_places

        if self.reference:
            return weights_places(self.tree, self.model.network)
        if self.legacy_root is None:
            return archive_places(self.tree, self.model.network)
        on_theano = self.tree.text("", "backend") == "theano"
        habits = habits_of(is_keras1=self.is_keras1, on_theano=on_theano)
        network = self.grouped or self.model.network
        return legacy_places(self.tree, network, self.legacy_root, habits)


def open_model(file: BinaryIO, expected: Expected = NOTHING) -> OpenedModel:
    """Open a seekable binary file that may hold a model.

    expected: what the assignment knows of it, for what the file leaves out.
    Raises: ModelFileError where it is none, or damaged; RefusedError where it is not accepted.
    """
    try:
        return _OPEN[sniff(file)](file, expected)
    except RecursionError:
        raise RefusedError("json-too-deep", "The configuration nests too deep.") from None


def read_network(file: BinaryIO) -> Network:
    """The network of a file alone, for looking at: no array is read, an archive not unpacked.

    A layer that we don't rebuild stays in it as `Unknown`.
    Raises: as `open_model`.
    """
    try:
        document = _config_of(file)
    except RecursionError:
        raise RefusedError("json-too-deep", "The configuration nests too deep.") from None
    return read_model_config(document, keep_unknown=True)


def _config_of(file: BinaryIO) -> Any:
    container = sniff(file)
    inner = inner_model(file) if container is Container.ZIP else None
    if inner is not None:
        file = io.BytesIO(inner[1])
        container = sniff(file)
    if container is Container.ZIP:
        return parse(read_config(file), "config.json")
    from checkers.model_file.hdf5 import open_tree

    tree = open_tree(file)
    config = tree.text("", "model_config")
    if config is None:
        raise _no_config(tree)
    return _with_input(parse(config, "model_config attribute"), tree, None)[0]


def _open_hdf5(file: BinaryIO, expected: Expected) -> OpenedModel:
    from checkers.model_file.hdf5 import open_tree
    from checkers.model_file.lost_flags import with_lost_flags

    tree = open_tree(file)
    config = tree.text("", "model_config")
    if config is None:
        return _open_weights(tree, expected)
    said = (tree.text(group, "keras_version") for group in ("", "model_weights"))
    version = next((text for text in said if text is not None), "") or "unknown"
    document = parse(config, "model_config attribute")
    document, found = _with_input(document, tree, expected.size)
    keras3 = _is_keras3(version, document)
    network = read_model_config(document)
    grouped = by_flags_of_groups(network) if keras3 else None
    if keras3:
        network = by_own_flags(network)
    else:
        network = as_keras2_meant(network, version, tree.text("", "backend"))
        network, frozen = with_lost_flags(network, tree, "model_weights")
        found = (*found, *frozen)
    model = ModelFile(
        dialect="keras-3-hdf5" if keras3 else "keras-2-hdf5",
        writer=_writer(version),
        network=network,
        loss_takes=loss_takes(_compiled(tree.text("", "training_config"))),
        findings=(*found, *own_functions(network, version), *_findings(network, document)),
    )
    keras1 = _is_keras1(version, document)
    return OpenedModel(model, tree, "model_weights", keras1, grouped=grouped)


def _with_input(
    document: Any, tree: Tree, size: tuple[int, int] | None
) -> tuple[Any, tuple[Finding, ...]]:
    """The configuration with the input that it does not say, where the arrays tell it."""
    from checkers.model_file.lost_input import find_input

    if not says_no_input(document):
        return document, ()
    config = document["config"]
    layers = config if isinstance(config, list) else config["layers"]
    found = find_input(layers, tree, "model_weights", size)
    if found is None:
        return document, ()
    first = layers[0]
    said = first["config"] | {"batch_input_shape": [None, *found.shape]}
    layers = [first | {"config": said}, *layers[1:]]
    config = layers if isinstance(config, list) else config | {"layers": layers}
    return document | {"config": config}, (found.finding,)


def _open_weights(tree: Tree, expected: Expected) -> OpenedModel:
    """A file of weights only, in the assignment's reference architecture where there is one.

    Raises: ModelFileError no-model-config, weights-differ, not-a-model.
    """
    from checkers.model_file.weights_only import fill, holds_weights, is_of_keras1

    if expected.network is None or not holds_weights(tree):
        raise _no_config(tree)
    version = tree.text("", "keras_version") or "unknown"
    old = version.startswith("2.") or is_of_keras1(tree)
    backend = tree.text("", "backend")
    network = as_keras2_meant(expected.network, version, backend) if old else expected.network
    model = ModelFile(
        dialect="keras-weights",
        writer=_writer(version),
        network=network,
        findings=(fill(tree, network), *_input_findings(network)),
    )
    return OpenedModel(model, tree, None, reference=True)


def _open_zip(file: BinaryIO, expected: Expected) -> OpenedModel:
    """A `.keras` archive, or one model in a zip file."""
    inner = inner_model(file, weights=expected.network is not None)
    if inner is None:
        return _open_archive(file, expected)
    name, data = inner
    content = io.BytesIO(data)
    opened = (_open_hdf5 if sniff(content) is Container.HDF5 else _open_archive)(content, expected)
    said = Finding("unpacked", f"The model was unpacked from a zip file, where it is {name!r:.80}.")
    return replace(opened, model=replace(opened.model, findings=(*opened.model.findings, said)))


def _open_archive(file: BinaryIO, _: Expected) -> OpenedModel:
    from checkers.model_file.hdf5 import open_tree

    archive = read_archive(file)
    document = parse(archive.config, "config.json")
    network = read_model_config(document)
    version = _version(archive.metadata)
    keras3 = _is_keras3(version, document)
    model = ModelFile(
        dialect="keras-3-archive" if keras3 else "keras-2-archive",
        writer=_writer(version),
        network=by_own_flags(network) if keras3 else as_keras2_meant(network),
        loss_takes=loss_takes(document.get("compile_config")),
        findings=_findings(network, document),
    )
    return OpenedModel(model, open_tree(io.BytesIO(archive.weights)), None)


_OPEN = {Container.HDF5: _open_hdf5, Container.ZIP: _open_zip}


def _no_config(tree: Tree) -> ModelFileError:
    from checkers.model_file.weights_only import holds_weights

    if holds_weights(tree):
        return ModelFileError(
            "no-model-config",
            "The file holds weights only; the architecture is missing.",
            hint='Save the whole model: model.save("model.keras"), not save_weights(). If these weights '
            "are all that is left, build the model again, call load_weights() on it, and save it.",
        )
    return ModelFileError("not-a-model", "This HDF5 file holds data, no Keras model.", hint=HAND_IN)


def _version(metadata: bytes | None) -> str:
    document = parse(metadata, "metadata.json") if metadata is not None else {}
    version = document.get("keras_version") if isinstance(document, dict) else None
    return version if isinstance(version, str) else "unknown"


def _findings(network: Network, document: Any) -> tuple[Finding, ...]:
    """What is worth saying of a network that was read whole."""
    return (*_input_findings(network), *_stateful(document))


def _stateful(document: Any) -> tuple[Finding, ...]:
    """What is worth saying of layers that go on where the batch before ended."""
    if not _is_true(document, "stateful"):
        return ()
    return (
        Finding(
            "stateful",
            "A recurrent layer has stateful=True: Keras goes on where the batch before ended, and "
            "the grade begins each sample from zeros.",
        ),
    )


def _input_findings(network: Network) -> tuple[Finding, ...]:
    """What is worth saying of an Input that does not take float32."""
    casts = {
        node.name: node.layer.cast for node in network.nodes if isinstance(node.layer, InputLayer)
    }
    return tuple(
        Finding(
            "input-dtype",
            f"The Input {name} has the type {cast}: like Keras, the grade turns the pictures into "
            f"it first{'' if 'float' in cast else ', and 0.7 becomes 0'}.",
        )
        for name, cast in casts.items()
        if cast != "float32"
    )


def _is_keras3(version: str, document: Any) -> bool:
    """Whether Keras 3 wrote it; where no version is stored, what an InputLayer calls its shape."""
    if version != "unknown":
        return version.startswith("3.")
    return _holds(document, "batch_shape")


def _is_keras1(version: str, document: Any) -> bool:
    """Whether Keras 1 wrote it; where no version is stored, what it called its settings."""
    if version != "unknown":
        return version.startswith(("0.", "1."))
    return any(_holds(document, key) for key in ("W_regularizer", "border_mode", "dim_ordering"))


def _holds(value: Any, key: str) -> bool:
    """Whether a key stands anywhere in a document."""
    if isinstance(value, dict):
        return key in value or any(_holds(item, key) for item in value.values())
    return isinstance(value, list) and any(_holds(item, key) for item in value)


def _writer(version: str) -> str:
    plain = version if version.isprintable() and len(version) <= 40 else "unknown"
    return f"Keras {plain}" if plain != "unknown" else "an unknown Keras"


def _compiled(training_config: str | None) -> Any:
    """How the model was compiled; that it can't be read is no reason to refuse the model."""
    if training_config is None:
        return None
    try:
        return parse(training_config, "training_config attribute")
    except CompanionError:
        return None


def _is_true(value: Any, key: str) -> bool:
    """Whether a key is true anywhere in a document."""
    if isinstance(value, dict):
        return value.get(key) is True or any(_is_true(item, key) for item in value.values())
    return isinstance(value, list) and any(_is_true(item, key) for item in value)

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
from answers.network.graph import Network
from checkers.model_file.archive import inner_model, read_archive, read_config
from checkers.model_file.graph_config import read_model_config
from checkers.model_file.layer_config import check_meaning
from checkers.model_file.record import Finding, ModelFile
from checkers.model_file.sniff import HAND_IN, Container, sniff
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

    def weights(self) -> Iterator[NDArray[np.float32]]:
        """Every array as little-endian float32, in the order of the network's leaves.

        Raises: ModelFileError weights-missing, weights-extra, weights-shape, weights-dtype,
        weights-not-finite, hdf5-damaged; RefusedError hdf5-bomb.
        """
        from checkers.model_file.places import check_shapes

        places = self._places()
        check_shapes(self.tree, self.model.network, places)
        for paths in places:
            for path in paths:
                yield self.tree.array(path)

    def _places(self) -> Places:
        from checkers.model_file.places import archive_places, legacy_places

        if self.legacy_root is None:
            return archive_places(self.tree, self.model.network)
        return legacy_places(self.tree, self.model.network, self.legacy_root)


def open_model(file: BinaryIO) -> OpenedModel:
    """Open a seekable binary file that may hold a model.

    Raises: ModelFileError where it is none, or damaged; RefusedError where it is not accepted.
    """
    try:
        return _OPEN[sniff(file)](file)
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
    return parse(config, "model_config attribute")


def _open_hdf5(file: BinaryIO) -> OpenedModel:
    from checkers.model_file.hdf5 import open_tree

    tree = open_tree(file)
    config = tree.text("", "model_config")
    if config is None:
        raise _no_config(tree)
    version = tree.text("", "keras_version") or "unknown"
    network = read_model_config(parse(config, "model_config attribute"))
    check_meaning(network, version)
    model = ModelFile(
        dialect="keras-3-hdf5" if version.startswith("3.") else "keras-2-hdf5",
        writer=_writer(version),
        network=network,
        from_logits=_from_logits(tree.text("", "training_config")),
    )
    return OpenedModel(model, tree, "model_weights")


def _open_zip(file: BinaryIO) -> OpenedModel:
    """A `.keras` archive, or one model in a zip file."""
    inner = inner_model(file)
    if inner is None:
        return _open_archive(file)
    name, data = inner
    content = io.BytesIO(data)
    opened = (_open_hdf5 if sniff(content) is Container.HDF5 else _open_archive)(content)
    said = Finding("unpacked", f"The model was unpacked from a zip file, where it is {name!r:.80}.")
    return replace(opened, model=replace(opened.model, findings=(*opened.model.findings, said)))


def _open_archive(file: BinaryIO) -> OpenedModel:
    from checkers.model_file.hdf5 import open_tree

    archive = read_archive(file)
    document = parse(archive.config, "config.json")
    network = read_model_config(document)
    version = _version(archive.metadata)
    check_meaning(network, version)
    model = ModelFile(
        dialect="keras-3-archive" if version.startswith("3.") else "keras-2-archive",
        writer=_writer(version),
        network=network,
        from_logits=_find(document.get("compile_config"), "from_logits"),
    )
    return OpenedModel(model, open_tree(io.BytesIO(archive.weights)), None)


_OPEN = {Container.HDF5: _open_hdf5, Container.ZIP: _open_zip}


def _no_config(tree: Tree) -> ModelFileError:
    roots = set(tree.groups) | set(tree.datasets)
    if tree.texts("", "layer_names") or roots & {"layers", "_layer_checkpoint_dependencies"}:
        return ModelFileError(
            "no-model-config",
            "The file holds weights only; the architecture is missing.",
            hint='Save the whole model: model.save("model.keras"), not save_weights().',
        )
    return ModelFileError("not-a-model", "This HDF5 file holds data, no Keras model.", hint=HAND_IN)


def _version(metadata: bytes | None) -> str:
    document = parse(metadata, "metadata.json") if metadata is not None else {}
    version = document.get("keras_version") if isinstance(document, dict) else None
    return version if isinstance(version, str) else "unknown"


def _writer(version: str) -> str:
    plain = version if version.isprintable() and len(version) <= 40 else "unknown"
    return f"Keras {plain}" if plain != "unknown" else "an unknown Keras"


def _from_logits(training_config: str | None) -> bool | None:
    """What the stored loss says; how the model was compiled is no reason to refuse it."""
    if training_config is None:
        return None
    try:
        return _find(parse(training_config, "training_config attribute"), "from_logits")
    except CompanionError:
        return None


def _find(value: Any, key: str) -> bool | None:
    """The first true or false under a key, anywhere in a document."""
    if isinstance(value, dict):
        if isinstance(value.get(key), bool):
            return bool(value[key])
        value = list(value.values())
    if isinstance(value, list):
        found = (_find(item, key) for item in value)
        return next((item for item in found if item is not None), None)
    return None

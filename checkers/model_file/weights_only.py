"""A file of weights only, put into the assignment's reference architecture.

Keras 2 lists its arrays by layer (`save_weights("x.h5")`): they are matched by the layers' names
where all of these are the reference's, else in order. The newer layout (`.weights.h5`) names
groups by class and counts them, which the archive's reader does. Shapes are equal in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from answers.errors import ModelFileError
from answers.network.graph import Network
from answers.network.parameters import leaves
from checkers.model_file.hdf5 import Tree
from checkers.model_file.places import (
    Places,
    archive_places,
    container_of,
    legacy_places,
    listed_arrays,
)
from checkers.model_file.record import Finding
from checkers.model_file.stored_form import habits_of

_NAMED, _IN_ORDER = "by the names of the layers", "layer by layer in their order"
_BY_CLASS = "by the classes of the layers, in their order"
_OF_KERAS1 = re.compile(r"_W(_\w)?(:0)?$")


def holds_weights(tree: Tree) -> bool:
    """Whether an HDF5 file without a configuration holds the weights of a model."""
    return bool(tree.texts("", "layer_names")) or container_of(tree) is not None


def is_of_keras1(tree: Tree) -> bool:
    """Whether Keras 1 wrote the weights; where no version is stored, what it called its arrays."""
    version = tree.text("", "keras_version")
    if version is not None:
        return version.startswith(("0.", "1."))
    return any(_OF_KERAS1.search(path) for path in tree.datasets)


def fill(tree: Tree, network: Network) -> Finding:
    """How the arrays of the file fit the reference architecture; none is read.

    Raises: ModelFileError weights-differ where they don't; RefusedError of the file.
    """
    _, how = _places(tree, network)
    return Finding(
        "reference-architecture",
        "The file holds weights only. They are graded in the assignment's reference architecture, "
        f"matched {how}.",
    )


def weights_places(tree: Tree, network: Network) -> Places:
    """Where each array of the reference architecture lies in a file of weights only.

    Raises: as `fill`.
    """
    return _places(tree, network)[0]


def _places(tree: Tree, network: Network) -> tuple[Places, str]:
    try:
        if tree.texts("", "layer_names") is None:
            return archive_places(tree, network), _BY_CLASS
        return _first_fitting(
            tree, (network, _set(network, inner=True), _set(network, inner=False))
        )
    except ModelFileError as error:
        raise _differ(error) from None


def _first_fitting(tree: Tree, networks: tuple[Network, ...]) -> tuple[Places, str]:
    """The places with the first network that fits: what was frozen orders a nested model's arrays.

    Raises: the error that the first one made, where none fits.
    """
    errors = []
    for network in networks:
        try:
            return _legacy(tree, network)
        except ModelFileError as error:
            errors.append(error)
    raise errors[0]


def _set(network: Network, *, inner: bool) -> Network:
    """The network with every layer trainable, and the models in it as `inner` says."""
    nodes = tuple(
        replace(node, layer=_set(node.layer, inner=True), trainable=inner)
        if isinstance(node.layer, Network)
        else replace(node, trainable=True)
        for node in network.nodes
    )
    return replace(network, nodes=nodes, trainable=True)


def _legacy(tree: Tree, network: Network) -> tuple[Places, str]:
    on_theano = tree.text("", "backend") == "theano"
    habits = habits_of(is_keras1=is_of_keras1(tree), on_theano=on_theano)
    try:
        return legacy_places(tree, network, "", habits), _NAMED
    except ModelFileError as error:
        groups = dict(_in_order(tree, network, error))
        return legacy_places(tree, network, "", habits, groups), _IN_ORDER


def _in_order(tree: Tree, network: Network, error: ModelFileError) -> Iterator[tuple[str, str]]:
    """The group of each layer with weights, when both lists are gone through together.

    Raises: the error that names made, where the lists are not equally long.
    """
    owners = dict.fromkeys(leaf.path[0] for leaf in leaves(network) if leaf.weights)
    groups = [name for name, arrays in listed_arrays(tree, "").items() if arrays]
    if len(owners) != len(groups):
        raise error
    return zip(owners, groups, strict=True)


def _differ(error: ModelFileError) -> ModelFileError:
    return ModelFileError(
        "weights-differ",
        "The file holds weights only, and they don't fit the assignment's reference architecture: "
        f"{error.message}",
        hint='Save the whole model: model.save("model.keras"), not save_weights().',
        where=error.where,
    )

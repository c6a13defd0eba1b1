"""The arrays that a file holds for the layers that we don't rebuild: names and shapes, no numbers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from answers.layers.base import Layer
from answers.layers.unknown import Unknown
from answers.network.graph import Network
from checkers.model_file.archive import inner_model, read_archive
from checkers.model_file.hdf5 import Tree, open_tree
from checkers.model_file.places import CONTAINERS, container_of, groups_of_leaves, listed_arrays
from checkers.model_file.record import StoredArray
from checkers.model_file.sniff import Container, sniff

MOST = 1_000
_ROOT = "model_weights"
Path = tuple[str, ...]


def stored_arrays(file: BinaryIO, network: Network) -> tuple[StoredArray, ...]:
    """The arrays of the unknown layers of a file's network, the first thousand.

    Raises: ModelFileError, RefusedError of the file.
    """
    if sniff(file) is Container.ZIP:
        inner = inner_model(file)
        if inner is None:
            tree = open_tree(io.BytesIO(read_archive(file).weights))
            return tuple(_first(_of_archive(tree, network)))
        return stored_arrays(io.BytesIO(inner[1]), network)
    return tuple(_first(_of_legacy(open_tree(file), network)))


def _first(found: Iterator[StoredArray]) -> Iterator[StoredArray]:
    for _, array in zip(range(MOST), found, strict=False):
        yield array


def _of_legacy(tree: Tree, network: Network) -> Iterator[StoredArray]:
    """A layer at the top has a group of its own; of one in a model the arrays bear its name."""
    listed = listed_arrays(tree, _ROOT)
    for path, layer in _leaves(network, ()):
        paths = listed.get(path[0], []) if isinstance(layer, Unknown) else []
        inside = [p for p in paths if len(path) == 1 or f"/{path[-1]}/" in p]
        yield from _described(tree, path, f"{_ROOT}/{path[0]}", inside)


def _of_archive(tree: Tree, network: Network) -> Iterator[StoredArray]:
    container = container_of(tree) or CONTAINERS[0]
    groups = groups_of_leaves(network, container)
    for (path, layer), group in zip(_leaves(network, ()), groups, strict=True):
        inside = sorted(tree.datasets) if isinstance(layer, Unknown) else []
        yield from _described(tree, path, group, [p for p in inside if p.startswith(f"{group}/")])


def _described(tree: Tree, path: Path, group: str, inside: list[str]) -> Iterator[StoredArray]:
    for dataset in inside:
        shape = tree.datasets[dataset].shape or ()
        name = dataset.removeprefix(f"{group}/")
        yield StoredArray("/".join(path), name, tuple(int(size) for size in shape))


def _leaves(network: Network, path: Path) -> Iterator[tuple[Path, Layer]]:
    for node in network.nodes:
        if isinstance(node.layer, Network):
            yield from _leaves(node.layer, (*path, node.name))
        else:
            yield (*path, node.name), node.layer

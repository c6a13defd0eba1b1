"""Models that were frozen as a whole, where the file lost that.

Keras 1 to 2.3 keeps `trainable` of a model inside a model in memory alone: its layers say that they
are trained. But a group lists first what training changes, then the rest: the order of the arrays'
names shows which model was frozen: by the part of a layer that each names, and of orders that agree
with those by the layer. Where no name tells, the count of what is trained stays as the file says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from answers.errors import CompanionError
from answers.network.graph import Network, Node
from checkers.model_file.hdf5 import Tree
from checkers.model_file.places import groups_by_name, listed_arrays, named_alike
from checkers.model_file.record import Finding

Path = tuple[str, ...]
_MOST_TRIES = 64  # each goes through the whole network


def with_lost_flags(network: Network, tree: Tree, root: str) -> tuple[Network, tuple[Finding, ...]]:
    """The network with those models frozen whose arrays say so, and a finding for each.

    root: the group of the arrays.
    """
    if not any(isinstance(node.layer, Network) for node in network.nodes):
        return network, ()
    try:
        found = _found(network, listed_arrays(tree, root))
    except CompanionError:
        return network, ()  # what is wrong is said when the network is judged, or the arrays read
    return _frozen(network, found), tuple(map(_finding, found))


def _found(network: Network, listed: Mapping[str, list[str]]) -> tuple[Path, ...]:
    """The models that were frozen as a whole."""
    found: tuple[Path, ...] = ()
    left = _MOST_TRIES
    for path, group in list(groups_by_name(network, listed)):
        arrays = listed.get(group, [])
        most = -1
        best: tuple[Path, ...] = ()
        for frozen in islice(_choices(network, path), left):
            left -= 1
            alike = named_alike(_frozen(network, frozen), path, arrays)
            if alike is not None and alike > most:
                most, best = alike, frozen
            if most == len(arrays):
                break
        found += best
    return found


def _choices(network: Network, path: Path) -> Iterator[tuple[Path, ...]]:
    """What may have been frozen below a path: nothing, one of the models, all but the outermost."""
    node = network.by_name[path[0]]
    models = list(_models(node, ())) if len(path) == 1 else []
    if models:
        yield ()
        yield from ((model,) for model in models)
        yield tuple(models[1:])


def _models(node: Node, path: Path) -> Iterator[Path]:
    here = (*path, node.name)
    if isinstance(node.layer, Network):
        yield here
        for inner in node.layer.nodes:
            yield from _models(inner, here)


def _frozen(network: Network, paths: tuple[Path, ...]) -> Network:
    for path in paths:
        nodes = tuple(_froze(node, path) for node in network.nodes)
        network = replace(network, nodes=nodes)
    return network


def _froze(node: Node, path: Path) -> Node:
    if node.name != path[0] or not isinstance(node.layer, Network):
        return node
    if len(path) == 1:
        return replace(node, trainable=False)
    return replace(node, layer=_frozen(node.layer, (path[1:],)))


def _finding(path: Path) -> Finding:
    return Finding(
        "frozen-deduced",
        f"The order of the arrays shows that the model {'/'.join(path)} was frozen, which the file "
        "does not say.",
    )

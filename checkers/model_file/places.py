"""Where each array of a network lies in an HDF5 tree, as Keras's two layouts put it.

Every array is used exactly once, and has the shape that the layer algebra says; anything else is
an error, because then the numbers would mean something else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from answers.errors import CompanionError, ModelFileError
from answers.layers.attention import ManyHeads
from answers.layers.base import Layer, Weight
from answers.layers.core import InputLayer
from answers.layers.recurrent import Bidirectional, Recurrent, TimeDistributed
from answers.network.graph import Network
from answers.network.parameters import Leaf, leaves
from checkers.model_file.hdf5 import Tree

Places = list[list[str]]  # for each leaf, for each of its weights, the path of the dataset
Slot = tuple[int, int]  # number of a leaf, number of a weight


def check_shapes(tree: Tree, network: Network, places: Places) -> None:
    """Refuse arrays whose shape is not what the layer needs.

    Raises: ModelFileError weights-shape, weights-dtype; RefusedError hdf5-bomb.
    """
    for leaf, paths in zip(leaves(network), places, strict=True):
        for weight, path in zip(leaf.weights, paths, strict=True):
            found = tree.shape(path)
            if found != weight.shape:
                raise ModelFileError(
                    "weights-shape",
                    f"The array {weight.name} should have the shape {weight.shape}, but the file "
                    f"holds {found}.",
                    where=f"layer {'/'.join(leaf.path)}",
                )


# --- layout A: one group for each top-level layer, its arrays in order ----------------------


def legacy_places(tree: Tree, network: Network, root: str) -> Places:
    """The places in a whole-model HDF5 file, where a group lists its arrays by `weight_names`.

    A group holds first what training changes, then the rest, of all layers below it.
    """
    every = list(leaves(network))
    listed = _listed(tree, root)
    places: dict[Slot, str] = {}
    for node in network.nodes:
        slots = list(_group_order(every, node.name))
        paths = listed.pop(node.name, [])
        _check_count(node.name, len(slots), len(paths))
        places |= dict(zip(slots, paths, strict=True))
    for name, paths in listed.items():
        _check_count(name, 0, len(paths))
    result = [[places[i, k] for k in range(len(leaf.weights))] for i, leaf in enumerate(every)]
    _check_used(tree, root, result)
    return result


def _group_order(every: list[Leaf], name: str) -> Iterator[Slot]:
    below = [(i, leaf) for i, leaf in enumerate(every) if leaf.path[0] == name]
    slots = [(i, k, leaf.weights[k], leaf) for i, leaf in below for k in range(len(leaf.weights))]
    yield from ((i, k) for i, k, weight, leaf in slots if _changes(weight, leaf))
    yield from ((i, k) for i, k, weight, leaf in slots if not _changes(weight, leaf))


def _changes(weight: Weight, leaf: Leaf) -> bool:
    return weight.trainable and not leaf.frozen


def _listed(tree: Tree, root: str) -> dict[str, list[str]]:
    names = tree.texts(root, "layer_names")
    if names is None:
        raise ModelFileError("weights-missing", "The file does not list its layers.")
    if len(set(names)) != len(names):
        raise ModelFileError("weights-extra", "The file lists a layer twice.", where="layer_names")
    return {name: list(_paths(tree, _join(root, name))) for name in names}


def _paths(tree: Tree, group: str) -> Iterator[str]:
    for name in tree.texts(group, "weight_names") or []:
        path = _join(group, name)
        if path not in tree.datasets:
            raise ModelFileError(
                "weights-missing", "A listed array is not in the file.", where=path
            )
        yield path


def _join(group: str, name: str) -> str:
    return f"{group}/{name}".strip("/").replace("\\", "/")


def _check_used(tree: Tree, root: str, places: Places) -> None:
    """Every array below `root` is used, and each once."""
    used = Counter(path for paths in places for path in paths)
    twice = [path for path, count in used.items() if count > 1]
    if twice:
        raise ModelFileError("weights-missing", "Two weights share one array.", where=twice[0])
    left = sorted(p for p in tree.datasets if p.startswith(f"{root}/") and p not in used)
    if left:
        raise ModelFileError(
            "weights-extra", f"The file holds {len(left)} arrays that no layer uses.", where=left[0]
        )


def _check_count(layer: str, wanted: int, found: int) -> None:
    if found != wanted:
        code = "weights-missing" if found < wanted else "weights-extra"
        raise ModelFileError(
            code,
            f"The layer needs {wanted} arrays, and the file holds {found}.",
            where=f"layer {layer}",
        )


# --- layout C: a group for each layer, named after its class --------------------------------

_CONTAINERS = ("layers", "_layer_checkpoint_dependencies")


def archive_places(tree: Tree, network: Network) -> Places:
    """The places in a `.keras` archive, whose groups are named by class and counted.

    Keras 2.12 and 2.13 count a layer that owns weights twice; no version is trusted to say so:
    the numbering that uses up every array is the right one.
    """
    container = next((name for name in _CONTAINERS if name in tree.groups), None)
    if container is None:
        raise ModelFileError("weights-missing", "The archive holds no weights.")
    try:
        return _by_class(tree, network, container, twice=False)
    except CompanionError as plain:
        try:
            return _by_class(tree, network, container, twice=True)
        except CompanionError:
            raise plain from None


def _by_class(tree: Tree, network: Network, container: str, *, twice: bool) -> Places:
    every = list(leaves(network))
    groups = list(_groups(network, container, container, twice=twice))
    places = [_arrays(tree, *pair) for pair in zip(groups, every, strict=True)]
    _check_used(tree, container, places)
    check_shapes(tree, network, places)
    return places


def _arrays(tree: Tree, group: str, leaf: Leaf) -> list[str]:
    paths = [_array(tree, group, part) for part in _parts(leaf.layer, len(leaf.weights))]
    missing = [path for path in paths if path not in tree.datasets]
    if missing:
        raise ModelFileError(
            "weights-missing", "An array that a layer needs is not in the file.", where=missing[0]
        )
    return paths


def _array(tree: Tree, group: str, part: str) -> str:
    path = f"{group}/{part}"
    # attention keeps its projections under private names; some writers drop the underscore
    return path if path in tree.datasets else f"{group}/_{part}"


def _parts(layer: Layer, count: int) -> list[str]:
    """Where the arrays of a layer lie in its group: in parts named after its attributes."""
    if isinstance(layer, Bidirectional):
        forward = _parts(layer.layer, count // 2)
        backward = _parts(layer.backward, count - len(forward))
        return _below("forward_layer", forward) + _below("backward_layer", backward)
    if isinstance(layer, TimeDistributed):
        return _below("layer", _parts(layer.layer, count))
    if isinstance(layer, Recurrent):
        return _below("cell", _numbered(count))
    if isinstance(layer, ManyHeads):
        names = ("query", "key", *(("gate",) if layer.use_gate else ()), "value", "output")
        each = _numbered(count // len(names))
        return [path for name in names for path in _below(f"{name}_dense", each)]
    return _numbered(count)


def _numbered(count: int) -> list[str]:
    return [f"vars/{number}" for number in range(count)]


def _below(part: str, paths: list[str]) -> list[str]:
    return [f"{part}/{path}" for path in paths]


def _groups(network: Network, path: str, container: str, *, twice: bool) -> Iterator[str]:
    """The group of each leaf, in the order of `leaves`."""
    owners = {leaf.path[0] for leaf in leaves(network) if leaf.weights} if twice else set()
    counter: Counter[str] = Counter()
    for node in network.nodes:
        if network.kind == "Sequential" and isinstance(node.layer, InputLayer):
            yield ""  # a Sequential keeps no group for its input, which has no arrays
            continue
        name = _snake(_CLASSES.get(node.layer.kind, node.layer.kind))
        here = f"{path}/{name}_{counter[name]}" if counter[name] else f"{path}/{name}"
        counter[name] += 2 if node.name in owners else 1
        if isinstance(node.layer, Network):
            yield from _groups(node.layer, f"{here}/{container}", container, twice=twice)
        else:
            yield here


# The class behind a name of keras.layers, where they differ: groups are named after the class.
_CLASSES = {"GroupQueryAttention": "GroupedQueryAttention"}


def _snake(kind: str) -> str:
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()

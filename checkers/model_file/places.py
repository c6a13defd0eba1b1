"""Where each array of a network lies in an HDF5 tree, as Keras's two layouts put it.

Every array is used exactly once, and has the shape that the layer algebra says; anything else is
an error, because then the numbers would mean something else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from answers.errors import CompanionError, ModelFileError
from answers.layers.attention import ManyHeads
from answers.layers.base import Layer, Weight
from answers.layers.core import InputLayer
from answers.layers.normalization import SpectralNormalization
from answers.layers.recurrent import RNN, Recurrent, StackedRNNCells
from answers.layers.unknown import Unknown
from answers.layers.wrappers import Bidirectional, TimeDistributed
from answers.network.graph import Network, Node
from answers.network.parameters import Leaf, leaves
from checkers.model_file.hdf5 import Tree
from checkers.model_file.stored_form import Habits, StoredForm, stored_form


@dataclass(frozen=True)
class Place:
    """A leaf, how the file keeps its arrays, and the path of the dataset of each."""

    leaf: Leaf
    form: StoredForm
    paths: tuple[str, ...]


Places = list[Place]
Slot = tuple[int, int]  # number of a leaf, number of an array
TODAY = (Habits(),)


def check_shapes(tree: Tree, places: Iterable[Place]) -> None:
    """Refuse arrays whose shape is not what the layer needs.

    Raises: ModelFileError weights-shape, weights-dtype; RefusedError hdf5-bomb.
    """
    for place in places:
        for weight, path in zip(place.form.weights, place.paths, strict=True):
            found = tree.shape(path)
            if found != weight.shape:
                raise ModelFileError(
                    "weights-shape",
                    f"The array {weight.name} should have the shape {weight.shape}, but the file "
                    f"holds {found}.",
                    where=f"layer {'/'.join(place.leaf.path)}",
                )


def _planned(network: Network, habits: Habits) -> Places:
    """Every leaf with the form of its arrays, and no paths yet."""
    every = list(leaves(network))
    return [Place(leaf, stored_form(leaf.layer, leaf.weights, habits), ()) for leaf in every]


# --- layout A: one group for each top-level layer, its arrays in order ----------------------


def legacy_places(
    tree: Tree,
    network: Network,
    root: str,
    habits: tuple[Habits, ...] = TODAY,
    groups: Mapping[str, str] | None = None,
) -> Places:
    """The places in a legacy HDF5 file, where a group lists its arrays by `weight_names`.

    A group holds first what training changes, then the rest, of all layers below it.
    habits: what the writer may have done; for each group the first with which its arrays fit is the
    right one. groups: the group of each top-level layer with weights, where names don't say it.
    """
    plans = [_planned(network, each) for each in habits]
    listed = listed_arrays(tree, root)
    places = dict(enumerate(plans[0]))
    left = dict(listed)
    by_name = groups_by_name(network, listed)
    for path, group in by_name if groups is None else _said(groups):
        places |= _fitting(tree, plans, path, group, left.pop(group, []))
    for name, paths in left.items():
        _check_count(name, 0, len(paths))
    result = list(places.values())
    _check_used(tree, root, result)
    _check_names(result)
    return result


# What arrays are called; those with one shape must not change places.
_PARTS = frozenset({"beta", "bias", "gamma", "kernel", "mean", "variance"})


def is_called_otherwise(path: str, weight: Weight) -> bool:
    """Whether an array bears the name of another part of a layer than the one that is wanted."""
    said, wanted = _part_name(path.rpartition("/")[2]), _part_name(weight.name)
    return said != wanted and {said, wanted} <= _PARTS


def named_alike(network: Network, path: tuple[str, ...], arrays: list[str]) -> int | None:
    """How many of a group's arrays, in their order, bear the names of the layers below a path.

    None where they can't be theirs: one bears the name of another part of a layer.
    """
    below = {
        i: p for i, p in enumerate(_planned(network, Habits())) if p.leaf.path[: len(path)] == path
    }
    slots = list(_group_order(below))
    if len(slots) != len(arrays):
        return None
    pairs = [(below[i], k, array) for (i, k), array in zip(slots, arrays, strict=True)]
    if any(is_called_otherwise(array, place.form.weights[k]) for place, k, array in pairs):
        return None
    return sum(place.leaf.path[-1] in array.split("/") for place, _, array in pairs)


def _part_name(name: str) -> str:
    return name.partition(":")[0].removeprefix("moving_")


def _check_names(places: Places) -> None:
    for place in places:
        for weight, path in zip(place.form.weights, place.paths, strict=True):
            if is_called_otherwise(path, weight):
                raise ModelFileError(
                    "weights-shape",
                    f"The array {path} stands where {weight.name} should be.",
                    where=f"layer {'/'.join(place.leaf.path)}",
                )


def _fitting(
    tree: Tree, plans: list[Places], path: tuple[str, ...], group: str, paths: list[str]
) -> dict[int, Place]:
    """The places of the leaves below a path, by their numbers, from the first plan that fits."""
    refusals = []
    for plan in plans:
        try:
            return _filled(tree, plan, path, group, paths)
        except ModelFileError as error:
            refusals.append(error)
    raise refusals[0]


def _filled(
    tree: Tree, plan: Places, path: tuple[str, ...], group: str, paths: list[str]
) -> dict[int, Place]:
    below = {i: place for i, place in enumerate(plan) if place.leaf.path[: len(path)] == path}
    slots = list(_group_order(below))
    _check_count(group, len(slots), len(paths))
    found = dict(zip(slots, paths, strict=True))
    places = {
        i: replace(place, paths=tuple(found[i, k] for k in range(len(place.form.weights))))
        for i, place in below.items()
    }
    check_shapes(tree, places.values())
    return places


def _said(groups: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], str]]:
    yield from (((node,), group) for node, group in groups.items())


def groups_by_name(
    network: Network, listed: Mapping[str, list[str]]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The path of each node that has a group of its own in a legacy file, and the group's name."""
    named = {name for leaf in leaves(network) for name in leaf.path}
    strangers = iter([name for name in listed if name not in named])
    yield from _grouped(network.nodes, (), listed, strangers)


def _grouped(
    nodes: tuple[Node, ...],
    path: tuple[str, ...],
    listed: Container[str],
    strangers: Iterator[str],
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The path of each node that has a group, and the name of the group.

    Up to Keras 2.2.2 a Sequential inside a model is written without its name: its group is the next
    one that no layer is called by. Keras 1 gives it no group, but its layers.
    """
    for node in nodes:
        here = (*path, node.name)
        if not isinstance(node.layer, Network) or node.name in listed:
            yield here, node.name
            continue
        stranger = next(strangers, None)
        if stranger is not None:
            yield here, stranger
        else:
            yield from _grouped(node.layer.nodes, here, listed, strangers)


def _group_order(below: dict[int, Place]) -> Iterator[Slot]:
    slots = [
        (i, k, _changes(weight, place.leaf))
        for i, place in below.items()
        for k, weight in enumerate(place.form.weights)
    ]
    yield from ((i, k) for i, k, changes in slots if changes)
    yield from ((i, k) for i, k, changes in slots if not changes)


def _changes(weight: Weight, leaf: Leaf) -> bool:
    return weight.trainable and not leaf.frozen


def listed_arrays(tree: Tree, root: str) -> dict[str, list[str]]:
    """The groups that a file lists below `root`, with the paths of their arrays in order.

    Raises: ModelFileError weights-missing, weights-extra.
    """
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


def _check_used(tree: Tree, root: str, places: Places, copies: Iterable[str] = ()) -> None:
    """Every array below `root` is used, and each once; copies are used by nobody."""
    used = Counter(path for place in places for path in place.paths)
    used.update(copies)
    twice = [path for path, count in used.items() if count > 1]
    if twice:
        raise ModelFileError("weights-missing", "Two weights share one array.", where=twice[0])
    inside = f"{root}/" if root else ""
    left = sorted(p for p in tree.datasets if p.startswith(inside) and p not in used)
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

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")


def container_of(tree: Tree) -> str | None:
    r"""The container of the layers' groups, or None. On Windows it is no group of its own: Keras 2
    wrote `layers\conv2d` beside `layers\dense`, and nothing called `layers`.
    """
    tops = {path.partition("/")[0] for path in tree.groups}
    return next((name for name in CONTAINERS if name in tops), None)


def archive_places(tree: Tree, network: Network) -> Places:
    """The places in a `.keras` archive, whose groups are named by class and counted.

    Keras 2.12 and 2.13 count a layer that owns weights twice; no version is trusted to say so:
    the numbering that uses up every array is the right one.
    """
    container = container_of(tree)
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
    plan = _planned(network, Habits())
    groups = list(_groups(network, container, container, twice=twice))
    places = [
        replace(place, paths=_arrays(tree, group, place.leaf, _own_layer(network, place.leaf)))
        for group, place in zip(groups, plan, strict=True)
    ]
    copies = [
        path
        for group, place in zip(groups, plan, strict=True)
        for path in _copies(tree, group, place.leaf)
    ]
    _check_used(tree, container, places, copies)
    check_shapes(tree, places)
    return places


def _own_layer(network: Network, leaf: Leaf) -> Layer:
    """The layer of a leaf as its file has it: a distributed model is made of ours."""
    distributed = False
    for name in leaf.path[:-1]:
        inner = network.by_name[name].layer
        if isinstance(inner, Network):
            network, distributed = inner, distributed or inner.kind == "TimeDistributed"
    return _undistributed(leaf.layer) if distributed else leaf.layer


L = TypeVar("L", bound=Layer | Network)


def _undistributed(layer: L) -> L | Layer:
    """The layer in a TimeDistributed of ours; any other as it is."""
    return layer.layer if isinstance(layer, TimeDistributed) else layer


def _arrays(tree: Tree, group: str, leaf: Leaf, layer: Layer) -> tuple[str, ...]:
    paths = tuple(_array(tree, group, part) for part in _parts(layer, len(leaf.weights)))
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
    if isinstance(layer, RNN) and isinstance(layer.cell, StackedRNNCells):
        return _below("cell/cells", list(_of_cells(layer)))
    if isinstance(layer, Recurrent):
        return _below("cell", _numbered(count))
    if isinstance(layer, SpectralNormalization):
        inner = _parts(layer.layer, count - 1)
        return [*_below("layer", inner[:1]), "vars/1", *_below("layer", inner[1:])]
    if isinstance(layer, ManyHeads):
        names = ("query", "key", *(("gate",) if layer.use_gate else ()), "value", "output")
        each = _numbered(count // len(names))
        return [path for name in names for path in _below(f"{name}_dense", each)]
    return _numbered(count)


def _of_cells(layer: RNN) -> Iterator[str]:
    """The arrays of cells one on the other, whose groups are named by class and counted."""
    counter: Counter[str] = Counter()
    for cell in layer.cells:
        name = _snake(f"{cell.kind}Cell")
        here = f"{name}_{counter[name]}" if counter[name] else name
        counter[name] += 1
        yield from _below(here, _numbered(len(cell.weights((1, 1)))))


def _copies(tree: Tree, group: str, leaf: Leaf) -> list[str]:
    """Arrays that stand in an archive twice: a SpectralNormalization keeps its layer's kernel too."""
    path = f"{group}/vars/0"
    if not isinstance(leaf.layer, SpectralNormalization) or path not in tree.datasets:
        return []
    return [path] if leaf.weights and tree.shape(path) == leaf.weights[0].shape else []


def _numbered(count: int) -> list[str]:
    return [f"vars/{number}" for number in range(count)]


def _below(part: str, paths: list[str]) -> list[str]:
    return [f"{part}/{path}" for path in paths]


def groups_of_leaves(network: Network, container: str) -> Iterator[str]:
    """The group of each leaf of an archive with plain numbering, in the order of `leaves`."""
    return _groups(network, container, container, twice=False)


def _groups(
    network: Network, path: str, container: str, *, twice: bool, distributed: bool = False
) -> Iterator[str]:
    """The group of each leaf, in the order of `leaves`. distributed: see `_own_layer`."""
    owners = {leaf.path[0] for leaf in leaves(network) if leaf.weights} if twice else set()
    counter: Counter[str] = Counter()
    for node in network.nodes:
        if network.kind == "Sequential" and isinstance(node.layer, InputLayer):
            yield ""  # a Sequential keeps no group for its input, which has no arrays
            continue
        kind = _class_of(_undistributed(node.layer) if distributed else node.layer)
        name = _snake(_CLASSES.get(kind, kind))
        here = f"{path}/{name}_{counter[name]}" if counter[name] else f"{path}/{name}"
        counter[name] += 2 if node.name in owners else 1
        if isinstance(node.layer, Network) and node.layer.kind == "TimeDistributed":
            yield ""  # what goes in has no group; the model has one that is not called by its class
            (inner,) = (n.layer for n in node.layer.nodes if isinstance(n.layer, Network))
            below = f"{here}/layer/{container}"
            yield from _groups(inner, below, container, twice=twice, distributed=True)
        elif isinstance(node.layer, Network):
            below = f"{here}/{container}"
            yield from _groups(node.layer, below, container, twice=twice, distributed=distributed)
        else:
            yield here


# The class behind a name of keras.layers, where they differ: groups are named after the class.
_CLASSES = {"GroupQueryAttention": "GroupedQueryAttention"}


def _class_of(layer: Layer | Network) -> str:
    return layer.class_name if isinstance(layer, Unknown) else layer.kind


def _snake(kind: str) -> str:
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()

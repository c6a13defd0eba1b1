"""Networks inside networks, unfolded into one graph of layers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from answers.errors import InputError
from answers.layers.base import Layer
from answers.layers.core import InputLayer
from answers.network.graph import Call, Network, Node, Tensor
from answers.notation.canonical import canonical, has_weights
from answers.notation.reading import MOST_LAYERS

DEEPEST = 32

Path = tuple[str, ...]
_Flat = tuple[Path, int]  # a layer, by its path, and the number of its call


@dataclass
class _Leaf:
    layer: Layer
    trainable: bool
    calls: dict[int, tuple[_Flat, ...]] = field(default_factory=dict)


def unfolded(network: Network) -> Network:
    """The same network with no network in it.

    A layer keeps its name where it is the only one of that name, else it gets the names on its
    path, with / between them. A frozen network freezes its layers; where there is nothing to train
    the flag is dropped.
    Raises: InputError `no-notation` when it would have too many layers, or lies too deep.
    """
    walk = _Walk()
    outputs = walk.run(network, (), 0, None, trainable=True)
    names = _names(list(walk.leaves))

    def tensor(flat: _Flat) -> Tensor:
        return Tensor(names[flat[0]], flat[1])

    return Network(
        name=network.name,
        kind="Functional",
        nodes=tuple(
            Node(
                names[path],
                leaf.layer,
                tuple(tuple(map(tensor, leaf.calls[key])) for key in sorted(leaf.calls)),
                leaf.trainable,
            )
            for path, leaf in walk.leaves.items()
        ),
        inputs=tuple(Tensor(names[item.node,]) for item in network.inputs),
        outputs=tuple(map(tensor, outputs)),
        output_names=network.output_names,
    )


def same_network(a: Network, b: Network) -> bool:
    """Whether two networks are the same layers, joined in the same way, under the same names.

    Their own names, the order of their nodes and the names of their outputs don't count, nor
    whether a part of one of them is a network of its own.
    """
    return facts(unfolded(a)) == facts(unfolded(b))


def facts(network: Network) -> tuple[object, ...]:
    """What counts of a network without networks in it."""
    nodes = {node.name: (node.layer, node.calls, node.trainable) for node in network.nodes}
    return nodes, network.inputs, network.outputs


def _check_first_outputs(network: Network) -> None:
    used = {tensor for call in network.order for tensor in call.inputs} | {*network.outputs}
    for tensor in sorted(used):
        if tensor.output and not isinstance(network.by_name[tensor.node].layer, Network):
            raise _no_notation(f"{tensor.node} gives more than one tensor: its states or scores")


@dataclass
class _Walk:
    leaves: dict[Path, _Leaf] = field(default_factory=dict)
    steps: int = 0

    def run(
        self,
        network: Network,
        path: Path,
        turn: int,
        given: tuple[_Flat, ...] | None,
        *,
        trainable: bool,
    ) -> tuple[_Flat, ...]:
        """Call a network once more. turn: how many times it was called before; given: its inputs."""
        if len(path) > DEEPEST:
            raise _no_notation(f"networks lie more than {DEEPEST} levels deep")
        own = trainable and network.trainable
        _check_first_outputs(network)
        self.list_leaves(network, path, trainable=own)
        made = dict(zip(network.inputs, given, strict=True)) if given is not None else {}
        for call in network.order:
            if Tensor(call.node.name) not in made or call.number:
                made |= self.call(call, path, turn, made, trainable=own)
        return tuple(made[item] for item in network.outputs)

    def list_leaves(self, network: Network, path: Path, *, trainable: bool) -> None:
        """Note the layers of a network in the order of its nodes; inputs of inner ones are none."""
        for node in network.nodes:
            if isinstance(node.layer, Network) or (path and isinstance(node.layer, InputLayer)):
                continue
            layer = canonical(node.layer)
            learns = (trainable and node.trainable) or not has_weights(layer)
            self.leaves.setdefault((*path, node.name), _Leaf(layer, learns))

    def call(
        self, call: Call, path: Path, turn: int, made: dict[Tensor, _Flat], *, trainable: bool
    ) -> dict[Tensor, _Flat]:
        """What one call makes; numbers of calls go on from the turns before."""
        self.steps += 1
        if self.steps > MOST_LAYERS:
            raise _no_notation(f"the network has more than {MOST_LAYERS:,} layers")
        node, here = call.node, (*path, call.node.name)
        number = turn * len(node.calls) + call.number
        inputs = tuple(made[item] for item in call.inputs)
        own = trainable and node.trainable
        if isinstance(node.layer, Network):
            outputs = self.run(node.layer, here, number, inputs, trainable=own)
        else:
            self.leaves[here].calls[number] = inputs
            outputs = ((here, number),)
        return {Tensor(node.name, call.number, index): flat for index, flat in enumerate(outputs)}


def _names(paths: list[Path]) -> dict[Path, str]:
    count = Counter(path[-1] for path in paths)
    names = {path: path[-1] if count[path[-1]] == 1 else "/".join(path) for path in paths}
    if len(set(names.values())) != len(names):
        raise _no_notation("layers of the networks inside have names that can't be told apart")
    return names


def _no_notation(why: str) -> InputError:
    return InputError("no-notation", f"The notation can't write this network: {why}.")

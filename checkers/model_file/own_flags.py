"""What of a model of Keras 3 is trained: each layer by its own flag.

Setting `trainable` of a model sets it for all that is inside at that time. A layer that is unfrozen
afterwards is trained, whatever the model around it says; in Keras 2 it is not. (Source:
`Layer.trainable_variables` of both.)
"""

from __future__ import annotations

from dataclasses import replace

from answers.network.graph import Network, Node


def by_own_flags(network: Network) -> Network:
    """The network with every model inside open; the outermost one keeps its flag."""
    return replace(network, nodes=tuple(map(_open, network.nodes)))


def by_flags_of_groups(network: Network) -> Network:
    """The network by whose flags Keras 3 orders the arrays of an HDF5 group, one a layer.

    There the flag of the group's own layer counts, and those inside of it don't.
    """
    nodes = (
        replace(node, layer=by_own_flags(node.layer)) if isinstance(node.layer, Network) else node
        for node in network.nodes
    )
    return replace(network, nodes=tuple(nodes))


def _open(node: Node) -> Node:
    if not isinstance(node.layer, Network):
        return node
    inner = replace(by_own_flags(node.layer), trainable=True)
    return replace(node, layer=inner, trainable=True)

"""A model inside a TimeDistributed, as a model whose layers each run on every step.

A TimeDistributed record holds a single layer. A whole model in it is the same as the model whose
layers are distributed one by one; where several tensors meet, numbers meet numbers, on whatever
axes they lie.
"""

from __future__ import annotations

from dataclasses import replace

from answers.errors import RefusedError
from answers.layers.arithmetic import Arithmetic
from answers.layers.base import Layer
from answers.layers.core import InputLayer, Masking
from answers.layers.merging import Concatenate, Elementwise
from answers.layers.unknown import Unknown
from answers.layers.wrappers import TimeDistributed
from answers.network.graph import Network, Node, Tensor
from checkers.model_file.masks import EITHER


def at_each_step(name: str, model: Network) -> Network:
    """The network of a TimeDistributed called `name` around a model.

    Raises: RefusedError config-value for a model with several inputs or outputs, for one that makes
    masks, and for a layer that can't be distributed.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise _refused(f"the model {model.name!r} with several inputs or outputs")
    inside = _distributed(model)
    given = next(n.layer for n in inside.nodes if isinstance(n.layer, InputLayer))
    steps = "steps" if model.name != "steps" else "all_steps"
    return Network(
        name=name,
        kind="TimeDistributed",
        nodes=(Node(steps, given, ((),)), Node(model.name, inside, ((Tensor(steps),),))),
        inputs=(Tensor(steps),),
        outputs=(Tensor(model.name),),
        output_names=(name,),
    )


def _distributed(model: Network) -> Network:
    return replace(model, nodes=tuple(map(_node, model.nodes)))


def _node(node: Node) -> Node:
    if isinstance(node.layer, Network):
        return replace(node, layer=_distributed(node.layer))
    several = any(len(call) > 1 for call in node.calls)
    try:
        return replace(node, layer=_joined(node.layer) if several else _of_one(node.layer))
    except RefusedError as error:
        raise error.at(f"layer {node.name}") from None


def _of_one(layer: Layer) -> Layer:
    """A layer that takes one tensor, on each step."""
    if isinstance(layer, InputLayer):
        return replace(layer, shape=(None, *layer.shape))
    if isinstance(layer, Masking) or getattr(layer, "mask_zero", False):
        raise _refused("a model that makes masks")
    if isinstance(layer, Elementwise | Unknown):  # numbers of a file meet the last axes
        return layer
    return TimeDistributed(layer=layer)


def _joined(layer: Layer) -> Layer:
    """A layer that takes several tensors, which have one axis more."""
    if isinstance(layer, Concatenate):
        return layer if layer.axis < 0 else replace(layer, axis=layer.axis + 1)
    if layer.kind in EITHER or isinstance(layer, Arithmetic | Unknown):
        return layer
    raise _refused(f"a model with a {layer.kind} of several tensors")


def _refused(what: str) -> RefusedError:
    return RefusedError(
        "config-value",
        f"A TimeDistributed around {what} can't be graded yet.",
        hint="Put a TimeDistributed around each layer of the model instead.",
    )

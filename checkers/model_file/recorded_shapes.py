"""The shapes that Keras 3 wrote beside the tensors of a graph, compared with our own.

Keras 3.0 to 3.10 does not write a Conv2DTranspose's `output_padding` at all: its settings alone
give another network than the one that was trained. The recorded shapes show it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from answers.errors import RefusedError
from answers.layers.base import Shape, text
from answers.network.graph import Network, Tensor
from answers.network.shapes import ShapeTable, fits


def read_shape(value: Any) -> Shape | None:
    """A recorded shape without its batch axis; None where nothing usable is recorded."""
    if not isinstance(value, list) or not all(v is None or type(v) is int for v in value):
        return None
    return tuple(value[1:])


def check_recorded(network: Network, recorded: Iterable[tuple[Tensor, Shape]]) -> None:
    """Refuse a network whose tensors had other shapes when it was saved.

    Raises: RefusedError shape-differs; InputError of the layer that does not fit.
    """
    rows = tuple(recorded)
    table = ShapeTable().calls(network) if rows else {}
    for tensor, shape in rows:
        ours = table[tensor.node, tensor.call][tensor.output]
        if not fits(shape, ours):
            raise RefusedError(
                "shape-differs",
                f"The output of this layer was {text(shape)} when the model was saved, but its "
                f"settings give {text(ours)}: the file lacks a setting.",
                hint="Keras 3.0 to 3.10 loses the output_padding of a Conv2DTranspose: leave it "
                "away, or save the model with a newer Keras.",
                where=f"layer {tensor.node}",
            )

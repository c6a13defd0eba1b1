"""A model file for people and for scripts: what it is, and its layers."""

from __future__ import annotations

from typing import Any

from answers.errors import CompanionError
from answers.layers.base import Shape, text
from answers.network.graph import Network
from answers.network.head import final_activation
from answers.network.parameters import Leaf, leaves, parameters
from answers.network.shapes import ShapeTable, input_shapes, output_shapes
from checkers.model_file.record import ModelFile
from companion.views.printable import printable
from companion.views.terminal import console


def document(model: ModelFile, sha256: str) -> dict[str, Any]:
    """The result of `inspect --json`."""
    count = parameters(model.network)
    return {
        "sha256": sha256,
        "dialect": model.dialect,
        "writer": model.writer,
        "parameters": {
            "total": count.total,
            "trainable": count.trainable,
            "non_trainable": count.non_trainable,
        },
        "input_shapes": [list(shape) for shape in input_shapes(model.network)],
        "output_shapes": [list(shape) for shape in output_shapes(model.network)],
        "final_activation": final_activation(model.network),
        "layers": [
            {
                "name": "/".join(leaf.path),
                "kind": leaf.layer.kind,
                "output_shape": list(shape),
                "parameters": sum(weight.size for weight in leaf.weights),
                "trainable": not leaf.frozen,
            }
            for leaf, shape in _rows(model.network)
        ],
        "findings": [{"code": f.code, "message": f.message} for f in model.findings],
    }


def draw(model: ModelFile, name: str) -> None:
    """Draw it on stdout."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    count = parameters(model.network)
    shapes = input_shapes(model.network), output_shapes(model.network)
    ends = " -> ".join(", ".join(map(text, side)) for side in shapes)
    out.print(Text(printable(f"{name}: {model.dialect}, written by {model.writer}")))
    out.print(Text(f"{ends}, ending in {final_activation(model.network)}"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("layer", "kind", "output", "parameters"):
        right = title in ("output", "parameters")
        table.add_column(title, justify="right" if right else "left", overflow="fold")
    for leaf, shape in _rows(model.network):
        frozen = " (frozen)" if leaf.frozen and leaf.weights else ""
        size = sum(weight.size for weight in leaf.weights)
        cells = ("/".join(leaf.path), leaf.layer.kind + frozen, text(shape), f"{size:,}")
        table.add_row(*(Text(printable(cell)) for cell in cells))
    out.print(table)
    out.print(
        Text(
            f"{count.total:,} parameters, {count.trainable:,} trainable, "
            f"{count.non_trainable:,} not"
        )
    )
    for finding in model.findings:
        out.print(Text(f"Finding: {finding.message} ({finding.code})"))


def _rows(network: Network) -> list[tuple[Leaf, Shape]]:
    """Each leaf with the shape that its first call gives."""
    outputs = dict(_outputs(network, (), ShapeTable()))
    return [(leaf, outputs.get(leaf.path, ())) for leaf in leaves(network)]


def _outputs(
    network: Network, path: tuple[str, ...], shapes: ShapeTable
) -> list[tuple[tuple[str, ...], Shape]]:
    try:
        table = shapes.calls(network)
    except CompanionError as error:
        raise error.at("/".join(path)) from None
    found = []
    for node in network.nodes:
        here = (*path, node.name)
        if isinstance(node.layer, Network):
            found += _outputs(node.layer, here, shapes)
        elif node.calls:
            found.append((here, table[node.name, 0][0]))
    return found

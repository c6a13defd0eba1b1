"""A model file for people and for scripts: what it is, and its layers."""

from __future__ import annotations

from typing import Any

from answers.data.notes import counted
from answers.layers.base import text
from answers.network.graph import Network
from answers.network.head import final_activation
from answers.network.parameters import parameters
from answers.network.shapes import Known, input_shapes, output_shapes
from answers.network.summary import summary
from checkers.model_file.record import ModelFile, StoredArray
from companion.options import Everywhere
from companion.views import summary_view
from companion.views.paper import Paper

Stored = tuple[StoredArray, ...]
_MOST_DRAWN = 40


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
        "layers": _layers(model.network),
        "findings": [{"code": f.code, "message": f.message} for f in model.findings],
    }


def partial(network: Network, stored: Stored, sha256: str) -> dict[str, Any]:
    """What `inspect --json` says of a file that is refused for one of its layers.

    Totals are lower bounds where `at_least` says so.
    """
    found = summary(network)
    return {
        "sha256": sha256,
        "parameters": {"total": found.parameters.value, "at_least": found.parameters.at_least},
        "input_shapes": [list(shape) for shape in input_shapes(network)],
        "layers": _layers(network),
        "stored": [
            {"layer": array.layer, "name": array.name, "shape": list(array.shape)}
            for array in stored
        ],
    }


def _layers(network: Network) -> list[dict[str, Any]]:
    return [
        {
            "name": "/".join(row.path),
            "kind": row.kind,
            "output_shape": _sizes(row.output),
            **({"beside_shapes": list(map(_sizes, row.beside))} if row.beside else {}),
            "parameters": row.parameters,
            "trainable": not row.frozen,
        }
        for row in summary(network).rows
    ]


def _sizes(shape: Known) -> list[Any] | None:
    return None if shape is None else list(shape)


def draw_partial(network: Network, stored: Stored, name: str, everywhere: Everywhere) -> None:
    """Draw the layers of a file that is refused for one of them, and that one's arrays."""
    paper = Paper.of(everywhere)
    paper.line(f"{name}: a model with a layer that can't be graded")
    paper.line()
    summary_view.draw(summary_view.Table.of(network), everywhere)
    for array in stored[:_MOST_DRAWN]:
        paper.line(f"Stored for {array.layer}: {array.name}, {text(array.shape)}")
    if len(stored) > _MOST_DRAWN:
        more = counted(len(stored) - _MOST_DRAWN, "array")
        paper.line(f"… and {more} more; --json lists them.")


def draw(model: ModelFile, name: str, everywhere: Everywhere) -> None:
    """Draw it on stdout: what it is, the table of its layers, what was found."""
    paper = Paper.of(everywhere)
    shapes = input_shapes(model.network), output_shapes(model.network)
    ends = " → ".join(", ".join(map(text, side)) for side in shapes)
    paper.line(f"{name}: {model.dialect}, written by {model.writer}")
    paper.line(f"{ends}, ending in {final_activation(model.network)}")
    paper.line()
    summary_view.draw(summary_view.Table.of(model.network), everywhere)
    for finding in model.findings:
        paper.line(f"Finding: {finding.message} ({finding.code})")

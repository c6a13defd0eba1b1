"""`companion shape`: which shape comes out of a layer or a network, and why."""

from __future__ import annotations

from typing import Any

import typer

from answers.derivation import shapes
from answers.derivation.document import value_document as exact
from answers.network.graph import Network
from companion.cli.answering import Calculator, Derivations, draw_derivations
from companion.cli.calculator import Asked, asking
from companion.options import Everywhere

EPILOG = """\b
Examples:
  companion shape --kernel 3 --size 32 --in 3 --out 16 --stride 2 --padding same
  companion shape "in {n}x{n}x3: conv3-16/s2, maxpool2"
  companion shape --kernel 3 --size 8 --in 64 --out 32 --transposed --stride 2
  companion shape "in 32x32x3: conv3-16" --mine 32x32x16
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
@asking
def shape(asked: Asked, everywhere: Everywhere) -> int:
    """Which shape comes out, axis by axis, with the derivation.

    Shapes are height x width x channels, without the batch; ? is a size left open.
    """
    calculator = Calculator(
        command="shape",
        quantities=("shape",),
        derive=lambda network: (shapes.of_network(network),),
        document=_document,
        draw=draw_derivations,
    )
    return calculator.answer(asked, everywhere)


def _document(network: Network, _: Derivations) -> dict[str, Any]:
    from answers.network.summary import summary
    from companion.views.calculator_json import layer_rows

    table = summary(network)
    return {
        "output_shapes": [exact(output) for output in table.outputs],
        "layers": layer_rows(table),
    }

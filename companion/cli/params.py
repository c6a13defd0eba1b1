"""`companion params`: how many parameters a layer or a network has, and why."""

from __future__ import annotations

from typing import Any

import typer

from answers.derivation import parameters
from answers.network.graph import Network
from companion.cli.answering import Calculator, Derivations, draw_derivations
from companion.cli.calculator import Asked, asking
from companion.options import Everywhere

EPILOG = """\b
Examples:
  companion params --kernel 3 --in 16 --out 32
  companion params --kernel 3 --in 3 --out 16 --size n --local
  companion params "in 32x32x3: conv3-16/same, relu, maxpool2, flatten, dense-10"
  companion params --kernel 3 --in 16 --out 32 --mine 4608
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
@asking
def params(asked: Asked, everywhere: Everywhere) -> int:
    """How many parameters a layer or a network has, with the derivation.

    Sizes may be letters: --in c, or {n} in a network. Every number is exact.
    """
    calculator = Calculator(
        command="params",
        quantities=("parameters",),
        derive=lambda network: (parameters.of_network(network),),
        document=_document,
        draw=draw_derivations,
    )
    return calculator.answer(asked, everywhere)


def _document(network: Network, _: Derivations) -> dict[str, Any]:
    from answers.network.summary import summary
    from companion.views.calculator_json import layer_rows, totals

    table = summary(network)
    return totals(table) | {"layers": layer_rows(table)}

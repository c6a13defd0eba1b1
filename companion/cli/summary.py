"""`companion summary`: a network as a table."""

from __future__ import annotations

from typing import Any, Literal

import typer

from answers.network.graph import Network
from companion.cli.answering import Calculator, Derivations, located
from companion.cli.calculator import Asked, asking
from companion.cli.network_source import Source
from companion.options import Everywhere

EPILOG = """\b
Examples:
  companion summary "in 32x32x3: conv3-16/same, relu, maxpool2, flatten, dense-10"
  companion summary "sample-unet"
  companion summary "model.keras"
  companion summary "in {n}x{n}x3: conv3-16, conv3-32" --set n=32 --json
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
@asking
def summary(asked: Asked, everywhere: Everywhere) -> int:
    """A network as a table: output shape, parameters, MACs and receptive field of each layer.

    --steps puts the derivation of the parameters below, --no-steps leaves the totals alone.
    """
    from companion.views import summary_view

    def document(network: Network, _: Derivations) -> dict[str, Any]:
        return summary_view.document(summary_view.Table.of(network))

    calculator = Calculator(
        command="summary",
        quantities=("parameters", "macs"),
        derive=lambda _: (),  # the table is enough; a derivation of a large network takes time
        document=document,
        draw=_draw,
        write=_write,
        derivations=False,
    )
    return calculator.answer(asked, everywhere)


def _draw(source: Source, _: Derivations, asked: Asked, everywhere: Everywhere) -> None:
    from companion.views import summary_view
    from companion.views.derivation_view import draw
    from companion.views.paper import Paper

    with located(source):
        table = summary_view.Table.of(source.network)
    summary_view.draw(table, everywhere, rows=asked.steps is not False)
    if asked.steps:
        from answers.derivation import parameters

        Paper.of(everywhere).line()
        draw(parameters.of_network(source.network), everywhere, steps=True)


def _write(source: Source, form: Literal["latex", "markdown"]) -> str:
    from companion.views import summary_view

    with located(source):
        return summary_view.as_text(summary_view.Table.of(source.network), form)

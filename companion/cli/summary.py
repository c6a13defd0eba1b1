"""`companion summary`: a network as a table."""

from __future__ import annotations

import typer

from companion.cli.answering import located
from companion.cli.calculator import Asked, asking
from companion.options import Everywhere
from companion.views.terminal import say

EPILOG = """\b
Examples:
  companion summary "in 32x32x3: conv3-16/same, relu, maxpool2, flatten, dense-10"
  companion summary "model.keras"
  companion summary "in {n}x{n}x3: conv3-16, conv3-32" --set n=32 --json
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
@asking
def summary(asked: Asked, everywhere: Everywhere) -> None:
    """A network as a table: output shape, parameters, MACs and receptive field of each layer."""
    from companion.views import json_document, summary_view

    form, source = asked.form, asked.source()
    with located(source):
        table = summary_view.Table.of(source.network)
    if form == "json":
        say(json_document.result("summary", summary_view.document(table)))
    elif form == "terminal":
        summary_view.draw(table, everywhere)
    else:
        say(summary_view.as_text(table, form))

"""`companion notation`: what may be written for a network, and a network in its canonical form."""

from __future__ import annotations

from typing import Annotated

import typer

from companion.views.terminal import say

EPILOG = """\b
Examples:
  companion notation
  companion notation "[conv3-8/same/s1 | ] add"
  companion notation "model.keras"
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
def notation(
    context: typer.Context,
    network: Annotated[
        str | None,
        typer.Argument(help="A network: a notation, a file, -, a saved model, or a sample."),
    ] = None,
    *,
    names: Annotated[
        bool, typer.Option("--names/--no-names", help="Keep the names of a file's layers.")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """The words of the notation; with a network, that network in its canonical form.

    A network that can't be written in one line says why.
    """
    from companion.views import json_document, notation_view

    if network is None:
        if json:
            say(json_document.result("notation", notation_view.words_document()))
        else:
            notation_view.draw_words(context.obj)
        return
    from answers.notation.printer import to_notation
    from companion.cli.network_source import read_network

    text = to_notation(read_network(network).network, keep_names=names)
    say(json_document.result("notation", {"notation": text}) if json else text)

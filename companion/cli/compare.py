"""`companion compare A B`: two networks side by side."""

from __future__ import annotations

from typing import Annotated

import typer

from companion.cli.answering import located
from companion.cli.calculator import NETWORK_HELP, replaced
from companion.cli.network_source import Source, read_network
from companion.views.terminal import say

EPILOG = """\b
Examples:
  companion compare "in {n}x{n}x3: local3-16, local3-32" "in {n}x{n}x3: conv3-16, conv3-32"
  companion compare "in 32x32x64: conv3-64/same" "in 32x32x64: sep3-64/same"
  companion compare "in {n}x{n}x3: conv5-16" "in {n}x{n}x3: conv3-16, conv3-16" --set n=32
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
def compare(
    context: typer.Context,
    first: Annotated[str, typer.Argument(metavar="A", help=NETWORK_HELP)],
    second: Annotated[str, typer.Argument(metavar="B", help="The other network.")],
    *,
    replacements: Annotated[
        list[str] | None, typer.Option("--set", help="Put a number in a letter's place: n=32.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="Print LaTeX.")] = False,
) -> None:
    """Two networks side by side: parameters, MACs, output, field; where the numbers cross.

    With one letter the numbers are functions of it, and it is said from which size on which
    network is smaller.
    """
    from answers.solving.compare import compare as compare_networks
    from companion.cli.calculator import form_of, values_of
    from companion.views import compare_view, json_document

    form = form_of(json=json, latex=latex, markdown=markdown)
    values = values_of(replacements)
    sides = [_side(word, values) for word in (first, second)]
    with located(sides[0]), located(sides[1]):
        found = compare_networks(sides[0].network, sides[1].network)
    if form == "json":
        say(json_document.result("compare", compare_view.document(found)))
    elif form == "terminal":
        compare_view.draw(found, context.obj)
    else:
        say(compare_view.as_text(found, form))


def _side(word: str, values: dict[str, int]) -> Source:
    """A network; only the letters that it has are replaced."""
    from answers.network.symbols import letters_of

    source = read_network(word)
    with located(source):
        known = letters_of(source.network)
        return replaced(source, {name: value for name, value in values.items() if name in known})

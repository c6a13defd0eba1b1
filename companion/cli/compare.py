"""`companion compare A B`: two networks side by side."""

from __future__ import annotations

from typing import Annotated

import typer

from answers.derivation.derivation import Derivation
from companion.cli.answering import located
from companion.cli.calculator import NETWORK_HELP, Shown, replaced, showing, values_of
from companion.cli.network_source import Source, read_network
from companion.options import Everywhere
from companion.views.terminal import say

EPILOG = """\b
Examples:
  companion compare "in {n}x{n}x3: local3-16, local3-32" "in {n}x{n}x3: conv3-16, conv3-32"
  companion compare "in 32x32x64: conv3-64/same" "in 32x32x64: sep3-64/same"
  companion compare "in {n}x{n}x3: conv5-16" "in {n}x{n}x3: conv3-16, conv3-16" --set n=32
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
@showing
def compare(
    shown: Shown,
    everywhere: Everywhere,
    *,
    first: Annotated[str, typer.Argument(metavar="A", help=NETWORK_HELP)],
    second: Annotated[str, typer.Argument(metavar="B", help="The other network.")],
    replacements: Annotated[
        list[str] | None, typer.Option("--set", help="Put a number in a letter's place: n=32.")
    ] = None,
) -> None:
    """Two networks side by side: parameters, MACs, output, field; where the numbers cross.

    With one letter the numbers are functions of it, and it is said from which size on which
    network is smaller. --steps: also how the parameters and MACs of each come about.
    """
    from answers.solving.compare import compare as compare_networks
    from companion.views import compare_view, json_document

    form, values = shown.form, values_of(replacements)
    sides = [_side(word, values) for word in (first, second)]
    with located(sides[0]), located(sides[1]):
        found = compare_networks(sides[0].network, sides[1].network)
        worked_out = _derivations(sides) if shown.steps else ()
    if form == "json":
        say(json_document.result("compare", compare_view.document(found, worked_out)))
    elif form == "terminal":
        compare_view.draw(found, everywhere, worked_out)
    else:
        say(compare_view.as_text(found, form, worked_out))


def _derivations(sides: list[Source]) -> tuple[Derivation, ...]:
    """The parameters and the MACs of both."""
    from dataclasses import replace

    from answers.derivation import macs, parameters

    found = []
    for name, side in zip("AB", sides, strict=True):
        network = replace(side.network, name=name)
        found += [parameters.of_network(network), macs.of_network(network)]
    return tuple(found)


def _side(word: str, values: dict[str, int]) -> Source:
    """A network; only the letters that it has are replaced."""
    from answers.network.symbols import letters_of

    source = read_network(word)
    with located(source):
        known = letters_of(source.network)
        return replaced(source, {name: value for name, value in values.items() if name in known})

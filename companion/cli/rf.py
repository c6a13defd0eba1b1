"""`companion rf`: what a unit sees of the input, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from answers.derivation import field as field_derivation
from answers.errors import InputError
from answers.network.graph import Network, Tensor
from companion.cli.answering import Calculator, Derivations
from companion.cli.calculator import Asked, asking
from companion.cli.network_source import Source
from companion.options import Everywhere

EPILOG = """\b
Examples:
  companion rf "conv3-16, conv3-32"
  companion rf "in 16x16x1: conv3-8/same, maxpool2, conv3-8/same" --draw
  companion rf "conv{k}-8/s{s}, conv3-8"
  companion rf "conv7-64/s2, maxpool3/s2" --output "field.svg"
"""

_MOST_NAMES = 12

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
@asking
def rf(
    asked: Asked,
    everywhere: Everywhere,
    *,
    draw: Annotated[
        bool, typer.Option("--draw", help="Draw the field growing layer by layer.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Also write the drawing as a picture.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="LAYER", help="Of this layer instead of the last.")
    ] = None,
    input_name: Annotated[
        str | None, typer.Option("--of-input", metavar="NAME", help="Which input is looked at.")
    ] = None,
) -> int:
    """The receptive field: which input positions a unit can see.

    Per axis: size, jump from unit to unit, start (below 0: in the padding), holes. Where units take
    turns (transposed convolutions), each phase has its own interval.
    """
    if output is not None:
        from companion.output_file import check_output

        check_output(output, (".svg",))
    question = _Question(at=at, source=input_name, draw=draw, output=output)
    calculator = Calculator(
        command="rf",
        quantities=("receptive-field",),
        derive=question.derive,
        document=question.document,
        draw=question.show,
        filters_matter=False,
    )
    return calculator.answer(asked, everywhere)


def _layers(network: Network) -> str:
    """Which layers there are: the first of them."""
    names = list(network.by_name)
    more = ", …" if len(names) > _MOST_NAMES else ""
    return f"Its layers are {', '.join(names[:_MOST_NAMES])}{more}."


class _Question:
    """Whose field of which input, and how it is drawn."""

    def __init__(
        self, *, at: str | None, source: str | None, draw: bool, output: Path | None
    ) -> None:
        self.at, self.source, self.draws, self.output = at, source, draw, output

    def derive(self, network: Network) -> Derivations:
        """How the field grows, an axis each; equal axes share one."""
        try:
            return field_derivation.of_network(self._cut(network), source=self.source)
        except InputError as error:
            if error.code == "input-choice" and self.source is None:
                name = network.inputs[0].node
                error.hint = f"Say which one, for example --of-input {name}."
            raise

    def document(self, network: Network, _: Derivations) -> dict[str, Any]:
        """axes, their phases, and where sizes are known every position."""
        from companion.views.field_json import document

        cut = self._cut(network)
        self._write_drawing(cut)
        return document(cut, self.source)

    def show(
        self, source: Source, found: Derivations, asked: Asked, everywhere: Everywhere
    ) -> None:
        """In the terminal: the field, how it grows, and the drawing that was asked for."""
        from companion.views import field_view
        from companion.views.derivation_view import draw
        from companion.views.paper import Paper

        cut, paper = self._cut(source.network), Paper.of(everywhere)
        if asked.steps is not False:
            for number, derivation in enumerate(found):
                if len(found) > 1:
                    if number:
                        paper.line()
                    paper.line(derivation.title.rpartition(", ")[2], bold=True)
                draw(derivation, everywhere, steps=asked.steps, result=False)
        field_view.describe(cut, self.source, everywhere)
        if self.draws:
            from companion.views import field_drawing

            field_drawing.show(cut, self.source, everywhere)
        self._write_drawing(cut)

    def _write_drawing(self, network: Network) -> None:
        if self.output is None:
            return
        from companion.output_file import say_written, written
        from companion.views.field_svg import as_svg

        picture = as_svg(network, self.source).encode("utf-8")
        with written(self.output) as file:
            file.write(picture)
        say_written(self.output)

    def _cut(self, network: Network) -> Network:
        """The network up to the layer that is asked about."""
        if self.at is None:
            return network
        if self.at not in network.by_name:
            from difflib import get_close_matches

            near = get_close_matches(self.at, network.by_name, 1)
            raise InputError(
                "unknown-layer",
                f"The network has no layer {self.at!r:.60}.",
                hint=f"Did you mean {near[0]!r}?" if near else _layers(network),
            )
        from dataclasses import replace

        return replace(network, outputs=(Tensor(self.at),), output_names=(self.at,))

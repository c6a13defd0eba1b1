"""`companion train compare A B`: two trainings side by side, in words and curves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from companion.views.terminal import say

if TYPE_CHECKING:
    from answers.solutions.overfitting import Comparison

EPILOG = """\b
Examples:
  companion train compare "plain.keras" "augmented.keras"
  companion train compare "plain.keras" "augmented.keras" --output "both.svg"
"""


def compare(
    ctx: typer.Context,
    first: Annotated[Path, typer.Argument(metavar="A", help="A model that train has saved.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    *,
    output: Annotated[
        list[Path] | None, typer.Option(help="Also draw both into a .png or .svg.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Hold two trainings side by side: curves, gaps, and from which epoch each overfits.

    Reads the records beside the models; no model is opened. A run overfits from the epoch after its
    lowest validation loss, where that loss ends 2 % or more above it and the training loss went
    on falling.
    """
    from answers.solutions import overfitting
    from answers.solutions.run_record import read_record
    from companion.output_file import check_output
    from companion.views import json_document, trained_view
    from companion.views.paper import Paper
    from companion.views.training_curves import KINDS

    places = output or []
    for place in places:
        check_output(place, KINDS)
    both = overfitting.compare(read_record(first), read_record(second))
    for place in places:
        _write(place, both)
    names = (str(first), str(second))
    if json:
        say(json_document.result("train", trained_view.comparison_document(both, names)))
        return
    paper = Paper.of(ctx.obj)
    trained_view.compared(paper, both, names)
    for place in places:
        paper.line(f"The curves are written to {place}.")


def _write(place: Path, both: Comparison) -> None:
    from companion.output_file import written
    from companion.views.training_curves import picture

    with written(place) as file:
        file.write(picture([both.first, both.second], place.suffix.lower()))

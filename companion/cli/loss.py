"""`companion loss`: what a small mask and its probabilities cost, pixel by pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from answers.errors import InputError
from companion.cli.calculator import Shown, showing
from companion.cli.exact_number import exact_number
from companion.options import Everywhere
from companion.views.terminal import say

if TYPE_CHECKING:
    from answers.metrics.soft_overlap import Smoothing
    from companion.views.loss_view import Loss

EPILOG = """\b
Examples:
  companion loss --mask "0 1; 1 1" --probabilities "0.1 0.8; 0.7 0.9"
  companion loss --mask "0 0; 0 0" --probabilities "0.1 0.2; 0.1 0.3" --smooth keras
  companion loss --mask "1 1" --probabilities "0.9 0.4" --mask "0 1" --probabilities "0.8 0.9"
  companion loss --mask "mask.png" --probabilities "probabilities.png" --no-steps
"""
_MOST_PICTURES = 16
_MOST_SMOOTHING = 1_000_000

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
@showing
def loss(
    shown: Shown,
    everywhere: Everywhere,
    *,
    masks: Annotated[
        list[str] | None,
        typer.Option("--mask", help='The truth: "0 1; 1 1", or a picture of two values.'),
    ] = None,
    probabilities: Annotated[
        list[str] | None,
        typer.Option(
            "--probabilities", help="What was answered: numbers 0 to 1, or a grey picture."
        ),
    ] = None,
    smooth: Annotated[
        str, typer.Option(help="Added above and below in soft losses; or keras, for 1e-7 below.")
    ] = "1",
) -> None:
    """BCE, Dice and IoU of a small mask, soft and hard, with the gradient of every pixel.

    Say --mask and --probabilities again for a second picture: then the pooled scores and the means
    over the pictures are compared. With --no-steps the gradients are left out.
    """
    from companion.views import json_document, loss_view

    form, steps = shown.form, shown.steps is not False
    found = _found(masks or [], probabilities or [], _smoothing(smooth))
    if form == "json":
        say(json_document.result("loss", loss_view.document(found)))
    elif form == "markdown":
        say(loss_view.as_markdown(found, steps=steps))
    elif form == "latex":
        from companion.views.loss_latex import as_latex

        say(as_latex(found))
    else:
        loss_view.draw(found, everywhere, steps=steps)


def _smoothing(word: str) -> Smoothing:
    from answers.metrics.soft_overlap import EPSILON_BELOW, Smoothing

    if word == "keras":
        return EPSILON_BELOW
    value = exact_number(word, "--smooth")
    if not 0 <= value <= _MOST_SMOOTHING:
        raise InputError(
            "option-value",
            f"--smooth lies between 0 and {_MOST_SMOOTHING:,}, not {word!r:.40}.",
            hint="1 is usual; 0 adds nothing; keras adds 1e-7 below.",
            where="--smooth",
        )
    return Smoothing(value, value)


def _found(masks: list[str], probabilities: list[str], smoothing: Smoothing) -> Loss:
    from answers.metrics.pixel_losses import PixelLosses
    from companion.cli.grid import read_mask, read_probabilities
    from companion.views.loss_view import Loss

    if not masks or len(masks) != len(probabilities):
        raise InputError(
            "option-missing",
            f"{len(masks)} of --mask and {len(probabilities)} of --probabilities are given; each "
            "picture needs one of both.",
            hint='For example: --mask "0 1; 1 1" --probabilities "0.1 0.8; 0.7 0.9".',
        )
    if len(masks) > _MOST_PICTURES:
        raise InputError(
            "option-value", f"There are {len(masks)} pictures; at most {_MOST_PICTURES} are shown."
        )
    pictures = tuple(
        PixelLosses(
            mask=read_mask(mask, "--mask"),
            probabilities=read_probabilities(chances, "--probabilities"),
            smoothing=smoothing,
        )
        for mask, chances in zip(masks, probabilities, strict=True)
    )
    _check_work(sum(picture.size for picture in pictures))
    return Loss(pictures)


def _check_work(pixels: int) -> None:
    from answers.metrics.pixel_losses import MOST_PIXELS

    if pixels > MOST_PIXELS:
        raise InputError(
            "too-many-pixels",
            f"All pictures together have {pixels:,} pixels; at most {MOST_PIXELS:,} are taken.",
            hint="Give fewer pictures, or smaller ones.",
        )

"""`companion train unet`: question 5, pictures with masks in, a graded U-Net out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from companion.options import Everywhere

if TYPE_CHECKING:
    from answers.solutions.events import Tell
    from checkers.measuring.data_source import DataRequest

EPILOG = """\b
Examples:
  companion train unet --data "prepared" --out "unet.keras"
  companion train unet --data "prepared" --out "unet.keras" --fine-tune 10
  companion train unet --data "prepared" --out "small.keras" --small --width 8 --epochs 30
"""

Loss = Literal["bce", "dice", "iou", "bce+dice", "bce+iou", "dice+iou"]


def unet(
    ctx: typer.Context,
    *,
    data: Annotated[
        Path,
        typer.Option(help="Pictures with masks that have a train split, as data prepare makes."),
    ],
    out: Annotated[Path, typer.Option(help="The model to write: .keras, or .h5.")],
    small: Annotated[
        bool, typer.Option("--small", help="From scratch, for machines without a GPU.")
    ] = False,
    width: Annotated[
        int, typer.Option(min=1, max=16, help="Filters of --small at full size.")
    ] = 16,
    size: Annotated[
        int,
        typer.Option(
            min=16, max=1024, help="The side of the pictures: 96, 128, …, 224; with --small 16·n."
        ),
    ] = 128,
    weights: Annotated[
        Literal["imagenet", "none"], typer.Option(help="What MobileNetV2 begins with.")
    ] = "imagenet",
    epochs: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 40,
    fine_tune: Annotated[
        int, typer.Option(min=0, max=10_000, help="Then so many with the encoder unfrozen.")
    ] = 0,
    patience: Annotated[
        str,
        typer.Option(metavar="N|off", help="Stop after N epochs without a better validation Dice."),
    ] = "15",
    batch: Annotated[int, typer.Option(min=1, max=1024, help="Pictures in a step.")] = 8,
    loss: Annotated[Loss, typer.Option(help="What is minimised.")] = "bce+dice",
    learning_rate: Annotated[
        float, typer.Option(min=1e-8, max=10.0, help="Adam's first step size; it falls to 0.")
    ] = 0.002,
    flips: Annotated[
        Literal["none", "sideways", "all"],
        typer.Option(help="How pictures are turned; sideways where up is up."),
    ] = "all",
    validation: Annotated[
        float, typer.Option(min=0.01, max=0.9, help="The share of the train split held out.")
    ] = 0.15,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Fixes every random number.")] = 0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget an unfinished run instead of going on.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Train a U-Net on pictures and masks, and save it with its best weights.

    Without --small: MobileNetV2 as a frozen encoder, 6,501,345 parameters. Whole folders of the
    train split are held out; the epoch with the best pooled Dice on them is saved, Dice and IoU being
    counted as the grader counts them. Beside the model: record, history, curves, and every fifth
    epoch a panel of predictions. A run that was stopped goes on with the same command.
    """
    from answers.solutions.unet_training import UnetOptions, train_unet
    from companion.cli import train_session as session
    from companion.views.panel_view import PanelView

    everywhere: Everywhere = ctx.obj
    _refuse_unused(ctx, small=small, weights=weights)
    options = UnetOptions(
        size=size,
        small=small,
        width=width,
        weights=weights,
        epochs=epochs,
        fine_tune=fine_tune,
        patience=session.patience_of(patience),
        batch=batch,
        loss=loss,
        learning_rate=session.number(learning_rate, "--learning-rate"),
        flips=flips,
        validation=session.number(validation, "--validation"),
        seed=seed,
    )
    view = PanelView(out, shown=sys.stderr.isatty())
    with session.quiet_engine(debug=everywhere.debug), view:
        test = _test_split(data, view.tell)
        record = train_unet(data, out, options, fresh=fresh, tell=view.tell)
    held = None if test is None else session.Grade("unet", test, size)
    session.finish(record, out, everywhere, grade=held, as_json=json)


def _refuse_unused(ctx: typer.Context, *, small: bool, weights: str) -> None:
    """Refuse an option that nothing would listen to. Raises: InputError option-value."""
    from answers.errors import InputError

    def refuse(option: str, message: str, hint: str) -> None:
        source = ctx.get_parameter_source(option.removeprefix("--"))
        if source is not None and source.name == "COMMANDLINE":
            raise InputError("option-value", message, hint=hint, where=option)

    if not small:
        refuse(
            "--width",
            "--width sets the filters of the small U-Net, and --small is not given.",
            "Add --small, or leave --width away.",
        )
    elif weights != "none":
        refuse(
            "--weights",
            "A small U-Net is trained from scratch: there are no weights of ImageNet for it.",
            "Leave --weights or --small away.",
        )


def _test_split(data: Path, tell: Tell) -> DataRequest | None:
    """What the saved model is graded on; None, and said, where the data has no test split."""
    from answers.data.open import open_split
    from answers.errors import InputError
    from answers.solutions.events import Remark
    from checkers.measuring.data_source import DataRequest

    try:
        found = open_split(data, task="segmentation", split="test").name
    except InputError as error:
        if error.code != "split-unknown":
            raise
        found = ""
    if found == "test":
        return DataRequest(path=data, split="test")
    message = f"The saved model will not be graded: '{data}' has no split 'test'."
    tell(Remark(code="not-graded", message=message))
    return None

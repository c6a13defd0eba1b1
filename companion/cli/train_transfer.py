"""`companion train transfer`: question 3(d), CIFAR-10 on the features of MobileNetV2."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from companion.cli.train_cifar import place_of, test_split
from companion.options import Everywhere

EPILOG = """\b
Examples:
  companion train transfer --data "cifar-10-batches-py" --out "transfer.keras"
  companion train transfer --data "cifar10.npz" --size 128 --pictures 5000 --out "transfer.keras"
  companion train transfer --data "cifar10.npz" --weights none --fine-tune 0 --out "random.keras"
"""


def transfer(
    ctx: typer.Context,
    *,
    out: Annotated[Path, typer.Option(help="The model to write: .keras, or .h5.")],
    data: Annotated[
        Path | None,
        typer.Option(help="CIFAR-10 in any form that grade takes, with its train split."),
    ] = None,
    test: Annotated[
        Path | None, typer.Option(help="Where the test split lies, if not in --data.")
    ] = None,
    size: Annotated[
        int,
        typer.Option(min=96, max=224, help="The side that pictures get: 96, 128, 160, 192, 224."),
    ] = 96,
    weights: Annotated[
        Literal["imagenet", "none"], typer.Option(help="What MobileNetV2 begins with.")
    ] = "imagenet",
    epochs: Annotated[
        int, typer.Option(min=1, max=10_000, help="At most so many with frozen features.")
    ] = 5,
    fine_tune: Annotated[
        int, typer.Option(min=0, max=10_000, help="Then so many with all layers learning.")
    ] = 2,
    pictures: Annotated[
        int | None,
        typer.Option(min=1, help="Train on so many pictures; without it on all."),
    ] = None,
    patience: Annotated[
        str,
        typer.Option(metavar="N|off", help="Stop after N epochs without a better validation."),
    ] = "3",
    batch: Annotated[int, typer.Option(min=1, max=1024, help="Pictures in a step.")] = 64,
    learning_rate: Annotated[
        float, typer.Option(min=1e-8, max=10.0, help="Adam's step size; a hundredth to fine-tune.")
    ] = 0.001,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Fixes every random number.")] = 0,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch CIFAR-10 into Keras's cache first.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget an unfinished run instead of going on.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Train on CIFAR-10 with the features of MobileNetV2, and save the model with its best weights.

    The model enlarges its own pictures, a batch at a time: what that takes, and what it would take to
    enlarge all of them first, is computed and said before it starts. First the head learns on
    frozen features; then all layers at a small rate, batch normalisation staying in inference
    mode. Keras fetches the ImageNet weights once; where it can't, the exit code is 6.
    """
    from answers.solutions.transfer_training import TransferOptions, train_transfer
    from companion.cli import train_session as session
    from companion.views.training_view import TrainingView

    everywhere: Everywhere = ctx.obj
    options = TransferOptions(
        size=size,
        weights=weights,
        epochs=epochs,
        fine_tune=fine_tune,
        pictures=pictures,
        patience=session.patience_of(patience),
        batch=batch,
        learning_rate=session.number(learning_rate, "--learning-rate"),
        seed=seed,
    )
    place = place_of(data, download=download)
    with session.quiet_engine(debug=everywhere.debug), TrainingView.on_stderr() as view:
        grade = test_split(place, test, view.tell)
        record = train_transfer(place, out, options, fresh=fresh, tell=view.tell)
    held = None if grade is None else session.Grade("transfer", grade)
    session.finish(record, out, everywhere, grade=held, as_json=json)

"""`companion train cifar`: question 3, without and with augmentation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from companion.options import Everywhere

if TYPE_CHECKING:
    from answers.solutions.events import Tell
    from checkers.measuring.data_source import DataRequest

EPILOG = """\b
Examples:
  companion train cifar --data "cifar-10-batches-py" --out "plain.keras"
  companion train cifar --augment --data "cifar-10-batches-py" --out "augmented.keras"
  companion train cifar --data "cifar10.npz" --epochs 2 --patience off --out "two.h5" --json
"""


def cifar(
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
    augment: Annotated[
        bool, typer.Option("--augment", help="Flip, turn, zoom, change the contrast in training.")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 20,
    patience: Annotated[
        str,
        typer.Option(metavar="N|off", help="Stop after N epochs without a better validation."),
    ] = "5",
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Fixes every random number.")] = 0,
    batch: Annotated[int, typer.Option(min=1, max=4096, help="Pictures in a step.")] = 64,
    learning_rate: Annotated[
        float, typer.Option(min=1e-8, max=10.0, help="Adam's step size.")
    ] = 0.001,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch CIFAR-10 into Keras's cache first.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget an unfinished run instead of going on.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Train the homework's CNN on CIFAR-10: 156,074 parameters, saved with its best weights.

    A tenth of each class is held out, always the same pictures; the epoch with the lowest loss on
    them is saved. Beside the model: its record (.run.json), the history (.history.csv) and the
    curves (.png, .svg). The test score is counted in the saved file by the grader. A run that was
    stopped goes on with the same command. One seed gives one result on one machine, bit for bit;
    another processor adds in another order, and ends elsewhere.
    """
    from answers.solutions.cifar import CifarOptions, train_cifar
    from companion.cli import train_session as session
    from companion.views.training_view import TrainingView

    everywhere: Everywhere = ctx.obj
    options = CifarOptions(
        augment=augment,
        epochs=epochs,
        patience=session.patience_of(patience),
        seed=seed,
        batch=batch,
        learning_rate=session.number(learning_rate, "--learning-rate"),
    )
    pictures = place_of(data, download=download)
    with session.quiet_engine(debug=everywhere.debug), TrainingView.on_stderr() as view:
        grade = test_split(pictures, test, view.tell)
        record = train_cifar(pictures, out, options, fresh=fresh, tell=view.tell)
    held = None if grade is None else session.Grade("cifar10", grade)
    session.finish(record, out, everywhere, grade=held, as_json=json)


def place_of(data: Path | None, *, download: bool) -> Path:
    """Where the pictures lie. Raises: MissingError data-missing."""
    from answers.data.cifar10 import find_cifar10
    from answers.errors import MissingError
    from companion.cli import grade_session

    if download:
        grade_session.download_data()
    place = data or find_cifar10()
    if place is None:
        raise MissingError(
            "data-missing",
            "There is no CIFAR-10 on this machine.",
            hint="Give --data PATH (a folder, an archive or an .npz), set COMPANION_DATA, or fetch "
            "CIFAR-10 with --download.",
        )
    return place


def test_split(data: Path, test: Path | None, tell: Tell) -> DataRequest | None:
    """What the saved model is graded on; None, and said, where the data has no test split."""
    from answers.data.open import open_split
    from answers.errors import InputError
    from answers.solutions.events import Remark
    from checkers.measuring.data_source import DataRequest

    place = test or data
    try:
        opened = open_split(place, task="classification", split="test")
    except InputError as error:
        if test is not None:
            raise
        why = error.message
    else:
        if test is not None or opened.name == "test":
            return DataRequest(path=place, split="test")
        why = f"the only split of '{place}' is '{opened.name}'."
    tell(Remark(code="not-graded", message=f"The saved model will not be graded: {why}"))
    return None

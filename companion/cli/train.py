"""`companion train …`: the homework's programs as they should be, from pictures to a saved model."""

from __future__ import annotations

from collections.abc import Callable

import typer

from companion.cli import train_cifar, train_compare, train_transfer, train_unet

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    help="Train the homework's networks, and hold two trainings side by side.",
    epilog="""\b
Examples:
  companion train cifar --data "cifar-10-batches-py" --out "plain.keras"
  companion train cifar --augment --data "cifar-10-batches-py" --out "augmented.keras"
  companion train unet --data "prepared" --out "unet.keras" --small
  companion train compare "plain.keras" "augmented.keras"
""",
)


def _add(command: Callable[..., None], epilog: str, short: str) -> None:
    """short: for the list of commands, where Typer cuts a longer sentence off."""
    app.command(command.__name__, short_help=short, epilog=epilog)(command)


_add(train_cifar.cifar, train_cifar.EPILOG, "The homework's CNN on CIFAR-10.")
_add(train_transfer.transfer, train_transfer.EPILOG, "CIFAR-10 on MobileNetV2's features.")
_add(train_unet.unet, train_unet.EPILOG, "A U-Net on pictures with masks.")
_add(train_compare.compare, train_compare.EPILOG, "Two trainings side by side.")

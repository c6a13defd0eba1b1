"""`companion train …`: the homework's programs as they should be, from pictures to a saved model."""

from __future__ import annotations

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

app.command("cifar", epilog=train_cifar.EPILOG)(train_cifar.cifar)
app.command("transfer", epilog=train_transfer.EPILOG)(train_transfer.transfer)
app.command("unet", epilog=train_unet.EPILOG)(train_unet.unet)
app.command("compare", epilog=train_compare.EPILOG)(train_compare.compare)

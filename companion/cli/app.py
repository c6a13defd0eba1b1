"""The table of commands. A command's module is imported when it is called, not before."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from answers.errors import InputError
from companion import __version__
from companion.views.terminal import say


@dataclass(frozen=True)
class Command:
    """A command: its name, the module that holds its `app`, and one line of help."""

    name: str
    module: str
    help: str


COMMANDS = (
    Command(
        "explain", "companion.cli.explain", "Explain a topic of the textbook, or an error code."
    ),
    Command("check", "companion.cli.check", "Ask a question of the textbook, or check an answer."),
    Command("practice", "companion.cli.practice", "Practise: questions that understand answers."),
    Command("params", "companion.cli.params", "Count parameters, with the derivation."),
    Command("shape", "companion.cli.shape", "Say which shape comes out, axis by axis."),
    Command("rf", "companion.cli.rf", "Say what a unit sees of the input: the receptive field."),
    Command("cost", "companion.cli.cost", "Count multiplications and memory for one sample."),
    Command("summary", "companion.cli.summary", "Show a network as a table."),
    Command("compare", "companion.cli.compare", "Hold two networks side by side."),
    Command("notation", "companion.cli.notation", "Show how a network is written in one line."),
    Command("solve", "companion.cli.solve", "Find the setting that gives a wanted number."),
    Command("metrics", "companion.cli.metrics", "Explain precision, recall and all the others."),
    Command("loss", "companion.cli.loss", "Explain BCE, Dice and IoU losses, pixel by pixel."),
    Command("try", "companion.cli.try_", "Try something out: how gradients vanish and explode."),
    Command("grade", "companion.cli.grade", "Grade saved Keras models against an assignment."),
    Command("inspect", "companion.cli.inspect", "Say what a model file holds, without running it."),
    Command("assignment", "companion.cli.assignment", "Show, write or check an assignment file."),
    Command("data", "companion.cli.data", "Prepare, check or show pictures and their masks."),
    Command("content", "companion.cli.content", "Check the files of the textbook."),
    Command("train", "companion.cli.train", "Train the homework's networks, and compare runs."),
    Command("samples", "companion.cli.samples", "List or copy the samples that travel along."),
    Command("doctor", "companion.cli.doctor", "Say what this machine has, and what is missing."),
)
_BY_NAME = {command.name: command for command in COMMANDS}

EPILOG = """Everywhere: --color auto|always|never, --debug (tracebacks), --json (one document).

\b
Examples:
  companion params --kernel 3 --in 16 --out 32
  companion grade "sample-unet"
  companion grade "unet.h5" --data "nuclei"
  companion inspect "model.keras"
"""


class LazyGroup(TyperGroup):
    """A group that knows its commands by name, and loads the one that is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # Typer's signature
        """The names, in the order of the table."""
        return list(_BY_NAME)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # Typer's signature
        """The command of a name, loaded now.

        Raises: InputError `unknown-command`, with the nearest known one.
        """
        command = _BY_NAME.get(cmd_name)
        if command is None:
            near = get_close_matches(cmd_name, _BY_NAME, 1)
            raise InputError(
                "unknown-command",
                f"There is no command {cmd_name!r:.60}.",
                hint=f"Did you mean {near[0]!r}?" if near else "See companion --help.",
            )
        loaded = typer.main.get_command(importlib.import_module(command.module).app)
        loaded.name = command.name
        return loaded

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # Typer's
        """The table, from which help needs no command to be loaded."""
        with formatter.section("Commands"):
            formatter.write_dl([(command.name, command.help) for command in COMMANDS])


def _say_version(value: bool) -> None:  # noqa: FBT001  # Typer's signature
    if value:
        say(f"companion {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=LazyGroup,
    name="companion",
    rich_markup_mode=None,
    no_args_is_help=True,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    """A companion to a deep-learning textbook: it computes, explains, and grades saved models."""

"""`companion assignment show|new|check`: the targets, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from companion.views.terminal import say

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    help="Show, write or check an assignment: targets, data and input, written once as a file.",
    epilog="""\b
Examples:
  companion assignment show
  companion assignment show "unet"
  companion assignment new "unet" > "assignment.toml"
  companion assignment check "assignment.toml"
""",
)


@app.command(
    "show",
    epilog="""\b
Examples:
  companion assignment show
  companion assignment show "unet"
  companion assignment show "cifar10" --json
""",
)
def show(
    name: Annotated[
        str | None, typer.Argument(help="A file, or a built-in assignment; none: list them.")
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the built-in assignments, or show the checks of one."""
    from checkers.assignment.catalogue import built_in_names, load, load_built_in
    from companion.views import assignment_view, json_document

    shown = [load(name)] if name is not None else [load_built_in(n) for n in built_in_names()]
    if json:
        documents = [assignment_view.document(assignment) for assignment in shown]
        say(json_document.result("assignment", {"assignments": documents}))
    elif name is None:
        say("\n".join(assignment_view.line(assignment) for assignment in shown))
    else:
        say(assignment_view.text(shown[0]))


@app.command(
    "new",
    epilog="""\b
Examples:
  companion assignment new > "assignment.toml"
  companion assignment new "cifar10" > "cifar.toml"
""",
)
def new(
    like: Annotated[str, typer.Argument(help="The built-in assignment to start from.")] = "unet",
) -> None:
    """Print an assignment file to start from; put it into a file with `> assignment.toml`."""
    from checkers.assignment.catalogue import built_in_text

    say(built_in_text(like), end="")


@app.command(
    "check",
    epilog="""\b
Examples:
  companion assignment new "unet" > "assignment.toml"
  companion assignment check
  companion assignment check "assignment.toml" --json
""",
)
def check(
    file: Annotated[Path, typer.Argument(help="An assignment file.")] = Path("assignment.toml"),
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check an assignment file: every fault at once, each with its key. Exit code 2 if it has any."""
    from answers.errors import InputError
    from checkers.assignment.catalogue import load
    from companion.views import assignment_view, json_document

    if not file.exists():
        raise InputError("path-missing", f"There is no file {file}.", hint="Check the path.")
    assignment = load(str(file))
    if json:
        result = {"assignments": [assignment_view.document(assignment)]}
        say(json_document.result("assignment", result))
    else:
        say(f"{file} is a valid assignment.\n{assignment_view.text(assignment)}")

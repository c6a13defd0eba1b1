"""`companion inspect FILE`: what a model file holds, without running any of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from companion.views.terminal import say

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """\b
Examples:
  companion inspect "model.keras"
  companion inspect "unet.h5" --json
"""


@app.command(epilog=EPILOG)
def inspect(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A model that Keras saved (.h5 or .keras).")],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say what a model file is, who wrote it, and what its layers are.

    The file is read as data in a process of its own: nothing in it is run.
    """
    from checkers.engine.reading import reading
    from checkers.engine.submission import submission
    from companion.views import inspect_view, json_document

    with submission(file) as copy, reading(copy.descriptor) as reader:
        model = reader.model()
        reader.weights(model)
    if json:
        say(json_document.result("inspect", inspect_view.document(model, copy.sha256)))
    else:
        inspect_view.draw(model, file.name, context.obj)

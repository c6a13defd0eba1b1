"""`companion samples`: the drawn data and the two models that travel with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from companion.views.terminal import say

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """\b
Examples:
  companion samples
  companion samples --copy "samples"
  companion samples --arrays "drawn"
  companion grade "sample-unet"
"""


@app.command(epilog=EPILOG)
def samples(
    *,
    copy: Annotated[
        Path | None, typer.Option(help="Copy models and pictures into this folder.")
    ] = None,
    arrays: Annotated[
        Path | None,
        typer.Option(help="Write all drawn pictures into this folder as .npz, to train on."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the samples that travel along, or copy them into a folder.

    They are samples: drawn by a program, and two small models trained on the drawings, so that a
    fresh machine can grade something real at once. --arrays writes pictures.npz for train cifar, and
    surfaces.npz for train unet (38 MB).
    """
    from answers.samples.shipped import copy_arrays, copy_samples, shipped_models
    from companion.views import json_document

    written = copy_samples(copy) if copy is not None else []
    written += copy_arrays(arrays) if arrays is not None else []
    if json:
        models = [
            {"name": m.name, "file": m.file, "sha256": m.sha256, "description": m.description}
            for m in shipped_models()
        ]
        result = {"models": models, "written": [str(path) for path in written]}
        say(json_document.result("samples", result))
        return
    for model in shipped_models():
        say(f"{model.name}: {model.description}")
    places = [str(place) for place in (copy, arrays) if place is not None]
    if not places:
        say('Grade one with: companion grade "sample-unet"')
    else:
        say(f"{len(written)} files written to {' and '.join(places)}.")

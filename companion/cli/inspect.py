"""`companion inspect FILE`: what a model file holds, without running any of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from answers.errors import RefusedError
from companion import exit_codes
from companion.views.terminal import say

if TYPE_CHECKING:
    from answers.network.graph import Network
    from checkers.engine.submission import Submission
    from checkers.model_file.record import StoredArray
    from companion.options import Everywhere

# A layer that is not rebuilt: what stands around it can still be shown.
_OF_ONE_LAYER = (
    "layer-not-allowed", "code-lambda", "code-module", "code-pickle", "file-reference",
    "call-argument",
)  # fmt: skip

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """\b
Examples:
  companion inspect "sample-unet"
  companion inspect "unet.h5" --json
"""


@app.command(epilog=EPILOG)
def inspect(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(help="A model that Keras saved (.h5 or .keras), or a sample.")
    ],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> int:
    """Say what a model file is, who wrote it, and what its layers are.

    The file is read as data in a process of its own: nothing in it is run. A file that is refused
    for one of its layers is still shown, the totals as 'at least', with the arrays that it holds for
    that layer.
    """
    from checkers.engine.reading import reading
    from checkers.engine.submission import submission
    from companion.cli.sample_model import model_place
    from companion.views import inspect_view, json_document

    place = model_place(file)
    with submission(place) as copy:
        try:
            with reading(copy.descriptor) as reader:
                model = reader.model()
                reader.weights(model)
        except RefusedError as error:
            return _refused(error, copy, context.obj, as_json=json)
    if json:
        say(json_document.result("inspect", inspect_view.document(model, copy.sha256)))
    else:
        inspect_view.draw(model, place.name, context.obj)
    return exit_codes.DONE


def _refused(
    error: RefusedError, copy: Submission, everywhere: Everywhere, *, as_json: bool
) -> int:
    """Show what is around the layer that can't be graded; the answer stays a refusal.

    Raises: the error itself, which says the rest.
    """
    from companion.views import inspect_view, json_document

    found = _looked_at(copy) if error.code in _OF_ONE_LAYER else None
    if found is None:
        raise error
    network, stored = found
    if as_json:
        document = inspect_view.partial(network, stored, copy.sha256)
        say(json_document.result("inspect", document, error=error))
        return exit_codes.of_error(error)
    inspect_view.draw_partial(network, stored, copy.path.name, everywhere)
    raise error


def _looked_at(copy: Submission) -> tuple[Network, tuple[StoredArray, ...]] | None:
    """The network with its unknown layers, and their arrays; None where nothing can be shown."""
    from answers.errors import CompanionError
    from answers.network.summary import summary
    from checkers.engine.reading import reading

    try:
        with reading(copy.descriptor) as reader:
            network, stored = reader.stored()
        summary(network)
    except CompanionError:
        return None
    return network, stored

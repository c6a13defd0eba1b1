"""`companion try gradient-flow`: small experiments that are run here and now."""

from __future__ import annotations

from typing import Annotated

import typer

from companion.cli.exact_number import exact_number
from companion.options import Everywhere
from companion.views.terminal import say

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    epilog="""\b
Examples:
  companion try gradient-flow --depth 50 --activation sigmoid --init glorot
  companion try gradient-flow --depth 50 --activation relu --init he --residual --norm
""",
)

EPILOG = """\b
Examples:
  companion try gradient-flow --depth 50 --activation sigmoid --init glorot
  companion try gradient-flow --depth 50 --activation sigmoid --init glorot --residual
  companion try gradient-flow --depth 30 --activation relu --init "normal:0.5" --clip 1
"""


@app.callback()
def experiments() -> None:
    """Try something out: a small experiment with real numbers."""


@app.command("gradient-flow", epilog=EPILOG)
def gradient_flow(
    context: typer.Context,
    *,
    depth: Annotated[int, typer.Option(help="Hidden layers, 1 to 200.")] = 50,
    width: Annotated[int, typer.Option(help="Units of each, 2 to 256.")] = 64,
    activation: Annotated[
        str, typer.Option(help="sigmoid, tanh, relu, leaky-relu, elu or linear.")
    ] = "sigmoid",
    init: Annotated[
        str, typer.Option(help="How weights are drawn: glorot, he, lecun, or normal:0.01.")
    ] = "glorot",
    residual: Annotated[
        bool, typer.Option("--residual", help="Add to each layer's output what came in.")
    ] = False,
    norm: Annotated[
        bool, typer.Option("--norm", help="Layer normalisation before each activation.")
    ] = False,
    clip: Annotated[
        str | None, typer.Option(help="Clip the gradients at this norm of all together.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed, other weights and samples.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="Print the table as LaTeX.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
) -> None:
    """Vanishing and exploding gradients, in a real network: its gradients and Jacobians, measured.

    A dense network of ten classes is drawn at random, and a batch of 32 samples is sent through it
    and back. Shown are the norms of the gradients, layer by layer, and the largest singular value
    of the Jacobians multiplied from each layer to the last.
    """
    from answers.gradient_flow.activations import activation_of
    from answers.gradient_flow.flow import measure
    from answers.gradient_flow.initialisation import initialisation_of
    from answers.gradient_flow.network import Design
    from companion.cli.calculator import form_of
    from companion.views import flow_view, json_document

    form = form_of(json=json, latex=latex, markdown=markdown)
    design = Design(
        depth=depth,
        width=width,
        activation=activation_of(activation),
        initialisation=initialisation_of(init),
        residual=residual,
        norm=norm,
        seed=seed,
    )
    found = measure(design, None if clip is None else float(exact_number(clip, "--clip")))
    if form == "json":
        say(json_document.result("try", flow_view.document(found)))
    elif form == "terminal":
        everywhere: Everywhere = context.obj
        flow_view.draw(found, everywhere)
    else:
        say(flow_view.as_text(found, form))

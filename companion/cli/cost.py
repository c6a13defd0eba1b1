"""`companion cost`: multiplications and memory of a layer or a network, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import typer

from answers.derivation import macs, memory
from answers.derivation.derivation import Derivation
from answers.derivation.document import value_document as exact
from answers.errors import InputError
from answers.network.graph import Network
from companion.cli.answering import Calculator, Derivations
from companion.cli.calculator import Asked, asking
from companion.cli.network_source import Source
from companion.options import Everywhere

EPILOG = """\b
Examples:
  companion cost --kernel 3 --size 32 --in 16 --out 32
  companion cost "in {n}x{n}x3: conv3-16, conv3-32"
  companion cost "in 32x32x3: conv3-16/same, maxpool2, flatten, dense-10" --steps
  companion cost --kernel 3 --size 32 --in 16 --out 32 --mine 4718592
"""
KEYS = ("macs", "flops", "weight_bytes", "activation_bytes", "live_bytes")

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
@asking
def cost(asked: Asked, everywhere: Everywhere) -> int:
    """Multiply-accumulates (MACs), FLOPs and memory for one sample.

    FLOPs are 2 per MAC. Taps on zero padding count; biases, activations, pooling and normalisation
    don't. Memory: of the weights, of all activations (training), of the largest live set
    (prediction).
    """
    calculator = Calculator(
        command="cost",
        quantities=("macs", "flops", "memory"),
        derive=_derive,
        document=_document,
        draw=_draw,
    )
    return calculator.answer(asked, everywhere)


def _derive(network: Network) -> Derivations:
    multiplications = macs.of_network(network)
    return (
        multiplications,
        macs.flops(multiplications),
        memory.weights(network),
        _if_known("Memory of all activations", memory.activations, network),
        _if_known("Memory of the largest live set", memory.live, network),
    )


def _if_known(title: str, derive: Callable[[Network], Derivation], network: Network) -> Derivation:
    """A derivation; where letters or a layer without a rule keep it from being known, that."""
    try:
        return derive(network)
    except InputError as error:
        if error.code not in ("size-symbolic", "layer-unknown"):
            raise
        note = f"{title}: not known. {error.message}"
        return Derivation(title=title, steps=(), value=None, unit="bytes", notes=(note,))


def _document(network: Network, found: Derivations) -> dict[str, Any]:
    from answers.network.summary import summary
    from companion.views.calculator_json import layer_rows

    values = {key: exact(item.value) for key, item in zip(KEYS, found, strict=True)}
    at_least = any(item.at_least for item in found)
    return {**values, "at_least": at_least, "layers": layer_rows(summary(network))}


def _draw(_: Source, found: Derivations, asked: Asked, everywhere: Everywhere) -> None:
    from companion.views.cost_view import draw
    from companion.views.derivation_view import draw as draw_derivation
    from companion.views.paper import Paper

    if asked.steps:
        for derivation in found:
            if derivation.steps:
                Paper.of(everywhere).line(derivation.title, bold=True)
                draw_derivation(replace(derivation, notes=()), everywhere, steps=True)
                Paper.of(everywhere).line()
    draw(found, everywhere, layers=asked.steps is None)

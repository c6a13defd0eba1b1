"""`companion solve`: the calculators turned round, from the number to the setting."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import typer

from companion.cli.calculator import Shown, showing
from companion.cli.layer_options import LayerOptions, network_of, size
from companion.options import Everywhere
from companion.views.terminal import say

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    epilog="""\b
Examples:
  companion solve filters --parameters 4640 --kernel 3 --in 16
  companion solve padding --kernel 5
  companion solve layers --field 32 --kernel 3
  companion solve input "conv7-8/s2, maxpool3/s2, conv3-8"
  companion solve equal "in {n}x{n}x3: local3-4" "in {n}x{n}x3: flatten, dense-16"
""",
)

_IN_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")

Wanted = Annotated[str, typer.Option("--parameters", help="The number of parameters wanted.")]
Kernel = Annotated[str, typer.Option(help="Kernel size along an axis.")]
In = Annotated[str, typer.Option("--in", help="Input channels.")]
Out = Annotated[str, typer.Option("--out", help="Filters.")]
Stride = Annotated[str, typer.Option(help="Stride.")]
Dilation = Annotated[str, typer.Option(help="Dilation rate.")]
NoBias = Annotated[bool, typer.Option("--no-bias", help="Without a bias.")]


@app.callback()
def solve() -> None:
    """Find the setting that gives a wanted number: all whole solutions, or the nearest ones.

    That there is none is an answer, too: exit code 0, and an empty list in the document.
    """


@app.command(
    epilog="""\b
Examples:
  companion solve filters --parameters 4640 --kernel 3 --in 16
  companion solve filters --parameters 1290 --in 128 --no-steps
""",
)
@showing
def filters(
    shown: Shown,
    everywhere: Everywhere,
    *,
    parameters: Wanted,
    channels: In,
    kernel: Annotated[str | None, typer.Option(help="Kernel size; without it: dense.")] = None,
    no_bias: NoBias = False,
) -> None:
    """How many filters (units) give so many parameters."""
    options = LayerOptions(kernel=kernel, channels=channels, filters="1", no_bias=no_bias)
    _setting("filters", options, parameters, shown, everywhere)


@app.command(
    name="channels",
    epilog="""\b
Examples:
  companion solve channels --parameters 4640 --kernel 3 --out 32
  companion solve channels --parameters 4608 --kernel 3 --out 32 --no-bias
""",
)
@showing
def input_channels(
    shown: Shown,
    everywhere: Everywhere,
    *,
    parameters: Wanted,
    out: Out,
    kernel: Annotated[str | None, typer.Option(help="Kernel size; without it: dense.")] = None,
    no_bias: NoBias = False,
) -> None:
    """How many input channels give so many parameters."""
    options = LayerOptions(kernel=kernel, channels="1", filters=out, no_bias=no_bias)
    _setting("channels", options, parameters, shown, everywhere)


@app.command(
    name="kernel",
    epilog="""\b
Examples:
  companion solve kernel --parameters 4640 --in 16 --out 32
  companion solve kernel --parameters 12832 --in 16 --out 32 --json
""",
)
@showing
def kernel_size(
    shown: Shown,
    everywhere: Everywhere,
    *,
    parameters: Wanted,
    channels: In,
    out: Out,
    no_bias: NoBias = False,
) -> None:
    """Which square kernel gives so many parameters."""
    options = LayerOptions(kernel="1", channels=channels, filters=out, no_bias=no_bias)
    _setting("kernel", options, parameters, shown, everywhere)


@app.command(
    epilog="""\b
Examples:
  companion solve padding --kernel 5
  companion solve padding --kernel 3 --dilation 2
  companion solve padding --kernel 3 --stride 2 --size 32
""",
)
@showing
def padding(
    shown: Shown,
    everywhere: Everywhere,
    *,
    kernel: Kernel,
    dilation: Dilation = "1",
    stride: Stride = "1",
    size: Annotated[str | None, typer.Option(help="Input size, where a stride needs it.")] = None,
) -> None:
    """How many zeros keep the size of an axis."""
    from answers.solving.padding import padding_that_keeps

    found = padding_that_keeps(
        _number(kernel, "--kernel"),
        dilation=_number(dilation, "--dilation"),
        stride=_number(stride, "--stride"),
        size=None if size is None else _number(size, "--size"),
    )
    _show("padding", found, shown, everywhere)


@app.command(
    name="stride",
    epilog="""\b
Examples:
  companion solve stride --size 32 --to 16
  companion solve stride --size 224 --to 112 --kernel 7 --padding same
""",
)
@showing
def stride_for_size(
    shown: Shown,
    everywhere: Everywhere,
    *,
    size: Annotated[str, typer.Option(help="Input size.")],
    to: Annotated[str, typer.Option(help="Output size wanted.")],
    kernel: Kernel = "1",
    dilation: Dilation = "1",
    padding: Annotated[Literal["valid", "same"], typer.Option(help="As in Keras.")] = "valid",
) -> None:
    """Which strides make an axis of one size one of another."""
    from answers.solving.stride import stride_for

    found = stride_for(
        _number(size, "--size"),
        _number(to, "--to"),
        kernel=_number(kernel, "--kernel"),
        dilation=_number(dilation, "--dilation"),
        padding=padding,
    )
    _show("stride", found, shown, everywhere)


@app.command(
    epilog="""\b
Examples:
  companion solve layers --field 32 --kernel 3
  companion solve layers --field 32 --kernel 3 --stride 2
""",
)
@showing
def layers(
    shown: Shown,
    everywhere: Everywhere,
    *,
    field: Annotated[str, typer.Option(help="The receptive field wanted, along an axis.")],
    kernel: Kernel,
    stride: Stride = "1",
    dilation: Dilation = "1",
) -> None:
    """How many k x k layers it takes to see so far."""
    from answers.solving.depth import layers_for_field

    found = layers_for_field(
        _number(field, "--field"),
        _number(kernel, "--kernel"),
        stride=_number(stride, "--stride"),
        dilation=_number(dilation, "--dilation"),
    )
    _show("layers", found, shown, everywhere)


@app.command(
    name="input",
    epilog="""\b
Examples:
  companion solve input "conv7-8/s2, maxpool3/s2, conv3-8"
  companion solve input "3*(conv3-16, relu, maxpool2)" --no-steps
""",
)
@showing
def smallest_input(
    shown: Shown,
    everywhere: Everywhere,
    *,
    network: Annotated[
        str, typer.Argument(help="A network: a notation, a file, -, a saved model, or a sample.")
    ],
) -> None:
    """The smallest input for which a network has an output."""
    from answers.solving.smallest_input import smallest_input as smallest
    from companion.cli.answering import located
    from companion.cli.network_source import read_network

    source = read_network(network)
    with located(source):
        found = smallest(source.network)
    _show("input", found, shown, everywhere)


@app.command(
    epilog="""\b
Examples:
  companion solve equal "in {n}x{n}x3: local3-4" "in {n}x{n}x3: flatten, dense-16"
  companion solve equal "in {n}x{n}x3: conv3-8" "in {n}x{n}x3: conv5-8" --of macs
""",
)
@showing
def equal(
    shown: Shown,
    everywhere: Everywhere,
    first: Annotated[str, typer.Argument(metavar="A", help="A network with a letter.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The other network.")],
    *,
    of: Annotated[Literal["parameters", "macs"], typer.Option(help="What is compared.")] = (
        "parameters"
    ),
) -> None:
    """Which size makes two networks equal in parameters or MACs."""
    from answers.solving.compare import compare
    from companion.cli.answering import located
    from companion.cli.network_source import read_network
    from companion.views import solve_view

    sides = [read_network(first), read_network(second)]
    with located(sides[0]), located(sides[1]):
        found = compare(sides[0].network, sides[1].network)
    measure = found.parameters if of == "parameters" else found.macs
    _show("equal", solve_view.crossing_of(measure), shown, everywhere)


def _setting(
    unknown: Literal["filters", "channels", "kernel"],
    options: LayerOptions,
    wanted: str,
    shown: Shown,
    everywhere: Everywhere,
) -> None:
    from answers.network.shapes import input_shapes
    from answers.solving.parameters import setting_for_parameters

    network = network_of(options)
    layer: Any = network.nodes[-1].layer
    found = setting_for_parameters(
        _number(wanted, "--parameters"), unknown, layer, input_shapes(network)[0]
    )
    _show(unknown, found, shown, everywhere)


def _number(word: str, option: str) -> int:
    """A whole number; what is solved for has no letters beside it."""
    from answers.errors import InputError
    from answers.expressions.size import is_symbolic

    found = size(word.replace(",", "") if _IN_THOUSANDS.fullmatch(word) else word, option)
    if is_symbolic(found):
        raise InputError("option-value", f"{option} takes a number, not {word!r:.40}.")
    return found


def _show(question: str, found: Any, shown: Shown, everywhere: Everywhere) -> None:
    from companion.views import json_document, solve_view

    form = shown.form
    if form == "json":
        say(json_document.result("solve", solve_view.document(question, found)))
    elif form == "terminal":
        solve_view.draw(found, everywhere, steps=shown.steps is not False)
    else:
        say(solve_view.as_text(question, found, form, steps=shown.steps is not False))

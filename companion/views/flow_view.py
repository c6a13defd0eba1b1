"""How the gradient travelled through a deep network: plotted, as a table, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite, log10
from typing import Any, Literal

from answers.gradient_flow.flow import Flow, LayerFlow
from companion.options import Everywhere
from companion.views import curve_plot
from companion.views.columns import Column, write
from companion.views.curve_plot import Axis
from companion.views.paper import Paper
from companion.views.table_text import as_text as table_text

_MOST_ROWS = 9
_TINY = 1e-6
_HUGE = 1e6
_EVEN = 10
_SLOW = 1e-3
_MEANINGS = {
    "dL/dh in": "In: of what comes into the layer.",
    "spread": "Spread: of what comes out.",
    "J product": "J product: the largest singular value of the Jacobians multiplied from this layer "
    "to the last.",
}


def draw(found: Flow, everywhere: Everywhere) -> None:
    """The design, the plot of the gradients, some of the layers, and what it shows."""
    paper = Paper.of(everywhere)
    paper.line(title(found), bold=True)
    paper.line()
    _plot(found, paper)
    columns, rows = _table(found)
    shown = [columns[number] for number in write(paper, columns, rows)]
    paper.line(_meanings(shown), dim=True)
    paper.line()
    for line in lines(found):
        paper.line(line)


def as_text(found: Flow, form: Literal["latex", "markdown"]) -> str:
    """The table alone as LaTeX; as Markdown with the design, and what it shows."""
    columns, rows = _table(found)
    table = table_text(form, columns, rows)
    if form == "latex":
        return table
    return "\n\n".join((f"**{title(found)}**", table, _meanings(columns), *lines(found)))


def title(found: Flow) -> str:
    """The network in one line."""
    design = found.design
    extras = [
        text
        for wanted, text in (
            (design.residual, "residual"),
            (design.norm, "layer normalisation"),
        )
        if wanted
    ]
    with_what = f", {' and '.join(extras)}" if extras else ""
    layers = "layer" if design.depth == 1 else "layers"
    return (
        f"{design.depth} dense {layers} of {design.width} units, {design.activation.name}, "
        f"{design.initialisation.text}{with_what}; seed {design.seed}; 32 samples, 10 classes, "
        f"loss {_number(found.loss)}"
    )


def _plot(found: Flow, paper: Paper) -> None:
    """The decimal logarithms of ‖dL/dh‖, from the input to the last layer."""
    norms = [layer.signal_gradient for layer in found.layers] + [found.last_signal_gradient]
    points = [
        (float(place), log10(norm))
        for place, norm in enumerate(norms)
        if isfinite(norm) and norm > 0
    ]
    if not points:
        return
    heights = [height for _, height in points]
    low, high = min(heights), max(heights)
    if high - low < 1:  # a flat line is drawn flat, not its noise blown up
        low, high = low - 1, high + 1
    across = Axis("h of each layer, from the input on", 0, len(norms) - 1, "0", str(len(norms) - 1))
    up = Axis("norm of dL/dh (logarithmic)", low, high, _power(low), _power(high))
    curve_plot.draw(paper, points, across, up, height=8)
    paper.line()


def _power(exponent: float) -> str:
    return f"{10**exponent:.0e}" if -300 < exponent < 300 else f"1e{exponent:+.0f}"


def _table(found: Flow) -> tuple[list[Column], list[list[str]]]:
    columns = [
        Column("layer", right=True),
        Column("dL/dh in", right=True),
        Column("dL/dW", right=True),
        Column("spread", right=True, spare=2),
        Column("J product", right=True, spare=1),
    ]
    if found.clipping is not None:
        columns.insert(3, Column("clipped", right=True))
    products = {item.first_layer: _number(item.largest) for item in found.products}
    return columns, [_row(layer, products.get(layer.number, "")) for layer in _chosen(found)]


def _meanings(columns: Sequence[Column]) -> str:
    """What the titles say, of the columns that are shown."""
    return " ".join(_MEANINGS[column.title] for column in columns if column.title in _MEANINGS)


def _row(layer: LayerFlow, product: str) -> list[str]:
    clipped = [] if layer.clipped is None else [_number(layer.clipped)]
    numbers = [_number(layer.signal_gradient), _number(layer.weight_gradient), *clipped]
    return [str(layer.number), *numbers, _number(layer.deviation), product]


def _chosen(found: Flow) -> list[LayerFlow]:
    """The first, the last, and some between them; where there are products, of those."""
    numbers = [item.first_layer for item in found.products]
    layers = [found.layers[n - 1] for n in numbers] if numbers else list(found.layers)
    if len(layers) <= _MOST_ROWS:
        return layers
    last = len(layers) - 1
    return [layers[round(i * last / (_MOST_ROWS - 1))] for i in range(_MOST_ROWS)]


def lines(found: Flow) -> Iterator[str]:
    """What it shows, with the numbers that were computed."""
    if found.verdict == "overflow":
        yield _overflow(found)
    elif found.verdict == "dead":
        yield (
            "Nothing of the gradient reaches the input: it is exactly 0, because every unit of some "
            "layer is switched off or the numbers are below what float64 holds."
        )
    else:
        yield _way_back(found)
        yield _weights(found)
    if found.products:
        yield _singular(found)
    yield from _reasons(found)
    if found.clipping is not None:
        yield _clipped(found)


def _overflow(found: Flow) -> str:
    where = "" if found.overflow is None else f" of layer {found.overflow}"
    return (
        f"The numbers{where} are too large for float64: the signal itself explodes on its way "
        "forward, and the loss is NaN. Take smaller weights, or --norm."
    )


_SHOWS = {
    "vanishing": "it vanishes",
    "shrinking": "it shrinks",
    "even": "it arrives about as large as it started",
    "growing": "it grows",
    "exploding": "it explodes",
}


def _way_back(found: Flow) -> str:
    ratio = found.ratio
    if ratio is None:
        return "On its way back the gradient grows beyond all numbers: it explodes."
    each = ratio ** (1 / found.design.depth)
    return (
        f"On its way back the gradient changes from {_number(found.last_signal_gradient)} behind the "
        f"last layer to {_number(found.layers[0].signal_gradient)} at the input, by a factor of "
        f"{_number(ratio)}: {_SHOWS[found.verdict]}. That is a factor of {each:.3g} a layer, on "
        "average."
    )


def _weights(found: Flow) -> str:
    first, last = found.layers[0].weight_gradient, found.layers[-1].weight_gradient
    ratio = found.weight_ratio
    start = (
        f"The weights of the first layer get a gradient of {_number(first)}, those of the last "
        f"{_number(last)}"
    )
    if ratio is None:
        return f"{start}."
    start = f"{start} (ratio {_number(ratio)})"
    if ratio < 1 / _EVEN:
        pace = "hardly move" if ratio < _SLOW else "move more slowly"
        return f"{start}: at one learning rate the first layers {pace}."
    if ratio > _EVEN:
        pace = "jump" if ratio > 1 / _SLOW else "move faster"
        return f"{start}: at a learning rate that suits the last layers the first ones {pace}."
    if found.verdict == "even":
        return f"{start}: all layers learn at a similar pace."
    size = " All of them are tiny." if max(first, last) < _TINY else ""
    size = " All of them are huge." if min(first, last) > _HUGE else size
    return (
        f"{start}: alike, though the gradient of the signals is not. A weight gradient is signal in "
        f"times gradient out, and the signals change the other way round.{size}"
    )


def _singular(found: Flow) -> str:
    product, width = found.products[0], found.design.width
    median = "" if product.median is None else f", the median {_number(product.median)}"
    lost = (
        f" Only {product.seen} of {width} lie within 12 digits of it: few directions get through."
        if product.seen < width
        else f" The smallest is {_number(product.smallest or 0.0)}."
    )
    return (
        f"Singular values of the {found.design.depth} Jacobians multiplied (one sample): the largest "
        f"is {_number(product.largest)}{median}.{lost}"
    )


def _reasons(found: Flow) -> Iterator[str]:
    design = found.design
    if design.activation.steepest < 1 and not design.residual:
        yield (
            f"The slope of a {design.activation.name} is at most {design.activation.steepest:g}: each "
            "layer multiplies the gradient by so much or less, before its weights do."
        )
    if design.residual:
        yield (
            "Residual: h + F(h) has the Jacobian I + dF/dh, so a part of the gradient passes every "
            "layer unmultiplied."
        )
    if design.norm:
        yield (
            "Layer normalisation (without scale and shift) sets the spread of each sample to 1 before "
            "the activation: the scale of the weights hardly matters then, the slope of the activation "
            "still does."
        )
    spread = [layer.deviation for layer in found.layers]
    if found.verdict != "overflow" and spread[0] and not 1 / _EVEN < spread[-1] / spread[0] < _EVEN:
        yield (
            f"Forward the spread of the signals goes from {_number(spread[0])} behind the first layer "
            f"to {_number(spread[-1])} behind the last."
        )


def _clipped(found: Flow) -> str:
    clipping = found.clipping
    if clipping is None or not isfinite(clipping.norm):
        return "The norm of all gradients is not finite: clipping can't mend that."
    if clipping.factor == 1:
        return (
            f"Clipping at {clipping.limit:g} changes nothing: the norm of all gradients is "
            f"{_number(clipping.norm)}. It never makes a gradient larger, so it is no remedy for "
            "vanishing ones."
        )
    return (
        f"Clipping: the norm of all gradients, {_number(clipping.norm)}, is above {clipping.limit:g}; "
        f"all are multiplied by {_number(clipping.factor)}. Ratios between layers stay as they are: "
        "it keeps a step from being too long, and mends no vanishing."
    )


def _number(value: float) -> str:
    """Four digits; powers of ten where there are many zeros."""
    if not isfinite(value):
        return "infinite" if value in (float("inf"), float("-inf")) else "NaN"
    if not value or 0.001 <= abs(value) < 10_000:
        return f"{value:.4g}"
    return f"{value:.2e}"


def document(found: Flow) -> dict[str, Any]:
    """The result of `try gradient-flow --json`; null where a number is not finite."""
    design = found.design
    return {
        "design": {
            "depth": design.depth,
            "width": design.width,
            "activation": design.activation.name,
            "init": design.initialisation.text,
            "residual": design.residual,
            "norm": "layer" if design.norm else None,
            "seed": design.seed,
        },
        "loss": _finite(found.loss),
        "verdict": found.verdict,
        "ratio": found.ratio,
        "weight_ratio": found.weight_ratio,
        "overflow_layer": found.overflow,
        "layers": [_layer_document(layer) for layer in found.layers],
        "last_signal_gradient": _finite(found.last_signal_gradient),
        "jacobian_products": [
            {
                "first_layer": item.first_layer,
                "largest": item.largest,
                "median": item.median,
                "smallest": item.smallest,
                "seen": item.seen,
            }
            for item in found.products
        ],
        "clipping": None if found.clipping is None else _clipping_document(found),
        "words": list(lines(found)),
    }


def _layer_document(layer: LayerFlow) -> dict[str, Any]:
    return {
        "number": layer.number,
        "signal_gradient": _finite(layer.signal_gradient),
        "weight_gradient": _finite(layer.weight_gradient),
        "deviation": _finite(layer.deviation),
        "clipped": None if layer.clipped is None else _finite(layer.clipped),
    }


def _clipping_document(found: Flow) -> dict[str, Any]:
    clipping = found.clipping
    if clipping is None:
        return {}
    return {
        "limit": clipping.limit,
        "norm": _finite(clipping.norm),
        "factor": _finite(clipping.factor),
    }


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None

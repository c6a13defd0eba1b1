"""Figures of a real network's gradients: `answers/gradient_flow` measures them, seeded."""

from __future__ import annotations

from math import log10

from answers.errors import InputError
from answers.gradient_flow.activations import activation_of
from answers.gradient_flow.flow import Flow, measure
from answers.gradient_flow.initialisation import initialisation_of
from answers.gradient_flow.network import Design
from answers.textbook.requests import GradientFlow, Gradients

WIDTH = 64


def work_out(request: GradientFlow) -> float:
    """A measured figure. ratio: ‖dL/dh_0‖ to ‖dL/dh_L‖; weight-ratio: of the weights' gradients.

    Raises: InputError `unknown-take`, `not-known` where a gradient has overflowed or is 0.
    """
    flow = _measured(request.gradients)
    figures = {"ratio": flow.ratio, "weight-ratio": flow.weight_ratio, "loss": flow.loss}
    if request.take not in figures:
        raise InputError(
            "unknown-take",
            f"{request.take!r:.40} is nothing that is taken of gradients.",
            hint=f"There are {', '.join(figures)}.",
        )
    found = figures[request.take]
    if found is None:
        raise InputError("not-known", "The gradients have overflowed, or are 0.")
    return found


def powers(chain: Gradients) -> list[float]:
    """The power of ten of ‖dL/dh‖ of what comes into each hidden layer, the first one first.

    Raises: InputError `not-known` for a layer whose gradient is 0 or has overflowed.
    """
    found = [layer.signal_gradient for layer in _measured(chain).layers]
    if not all(0 < norm < float("inf") for norm in found):
        raise InputError("not-known", "A layer's gradient is 0 or has overflowed.")
    return [log10(norm) for norm in found]


def _measured(chain: Gradients) -> Flow:
    design = Design(
        depth=chain.depth,
        width=WIDTH,
        activation=activation_of(chain.activation),
        initialisation=initialisation_of(chain.init),
        residual=chain.residual,
        norm=chain.norm,
        seed=chain.seed,
    )
    return measure(design, None if chain.clip is None else float(chain.clip))

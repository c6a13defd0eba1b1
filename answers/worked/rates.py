"""Rates of a binary classifier's counts."""

from __future__ import annotations

from difflib import get_close_matches

from answers.derivation.derivation import Derivation
from answers.errors import InputError
from answers.metrics.rates import FORMULAS, BinaryCounts, Matthews, Rate, f_beta, rates
from answers.textbook.requests import Rate as Asked
from answers.worked.formulas import chain_to, settled
from answers.worked.value import Figure

MEASURES = (*FORMULAS, "dice", "f-beta", "matthews")
_ALSO = {"dice": "f1"}  # the same formula under the name that masks have


def work_out(request: Asked) -> tuple[Figure, tuple[Derivation, ...]]:
    """A rate, exactly, with its formula; Matthews' correlation may be measured.

    Raises: InputError `unknown-measure`, `rate-undefined` for 0/0, and of the counts.
    """
    counts = BinaryCounts(
        true_positives=request.counts.tp,
        false_positives=request.counts.fp,
        false_negatives=request.counts.fn,
        true_negatives=request.counts.tn,
    )
    if request.measure == "matthews":
        matthews = Matthews.of(counts)
        exact = matthews.exact
        return settled(_defined(matthews.value if exact is None else exact)), ()
    found = _rate(request, counts)
    value = settled(_defined(found.value))
    return value, (chain_to(value, found.formula, found.substitution),)


def _rate(request: Asked, counts: BinaryCounts) -> Rate:
    if request.measure not in MEASURES:
        near = get_close_matches(request.measure, MEASURES, 1)
        raise InputError(
            "unknown-measure",
            f"{request.measure!r:.40} is no rate.",
            hint=f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(MEASURES)}.",
        )
    if request.measure == "f-beta":
        return f_beta(counts, request.beta)
    code = _ALSO.get(request.measure, request.measure)
    return next(rate for rate in rates(counts) if rate.code == code)


def _defined(value: Figure | None) -> Figure:
    if value is None:
        raise InputError("rate-undefined", "The rate is 0/0 for these counts.")
    return value

"""Whether a model says the same of a picture again, in other company.

A network of ours has no memory, and no row of it sees another one; so a difference above what the
last digits of a device explain means that the score would be another one the next time.
"""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import Scale
from answers.network.graph import Network
from answers.network.parameters import leaves
from checkers.engine.predicting import Predictor
from checkers.measuring.stream import Part
from checkers.model_file.record import Finding

# Differences that honest rounding makes, as a share of the largest number: 1e-6 was measured
# between batches of other sizes on a CPU; half precision keeps 8 to 11 bits in each layer.
_CPU, _GPU, _HALF = 1e-4, 1e-3, 5e-2
_WHOLE_PRECISION = ("float32", "float64")


def tolerance(network: Network, *, gpu: bool) -> float:
    """The share of the largest number by which two answers to one picture may differ."""
    if any(leaf.layer.dtype not in _WHOLE_PRECISION for leaf in leaves(network)):
        return _HALF
    return _GPU if gpu else _CPU


def repeated(
    predictor: Predictor, part: Part, scale: Scale, *, seed: int, share: float
) -> tuple[Finding, ...]:
    """Predict a part of the split again in other company; a finding where the answers differ.

    share: of the largest number, the difference that is still the same answer.
    """
    if not part.pictures:
        return ()
    chosen = _other_company(len(part.pictures), seed)
    batch = np.stack([part.pictures[i] for i in chosen])
    first = np.stack([part.answers[i] for i in chosen])
    answer = first.shape[1:]
    (second,) = predictor.predict([batch], scale, answer)
    if _same(first, second, share):
        return ()
    (third,) = predictor.predict([batch], scale, answer)
    return (_finding(_difference(first, second), alike=_same(second, third, share)),)


def _other_company(count: int, seed: int) -> list[int]:
    """Half of a batch in another order: the rest of it is filled up with the same rows again."""
    chance = random.Random(f"company {seed}")  # noqa: S311  # no secret but the seed
    return chance.sample(range(count), max(1, count // 2))


def _same(one: NDArray[np.float32], other: NDArray[np.float32], share: float) -> bool:
    """Whether two answers are equal; numbers that are not finite are judged elsewhere."""
    return _difference(one, other) <= share


def _difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The largest difference as a share of the largest number, which counts as 1 at least."""
    finite = np.isfinite(one) & np.isfinite(other)
    if not (np.isfinite(one) == np.isfinite(other)).all():
        return float("inf")
    wide, again = one[finite].astype(np.float64), other[finite].astype(np.float64)
    if not wide.size:
        return 0.0
    return float(np.abs(wide - again).max() / max(1.0, np.abs(wide).max()))


def _finding(difference: float, *, alike: bool) -> Finding:
    if alike:
        return Finding(
            "batch-dependent",
            "The model says something else of the same pictures when others are beside them "
            f"(by {difference:.2g} of the largest number).",
        )
    return Finding(
        "outputs-not-repeatable",
        "The model says something else of the same pictures when it is asked again "
        f"(by {difference:.2g} of the largest number).",
    )

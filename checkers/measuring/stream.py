"""Samples in, predictions out, in step; memory does not grow with the split."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import InputContract
from answers.data.split import ContentHash, Sample, Split
from checkers.engine.predicting import Predictor

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Predicted:
    """A sample, and what the model answered."""

    sample: Sample
    values: NDArray[np.float32]


def predictions(
    split: Split,
    contract: InputContract,
    predictor: Predictor,
    at_once: int,
    *,
    content: ContentHash | None = None,
    advance: Advance = lambda _: None,
) -> Iterator[list[Predicted]]:
    """Every sample with its prediction, a batch at a time, in the order of the split.

    content: takes every sample in, so that the hash costs no second pass.
    """
    waiting: deque[list[Sample]] = deque()

    def batches() -> Iterator[NDArray[Any]]:
        samples = split.read()
        while batch := list(islice(samples, at_once)):
            for sample in batch if content else ():
                if content is not None:
                    content.update(sample)
            waiting.append(batch)
            yield np.stack([contract.prepare(sample.image) for sample in batch])

    for values in predictor.predict(batches(), contract.scale):
        samples = waiting.popleft()
        advance(len(samples))
        yield [Predicted(s, row) for s, row in zip(samples, values, strict=True)]

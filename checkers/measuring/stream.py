"""Samples in, predictions out, in step; memory does not grow with the split.

Rows go in shuffled, so that a model can't tell from its place in the split what a picture is. The
order is drawn inside blocks of some batches from a secret seed, and undone before anybody counts.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import Scale
from answers.data.split import Sample
from answers.layers.base import Shape
from checkers.engine.predicting import Predictor
from checkers.measuring.rows import Fed

Advance = Callable[[int], None]

_BLOCK_BYTES = 32 << 20  # of pictures, truths and answers that wait for their block
_BLOCK_ROWS = 64
_BLOCK_BATCHES = 4


@dataclass(frozen=True)
class Predicted:
    """A sample, and what the model answered."""

    sample: Sample
    values: NDArray[np.float32]


@dataclass
class Part:
    """The first rows of a split as they were fed, and the answers to them."""

    pictures: list[NDArray[Any]] = field(default_factory=list)
    answers: list[NDArray[np.float32]] = field(default_factory=list)


def predictions(
    rows: Iterable[Fed],
    scale: Scale,
    predictor: Predictor,
    at_once: int,
    *,
    seed: int,
    answer: Shape,
    part: Part | None = None,
    advance: Advance = lambda _: None,
) -> Iterator[list[Predicted]]:
    """Every sample with its prediction, a block at a time, in the order of the rows.

    seed: of the order in which the rows go in. answer: the shape of an answer.
    part: takes the first block's first batch, so that it can be predicted again.
    """
    sent: deque[_Block] = deque()
    batches = _batches(iter(rows), at_once, answer, seed, sent)
    for values in predictor.predict(batches, scale, answer):
        block = sent[0]
        block.take(values)
        advance(len(values))
        if block.whole:
            sent.popleft()
            if part is not None and not part.pictures:
                block.keep(part, at_once)
            yield block.in_order()


@dataclass
class _Block:
    """Rows that are shuffled among themselves. order: which of them goes in first, second, …"""

    rows: list[Fed]
    order: list[int]
    answers: list[NDArray[np.float32]] = field(default_factory=list)

    def batch(self, begin: int, at_once: int) -> list[NDArray[Any]]:
        return [self.rows[i].picture for i in self.order[begin : begin + at_once]]

    def take(self, values: NDArray[np.float32]) -> None:
        self.answers.extend(values)

    @property
    def whole(self) -> bool:
        return len(self.answers) == len(self.rows)

    def keep(self, part: Part, count: int) -> None:
        part.pictures.extend(self.rows[i].picture for i in self.order[:count])
        part.answers.extend(self.answers[:count])

    def in_order(self) -> list[Predicted]:
        answers = dict(zip(self.order, self.answers, strict=True))
        return [Predicted(fed.sample, answers[place]) for place, fed in enumerate(self.rows)]


def _batches(
    fed: Iterator[Fed], at_once: int, answer: Shape, seed: int, sent: deque[_Block]
) -> Iterator[list[NDArray[Any]]]:
    """The batches of block after block; the next block is read while this one is computed."""
    chance = random.Random(seed)  # noqa: S311  # the seed is secret, and has 48 bits
    rows = list(islice(fed, at_once))
    count = at_once * _batches_in_a_block(rows[0], at_once, answer) if rows else 0
    rows += islice(fed, count - len(rows))
    while rows:
        lots = [chance.random() for _ in rows]  # half the time of `shuffle` and `sample`
        block = _Block(rows, sorted(range(len(rows)), key=lots.__getitem__))
        sent.append(block)
        following: list[Fed] = []
        for begin in range(0, len(rows), at_once):
            yield block.batch(begin, at_once)
            following += islice(fed, min(at_once, count - len(following)))
        rows = following


def _batches_in_a_block(row: Fed, at_once: int, answer: Shape) -> int:
    """As many as memory allows, but no more than it takes to mix the rows well."""
    wanted = max(_BLOCK_BATCHES, math.ceil(_BLOCK_ROWS / at_once))
    return max(1, min(wanted, _BLOCK_BYTES // (at_once * _bytes(row, answer))))


def _bytes(row: Fed, answer: Shape) -> int:
    sizes = answer if len(answer) == 1 else (*row.picture.shape[:2], answer[-1])
    return row.bytes + 4 * math.prod(int(size or 1) for size in sizes)

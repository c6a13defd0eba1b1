"""Rows go in shuffled and come out in order; a part is asked for again in other company."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pytest
from layer_chain import chain
from numpy.typing import NDArray

from answers.data.input_contract import InputContract, Scale
from answers.data.split import ContentHash, Sample, Split
from answers.layers.base import Shape
from answers.layers.core import Dense, Flatten
from checkers.engine.picture_memory import Batch
from checkers.measuring.repeatability import repeated, tolerance
from checkers.measuring.rows import Rows
from checkers.measuring.stream import Part, predictions

Say = Callable[[NDArray[Any]], NDArray[np.float32]]


class Predictor:
    """Answers batches as a function does, and remembers what it was given."""

    def __init__(self, say: Say) -> None:
        self.say, self.batches = say, list[NDArray[Any]]()
        self.asked_for = set[Shape]()

    def predict(
        self, batches: Iterable[Batch], scale: Scale, answer: Shape
    ) -> Iterator[NDArray[np.float32]]:
        assert scale == Scale("unit")
        self.asked_for.add(answer)
        for batch in batches:
            self.batches.append(np.stack(list(batch)))
            yield self.say(self.batches[-1])

    @property
    def order(self) -> list[int]:
        return [int(row[0, 0, 0]) for batch in self.batches for row in batch]


def first_pixel(batch: NDArray[Any]) -> NDArray[np.float32]:
    return batch[:, 0, 0, :1].astype(np.float32)


def numbered(count: int) -> Split:
    """Pictures of 4 x 4 that hold their own number."""

    def read() -> Iterator[Sample]:
        for number in range(count):
            image = np.full((4, 4, 3), number % 256, np.uint8)
            yield Sample(name=f"picture {number}", image=image, label=number % 10)

    classes = tuple("0123456789")
    return Split(
        name="test", source="drawn", task="classification", count=count, classes=classes, read=read
    )


def run(count: int, at_once: int, *, seed: int = 1, say: Say = first_pixel) -> Any:
    predictor, part, rows = Predictor(say), Part(), fed(numbered(count))
    batches = predictions(
        rows,
        Scale("unit"),
        predictor,  # type: ignore[arg-type]  # a double: no child is needed
        at_once,
        seed=seed,
        answer=(1,),
        part=part,
    )
    return [item for batch in batches for item in batch], predictor, part, rows


def fed(split: Split, keep: int = 0) -> Rows:
    return Rows(split, InputContract(size=(4, 4)), keep)


@pytest.mark.parametrize("at_once", [1, 3, 8, 64, 500])
@pytest.mark.parametrize("count", [0, 1, 2, 64, 65, 200])
def test_every_sample_comes_out_in_order_with_its_own_answer(count: int, at_once: int) -> None:
    found, predictor, _, _ = run(count, at_once)
    assert [item.sample.name for item in found] == [f"picture {n}" for n in range(count)]
    assert [float(item.values[0]) for item in found] == list(range(count))
    assert sorted(predictor.order) == list(range(count))
    full = [len(batch) for batch in predictor.batches[:-1]]
    assert set(full) <= {at_once}  # only the last batch is not full: filling one up costs time


def test_rows_go_in_shuffled_by_the_seed_alone() -> None:
    orders = [run(200, 8, seed=seed)[1].order for seed in (1, 2, 1)]
    assert orders[0] == orders[2] != orders[1]
    places = np.abs(np.array(orders[0]) - np.arange(200))
    assert np.mean(places) > 10  # in a block of 64 rows a third of it on the average


def test_the_hash_of_the_data_does_not_know_the_order() -> None:
    hashes = {run(100, 7, seed=seed)[3].sha256 for seed in (1, 2)}
    plain = ContentHash()
    for sample in numbered(100).read():
        plain.update(sample)
    assert hashes == {plain.hexdigest()}


def test_no_more_rows_wait_than_a_block_and_the_one_being_read() -> None:
    ahead, read = 0, 0

    def reading() -> Iterator[Sample]:
        nonlocal read
        for sample in numbered(1_000).read():
            read += 1
            yield sample

    split = numbered(1_000)
    object.__setattr__(split, "read", reading)
    done = 0
    for batch in predictions(
        fed(split),
        Scale("unit"),
        Predictor(first_pixel),  # type: ignore[arg-type]  # a double: no child is needed
        16,
        seed=3,
        answer=(1,),
    ):
        ahead = max(ahead, read - done)
        done += len(batch)
    assert ahead <= 3 * 64
    assert done == 1_000


def test_large_answers_make_small_blocks() -> None:
    predictor = Predictor(first_pixel)
    batches = predictions(
        fed(numbered(8)),
        Scale("unit"),
        predictor,  # type: ignore[arg-type]  # a double: no child is needed
        1,
        seed=1,
        answer=(4, 4, 1 << 20),  # 64 MiB each
    )
    assert [len(batch) for batch in batches] == [1] * 8


# --- asked again ----------------------------------------------------------------------------


def again(say: Say, *, share: float = 1e-4) -> list[str]:
    _, predictor, part, _ = run(40, 16, say=say)
    found = repeated(predictor, part, Scale("unit"), seed=1, share=share)
    return [finding.code for finding in found]


class Counting:
    """Says something else at every call."""

    def __init__(self, step: float) -> None:
        self.calls, self.step = 0, step

    def __call__(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        self.calls += 1
        return first_pixel(batch) + np.float32(self.step * self.calls)


def softmax_over_the_batch(batch: NDArray[Any]) -> NDArray[np.float32]:
    powers = np.exp(first_pixel(batch) / 50)
    return np.asarray(powers / powers.sum(axis=0), np.float32)


def not_a_number(batch: NDArray[Any]) -> NDArray[np.float32]:
    return np.full((len(batch), 1), np.nan, np.float32)


CASES: list[tuple[str, Say, list[str]]] = [
    ("a plain function", first_pixel, []),
    ("a counter", Counting(1.0), ["outputs-not-repeatable"]),
    ("rounding", Counting(1e-6), []),
    ("classes compared across a batch", softmax_over_the_batch, ["batch-dependent"]),
    ("no number at all, each time", not_a_number, []),
]


@pytest.mark.parametrize(("say", "codes"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_an_answer_that_depends_on_the_call_is_a_finding(say: Say, codes: list[str]) -> None:
    assert again(say) == codes


def test_the_second_company_is_another_one() -> None:
    _, predictor, part, _ = run(40, 16)
    repeated(predictor, part, Scale("unit"), seed=1, share=1e-4)
    first, second = predictor.order[:16], predictor.order[-8:]
    assert set(second) < set(first)
    assert predictor.asked_for == {(1,)}
    assert second != first[:8]


def test_half_precision_and_a_gpu_may_differ_by_more() -> None:
    plain = chain((8, 8, 3), Flatten(), Dense(units=3))
    half = chain((8, 8, 3), Flatten(), Dense(units=3, dtype="mixed_float16"))
    shares = [tolerance(plain, gpu=False), tolerance(plain, gpu=True), tolerance(half, gpu=False)]
    assert shares == sorted(set(shares))

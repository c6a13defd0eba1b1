"""Rows that are read before anybody asks for them are the rows that are given then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from answers.data.input_contract import InputContract
from answers.data.split import ContentHash, Sample, Split
from answers.errors import InputError
from checkers.measuring.rows import Rows

_MIB = 1 << 20


class Reading:
    """A split of squares that hold their own number; counts what is read of it."""

    def __init__(self, count: int, side: int = 4) -> None:
        self.count, self.side, self.read = count, side, 0

    def split(self) -> Split:
        return Split(
            name="test",
            source="drawn",
            task="classification",
            count=self.count,
            classes=("a", "b"),
            read=self._samples,
        )

    def rows(self, keep: int = 0, size: tuple[int, int] | None = None) -> Rows:
        return Rows(self.split(), InputContract(size=size), keep)

    def _samples(self) -> Iterator[Sample]:
        for number in range(self.count):
            self.read += 1
            image = np.full((self.side, self.side, 3), number, np.uint8)
            yield Sample(name=str(number), image=image, label=number % 2)


def names(rows: Rows) -> list[str]:
    return [row.sample.name for row in rows]


def after(count: int) -> Iterator[bool]:
    yield from [False] * count
    while True:
        yield True


@pytest.mark.parametrize("ahead", [0, 1, 5, 9, 10, 50])
@pytest.mark.parametrize("keep", [0, _MIB], ids=["read anew", "kept"])
def test_no_row_is_lost_or_read_twice(ahead: int, keep: int) -> None:
    reading = Reading(10)
    rows, enough = reading.rows(keep), after(ahead)
    rows.read_ahead(lambda: next(enough))
    assert reading.read == min(ahead, 10)
    assert names(rows) == [str(number) for number in range(10)]
    assert reading.read == 10
    assert names(rows) == [str(number) for number in range(10)]
    assert reading.read == (10 if keep else 20)


def test_the_hash_is_that_of_the_whole_split() -> None:
    rows, plain, enough = Reading(10).rows(), ContentHash(), after(4)
    rows.read_ahead(lambda: next(enough))
    assert rows.sha256 == ""
    names(rows)
    for sample in Reading(10).split().read():
        plain.update(sample)
    assert rows.sha256 == plain.hexdigest()


@pytest.mark.parametrize(("size", "floats"), [((4, 4), False), ((3, 5), True)])
def test_rows_that_are_here_say_whether_they_were_resized(
    size: tuple[int, int], floats: bool
) -> None:
    rows, enough = Reading(10).rows(size=size), after(1)
    assert not rows.as_floats
    rows.read_ahead(lambda: next(enough))
    assert rows.as_floats is floats
    assert {row.picture.dtype == np.float32 for row in rows} == {floats}


def test_no_more_is_read_ahead_than_there_is_room_for() -> None:
    reading = Reading(100, side=1024)  # 3 MiB each, and as much again for what the model is given
    rows = reading.rows()
    rows.read_ahead(lambda: False)
    assert reading.read == 11  # the first that holds more than 64 MiB with those before it
    assert len(names(rows)) == 100


def test_what_was_read_ahead_once_is_not_read_ahead_again() -> None:
    reading = Reading(10)
    rows, enough = reading.rows(), after(3)
    rows.read_ahead(lambda: next(enough))
    rows.read_ahead(lambda: False)
    assert reading.read == 3


@pytest.mark.parametrize("keep", [0, _MIB], ids=["read anew", "kept"])
def test_a_picture_that_breaks_the_reading_breaks_it_for_the_next_model_too(keep: int) -> None:
    """What was read before it is not the split: a second model would be graded on a part."""

    def broken() -> Iterator[Sample]:
        yield from islice(Reading(10).split().read(), 3)
        raise InputError("picture-unreadable", "The fourth picture is damaged.")

    split = replace(Reading(10).split(), read=broken)
    rows = Rows(split, InputContract(size=None), keep)
    for _model in range(2):
        with pytest.raises(InputError, match="fourth"):
            rows.read_ahead(lambda: False)
    with pytest.raises(InputError, match="fourth"):
        names(rows)

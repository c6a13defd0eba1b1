"""A collection of drawn samples: which splits it has, and how one of them is streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from answers.data.split import Note, Sample, Split, Task
from answers.errors import InputError

SAMPLE_NOTE = Note(
    code="sample-data",
    message="These are sample data, drawn by companion itself: a score on them shows that grading "
    "works here, and says nothing about the homework.",
)


@dataclass(frozen=True, kw_only=True)
class Collection:
    """Drawn samples in named splits, always the same ones in the same order.

    name: 'pictures' or 'surfaces'.
    counts: how many samples each split holds.
    block: how many samples are drawn at once.
    draw_block: draws the samples of the named split whose indices are in the range.
    """

    name: str
    task: Task
    classes: tuple[str, ...]
    counts: Mapping[str, int]
    block: int
    draw_block: Callable[[str, range], Iterator[Sample]]

    def split(self, name: str) -> Split:
        """The split 'train' or 'test'. Raises InputError `unknown-split` for any other name."""
        count = self._count(name)
        return Split(
            name=name,
            source=f"drawn by companion (sample '{self.name}')",
            task=self.task,
            count=count,
            classes=self.classes,
            read=lambda: self._read(name, count),
            notes=(SAMPLE_NOTE,),
        )

    def draw(self, index: int, split: str) -> Sample:
        """Sample number `index` (from 0) of a split. Raises InputError outside of it."""
        count = self._count(split)
        if not 0 <= index < count:
            raise InputError(
                "sample-out-of-range",
                f"The split '{split}' of the sample '{self.name}' has no number {index}.",
                hint=f"It holds the numbers 0 to {count - 1}.",
            )
        return next(self.draw_block(split, range(index, index + 1)))

    def _read(self, name: str, count: int) -> Iterator[Sample]:
        for start in range(0, count, self.block):
            yield from self.draw_block(name, range(start, min(start + self.block, count)))

    def _count(self, split: str) -> int:
        if split in self.counts:
            return self.counts[split]
        known = " and ".join(f"'{name}'" for name in self.counts)
        near = get_close_matches(split, self.counts, 1)
        raise InputError(
            "unknown-split",
            f"The sample '{self.name}' has no split '{split}'; it has {known}.",
            hint=f"Write '{near[0]}'." if near else f"Choose one of {known}.",
        )

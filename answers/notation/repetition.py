"""Equal parts of a row that follow one another, written as 3*(…)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

_PLACES = 16  # the next places of an item that are tried as the start of a second copy
_LONG = 60  # characters: two copies of less are not folded
_PRIME = (1 << 61) - 1
_BASE = 1_000_003


def folded(items: Sequence[str], depth: int) -> list[str]:
    """The row with repetitions: three or more times anything, twice what is long.

    depth: how many brackets may still be put inside one another.
    """
    if depth < 1 or len(items) < 3:
        return list(items)
    row, found, at = _Row(items), [], 0
    while at < len(items):
        period, times = row.best(at)
        if times == 1:
            found.append(items[at])
            at += 1
            continue
        body = ", ".join(folded(items[at : at + period], depth - 1))
        found.append(f"{times}*({body})")
        at += period * times
    return found


class _Row:
    """A row whose parts are compared in constant time, by hashes of all its beginnings."""

    def __init__(self, items: Sequence[str]) -> None:
        numbers: dict[str, int] = {}
        self.ids = [numbers.setdefault(item, len(numbers) + 1) for item in items]
        self.hashes, self.powers = [0], [1]
        for number in self.ids:
            self.hashes.append((self.hashes[-1] * _BASE + number) % _PRIME)
            self.powers.append(self.powers[-1] * _BASE % _PRIME)
        self.ends = [0, *accumulate(map(len, items))]
        self.next = self._next_places()

    def _next_places(self) -> list[int]:
        """For each place the next one with the same item; the length where there is none."""
        last: dict[int, int] = {}
        found = [len(self.ids)] * len(self.ids)
        for place in range(len(self.ids) - 1, -1, -1):
            found[place] = last.get(self.ids[place], len(self.ids))
            last[self.ids[place]] = place
        return found

    def best(self, at: int) -> tuple[int, int]:
        """The period and the number of copies that cover most from here on."""
        best, place = (1, 1), at
        for _ in range(_PLACES):
            place = self.next[place]
            if place >= len(self.ids):
                break
            period = place - at
            times = self.copies(at, period)
            if (
                self.is_worth(at, period, times)
                and period * times > best[0] * best[1]
                and self.equal(at, period, times)
            ):
                best = (period, times)
        return best

    def is_worth(self, at: int, period: int, times: int) -> bool:
        """Whether a repetition is easier to read than the row."""
        return times > 2 or (times == 2 and self.ends[at + period] - self.ends[at] >= _LONG)

    def copies(self, at: int, period: int) -> int:
        """How many equal parts of this length follow one another."""
        times, whole = 1, self.part(at, period)
        while at + (times + 1) * period <= len(self.ids):
            if self.part(at + times * period, period) != whole:
                break
            times += 1
        return times

    def part(self, at: int, length: int) -> int:
        return (self.hashes[at + length] - self.hashes[at] * self.powers[length]) % _PRIME

    def equal(self, at: int, period: int, times: int) -> bool:
        """Equal hashes are no proof: a text must give back the very same network."""
        end = at + period * times
        return self.ids[at : end - period] == self.ids[at + period : end]

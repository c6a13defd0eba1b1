"""The number of --mine: 4,608, 448(n − 2)², 3·3·16·32 + 32; or sizes: 5x5, (n − 2)x(n − 2)x16."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

from answers.errors import InputError
from answers.expressions.size import is_symbolic
from answers.network.graph import Network

if TYPE_CHECKING:
    from answers.misconceptions.number import Claim

_MOST_SIZES = 8


def claim(mine: str, network: Network, *, sizes: bool) -> Claim:
    """A person's number.

    sizes: whether sizes are asked for: 5x5 is a pair then, else the product 25.
    Raises: InputError `formula…` with the place in it; `unknown-letter` for a letter that the
    network does not have; `option-value` where nothing is said.
    """
    from answers.network.symbols import letters_of
    from checkers.formula.reading import plain

    word, letters = plain(mine).strip(), letters_of(network)
    if not word:
        raise InputError(
            "option-value", "--mine is empty.", hint="Say your number: --mine 4608.", where="--mine"
        )
    parts = list(_parts(word, letters))
    if len(parts) > _MOST_SIZES:
        raise InputError(
            "option-value", f"--mine takes up to {_MOST_SIZES} sizes, not {len(parts):,}."
        )
    found = [_value(part) for part in parts]
    for value in found:
        _checked_letters(value, letters)
    claimed: Claim = tuple(found) if sizes and len(found) > 1 else prod(found)
    return claimed


def _parts(word: str, letters: tuple[str, ...]) -> Iterator[str]:
    """The sizes of 5x5 or (n-2)x(n-2)x16: what stands between the x that no bracket holds."""
    signs = "×" if any("x" in letter for letter in letters) else "x×X"
    depth = start = 0
    for place, sign in enumerate(word):
        depth += (sign in "([") - (sign in ")]")
        if sign in signs and depth == 0 and place > start:
            yield word[start:place]
            start = place + 1
    yield word[start:]


def _value(part: str) -> Any:
    from answers.expressions.parse import parse_expression
    from answers.expressions.value import exact_value

    try:
        return exact_value(parse_expression(part.strip()))
    except InputError as error:
        raise error.at("--mine") from None


def _checked_letters(value: Any, letters: tuple[str, ...]) -> None:
    if not is_symbolic(value):
        return
    from answers.expressions.symbolic import symbols_of

    strange = sorted(set(symbols_of(value)) - set(letters))
    if strange:
        there = f"its letters are {', '.join(sorted(letters))}" if letters else "it has none"
        raise InputError(
            "unknown-letter",
            f"The network has no letter {strange[0]!r:.60}: {there}.",
            hint="Write your number without words or units: --mine 4608.",
            where="--mine",
        )

"""Whether a hint, read alone, gives an answer away: every formula and number in it is worked out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from answers.errors import InputError
from answers.expressions.expression import Expression
from answers.expressions.parse import parse_expression

_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?(?:\s?%)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<sign>[-+−–·×*/^()²³⁴⌊⌋⌈⌉])"
    r"|(?P<space>[\s`]+)"
)
_LONGEST = 40  # tokens of one formula


@lru_cache(maxsize=4096)
def formulas_in(text: str, names: frozenset[str]) -> tuple[Expression, ...]:
    """Every formula and every number of a text, parts of larger formulas among them.

    names: words that are letters of formulas; other words of more than one letter are prose.
    """
    found: dict[Expression, None] = {}
    for run in _runs(text, names):
        for start in range(len(run)):
            for end in range(start + 1, min(len(run), start + _LONGEST) + 1):
                formula = _formula("".join(run[start:end]))
                if formula is not None:
                    found[formula] = None
    return tuple(found)


def _runs(text: str, names: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Stretches that could be formulas, as tokens: what stands between words of prose."""
    run: list[str] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        place = found.end() if found else place + 1
        token = _token(found, names)
        if token:
            run.append(token)
        elif token is None and run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _token(found: re.Match[str] | None, names: frozenset[str]) -> str | None:
    """A token of a formula, '' for what stands between tokens, None for prose."""
    if found is None:
        return None
    if found.lastgroup == "space":
        return ""
    if found.lastgroup != "name":
        return found.group().replace(" ", "")
    name = found.group()
    own = next((known for known in (name, name.lower()) if known in names), None)
    return own or (name if len(name) == 1 else None)


def _formula(text: str) -> Expression | None:
    if text[0] in "+*/^·×)" or text[-1] in "+-−–*/^·×(":
        return None
    try:
        return parse_expression(text, decimals=True)
    except InputError:
        return None

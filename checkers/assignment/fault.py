"""One fault of an assignment file: the key, and what is wrong with it."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from answers.errors import InputError

MOST_SHOWN = 40
_LONGEST = 60
_MOST_KNOWN = 16


class WrongValueError(ValueError):
    """A value of the file is wrong: whole sentences, without the key. It becomes a `Fault`."""


@dataclass(frozen=True)
class Fault:
    """key: the path in the file ('check[2].at_least'); message: whole sentences."""

    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.key}: {self.message}"


def as_error(faults: Sequence[Fault], where: str) -> InputError:
    """All faults as one error (assignment-invalid), a line for each."""
    count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
    lines = [f"  {fault}" for fault in faults[:MOST_SHOWN]]
    if len(faults) > MOST_SHOWN:
        lines.append(f"  … and {len(faults) - MOST_SHOWN} more.")
    return InputError(
        "assignment-invalid",
        "\n".join([f"The assignment has {count}:", *lines]),
        hint="Mend these keys; check[2] is the second [[check]] of the file.",
        where=where,
    )


def joined(prefix: str, key: object) -> str:
    """The path of a key in a table; a key with odd characters is quoted, a long one cut."""
    name = str(key)
    part = name if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name) else quoted(name)
    return f"{prefix}.{part}" if prefix else part


def quoted(text: str) -> str:
    """The text in double quotes with control characters escaped, cut when it is long."""
    cut = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return json.dumps(cut, ensure_ascii=False)


def shown(value: object) -> str:
    """A value of a TOML file as a person wrote it, never longer than a line."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 200 else "a number of too many digits"
    if isinstance(value, Decimal):
        return str(value)[:_LONGEST]
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return "a date or time"


def suggestion(word: str, known: Iterable[str]) -> str:
    """' Did you mean …?', else the known words, as the end of a message; case does not count."""
    words = {name.lower(): name for name in known}
    near = [] if len(word) > _LONGEST else difflib.get_close_matches(word.lower(), words, n=1)
    if near:
        return f" Did you mean '{words[near[0]]}'?"
    listed = ", ".join(list(words.values())[:_MOST_KNOWN])
    return f" Known are: {listed}{', …' if len(words) > _MOST_KNOWN else ''}."

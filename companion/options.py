"""Options that hold for every command, and may stand anywhere on the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from answers.errors import InputError

ColorWord = Literal["auto", "always", "never"]
_WORDS: tuple[ColorWord, ...] = ("auto", "always", "never")


@dataclass(frozen=True)
class Everywhere:
    """color: when to use colour. debug: show tracebacks. json: the command prints JSON."""

    color: ColorWord = "auto"
    debug: bool = False
    json: bool = False


def split(arguments: list[str]) -> tuple[Everywhere, list[str]]:
    """Take the options that hold everywhere out of a command line.

    --json is an option of each command's own (some have no document), so it goes to the end of the
    line, where the command sees it.
    Raises: InputError `option-value` for a colour that is none.
    """
    color: ColorWord = "auto"
    debug = json = False
    rest, waiting, verbatim = list[str](), list(arguments), list[str]()
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            verbatim = ["--", *waiting]
            break
        if word == "--debug":
            debug = True
        elif word == "--json":
            json = True
        elif word == "--color":
            color = _color(waiting.pop(0) if waiting else "")
        elif word.startswith("--color="):
            color = _color(word.removeprefix("--color="))
        else:
            rest.append(word)
    return Everywhere(color, debug, json), [*rest, *(["--json"] if json else []), *verbatim]


def _color(word: str) -> ColorWord:
    for known in _WORDS:
        if word == known:
            return known
    raise InputError(
        "option-value", f"--color takes auto, always or never, not {word!r}.", where="--color"
    )

"""What a code means, of an error or of a finding: error_codes.toml has a text for each."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from answers import errors
from companion import exit_codes

FILE = Path(__file__).with_name("error_codes.toml")
_CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NEAR = 0.85
_ERRORS: dict[str, type[errors.CompanionError]] = {
    kind.__name__: kind
    for kind in (
        errors.CompanionError,
        errors.InputError,
        errors.ModelFileError,
        errors.RefusedError,
        errors.RunError,
        errors.MissingError,
        errors.StoppedError,
    )
}
_OTHERS = {"Finding": exit_codes.ANSWER_IS_NO, "Remark": None}


@dataclass(frozen=True)
class ErrorCode:
    """A code: what it means, what to do, and how a command ends with it.

    exit_code: None for a remark, which stands in a report and has none of its own.
    """

    code: str
    means: str
    to_do: str
    exit_code: int | None

    @property
    def exit_meaning(self) -> str:
        """What the exit code says; '' where there is none."""
        return "" if self.exit_code is None else dict(exit_codes.MEANINGS)[self.exit_code]


def find(code: str) -> ErrorCode | None:
    """A code that some error or finding of ours has; None for any other word."""
    text = _text(code) if _CODE.fullmatch(code) else None
    if text is None:
        return None
    return ErrorCode(
        code=code, means=text["means"], to_do=text["to_do"], exit_code=_exit_code(text["class"])
    )


def nearest(word: str) -> str | None:
    """The code that looks nearly like a word; None where none does."""
    from difflib import get_close_matches

    codes = re.findall(r"^\[([a-z0-9-]+)\]$", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    return next(iter(get_close_matches(word.lower(), codes, 1, _NEAR)), None)


def _text(code: str) -> dict[str, str] | None:
    """The table of a code; the others are not parsed: all of them would take longer than a topic."""
    _, found, rest = FILE.read_text(encoding="utf-8").partition(f"\n[{code}]\n")
    if not found:
        return None
    text: dict[str, str] = tomllib.loads(rest.partition("\n[")[0])
    return text


def _exit_code(kind: str) -> int | None:
    if kind in _OTHERS:
        return _OTHERS[kind]
    return exit_codes.of_error(_ERRORS[kind]("", ""))

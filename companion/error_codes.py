"""What an error's code means: a text where there is one, else what its class says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import answers
import checkers
import companion
from answers import errors
from companion import exit_codes

_CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_CLASSES = {
    "InputError": errors.InputError,
    "TextError": errors.InputError,
    "Fault": errors.InputError,
    "ModelFileError": errors.ModelFileError,
    "RefusedError": errors.RefusedError,
    "RunError": errors.RunError,
    "MissingError": errors.MissingError,
}


@dataclass(frozen=True)
class ErrorCode:
    """A code: what it means, what to do (may be empty), and how a command ends with it."""

    code: str
    means: str
    to_do: str
    exit_code: int

    @property
    def exit_meaning(self) -> str:
        """What the exit code says."""
        return dict(exit_codes.MEANINGS)[self.exit_code]


def find(code: str) -> ErrorCode | None:
    """A code that some error of ours has; None for any other word."""
    if not _CODE.fullmatch(code):
        return None
    text = _texts().get(code)
    name = text["class"] if text else _class_of(code)
    if name is None:
        return None
    known = _CLASSES[name]
    sentence = (known.__doc__ or "").strip().split("\n")[0]
    return ErrorCode(
        code=code,
        means=text["means"] if text else sentence,
        to_do=text["to_do"] if text else "",
        exit_code=exit_codes.of_error(known("", "")),
    )


def with_texts() -> tuple[str, ...]:
    """The codes that have a text of their own."""
    return tuple(_texts())


@cache
def _texts() -> dict[str, dict[str, str]]:
    text = Path(__file__).with_name("error_codes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _class_of(code: str) -> str | None:
    """The class of errors raised with a code, as our own modules say it; None for no code of ours.

    Codes are many and new ones come with every room: a list beside them would go stale.
    """
    raised = re.compile(rf'(\w+)\(\s*"{re.escape(code)}",\s')
    for path in _modules():
        for found in raised.finditer(path.read_text(encoding="utf-8")):
            if found[1] in _CLASSES:
                return str(found[1])
    return None


def _modules() -> Iterator[Path]:
    for package in (answers, checkers, companion):
        yield from Path(package.__path__[0]).rglob("*.py")

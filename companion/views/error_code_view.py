"""The meaning of an error's code, in each form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from companion.views.sheet import Sheet
from companion.views.spans import BOLD, DIM

if TYPE_CHECKING:
    from companion.error_codes import ErrorCode


def lines(code: ErrorCode, sheet: Sheet) -> Iterator[str]:
    """In the terminal."""
    yield from sheet.words(code.code, BOLD)
    yield from sheet.words(code.means)
    yield from sheet.words(f"What to do: {code.to_do}")
    yield from sheet.words(ending(code), DIM)


def ending(code: ErrorCode) -> str:
    """How a command ends with it."""
    if code.exit_code is None:
        return "A remark in a report: it has no exit code of its own."
    return f"Exit code {code.exit_code}: {code.exit_meaning}."


def as_document(code: ErrorCode) -> dict[str, str | int | None]:
    """For JSON."""
    return {
        "code": code.code,
        "means": code.means,
        "to_do": code.to_do,
        "exit_code": code.exit_code,
    }


def as_markdown(code: ErrorCode) -> str:
    """For Markdown."""
    return f"# `{code.code}`\n\n{code.means}\n\nWhat to do: {code.to_do}\n\n{ending(code)}\n"

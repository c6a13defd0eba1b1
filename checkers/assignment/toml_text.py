"""The bytes of an assignment file as the values of TOML, bounded in time and memory.

tomllib keeps every prefix of a dotted key: a key of 500,000 dots in a file of 1 MiB asks for
gigabytes. Hence the bounds on lines and dots, looked at before it starts.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from answers.errors import InputError
from checkers.assignment.exact_number import decimal_of

MOST_BYTES = 1 << 20
_MOST_LINES = 10_000
_MOST_DOTS = 16
# A dot between two parts of a key, or of a number; not the dots of a ruled comment line.
_DOT = re.compile(r"[\w\"'-][ \t]*\.(?=[ \t]*[\w\"'-])")
_PLACE = re.compile(r"^(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)$", re.DOTALL)


def parse(data: bytes, where: str) -> dict[str, Any]:
    """The document; floats are Decimal, so that 0.67 stays 0.67.

    Raises: InputError assignment-too-large, assignment-syntax (line and column in `where`).
    """
    if len(data) > MOST_BYTES:
        raise InputError(
            "assignment-too-large",
            f"The assignment file is larger than {MOST_BYTES:,} bytes.",
            hint="Is it an assignment at all? companion assignment new writes one.",
            where=where,
        )
    text = _decoded(data, where)
    _check_bounds(text, where)
    try:
        return tomllib.loads(text, parse_float=decimal_of)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(str(error), text, where) from None
    except RecursionError:
        raise _wrong("Its arrays or tables stand too deep inside each other", where) from None
    except ValueError as error:  # a whole number of more than 4,300 digits
        raise _wrong(f"It holds a number that cannot be read ({error})", where) from None


def _decoded(data: bytes, where: str) -> str:
    try:
        # Editors on Windows put a byte order mark in front; TOML has none.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _wrong(f"Byte 0x{data[error.start]:02x} in line {line} is no UTF-8", where) from None


def _check_bounds(text: str, where: str) -> None:
    lines = text.split("\n")
    if len(lines) > _MOST_LINES:
        raise _wrong(f"It has {len(lines):,} lines; at most {_MOST_LINES:,} are read", where)
    for number, line in enumerate(lines, 1):
        if line.count(".") > _MOST_DOTS and len(_DOT.findall(line)) > _MOST_DOTS:
            raise _wrong(f"Line {number} has more than {_MOST_DOTS} dots", where)


def _syntax(said: str, text: str, where: str) -> InputError:
    """What tomllib said, with the line itself and a caret under the column."""
    found = _PLACE.match(said)
    lines = text.replace("\r\n", "\n").split("\n")
    if found is None:
        what, line, column = said.removesuffix(" (at end of document)"), len(lines), 0
        return _wrong(f"{what} at the end of the file, line {line}", f"{where}:{line}")
    line, column = int(found["line"]), int(found["column"])
    drawn = _drawn(lines[line - 1], column) if line <= len(lines) else ""
    return _wrong(
        f"{found['what']} in line {line}, column {column}", f"{where}:{line}:{column}", drawn
    )


def _drawn(line: str, column: int) -> str:
    """The line with a caret under the column, where both can be printed in a row."""
    if len(line) > 72 or not line.isprintable():
        return ""
    return f"\n  {line}\n  {' ' * (column - 1)}^"


def _wrong(what: str, where: str, drawn: str = "") -> InputError:
    return InputError(
        "assignment-syntax",
        f"The assignment file cannot be read as TOML. {what}.{drawn}",
        hint="Texts stand in double quotes, and each check begins with [[check]].",
        where=where,
    )

"""A table of a TOML file, read key by key: what is missing, of another kind or unknown is said."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Any

from answers.textbook.fault import Fault

MOST_BYTES = 1 << 20


class Table:
    """The keys of a table. Each is taken once; `done` refuses those that nobody has taken.

    file, line: where it stands. name: how it is called in a message.
    """

    def __init__(self, data: Mapping[str, Any], *, file: Path, line: int, name: str = "") -> None:
        self._data, self.file, self.line, self.name = data, file, line, name
        self._known: list[str] = []

    def fault(self, message: str, *, hint: str = "") -> Fault:
        """An error at this table."""
        inside = f"[{self.name}]: " if self.name else ""
        return Fault("textbook-value", inside + message, file=self.file, line=self.line, hint=hint)

    def has(self, key: str) -> bool:
        """Whether a key is there; it then counts as known."""
        self._known.append(key)
        return key in self._data

    def holds(self, key: str, kind: type) -> bool:
        """Whether a key is there with a value of a kind: some keys take a text or a table."""
        return self.has(key) and type(self._data[key]) is kind

    def text(self, key: str, default: str | None = None) -> str:
        """A text."""
        found: str = self._of(key, str, "a text", default)
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; none where the key is missing."""
        found = self._of(key, list, "a list of texts", [])
        return tuple(self._each(key, item, str, "a text") for item in found)

    def word(self, key: str, words: Iterable[str], default: str | None = None) -> str:
        """A text that is one of some words."""
        known, found = tuple(words), self.text(key, default)
        if found not in known:
            near = get_close_matches(found, known, 1)
            raise self.fault(
                f"{key} is {found!r:.60}, which is none of {', '.join(known)}.",
                hint=f"Did you mean {near[0]!r}?" if near else "",
            )
        return found

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        found: int = self._of(key, int, "a whole number", default)
        return found

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        found = self._of(key, list, "a list of whole numbers", None)
        return tuple(self._each(key, item, int, "a whole number") for item in found)

    def flag(self, key: str) -> bool:
        """Whether it is true; false where it is missing."""
        found: bool = self._of(key, bool, "true or false", default=False)
        return found

    def number(self, key: str, default: Fraction | None = None) -> Fraction:
        """An exact number: 3, 0.8, "1/3"."""
        found = self._data.get(key, default) if self.has(key) else default
        if found is None:
            raise self.fault(f"{key} is missing.")
        return self._exact(key, found)

    def numbers(self, key: str) -> tuple[Fraction, ...]:
        """A list of exact numbers."""
        found = self._of(key, list, "a list of numbers", None)
        return tuple(self._exact(key, item) for item in found)

    def rows(self, key: str) -> tuple[tuple[Fraction, ...], ...]:
        """Rows of exact numbers, all as long as the first."""
        found = self._of(key, list, "rows of numbers", None)
        rows = [self._each(key, row, list, "a row of numbers") for row in found]
        if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
            raise self.fault(f"{key} needs rows of numbers, all of the same length.")
        return tuple(tuple(self._exact(key, item) for item in row) for row in rows)

    def table(self, key: str) -> Table:
        """A table within this one; empty where it is missing."""
        found = self._of(key, dict, "a table", {})
        return Table(found, file=self.file, line=self.line, name=f"{self.name}.{key}".lstrip("."))

    def keys(self) -> tuple[str, ...]:
        """All keys, which then count as known."""
        self._known += self._data
        return tuple(self._data)

    def done(self) -> None:
        """Raises: Fault for a key that nobody has asked for."""
        unknown = [key for key in self._data if key not in self._known]
        if unknown:
            near = get_close_matches(unknown[0], self._known, 1)
            raise self.fault(
                f"The key {unknown[0]!r:.60} is not known here.",
                hint=f"Did you mean {near[0]!r}?"
                if near
                else f"Known are {', '.join(self._known)}.",
            )

    def _of(self, key: str, kind: type, words: str, default: Any = None) -> Any:
        if not self.has(key):
            if default is None:
                raise self.fault(f"{key} is missing.")
            return default
        return self._each(key, self._data[key], kind, words)

    def _each(self, key: str, value: Any, kind: type, words: str) -> Any:
        if type(value) is not kind:
            raise self.fault(f"{key} must be {words}, not {value!r:.60}.")
        return value

    def _exact(self, key: str, value: Any) -> Fraction:
        if isinstance(value, int | Fraction) and not isinstance(value, bool):
            return Fraction(value)
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,40}(?:[./][0-9]{1,40})?", value):
            _, _, bottom = value.partition("/")
            if not bottom or int(bottom):
                return Fraction(value)
        raise self.fault(f"{key} must be a number such as 3, 0.8 or '1/3', not {value!r:.60}.")


def read_table(path: Path) -> Table:
    """The whole of a TOML file; decimals stay exact.

    Raises: Fault `textbook-file` where it can't be read, `textbook-toml` where it is no TOML.
    """
    return parse_table(read_text(path), file=path)


def parse_table(text: str, *, file: Path, line: int = 0, name: str = "") -> Table:
    """TOML that stands in a file from a line on.

    Raises: Fault `textbook-toml`.
    """
    try:
        data = tomllib.loads(text, parse_float=_exact_decimal)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        place = line + int(found.group(1)) if found else line
        raise Fault(
            "textbook-toml", f"This is no TOML: {error!s:.200}.", file=file, line=place
        ) from None
    return Table(data, file=file, line=line, name=name)


def _exact_decimal(text: str) -> Fraction:
    if len(text) > 40 or re.search(r"[eE][+-]?\d{3}", text):
        raise ValueError(f"the number {text:.40} is too long")
    return Fraction(text)


def read_text(path: Path) -> str:
    """A text of the textbook.

    Raises: Fault `textbook-file`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise Fault(
                "textbook-file", f"The file holds more than {MOST_BYTES:,} bytes.", file=path
            )
        return data.decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        raise Fault(
            "textbook-file", f"The file can't be read: {error.strerror}.", file=path
        ) from None
    except UnicodeDecodeError:
        raise Fault("textbook-file", "The file is no UTF-8 text.", file=path) from None


_HEADING = re.compile(r"\s*\[\s*([A-Za-z0-9_. -]+?)\s*\]\s*(?:#.*)?")


def headings(text: str) -> dict[str, int]:
    """At which line (from 1) each table of a TOML file begins: [values.first]."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        heading = _HEADING.fullmatch(line) if "[" in line else None
        if heading is not None:
            found.setdefault(heading.group(1).replace(" ", ""), number)
    return found


def line_of(text: str, start: str) -> int:
    """The line (from 1) that begins with `start`, spaces left aside; 0 where none does."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.replace(" ", "").startswith(start.replace(" ", "")):
            return number
    return 0

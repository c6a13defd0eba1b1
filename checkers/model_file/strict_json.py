"""JSON as the standard has it, bounded before it is parsed."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from answers.errors import ModelFileError, RefusedError
from checkers.model_file import limits

# A string without an end counts as one up to the end of the text, so that the scan is never
# started again inside it: millions of quotes would take hours.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def parse(data: bytes | str, what: str) -> Any:
    """The value of a JSON text; `what` names the text in errors.

    Raises: RefusedError json-too-large, json-too-deep, json-duplicate-key, json-number (too many
    digits); ModelFileError json-encoding, json-number (no number of JSON), json-syntax.
    """
    if len(data) > limits.JSON_BYTES:
        raise RefusedError(
            "json-too-large",
            f"The {what} has {len(data):,} bytes; the limit is {limits.JSON_BYTES:,}.",
        )
    text = _decoded(data, what) if isinstance(data, bytes) else data
    _check_depth(text, what)
    try:
        return json.loads(
            text,
            object_pairs_hook=lambda pairs: _object(pairs, what),
            parse_constant=lambda word: _no_number(word, what),
            parse_float=lambda digits: _float(digits, what),
            parse_int=lambda digits: _int(digits, what),
        )
    except json.JSONDecodeError as error:
        raise ModelFileError(
            "json-syntax",
            f"The {what} is no valid JSON: {error.msg} at line {error.lineno}, "
            f"column {error.colno}.",
        ) from None


def _decoded(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ModelFileError(
            "json-encoding", f"The {what} is no UTF-8 text: byte {error.start} does not fit."
        ) from None


def _check_depth(text: str, what: str) -> None:
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        first = match.group()[0]
        depth += (first in "[{") - (first in "]}")
        if depth > limits.JSON_DEPTH:
            raise RefusedError(
                "json-too-deep", f"The {what} nests more than {limits.JSON_DEPTH} levels deep."
            )


def _object(pairs: list[tuple[str, Any]], what: str) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise RefusedError("json-duplicate-key", f"The {what} has the key {twice!r:.60} twice.")
    return value


def _no_number(word: str, what: str) -> float:
    raise ModelFileError("json-number", f"The {what} holds {word}, which is no number in JSON.")


def _float(digits: str, what: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        return _no_number(digits[:30], what)
    return value


def _int(digits: str, what: str) -> int:
    if len(digits) > limits.JSON_DIGITS:
        raise RefusedError(
            "json-number",
            f"The {what} holds a whole number of {len(digits):,} digits; the limit is "
            f"{limits.JSON_DIGITS}.",
        )
    return int(digits)

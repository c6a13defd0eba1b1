"""The one JSON document that `--json` prints: a result, or an error."""

from __future__ import annotations

import json
from typing import Any

from answers.errors import CompanionError

VERSION = 1


def result(command: str, value: dict[str, Any], *, error: CompanionError | None = None) -> str:
    """The document of a result.

    error: what went wrong with the only thing that was asked for; the result then holds what was
    found before, and `ok` is false.
    """
    if error is None:
        return _document(command, {"ok": True, "result": value})
    return _document(command, {"ok": False, "error": error_fields(error), "result": value})


def failure(command: str, error: CompanionError) -> str:
    """The document of an error."""
    return _document(command, {"ok": False, "error": error_fields(error)})


def error_fields(error: CompanionError) -> dict[str, str]:
    """An error's fields, as they stand in every document."""
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "where": error.where,
    }


def _document(command: str, rest: dict[str, Any]) -> str:
    document = {"format": f"companion/{command}", "version": VERSION, **rest}
    # ASCII: whatever a name holds, no terminal and no encoding can be hurt by it
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)

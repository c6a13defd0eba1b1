"""Text from files stays text, in every medium."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from answers.errors import RefusedError
from checkers.model_file.record import Finding
from checkers.report import Report
from companion.boundary import in_words
from companion.views import (
    grade_html,
    grade_json,
    grade_markdown,
    grade_terminal,
    json_document,
)

NASTY = "<b>x</b>[red]y[/red]|z|`w`\x1b[31m\u202eabc"


def report() -> Report:
    return Report(
        file=Path(f"{NASTY}.h5"),
        error=RefusedError("layer-not-allowed", f"The layer {NASTY} is unknown."),
        findings=(Finding("some-finding", f"About {NASTY}."),),
    )


def test_html_escapes_every_text() -> None:
    page = grade_html.page([report()])
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_json_is_ascii_whatever_a_name_holds() -> None:
    text = json_document.result("grade", grade_json.result([report()], asked=1))
    assert text.isascii()
    assert json.loads(text)["result"]["models"][0]["file"] == f"{NASTY}.h5"


def test_markdown_escapes_every_text() -> None:
    text = grade_markdown.document([report()])
    assert "<b>x" not in text
    assert "\\<b\\>x" in text
    assert "\\|z\\|" in text


@pytest.mark.parametrize("control", ["\x1b", "\u202e"])
def test_the_terminal_never_gets_control_characters(
    capsys: pytest.CaptureFixture[str], control: str
) -> None:
    grade_terminal.draw([report()], "never")
    out = capsys.readouterr().out
    assert "[red]y[/red]" in out.replace("\n", "")
    assert control not in out
    assert control not in in_words(RefusedError("code", NASTY))

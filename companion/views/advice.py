"""The next step after a failed check, from a text file that needs no programmer to change."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from checkers.assignment.verdict import Verdict
from checkers.model_file.record import Finding


def advice(verdict: Verdict, findings: tuple[Finding, ...]) -> str:
    """One or two sentences for a failed check.

    A finding that explains the score comes before what is usual for the measure, and of several
    the one that stands first in advice.toml; parameters and layers have nothing to do with how the
    model was fed.
    """
    texts = _texts()
    measure = verdict.check.measure
    if measure not in ("parameters", "layers"):
        found = {finding.code for finding in findings}
        code = next((code for code in texts if code in found), measure)
        return texts[code]
    return texts[measure]


@cache
def _texts() -> dict[str, str]:
    source = files("companion.views").joinpath("advice.toml").read_text("utf-8")
    return {key: table["text"] for key, table in tomllib.loads(source).items()}

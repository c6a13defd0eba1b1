"""The hostile files of the corpus: what their manifest says, and where something else is right."""

from __future__ import annotations

from typing import Any

from corpus import load_json

Outcome = tuple[str, str]  # 'grade', 'refuse-damaged' or 'refuse-attack', and the reason's word

_MANIFEST = load_json("hostile/manifest.json") or {"cases": [], "made_at_test_time": []}
CASES: dict[str, Any] = {item["file"]: item for item in _MANIFEST["cases"]}
OF_FILE_SYSTEMS: dict[str, Any] = {item["file"]: item for item in _MANIFEST["made_at_test_time"]}

# Where something else is right than the manifest's first answer, and the honest file or the limit
# that says so.
KNOWN_DIFFERENCES: dict[str, tuple[Outcome, str]] = {
    "cfg_lambda_loss.keras": (
        ("grade", "ok"),
        "model.compile(loss=lambda …) writes the same: how a model was compiled is never run",
    ),
    "res_many_layers.keras": (
        ("refuse-attack", "zip-bomb"),
        "its config.json of 13 MB is over the limit of 8 MiB, and is not unpacked to be counted",
    ),
    "txt_rich_unbalanced.h5": (
        ("grade", "ok"),
        "DenseNet's layers are named conv1/conv in Keras 2: a slash is no reason to refuse",
    ),
}


def wanted(name: str) -> Outcome:
    """How a file should end: the manifest's word, or the one of the known differences."""
    if name in KNOWN_DIFFERENCES:
        return KNOWN_DIFFERENCES[name][0]
    case = CASES.get(name) or OF_FILE_SYSTEMS[name]
    return case["expected"], case["reason"]

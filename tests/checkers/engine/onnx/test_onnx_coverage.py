"""Every layer class that is known has a decision: the second engine says it, or Keras, or nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from layer_grid import CASES
from one_layer import made, network_of

from answers.layers.catalogue import FAMILIES, LAYERS
from checkers.engine.onnx.building import COVERED
from checkers.engine.onnx.coverage import KERAS_ONLY, NO_ENGINE, SETTINGS_LEFT, uncovered
from checkers.model_file.layer_config import NOT_GRADED

README = Path(__file__).parents[4] / "README.md"
BEGIN, END = "<!-- what the engine onnx covers: begin -->\n", "<!-- end -->"


def test_every_layer_class_has_exactly_one_decision() -> None:
    decided = [*COVERED, *KERAS_ONLY, *NO_ENGINE]
    assert sorted(decided) == sorted(LAYERS)


def test_only_of_covered_classes_some_settings_are_left_to_keras() -> None:
    assert SETTINGS_LEFT.keys() <= COVERED


def test_every_covered_class_is_held_against_keras() -> None:
    assert COVERED - {"InputLayer"} == {kind for kind, _, _ in CASES}


def test_what_no_engine_runs_is_refused_when_it_is_read() -> None:
    assert NO_ENGINE.keys() - {"StackedRNNCells"} == NOT_GRADED


@pytest.mark.parametrize("kind", sorted(KERAS_ONLY))
def test_a_class_without_an_exact_form_is_named_as_the_reason(kind: str) -> None:
    rank = int(kind[-2]) if kind[-1] == "D" else 0
    settings = {"filters": 2, "kernel_size": (2,) * rank} if rank else {}
    size = (*(4,) * (rank + 1), 3)
    assert uncovered(network_of(made(kind, **settings), size), [size]) == f"layer: {kind}"


# --- the table of README -----------------------------------------------------------------------


def table() -> str:
    """What the second engine covers, a family a row."""
    rows = [
        f"| {family.replace('_', ' ')} | {said(names)} | {left(names)} |"
        for family, names in FAMILIES.items()
    ]
    head = ("| layers | ONNX Runtime | left to Keras |", "|---|---|---|")
    return "\n".join((*head, *sorted(rows))) + "\n"


def said(names: tuple[str, ...]) -> str:
    """How much of a family there is."""
    there, lacking = split(names)
    if not there:
        return "–"
    count = f"all {len(names)}" if len(names) > 1 else f"`{names[0]}`"
    if not lacking:
        return count
    return f"all but {', '.join(f'`{name}`' for name in lacking)}"


def split(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """What is covered, and what is not."""
    there = [name for name in names if name in COVERED]
    return there, [name for name in names if name not in COVERED]


def left(names: tuple[str, ...]) -> str:
    """What of it is left to Keras, and why; classes of the same reason together."""
    reasons: dict[str, list[str]] = {}
    for name in names:
        nobody = f"by no engine: {NO_ENGINE[name]}" if name in NO_ENGINE else ""
        reason = SETTINGS_LEFT.get(name) or KERAS_ONLY.get(name) or nobody
        if reason:
            reasons.setdefault(reason, []).append(f"`{name}`")
    return "; ".join(f"{', '.join(kinds)}: {reason}" for reason, kinds in reasons.items()) or "–"


def test_the_table_of_the_readme_is_what_the_engine_covers() -> None:
    text = README.read_text("utf-8")
    assert text.count(BEGIN) == 1, f"README lacks the table:\n{BEGIN}\n{table()}\n{END}"
    shown = text.split(BEGIN)[1].split(END)[0].strip()
    assert shown == table().strip(), f"README should say:\n{table()}"

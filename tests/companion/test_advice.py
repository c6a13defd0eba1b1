"""What a failed check is told to do next: the cause, and not what follows from it."""

from __future__ import annotations

import pytest

from checkers.assignment.assignment import Measure
from checkers.assignment.catalogue import load_built_in
from checkers.assignment.verdict import Verdict
from checkers.model_file.record import Finding
from companion.views.advice import advice

CHECKS = {check.measure: check for check in load_built_in("unet").checks}
SCALE, CHANNELS = Finding("input-scale", "A scale."), Finding("channels-differ", "Channels.")


def said(measure: Measure, *findings: Finding) -> str:
    return advice(Verdict(check=CHECKS[measure], outcome="fail"), findings)


@pytest.mark.parametrize("findings", [(SCALE, CHANNELS), (CHANNELS, SCALE)])
def test_the_cause_comes_before_what_follows_from_it(findings: tuple[Finding, ...]) -> None:
    assert said("dice", *findings) == said("dice", SCALE) != said("dice", CHANNELS)


def test_what_explains_nothing_leaves_what_is_usual() -> None:
    assert said("dice", Finding("logits", "Read as logits.")) == said("dice")


def test_parameters_have_nothing_to_do_with_the_scale() -> None:
    assert said("parameters", SCALE) == said("parameters") != said("dice", SCALE)

"""A derivation in the terminal: one step as a chain of equal lines, many as a table."""

from __future__ import annotations

import sys
from dataclasses import replace

from answers.derivation.derivation import Derivation, Step, chain
from answers.expressions.size import is_symbolic
from companion.options import Everywhere
from companion.views.columns import Column, write
from companion.views.formula_text import FormulaText
from companion.views.paper import Paper


def draw(derivation: Derivation, everywhere: Everywhere, *, steps: bool | None) -> None:
    """Draw a derivation on stdout.

    steps: every step in words (True), the result alone (False), or (None) what is easiest to read:
    words for one step, a table for many.
    """
    words = FormulaText.of(sys.stdout)
    paper = Paper.of(everywhere)
    if steps is False:
        paper.line(answer(derivation, words), bold=True)
        return
    if steps or len(derivation.steps) == 1:
        for step in derivation.steps:
            _in_words(step, derivation, words, paper)
    else:
        _table(derivation, words, paper)
        _result(derivation, words, paper)
    for note in derivation.notes:
        paper.line(note, dim=True)


def answer(derivation: Derivation, words: FormulaText) -> str:
    """What comes out, in one line: 'at least 4,640 parameters'."""
    least = "at least " if derivation.at_least else ""
    return f"{least}{words.value(derivation.value)} {derivation.unit}".rstrip()


def _in_words(step: Step, derivation: Derivation, words: FormulaText, paper: Paper) -> None:
    """The rule, then its formula and what it comes to, one below the other."""
    about = f"{step.about}: " if step.about else ""
    paper.line(about + step.rule)
    lines = _chain(step, words)
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        sign = "= " if number else "  "
        unit = f" {step.unit or derivation.unit}".rstrip() if last else ""
        paper.line(sign + line + unit, bold=last, indent=2)
    if step.source:
        paper.line(f"Source: {step.source}", dim=True)
    paper.line()


def _chain(step: Step, words: FormulaText) -> list[str]:
    if isinstance(step.value, tuple) or step.value is None:
        found = [words.formula(part) for part in chain(step)]
        return [*found, words.value(step.value)]
    return [words.formula(part) for part in chain(step, with_forms=True)]


def _result(derivation: Derivation, words: FormulaText, paper: Paper) -> None:
    """What comes out; an expression of letters in all its forms."""
    paper.line()
    if isinstance(derivation.value, tuple) or not is_symbolic(derivation.value):
        paper.line(answer(derivation, words), bold=True)
        return
    lines = _chain(replace(derivation.steps[-1], formula=None), words)
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        paper.line(f"{'= ' if number else '  '}{line}", bold=last, indent=2)
    paper.line(f"{'at least as many ' if derivation.at_least else ''}{derivation.unit}".rstrip())


def _table(derivation: Derivation, words: FormulaText, paper: Paper) -> None:
    """A row a step: what it speaks of, how it is computed, what comes out."""
    columns = (
        Column("layer"),
        Column("how", spare=1),
        Column(derivation.unit or "output", right=True),
    )
    rows = [
        (step.about, _how(step, words), words.value(step.value))
        for step in derivation.steps
        if step.about
    ]
    write(paper, columns, rows)


def _how(step: Step, words: FormulaText) -> str:
    """The line with numbers put in; with letters its groups are multiplied: 27·16·(n − 2)²."""
    symbolic = not isinstance(step.value, tuple) and is_symbolic(step.value)
    part = step.collected if symbolic and step.collected else step.substitution
    part = part or step.collected or step.formula
    return "" if part is None else words.formula(part)

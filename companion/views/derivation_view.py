"""A derivation in the terminal: one step as a chain of equal lines, many as a table."""

from __future__ import annotations

import sys
from dataclasses import replace

from answers.derivation.derivation import Derivation, Step, chain, unit_text
from answers.expressions.size import is_symbolic
from companion.options import Everywhere
from companion.views.columns import Column, write
from companion.views.formula_text import FormulaText
from companion.views.paper import Paper


def draw(
    derivation: Derivation, everywhere: Everywhere, *, steps: bool | None, result: bool = True
) -> None:
    """Draw a derivation on stdout.

    steps: every step in words (True), the result alone (False), or (None) what is easiest to read:
    words for one step, a table for many. result: whether it is said below a table; a receptive
    field has its own line.
    """
    words = FormulaText.of(sys.stdout)
    paper = Paper.of(everywhere)
    if steps is False:
        paper.line(answer(derivation, words), bold=True)
        return
    if steps or (len(derivation.steps) == 1 and result):
        _words(derivation, words, paper, result=result)
    else:
        _table(derivation, words, paper)
        if result:
            _result(derivation, words, paper)
    if derivation.notes:
        paper.line()
    for note in derivation.notes:
        paper.line(note, dim=True)


def _words(derivation: Derivation, words: FormulaText, paper: Paper, *, result: bool) -> None:
    """Every step in words; then what comes out, where the last step does not say it."""
    for number, step in enumerate(derivation.steps):
        if number:
            paper.line()
        _in_words(step, derivation, words, paper)
    last = derivation.steps[-1].value if derivation.steps else None
    if result and last is not None and last != derivation.value:
        paper.line()
        paper.line(answer(derivation, words), bold=True)


def answer(derivation: Derivation, words: FormulaText) -> str:
    """What comes out, in one line: 'at least 4,640 parameters'."""
    least = "at least " if derivation.at_least else ""
    unit = unit_text(derivation.value, derivation.unit)
    return f"{least}{words.value(derivation.value)} {unit}".rstrip()


def _in_words(step: Step, derivation: Derivation, words: FormulaText, paper: Paper) -> None:
    """The rule, then its formula and what it comes to, one below the other."""
    about = f"{step.about}: " if step.about else ""
    paper.line(about + step.rule)
    lines = _chain(step, words)
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        sign = "= " if number else "  "
        named = unit_text(step.value, step.unit or derivation.unit)
        unit = f" {named}".rstrip() if last else ""
        paper.line(sign + line + unit, bold=last, indent=2)
    if step.source:
        paper.line(f"Source: {step.source}", dim=True)


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
        unit = f" {derivation.unit}".rstrip() if last else ""
        paper.line(f"{'= ' if number else '  '}{line}{unit}", bold=last, indent=2)
    if derivation.at_least:
        paper.line("There are at least so many.")


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
    part = part or step.collected
    if part is None and not symbolic:  # with letters the formula in general would stand alone
        part = step.formula
    return "" if part is None else words.formula(part)

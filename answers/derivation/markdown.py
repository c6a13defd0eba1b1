"""A derivation as Markdown, with formulas between dollar signs."""

from __future__ import annotations

import re

from answers.derivation.derivation import Derivation, Step, Value, chain, result_value, unit_text
from answers.expressions.latex import shape_latex, to_latex
from answers.expressions.symbolic import to_expression

# what Markdown, or HTML within it, would read as more than a letter
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&!])")


def to_markdown(derivation: Derivation, *, steps: bool = True) -> str:
    """A heading, a numbered list of steps, the result, the notes."""
    parts = [f"### {_escaped(derivation.title)}"]
    if steps:
        last = len(derivation.steps) - 1
        parts += [
            _step(step, number + 1, with_forms=number == last)
            for number, step in enumerate(derivation.steps)
        ]
    parts.append(f"**Result:** {_result(derivation)}")
    parts += [f"*{_escaped(note)}*" for note in derivation.notes]
    return "\n\n".join(parts) + "\n"


def _step(step: Step, number: int, *, with_forms: bool) -> str:
    about = f"**{_escaped(step.about)}:** " if step.about else ""
    lines = [f"{number}. {about}{_escaped(step.rule)}"]
    formulas = " = ".join(
        to_latex(part, thousands=True) for part in chain(step, with_forms=with_forms)
    )
    if formulas:
        lines.append(f"${formulas}$ {unit_text(step.value, step.unit)}".rstrip())
    elif isinstance(step.value, tuple):
        lines.append(_value(step.value))
    if step.source:
        lines.append(f"*{_escaped(step.source)}*")
    return "\\\n   ".join(lines)


def _result(derivation: Derivation) -> str:
    if derivation.answer:
        return _escaped(derivation.answer)
    at_least = "at least " if derivation.at_least else ""
    value = result_value(derivation)
    return f"{at_least}{_value(value)} {unit_text(value, derivation.unit)}".rstrip()


def _value(value: Value) -> str:
    if value is None:
        return "not known"
    if isinstance(value, tuple):
        return f"${shape_latex(value)}$"
    return f"${to_latex(to_expression(value), thousands=True)}$"


def _escaped(text: str) -> str:
    """Text from a file (a layer's name) that must stay text: one line, no markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))

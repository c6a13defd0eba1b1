r"""A derivation as LaTeX: sentences, and their formulas in align* (the package amsmath)."""

from __future__ import annotations

from answers.derivation.derivation import Derivation, Step, Value, chain, result_value, unit_text
from answers.expressions.latex import prose_latex, shape_latex, to_latex
from answers.expressions.symbolic import to_expression


def to_latex_lines(derivation: Derivation, *, steps: bool = True) -> str:
    """A paragraph for the title, one for each step, one for the result, one for each note."""
    parts = [rf"\paragraph{{{prose_latex(derivation.title)}}}"]
    if steps:
        last = len(derivation.steps) - 1
        parts += [
            _step(step, with_forms=number == last) for number, step in enumerate(derivation.steps)
        ]
    parts.append(rf"\textbf{{Result:}} {_result(derivation)}")
    parts += [rf"\emph{{{prose_latex(note)}}}" for note in derivation.notes]
    return "\n\n".join(parts) + "\n"


def _step(step: Step, *, with_forms: bool) -> str:
    about = rf"\textbf{{{prose_latex(step.about)}:}} " if step.about else ""
    source = f" ({prose_latex(step.source)})" if step.source else ""
    sentence = f"{about}{prose_latex(step.rule)}{source}"
    formulas = [to_latex(part, thousands=True) for part in chain(step, with_forms=with_forms)]
    if formulas:
        return f"{sentence}\n{_aligned(formulas, unit_text(step.value, step.unit))}"
    if isinstance(step.value, tuple):
        return f"{sentence} {_value(step.value)}"
    return sentence


def _aligned(formulas: list[str], unit: str) -> str:
    first, *rest = formulas
    named = rf"\ \text{{{prose_latex(unit)}}}" if unit else ""
    lines = [f"  &{first}", *(f"  &= {formula}" for formula in rest)]
    body = " \\\\\n".join([*lines[:-1], lines[-1] + named])
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def _result(derivation: Derivation) -> str:
    if derivation.answer:
        return prose_latex(derivation.answer)
    at_least = "at least " if derivation.at_least else ""
    value = result_value(derivation)
    unit = prose_latex(unit_text(value, derivation.unit))
    return f"{at_least}{_value(value)} {unit}".rstrip()


def _value(value: Value) -> str:
    if value is None:
        return "not known"
    if isinstance(value, tuple):
        return f"${shape_latex(value)}$"
    return f"${to_latex(to_expression(value), thousands=True)}$"

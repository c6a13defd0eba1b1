"""A derivation as what JSON can hold: counts are numbers, anything with a symbol is a string."""

from __future__ import annotations

from typing import Any

from answers.derivation.derivation import Derivation, Step, Value
from answers.expressions.expression import Expression
from answers.expressions.size import Size, is_symbolic
from answers.expressions.symbolic import exact_text, forms, settled
from answers.expressions.text import to_text


def to_document(derivation: Derivation) -> dict[str, Any]:
    """title, value, unit, at_least, forms (of a value with symbols), steps, notes."""
    return {
        "title": derivation.title,
        "value": value_document(derivation.value),
        "forms": forms_document(derivation.value),
        "unit": derivation.unit,
        "at_least": derivation.at_least,
        "steps": [_step(step) for step in derivation.steps],
        "notes": list(derivation.notes),
    }


def value_document(value: Value) -> int | str | list[int | str | None] | None:
    """A number, an exact string such as 448*(n - 2)**2, a list for a shape, None if not known."""
    if isinstance(value, tuple):
        return [_size(size) for size in value]
    return _size(value)


def forms_document(value: Value) -> dict[str, int | str | None] | None:
    """A value with symbols simplified, factored and expanded; None for anything else."""
    if value is None or isinstance(value, tuple) or not is_symbolic(value):
        return None
    found = forms(value)
    return {
        "simplified": _size(found.simplified),
        "factored": _size(found.factored),
        "expanded": _size(found.expanded),
    }


def _size(size: Size | None) -> int | str | None:
    found = None if size is None else settled(size)
    return exact_text(found) if found is not None and is_symbolic(found) else found


def _step(step: Step) -> dict[str, Any]:
    return {
        "about": step.about,
        "rule": step.rule,
        "formula": _formula(step.formula),
        "substitution": _formula(step.substitution),
        "collected": _formula(step.collected),
        "value": value_document(step.value),
        "unit": step.unit,
        "source": step.source,
    }


def _formula(expression: Expression | None) -> str | None:
    """In ASCII, so that any program can read it back."""
    return None if expression is None else to_text(expression, ascii=True)

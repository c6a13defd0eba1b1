"""A derivation: steps from a rule, through its formula with numbers put in, to a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from answers.expressions.collected import collected
from answers.expressions.expression import (
    Expression,
    Number,
    Sum,
    Values,
    evaluate,
    substitute,
)
from answers.expressions.parts import names_in
from answers.expressions.size import Size, is_symbolic
from answers.expressions.symbolic import forms, settled, to_expression
from answers.record import record

Shape = tuple[Size | None, ...]
Value = Size | Shape | None


@record(kw_only=True)
class Step:
    """One line of thought.

    rule: a whole sentence. about: the layer or axis it speaks of; may be empty.
    formula: in letters. substitution: with numbers in their place. collected: groups multiplied,
        sums not added up yet. Each is None where it would say nothing new.
    value: a whole number or an expression of symbols, a shape, or None where it can't be known.
    unit: what is counted. source: where the rule stands; may be empty.
    """

    rule: str
    value: Value
    about: str = ""
    formula: Expression | None = None
    substitution: Expression | None = None
    collected: Expression | None = None
    unit: str = ""
    source: str = ""


@record(kw_only=True)
class Derivation:
    """Steps that lead to a value.

    at_least: a part is not known, so that the value is a lower bound. notes: conventions and
    remarks, whole sentences. answer: a sentence that is the result, where it is no value.
    """

    title: str
    steps: tuple[Step, ...]
    value: Value
    unit: str
    notes: tuple[str, ...] = ()
    at_least: bool = False
    answer: str = ""


def worked_out(
    rule: str,
    formula: Expression,
    values: Values,
    *,
    unit: str,
    about: str = "",
    source: str = "",
) -> Step:
    """A step whose formula is known, with the lines in between.

    Raises: InputError `size-unknown` where a letter stands for a size left open.
    """
    put_in = substitute(formula, letters_put_in(values))
    step = computed(rule, put_in, evaluate(formula, values), unit=unit, about=about, source=source)
    return step if formula == put_in else replace(step, formula=formula)


def computed(
    rule: str,
    put_in: Expression,
    value: Size,
    *,
    unit: str,
    about: str = "",
    source: str = "",
) -> Step:
    """A step from a formula with its numbers put in to what it comes to."""
    result = to_expression(value)
    grouped = _worth_showing(collected(put_in))
    return Step(
        rule=rule,
        value=settled(value),
        about=about,
        substitution=None if put_in == result else put_in,
        collected=None if grouped in (put_in, result) else grouped,
        unit=unit,
        source=source,
    )


def _worth_showing(grouped: Expression) -> Expression | None:
    """A line in between: with letters in it, or a plain sum such as 4608 + 32."""
    has_letters = any(True for _ in names_in(grouped))
    terms = grouped.terms if isinstance(grouped, Sum) else (grouped,)
    plain = all(isinstance(term, Number) for term in terms)
    return grouped if has_letters or plain else None


def letters_put_in(values: Values) -> Mapping[str, Expression]:
    """What each letter is replaced by; letters of sizes left open stay."""
    return {name: to_expression(size) for name, size in values.items() if size is not None}


def chain(step: Step, *, with_forms: bool = False) -> tuple[Expression, ...]:
    """The formulas of a step that are equal to one another, the value last.

    with_forms: a value with symbols is also shown factored and expanded, where these differ.
    """
    found = [step.formula, step.substitution, step.collected]
    if step.value is not None and not isinstance(step.value, tuple):
        shown = forms(step.value) if with_forms and is_symbolic(step.value) else None
        sizes = (step.value, shown.factored, shown.expanded) if shown else (step.value,)
        found += map(to_expression, sizes)
    lines = {_in_any_order(part): part for part in reversed(found) if part is not None}
    return tuple(reversed(lines.values()))


def _in_any_order(part: Expression) -> object:
    """The same for sums whose terms stand in another order: SymPy has an order of its own."""
    return frozenset(Counter(part.terms).items()) if isinstance(part, Sum) else part


def unit_text(value: Value, unit: str) -> str:
    """The unit of a value: '1 position', '2 positions'."""
    return unit.removesuffix("s") if type(value) is int and value == 1 else unit


def result_value(derivation: Derivation) -> Value:
    """The value as the last line shows it: what has symbols in its shortest form."""
    value = derivation.value
    return forms(value).simplified if is_symbolic(value) else value  # type: ignore[arg-type]  # it is a size then

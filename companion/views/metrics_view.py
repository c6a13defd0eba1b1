"""Every rate of a yes-or-no question with the reader's own counts, in words, and as a document."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from answers.expressions.latex import to_latex
from answers.expressions.text import to_text
from answers.metrics.costs import Costs
from answers.metrics.rates import (
    MATTHEWS_TOP,
    MATTHEWS_UNDER_ROOT,
    BinaryCounts,
    Matthews,
    Rate,
    f_beta,
    rates,
)
from companion.options import Everywhere
from companion.views.columns import Column, write
from companion.views.formula_text import FormulaText
from companion.views.numbers import decimal, plain
from companion.views.paper import Paper
from companion.views.rate_words import places_of, words_of
from companion.views.table_text import as_text as table_text
from companion.views.threshold_view import Chosen
from companion.views.threshold_view import remarks as threshold_remarks

_LONGEST = 10**9  # a fraction with longer parts says less than its decimals
_COSTS_EXACT = 10**12


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What is shown: the counts, what mistakes cost, and the threshold that gave the counts.

    beta: of the F-beta that is asked for, if any. costs, chosen: None where not asked for.
    """

    counts: BinaryCounts
    beta: Fraction | None = None
    costs: Costs | None = None
    chosen: Chosen | None = None

    @cached_property
    def rates(self) -> tuple[Rate, ...]:
        """Every rate, F-beta among them where it is asked for."""
        own = () if self.beta is None else (f_beta(self.counts, self.beta),)
        return (*rates(self.counts), *own)

    @cached_property
    def matthews(self) -> Matthews:
        """The correlation of truth and answer."""
        return Matthews.of(self.counts)

    def sentence(self, rate: Rate) -> str:
        """What a rate says with these counts."""
        places = places_of(self.counts, self.beta)
        return words_of(rate.code).sentence(places, defined=rate.value is not None)


def draw(found: Measured, everywhere: Everywhere, *, steps: bool) -> None:
    """The counts, every rate (with its formula and its meaning if `steps`), what it is worth."""
    paper, words = Paper.of(everywhere), FormulaText.of(sys.stdout)
    _counts_table(found.counts, paper)
    paper.line()
    if steps:
        for rate in found.rates:
            _rate(found, rate, words, paper)
        _matthews(found.matthews, words, paper)
    else:
        write(paper, _COLUMNS, list(_rows(found, words)))
        paper.line()
    for line in remarks(found):
        paper.line(line)


_COLUMNS = (
    Column("rate"),
    Column("counts put in", spare=1),
    Column("exact", right=True),
    Column("value", right=True),
)


def _counts_table(counts: BinaryCounts, paper: Paper) -> None:
    columns = (Column(""), Column("called positive", right=True), Column("negative", right=True))
    rows = [
        ("is positive", f"TP {counts.true_positives:,}", f"FN {counts.false_negatives:,}"),
        ("is negative", f"FP {counts.false_positives:,}", f"TN {counts.true_negatives:,}"),
    ]
    write(paper, columns, rows)


def _rate(found: Measured, rate: Rate, words: FormulaText, paper: Paper) -> None:
    paper.line(words_of(rate.code).title, bold=True)
    chain = [words.formula(rate.formula), words.formula(rate.substitution), *_values(rate.value)]
    paper.line(" = ".join(chain), indent=2)
    paper.line(found.sentence(rate), indent=2)


def _matthews(matthews: Matthews, words: FormulaText, paper: Paper) -> None:
    told = words_of("matthews")
    paper.line(told.title, bold=True)
    root = "sqrt" if words.ascii else "√"
    for sign, top, under in (
        ("", MATTHEWS_TOP, MATTHEWS_UNDER_ROOT),
        ("= ", matthews.top, matthews.under_root),
    ):
        paper.line(f"{sign}({words.formula(top)})/{root}({words.formula(under)})", indent=2)
    if matthews.value is not None:
        exact = () if matthews.exact is None else (str(matthews.exact),)
        paper.line(f"= {' = '.join((*exact, f'{matthews.value:.4f}'))}", indent=2)
    paper.line(told.sentence({}, defined=matthews.value is not None), indent=2)


def _number(value: int) -> str:
    return f"{value:,}".replace("-", "−")


def _values(value: Fraction | None) -> tuple[str, ...]:
    """4/5 and 0.8000; a whole number once; 'undefined' for 0/0."""
    if value is None:
        return ("undefined",)
    if value.denominator == 1:
        return (str(value.numerator),)
    decimals = decimal(value).replace("-", "−")
    return (exact_text(value), decimals) if value.denominator < _LONGEST else (decimals,)


def exact_text(value: Fraction) -> str:
    """A fraction with thousands marked: 1,529/1,638."""
    if value.denominator == 1:
        return _number(value.numerator)
    return f"{_number(value.numerator)}/{value.denominator:,}"


def _rows(found: Measured, words: FormulaText) -> Iterator[tuple[str, str, str, str]]:
    for rate in found.rates:
        values = _values(rate.value)
        exact = values[0] if len(values) > 1 or rate.value is None else ""
        name = words_of(rate.code).name
        yield (
            name,
            words.formula(rate.substitution),
            exact,
            "" if exact == "undefined" else values[-1],
        )
    value = found.matthews.value
    yield (
        "MCC",
        "",
        "" if value is not None else "undefined",
        "" if value is None else f"{value:.4f}",
    )


def remarks(found: Measured) -> Iterator[str]:
    """The best constant answer, and what mistakes cost, in whole sentences."""
    yield _constant(found.counts)
    if found.costs is not None:
        yield from _cost_lines(found.counts, found.costs)


def _constant(counts: BinaryCounts) -> str:
    answer = counts.best_constant
    theirs, ours = counts.of_constant(answer).accuracy, counts.accuracy
    verdict = (
        "is right more often"
        if ours > theirs
        else "is right exactly as often: the accuracy shows nothing learned"
        if ours == theirs
        else "is right less often: its accuracy is worth nothing"
    )
    return (
        f"The best constant answer, always {answer}, has an accuracy of {_both(theirs)}. What is "
        f"measured here has {_both(ours)}: it {verdict}."
    )


def _both(value: Fraction) -> str:
    return " = ".join(_values(value))


def _cost_lines(counts: BinaryCounts, costs: Costs) -> Iterator[str]:
    yield which_matters(costs)
    always = {
        "always positive": costs.of(counts.of_constant("positive")),
        "always negative": costs.of(counts.of_constant("negative")),
    }
    own = costs.of(counts)
    yield (
        f"These answers cost {plain(costs.miss)}·{counts.false_negatives:,} + "
        f"{plain(costs.alarm)}·{counts.false_positives:,} = {_money(own)}, "
        f"{decimal(costs.expected(counts))} a case. Always positive would cost "
        f"{_money(always['always positive'])}, always negative {_money(always['always negative'])}."
    )
    best, cheapest = min(always.items(), key=lambda pair: pair[1])
    if own < cheapest:
        yield f"They are cheaper than both, by {_money(cheapest - own)}."
    else:
        more = "exactly as much as" if own == cheapest else f"{_money(own - cheapest)} more than"
        yield f"They cost {more} {best}: at these costs the answers are worth nothing."
    yield (
        "Where the scores are honest probabilities, it pays to say positive from "
        f"{_both(Fraction(costs.probability_to_act))} on: false alarm / (false alarm + miss)."
    )


def which_matters(costs: Costs) -> str:
    """Whether recall or precision is what these costs ask for."""
    if costs.miss == costs.alarm:
        return "A miss and a false alarm cost the same: only their number matters, the accuracy."
    if not costs.alarm:
        return "A false alarm costs nothing: recall alone matters, and always positive costs 0."
    if not costs.miss:
        return "A miss costs nothing: precision alone matters, and always negative costs 0."
    if costs.miss > costs.alarm:
        times = costs.miss / costs.alarm
        return (
            f"A miss costs {plain(times)} times as much as a false alarm: recall matters more. One "
            f"more that is found pays for up to {plain(times)} more false alarms."
        )
    times = costs.alarm / costs.miss
    return (
        f"A false alarm costs {plain(times)} times as much as a miss: precision matters more. One "
        f"false alarm less pays for up to {plain(times)} more misses."
    )


def _money(value: Fraction) -> str:
    return plain(value) if value.denominator < _COSTS_EXACT else decimal(value)


def as_text(found: Measured, form: Literal["latex", "markdown"], *, steps: bool) -> str:
    """The rates in Markdown or LaTeX: with formulas and sentences, or as a table alone."""
    if not steps:
        return table_text(form, _COLUMNS, list(_rows(found, FormulaText())))
    if form == "latex":
        lines = [rf"  \text{{{words_of(r.code).name}}} &= {_formula(r)} \\" for r in found.rates]
        return "\n".join((r"\begin{align*}", *lines, _matthews_latex(found), r"\end{align*}"))
    lines = [
        f"- **{words_of(r.code).title}** ${_formula(r)}$: {found.sentence(r)}" for r in found.rates
    ]
    told = [] if found.chosen is None else list(threshold_remarks(found.chosen))
    return "\n\n".join((*told, "\n".join(lines), *remarks(found)))


def _formula(rate: Rate) -> str:
    parts = [to_latex(rate.formula), to_latex(rate.substitution)]
    if rate.value is None:
        return " = ".join((*parts, r"\text{undefined}"))
    return " = ".join((*parts, *(text.replace("−", "-") for text in _values(rate.value))))


def _matthews_latex(found: Measured) -> str:
    top, under = to_latex(MATTHEWS_TOP), to_latex(MATTHEWS_UNDER_ROOT)
    value = found.matthews.value
    shown = r"\text{undefined}" if value is None else f"{value:.4f}"
    return rf"  \text{{MCC}} &= \frac{{{top}}}{{\sqrt{{{under}}}}} = {shown}"


def document(found: Measured) -> dict[str, Any]:
    """The result of `metrics --json`: exact fractions are strings, None where undefined."""
    counts = found.counts
    letters = {name.lower(): value for name, value in counts.letters.items()}
    return {
        "counts": letters | {"total": counts.total},
        "rates": [_rate_document(found, rate) for rate in found.rates],
        "matthews": {
            "numerator": found.matthews.numerator,
            "square_of_denominator": found.matthews.square,
            "exact": None if found.matthews.exact is None else str(found.matthews.exact),
            "value": found.matthews.value,
        },
        "best_constant": {
            "answer": counts.best_constant,
            "accuracy": str(counts.of_constant(counts.best_constant).accuracy),
        },
        "costs": None if found.costs is None else _costs_document(counts, found.costs),
        "remarks": list(remarks(found)),
    }


def _rate_document(found: Measured, rate: Rate) -> dict[str, Any]:
    return {
        "code": rate.code,
        "name": words_of(rate.code).name,
        "formula": to_text(rate.formula, ascii=True),
        "substitution": to_text(rate.substitution, ascii=True),
        "exact": None if rate.value is None else str(rate.value),
        "value": None if rate.value is None else float(rate.value),
        "meaning": found.sentence(rate),
    }


def _costs_document(counts: BinaryCounts, costs: Costs) -> dict[str, Any]:
    return {
        "miss": str(costs.miss),
        "alarm": str(costs.alarm),
        "total": str(costs.of(counts)),
        "expected": str(costs.expected(counts)),
        "always_positive": str(costs.of(counts.of_constant("positive"))),
        "always_negative": str(costs.of(counts.of_constant("negative"))),
        "probability_to_act": str(costs.probability_to_act),
    }

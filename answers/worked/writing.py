"""A value as a reader sees it: {{name}}, {{name:.3f}}, {{name:.1%}}, {{name:.2e}}, {{name:GB}}."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from answers.errors import InputError
from answers.expressions.expression import Expression
from answers.expressions.size import is_symbolic
from answers.record import record
from answers.worked.value import Figure

_FORM = re.compile(r"(?:\.([0-9]{1,2}))?(f|%|e|kB|MB|GB|TB)")
_BYTES = {"kB": 3, "MB": 6, "GB": 9, "TB": 12}
_DIGITS = {"f": 0, "%": 0, "e": 2}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_EXACT = Context(prec=400)


@record()
class Form:
    """How a number is rounded: to so many digits behind the point, in a unit. e: a power of ten."""

    digits: int
    unit: str


def read_form(form: str) -> Form | None:
    """What stands behind the colon of a mention; None where nothing does.

    Raises: InputError `value-form`.
    """
    if not form:
        return None
    found = _FORM.fullmatch(form)
    if found is None:
        raise InputError(
            "value-form",
            f"{form!r:.20} is no way to write a value.",
            hint="There are .3f, .1%, .2e, and kB, MB, GB, TB.",
        )
    unit = found.group(2)
    return Form(int(found.group(1)) if found.group(1) else _DIGITS.get(unit, 1), unit)


def as_text(figure: Figure, form: str = "", *, ascii_only: bool = False) -> str:
    """A value in one line of text.

    Raises: InputError `value-form`; `value-unrounded` for a measured number without a form.
    """
    known = read_form(form)
    if known is None:
        return _exact_text(figure, ascii_only=ascii_only)
    if known.unit == "e":
        number, power = _scientific(figure, known)
        if ascii_only:
            return f"{number}*10^{power}"
        return f"{_minus(number)}·10{str(power).translate(_RAISED)}"
    text = _rounded(figure, known) + _unit(known)
    return text if ascii_only else _minus(text)


def as_latex(figure: Figure, form: str = "") -> str:
    """A value as LaTeX. Raises: as `as_text`."""
    known = read_form(form)
    if known is None:
        return _exact_latex(figure)
    if known.unit == "e":
        number, power = _scientific(figure, known)
        return rf"{number} \cdot 10^{{{power}}}"
    number = _rounded(figure, known).replace(",", "{,}")
    unit = _unit(known).strip()
    return number + ({"": "", "%": r"\%"}.get(unit) or (rf"\,\text{{{unit}}}" if unit else ""))


def is_mathematics(figure: Figure, form: str = "") -> bool:
    """Whether a value is better drawn as mathematics than written as words."""
    return is_symbolic(figure) or form.endswith("e")


def expression_of(figure: Figure) -> Expression:
    """A number or a formula of letters, in the form that is easiest to read."""
    from answers.expressions.expression import Negative, Number, Quotient
    from answers.expressions.symbolic import forms, to_expression

    if isinstance(figure, Fraction):
        made = Quotient(Number(abs(figure.numerator)), Number(figure.denominator))
        return Negative(made) if figure < 0 else made
    return to_expression(forms(figure).simplified)  # type: ignore[arg-type]  # a size


def _exact_text(figure: Figure, *, ascii_only: bool) -> str:
    from answers.expressions.text import to_text

    if isinstance(figure, float):
        raise _unrounded(figure)
    if isinstance(figure, tuple):
        from answers.derivation.rules import shape_text

        found = shape_text(figure)
        return found.replace("−", "-").replace("·", "*") if ascii_only else found
    if isinstance(figure, Fraction) and figure < 0:
        minus = "-" if ascii_only else "−"  # −1/2, where a formula would have −(1/2)
        return minus + _exact_text(-figure, ascii_only=ascii_only)
    return to_text(expression_of(figure), ascii=ascii_only, thousands=True)


def _exact_latex(figure: Figure) -> str:
    from answers.expressions.latex import shape_latex, to_latex

    if isinstance(figure, float):
        raise _unrounded(figure)
    if isinstance(figure, tuple):
        return shape_latex(figure)
    return to_latex(expression_of(figure), thousands=True)


def _unrounded(figure: float) -> InputError:
    return InputError(
        "value-unrounded",
        f"The value {figure:.4g} is measured, not exact: it needs a form.",
        hint="Write {{name:.3f}}, or {{name:.2e}}.",
    )


def _decimal(figure: Figure) -> Decimal:
    """The number, to 400 digits; a float is what it is.

    Raises: InputError `value-form` for what is no number.
    """
    if isinstance(figure, tuple) or is_symbolic(figure):
        raise InputError("value-form", "A shape or a formula with letters can't be rounded.")
    exact = Fraction(figure)
    return _EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))


def _rounded(figure: Figure, form: Form) -> str:
    value = _decimal(figure)
    shift = 2 if form.unit == "%" else -_BYTES.get(form.unit, 0)
    found = value.scaleb(shift, _EXACT).quantize(
        Decimal(1).scaleb(-form.digits), ROUND_HALF_UP, _EXACT
    )
    return f"{found + 0:,f}" if found else f"{abs(found):f}"


def _scientific(figure: Figure, form: Form) -> tuple[str, int]:
    """Digits and power of ten: 1.23 and −5."""
    value = _decimal(figure)
    if not value:
        return f"{0:.{form.digits}f}", 0
    rounded = Context(prec=form.digits + 1, rounding=ROUND_HALF_UP).plus(value)
    power = rounded.adjusted()
    return f"{rounded.scaleb(-power):.{form.digits}f}", power


def _unit(form: Form) -> str:
    return {"f": "", "%": "%"}.get(form.unit, f" {form.unit}")


def _minus(text: str) -> str:
    return text.replace("-", "−")

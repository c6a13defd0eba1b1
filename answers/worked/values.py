"""The values of one topic, each worked out when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from answers.errors import CompanionError, InputError
from answers.textbook import requests
from answers.textbook.fault import Fault
from answers.textbook.topic import Outline
from answers.worked.value import Figure, Worked


class Values:
    """Values by name.

    outline: what is asked for. networks: the folder of the long networks.
    """

    def __init__(self, outline: Outline, networks: Path) -> None:
        self.outline, self._networks = outline, networks
        self._known: dict[str, Worked] = {}
        self._waiting: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order of the file."""
        return tuple(self.outline.requests)

    def of(self, name: str) -> Worked:
        """The value of a name.

        Raises: InputError `unknown-value`; Fault for a value that can't be worked out, with its
        line in topic.toml.
        """
        if name not in self._known:
            self._known[name] = self._work_out(name)
        return self._known[name]

    def _work_out(self, name: str) -> Worked:
        request = self.outline.requests.get(name)
        if request is None:
            raise self._unknown(name)
        if name in self._waiting:
            raise self._fault(name, "value-circle", "The value needs itself.", "")
        self._waiting.append(name)
        try:
            return _RULES[type(request)](self, name, request)
        except Fault:
            raise
        except CompanionError as error:
            raise self._fault(name, error.code, error.message, error.hint) from error
        finally:
            self._waiting.remove(name)

    def _fault(self, name: str, code: str, message: str, hint: str) -> Fault:
        return Fault(
            code,
            f"[values.{name}]: {message}",
            file=self.outline.file,
            line=self.outline.lines.get(name, 0),
            hint=hint,
        )

    def _unknown(self, name: str) -> InputError:
        from difflib import get_close_matches

        near = get_close_matches(name, self.names, 1)
        return InputError(
            "unknown-value",
            f"The topic {self.outline.slug!r} has no value {name!r:.60}.",
            hint=f"Did you mean {near[0]!r}?" if near else "",
        )

    # -- a rule for each kind of request ---------------------------------------------------------

    def _of_network(self, name: str, request: requests.OfNetwork) -> Worked:
        from answers.worked import networks

        taken = networks.take(request, self._networks)
        unit = request.unit or taken.unit
        return Worked(name=name, figure=taken.figure, unit=unit, derive=taken.derive)

    def _given(self, name: str, request: requests.Given) -> Worked:
        whole = request.value.denominator == 1
        figure: Figure = request.value.numerator if whole else request.value
        return Worked(name=name, figure=figure, unit=request.unit, source=request.source)

    def _formula(self, name: str, request: requests.FromFormula) -> Worked:
        from answers.worked import formulas

        figure, derivation = formulas.work_out(request, self.names, self.of)
        return Worked(name=name, figure=figure, unit=request.unit, derive=lambda: (derivation,))

    def _rate(self, name: str, request: requests.Rate) -> Worked:
        from answers.worked import rates

        figure, derivations = rates.work_out(request)
        return Worked(name=name, figure=figure, unit=request.unit, derive=lambda: derivations)

    def _loss(self, name: str, request: requests.Loss) -> Worked:
        from answers.worked import losses

        return Worked(name=name, figure=losses.work_out(request), unit=request.unit)

    def _gradient_flow(self, name: str, request: requests.GradientFlow) -> Worked:
        from answers.worked import gradients

        return Worked(name=name, figure=gradients.work_out(request), unit=request.unit)


_RULES: dict[type, Callable[[Values, str, Any], Worked]] = {
    requests.OfNetwork: Values._of_network,  # noqa: SLF001  # the class's own table of methods
    requests.Given: Values._given,  # noqa: SLF001  # as above
    requests.FromFormula: Values._formula,  # noqa: SLF001  # as above
    requests.Rate: Values._rate,  # noqa: SLF001  # as above
    requests.Loss: Values._loss,  # noqa: SLF001  # as above
    requests.GradientFlow: Values._gradient_flow,  # noqa: SLF001  # as above
}

"""The way of a calculator: a network comes in, derivations go out in the form asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from answers.derivation.derivation import Derivation
from answers.errors import InputError
from answers.expressions.text_error import TextError
from answers.network.graph import Network
from companion import exit_codes
from companion.cli.calculator import Asked, Form
from companion.cli.network_source import Source
from companion.options import Everywhere
from companion.views import json_document
from companion.views.terminal import say

if TYPE_CHECKING:
    from answers.misconceptions.recognise import Recognition
    from answers.misconceptions.slip import Quantity

Derivations = tuple[Derivation, ...]


@dataclass(frozen=True, kw_only=True)
class Calculator:
    """One question to a network.

    quantities: what --mine is held against. document: what its JSON holds beside the derivations.
    draw: what a terminal shows. filters_matter: whether the answer depends on --out.
    write: what Markdown and LaTeX are; the derivations unless given. derivations: whether JSON
    holds them.
    """

    command: str
    quantities: tuple[Quantity, ...]
    derive: Callable[[Network], Derivations]
    document: Callable[[Network, Derivations], dict[str, Any]]
    draw: Callable[[Source, Derivations, Asked, Everywhere], None]
    filters_matter: bool = True
    write: Callable[[Source, Literal["latex", "markdown"]], str] | None = None
    derivations: bool = True

    def answer(self, asked: Asked, everywhere: Everywhere) -> int:
        """Compute, print in the form that is asked for, and return the exit code.

        Raises: InputError of the network, with the place in its text.
        """
        form = asked.form
        source = asked.source(filters_matter=self.filters_matter)
        with located(source):
            found = self.derive(source.network)
            judged = None if asked.mine is None else self._judged(source.network, asked.mine)
            document = self.document(source.network, found) if form == "json" else None
        if form == "json":
            told = self.derivations and asked.steps is not False
            extra = {"derivations": _documents(found)} if told else {}
            mine = {} if judged is None else {"mine": _mine(judged)}
            say(json_document.result(self.command, (document or {}) | mine | extra))
        elif form == "terminal":
            self.draw(source, found, asked, everywhere)
        elif self.write is not None:
            say(self.write(source, form))
        else:
            _write(found, form, steps=asked.steps is not False)
        if judged is not None and form != "json":
            from companion.views.mine_view import show

            show(judged, everywhere, of_several=len(self.quantities) > 1)
        wrong = judged is not None and not judged.is_right
        return exit_codes.ANSWER_IS_NO if wrong else exit_codes.DONE

    def _judged(self, network: Network, mine: str) -> Recognition:
        """What the table of slips says of the person's number; of several quantities the best."""
        from answers.misconceptions.recognise import recognise
        from companion.cli.claimed import claim

        sizes = {"shape", "receptive-field"}.issuperset(self.quantities)
        claimed = claim(mine, network, sizes=sizes)
        found = [recognise(quantity, network, claimed) for quantity in self.quantities]
        right = (item for item in found if item.is_right)
        explained = (item for item in found if item.slips)
        return next(right, None) or next(explained, found[0])


def draw_derivations(_: Source, found: Derivations, asked: Asked, everywhere: Everywhere) -> None:
    """Derivations in the terminal, one after another."""
    from companion.views.derivation_view import draw

    for derivation in found:
        draw(derivation, everywhere, steps=asked.steps)


@contextmanager
def located(source: Source) -> Iterator[None]:
    """Let an error of a layer point at its place in the text that the network was written in."""
    try:
        yield
    except TextError:
        raise
    except InputError as error:
        span = source.spans.get(re.split(r"[/:,]", error.where)[0])
        if span is None:
            raise
        raise TextError(
            error.code,
            error.message,
            text=source.text,
            start=span[0],
            end=span[1],
            hint=error.hint,
        ).at(error.where) from None


def _documents(found: Derivations) -> list[dict[str, Any]]:
    from answers.derivation.document import to_document

    return list(map(to_document, found))


def _mine(judged: Recognition) -> dict[str, Any]:
    from answers.misconceptions.number import number_text

    return {
        "quantity": judged.quantity,
        "claimed": number_text(judged.claimed),
        "right": number_text(judged.right if len(judged.right) > 1 else judged.right[0]),
        "is_right": judged.is_right,
        "slips": [
            {
                "code": item.slip.code,
                "name": item.slip.name,
                "sentence": item.sentence,
                "layers": list(item.layers),
                "everywhere": item.everywhere,
            }
            for item in judged.slips
        ],
        "hint": judged.hint,
    }


def _write(found: Derivations, form: Form, *, steps: bool) -> None:
    if form == "latex":
        from answers.derivation.latex import to_latex_lines as to_text
    else:
        from answers.derivation.markdown import to_markdown as to_text
    say("\n".join(to_text(derivation, steps=steps) for derivation in found))

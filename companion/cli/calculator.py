"""What the calculators share: how they are asked, and in which form they answer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, get_type_hints

import typer

from answers.errors import InputError
from answers.expressions.size import Size
from companion.cli.layer_options import LayerOptions, network_of
from companion.cli.network_source import Source, read_network

Form = Literal["terminal", "json", "latex", "markdown"]

NETWORK_HELP = (
    "A network: a notation such as 'in 32x32x3: conv3-16, maxpool2', a file of one, - for stdin, "
    "a saved model (.h5, .keras) or a sample, or what model.to_json() printed."
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How an answer shall be shown."""

    steps: Annotated[
        bool | None,
        typer.Option("--steps/--no-steps", help="Every step in words, or the answer alone."),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False
    latex: Annotated[bool, typer.Option("--latex", help="Print LaTeX.")] = False
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False

    @property
    def form(self) -> Form:
        """The form of the answer.

        Raises: InputError `options-clash` where two are asked for.
        """
        return form_of(json=self.json, latex=self.latex, markdown=self.markdown)


@dataclass(frozen=True, kw_only=True)
class Asked(Shown, LayerOptions):
    """What a calculator is asked about, and how it shall answer."""

    network: Annotated[str | None, typer.Argument(help=NETWORK_HELP)] = None
    replacements: Annotated[
        list[str] | None, typer.Option("--set", help="Put a number in a letter's place: n=32.")
    ] = None
    mine: Annotated[str | None, typer.Option(help="Your own number: says which slip gives it.")] = (
        None
    )

    @property
    def values(self) -> dict[str, Size]:
        """The numbers of --set, by letter."""
        return values_of(self.replacements)

    def source(self, *, filters_matter: bool = True) -> Source:
        """The network that is asked about.

        filters_matter: whether --out must be said.
        Raises: InputError where none is, or both a network and one layer are.
        """
        layer = LayerOptions(
            **{field.name: getattr(self, field.name) for field in fields(LayerOptions)}
        )
        if self.network is None:
            if layer.is_empty:
                raise InputError(
                    "option-missing",
                    "Nothing to compute: say a layer or a network.",
                    hint='For example: --kernel 3 --in 16 --out 32, or "in 32x32x3: conv3-16".',
                )
            return replaced(
                Source(network=network_of(layer, filters_matter=filters_matter), title=""),
                self.values,
            )
        if not layer.is_empty:
            raise InputError(
                "options-clash",
                "A network and the options of one layer exclude each other.",
                hint="Write everything in the network, or leave it away.",
            )
        return replaced(read_network(self.network), self.values)


def form_of(*, json: bool, latex: bool, markdown: bool) -> Form:
    """The form that the options ask for; the terminal where they ask for none.

    Raises: InputError `options-clash` where two are asked for.
    """
    asked: dict[Form, bool] = {"json": json, "latex": latex, "markdown": markdown}
    said = [form for form, wanted in asked.items() if wanted]
    if len(said) > 1:
        raise InputError("options-clash", f"--{said[0]} and --{said[1]} exclude each other.")
    return said[0] if said else "terminal"


def values_of(replacements: list[str] | None) -> dict[str, Size]:
    """The numbers of --set, by letter."""
    return dict(map(_replacement, replacements or ()))


def _replacement(word: str) -> tuple[str, Size]:
    from companion.cli.layer_options import size

    name, equals, value = word.partition("=")
    if not equals or not name.strip().isidentifier():
        raise InputError(
            "option-value", f"--set takes a letter and a number, as in n=32, not {word!r:.60}."
        )
    if "=" in value:
        raise InputError(
            "option-value",
            f"--set takes one letter, not {word!r:.60}.",
            hint="Say it once for each letter: --set n=32 --set m=3.",
        )
    return name.strip(), size(value, "--set")


def replaced(source: Source, values: dict[str, Size]) -> Source:
    """The network with numbers in the places of letters."""
    if not values:
        return source
    from dataclasses import replace

    from answers.network.symbols import substituted

    return replace(source, network=substituted(source.network, values))


Command = Callable[..., int | None]


def asking(command: Command) -> Command:
    """Give a command `f(asked, everywhere, *, own options)` the options of `Asked` as its own."""
    return _sharing(command, Asked)


def showing(command: Command) -> Command:
    """Give a command `f(shown, everywhere, *, own options)` the options of `Shown` as its own."""
    return _sharing(command, Shown)


def _sharing(command: Command, record: type[Asked | Shown]) -> Command:
    """Typer reads a command's signature; shared options stand in one record instead of in each."""
    hints = get_type_hints(command, include_extras=True)
    _, _, *own = inspect.signature(command).parameters.values()
    shared = get_type_hints(record, include_extras=True)
    names = [field.name for field in fields(record)]

    def wrapper(context: typer.Context, **options: Any) -> int | None:
        given = record(**{name: options.pop(name) for name in names})
        return command(given, context.obj, **options)

    keyword = inspect.Parameter.KEYWORD_ONLY
    context = inspect.Parameter("context", keyword, annotation=typer.Context)
    of_record = [
        inspect.Parameter(name, keyword, annotation=shared[name], default=field.default)
        for name, field in sorted(
            ((field.name, field) for field in fields(record)), key=lambda pair: pair[0] != "network"
        )
    ]
    of_own = [item.replace(kind=keyword, annotation=hints[item.name]) for item in own]
    # what is asked about comes first in the help, how it is shown last
    both = of_record + of_own if record is Asked else of_own + of_record
    parameters = [context, *both]
    wrapper.__name__, wrapper.__doc__ = command.__name__, command.__doc__
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # functions take any
    wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapper

"""One layer said in options: `--kernel 3 --in 16 --out 32` is a Conv2D on 16 channels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import typer

from answers.errors import InputError
from answers.expressions.size import Size, surely
from answers.layers.base import Layer, Shape
from answers.layers.core import InputLayer
from answers.layers.fields import LARGEST
from answers.network.graph import Network, Node, Tensor

Sort = Literal["convolution", "depthwise", "separable", "transposed", "local", "dense"]
_PANEL = "One layer"


@dataclass(frozen=True, kw_only=True)
class LayerOptions:
    """The options that describe one layer, as a person wrote them."""

    kernel: Annotated[
        str | None, typer.Option(help="Kernel size: 3, 1x7, or a letter.", rich_help_panel=_PANEL)
    ] = None
    channels: Annotated[
        str | None, typer.Option("--in", help="Input channels.", rich_help_panel=_PANEL)
    ] = None
    filters: Annotated[
        str | None, typer.Option("--out", help="Output channels (filters, units).")
    ] = None
    size: Annotated[str | None, typer.Option(help="Input size: 32, 32x48, or a letter.")] = None
    stride: Annotated[str | None, typer.Option(help="Stride: 2, or 2x1.")] = None
    padding: Annotated[str | None, typer.Option(help="valid (as in Keras), same or causal.")] = None
    dilation: Annotated[str | None, typer.Option(help="Dilation rate.")] = None
    groups: Annotated[str | None, typer.Option(help="Groups of a grouped convolution.")] = None
    no_bias: Annotated[bool, typer.Option("--no-bias", help="Without a bias.")] = False
    depthwise: Annotated[bool, typer.Option("--depthwise", help="Each channel by itself.")] = False
    separable: Annotated[bool, typer.Option("--separable", help="Depthwise, then 1x1.")] = False
    transposed: Annotated[bool, typer.Option("--transposed", help="Transposed.")] = False
    local: Annotated[bool, typer.Option("--local", help="Locally connected: unshared weights.")] = (
        False
    )
    rank: Annotated[
        int | None, typer.Option(help="Spatial axes, 1 to 3 (2 unless the kernel says).")
    ] = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing of a layer was said."""
        return self == LayerOptions()


def network_of(options: LayerOptions, *, filters_matter: bool = True) -> Network:
    """A network of the one layer that the options describe.

    filters_matter: whether --out must be said; a receptive field is the same for any number.
    Raises: InputError `option-value`, `option-missing`, `options-clash`, and what the layer says.
    """
    if not filters_matter and options.filters is None and options.kernel is not None:
        options = replace(options, filters="1" if not options.depthwise else None)
    sort, layer = _layer(options)
    shape = _input_shape(options, sort, _rank(options))
    nodes = (
        Node("input", InputLayer(shape=shape), ((),)),
        Node(sort, layer, ((Tensor("input"),),)),
    )
    return Network(
        name=sort,
        kind="Sequential",
        nodes=nodes,
        inputs=(Tensor("input"),),
        outputs=(Tensor(sort),),
        output_names=(sort,),
    )


def _layer(options: LayerOptions) -> tuple[Sort, Layer]:
    sort, rank = _sort(options), _rank(options)
    if sort == "dense":
        from answers.layers.core import Dense

        _only_for_convolutions(options)
        return sort, Dense(units=_needed(options.filters, "--out"), use_bias=not options.no_bias)
    settings = _window_settings(options, rank) | _own_settings(options, sort)
    return sort, _class(sort, rank)(**settings)


def _sort(options: LayerOptions) -> Sort:
    flags: dict[Sort, bool] = {
        "depthwise": options.depthwise,
        "separable": options.separable,
        "transposed": options.transposed,
        "local": options.local,
    }
    said = [sort for sort, flag in flags.items() if flag]
    if len(said) > 1:
        raise InputError("options-clash", f"--{said[0]} and --{said[1]} exclude each other.")
    if said:
        _needed_word(options.kernel, "--kernel")
        return said[0]
    return "dense" if options.kernel is None else "convolution"


def _class(sort: Sort, rank: int) -> type[Any]:
    from answers.layers import catalogue

    names = {
        "convolution": f"Conv{rank}D",
        "depthwise": f"DepthwiseConv{rank}D",
        "separable": f"SeparableConv{rank}D",
        "transposed": f"Conv{rank}DTranspose",
        "local": f"LocallyConnected{rank}D",
    }
    found = catalogue.LAYERS.get(names[sort])
    if found is None:
        raise InputError("option-value", f"There is no {sort} layer over {rank} axes in Keras.")
    return found


def _rank(options: LayerOptions) -> int:
    """Said, or the number of sizes in a word such as 3x3x3; else pictures."""
    if options.rank is not None:
        if options.rank not in (1, 2, 3):
            raise InputError("option-value", f"--rank takes 1, 2 or 3, not {options.rank}.")
        return options.rank
    words = (options.kernel, options.size, options.stride, options.dilation)
    return max((word.count("x") + 1 for word in words if word and _is_list(word)), default=2)


def _window_settings(options: LayerOptions, rank: int) -> dict[str, Any]:
    words = {
        "kernel_size": options.kernel,
        "strides": options.stride,
        "dilation_rate": options.dilation,
    }
    settings: dict[str, Any] = {
        name: sizes(word, f"--{name.split('_')[0]}", rank) for name, word in words.items() if word
    }
    settings["use_bias"] = not options.no_bias
    if options.padding is not None:
        settings["padding"] = _padding(options.padding, rank)
    return settings


def _own_settings(options: LayerOptions, sort: Sort) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if sort != "depthwise":
        settings["filters"] = _needed(options.filters, "--out")
    if options.groups is not None:
        if sort != "convolution":
            raise InputError("options-clash", f"--groups and --{sort} exclude each other.")
        settings["groups"] = size(options.groups, "--groups")
    if sort == "depthwise" and options.filters is not None:
        settings["depth_multiplier"] = _multiplier(options)
    return settings


def _multiplier(options: LayerOptions) -> Size:
    """A depthwise convolution has as many outputs as channels times a whole number."""
    channels, out = _needed(options.channels, "--in"), _needed(options.filters, "--out")
    if type(channels) is int and type(out) is int and (out % channels or out < channels):
        raise InputError(
            "option-value",
            f"A depthwise convolution on {channels} channels makes a multiple of {channels} "
            f"channels, not {out}.",
            hint="Leave --out away, or use --separable.",
        )
    from answers.expressions.size import quotient_of

    return quotient_of(out, channels)


def _only_for_convolutions(options: LayerOptions) -> None:
    only = ("stride", "padding", "dilation", "groups", "size", "rank")
    said = [name for name in only if getattr(options, name) is not None]
    if said:
        raise InputError(
            "option-missing",
            f"--{said[0]} is said, but no --kernel: without a kernel the layer is dense.",
            hint="Say --kernel 3, for example.",
        )


def _input_shape(options: LayerOptions, sort: Sort, rank: int) -> Shape:
    channels = None if options.channels is None else size(options.channels, "--in")
    if sort == "dense":
        return (channels,)
    if options.size is None:
        return (*(None,) * rank, channels)
    return (*sizes(options.size, "--size", rank), channels)


def _padding(word: str, rank: int) -> str:
    known = ["valid", "same", *(["causal"] if rank == 1 else [])]
    if word not in known:
        near = get_close_matches(word, known, 1)
        raise InputError(
            "option-value",
            f"--padding takes {', '.join(known)}, not {word!r:.40}.",
            hint=f"Did you mean {near[0]!r}?" if near else _only_rank_one(word),
        )
    return word


def _only_rank_one(word: str) -> str:
    return "Causal padding is for one axis: --rank 1." if word == "causal" else ""


def _needed(word: str | None, option: str) -> Size:
    return size(_needed_word(word, option), option)


def _needed_word(word: str | None, option: str) -> str:
    if word is None:
        raise InputError(
            "option-missing",
            f"{option} is missing.",
            hint='For example: --kernel 3 --in 16 --out 32, or a network: "in 32x32x3: conv3-16".',
        )
    return word


def _is_list(word: str) -> bool:
    return all(part.strip().isdecimal() for part in word.split("x")) and "x" in word


def sizes(word: str, option: str, rank: int) -> tuple[Size, ...]:
    """`3` for all axes, or a size for each: `1x7`."""
    parts = word.split("x") if _is_list(word) else [word]
    found = tuple(size(part, option) for part in parts)
    if len(found) not in (1, rank):
        raise InputError(
            "option-value", f"{option} {word!r:.40} has {len(found)} sizes for {rank} axes."
        )
    return found * (rank if len(found) == 1 else 1)


def size(word: str, option: str) -> Size:
    """A whole number from 1 on, a letter, or an expression of letters such as 2*n.

    Raises: InputError `option-value`, and what the expression says, with the option as its place.
    """
    found = _size(word.strip(), option)
    if surely(found < 1) or surely(found > LARGEST):
        limit = "at least 1" if surely(found < 1) else "smaller than 2^63"
        raise InputError(
            "option-value", f"{option} must be {limit}, but it is {word.strip()!r:.60}."
        )
    return found


def _size(word: str, option: str) -> Size:
    if word.isdecimal() and len(word) <= 30:
        return int(word)
    from answers.expressions.parse import parse_expression
    from answers.expressions.value import value_of

    try:
        return value_of(parse_expression(word))
    except InputError as error:
        raise error.at(option) from None

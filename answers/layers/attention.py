"""Attention: each position of the query takes a weighted mean of the values.

Inputs are (query, value) or (query, value, key). Our MACs count the projections and the two
products, query times key and scores times value; the softmax and the scaling are not counted.
"""

from __future__ import annotations

from math import prod
from typing import ClassVar, Literal

from answers.errors import InputError
from answers.expressions.expression import (
    Expression,
    Name,
    Number,
    Product,
    Sum,
    Values,
    evaluate,
    names,
)
from answers.expressions.size import Size, same, surely
from answers.layers.base import Dim, Layer, Shape, Weight, axis_of, text
from answers.layers.fields import Count
from answers.layers.taps import EVERYTHING, ITSELF, UNRULED, InputTaps
from answers.record import record

heads, key_heads, key_dim, value_dim = names("heads key_heads key_dim value_dim")
c_query, c_key, c_value, c_out = names("c_query c_key c_value c_out")
t_query, t_value, rows = names("t_query t_value rows")


def _query_value_key(inputs: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
    """The three shapes; the value stands for a key that is not given."""
    if len(inputs) not in (2, 3):
        raise InputError(
            "input-count",
            f"Attention takes a query, a value, and perhaps a key, but it gets {len(inputs)}.",
        )
    query, value, key = (*inputs, inputs[1])[:3]
    if any(len(shape) < 2 for shape in inputs):
        raise InputError(
            "input-rank",
            f"Attention takes positions and channels, but its inputs are {_listed(inputs)}.",
        )
    if len(value) != len(key) or not all(map(_may_be_equal, value[:-1], key[:-1])):
        raise InputError(
            "shapes-differ",
            f"Value and key must have the same positions, but they are {_listed((value, key))}.",
        )
    return query, value, key


def _may_be_equal(a: Dim, b: Dim) -> bool:
    return a is None or b is None or same(a, b)


def _listed(shapes: tuple[Shape, ...]) -> str:
    return ", ".join(map(text, shapes))


def _product(sizes: tuple[Dim, ...]) -> Dim:
    return None if None in sizes else prod(size for size in sizes if size is not None)


@record()
class _Projection:
    """A matrix that makes `width` numbers a head out of `channels`, at `positions`."""

    channels: Name
    heads: Name
    width: Name
    positions: Name

    @property
    def out(self) -> Expression:
        return Product((self.heads, self.width))

    @property
    def kernel(self) -> Expression:
        return Product((self.channels, self.out))

    def weights(self, letters: Values, *, use_bias: bool) -> tuple[Weight, ...]:
        """Kernel (channels, heads, width), bias (heads, width)."""
        out = evaluate(self.heads, letters), evaluate(self.width, letters)
        channels = evaluate(self.channels, letters)
        kernel = Weight("kernel", (channels, *out), count=self.kernel)
        return (kernel, Weight("bias", out, count=self.out)) if use_bias else (kernel,)


OUTPUT = Product((Product((heads, value_dim)), c_out))


@record(kw_only=True)
class ManyHeads(Layer):
    """Attention with projections, several heads side by side.

    use_gate: a fourth projection of the query, whose sigmoid the result is multiplied by.
    use_causal_mask: each position sees itself and what is before it.
    return_attention_scores: the weights of the means come out too.
    """

    use_bias: bool = True
    use_gate: bool = False
    use_causal_mask: bool = False
    return_attention_scores: bool = False

    mixes_channels: ClassVar[bool] = True
    few_heads: ClassVar[Name]  # how many heads keys and values have

    def output_shape(self, *inputs: Shape) -> Shape:
        """The query's positions, and what the output projection makes."""
        query, value, _ = _query_value_key(inputs)
        self._attended(query)
        self._attended(value)
        if self.use_causal_mask and not len(query) == len(value) == 2:
            raise InputError(
                "config-value",
                f"use_causal_mask needs a row of positions, but they are {_listed(inputs)}.",
            )
        return (*query[:-1], *self._last(query))

    @property
    def output_count(self) -> int:
        """Two with the scores."""
        return 1 + self.return_attention_scores

    def output_shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        """The result; the scores (rows kept apart…, heads, positions of query…, of value…)."""
        return (self.output_shape(*inputs), self._scores(*inputs))[: self.output_count]

    def _scores(self, *inputs: Shape) -> Shape:
        query, value, _ = _query_value_key(inputs)
        apart = (query[place] for place in self._kept_apart(query))
        asked, told = (
            tuple(shape[place] for place in self._attended(shape)) for shape in (query, value)
        )
        return (*apart, self._sizes()["heads"], *asked, *told)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Kernel and bias of query, key, gate (if there is one), value and output."""
        letters = self.letters(*inputs)
        made = [p.weights(letters, use_bias=self.use_bias) for p in self._projections()]
        shapes = (evaluate(heads, letters), evaluate(value_dim, letters)), self._out(inputs[0])
        output = Weight("kernel", shapes[0] + shapes[1], count=OUTPUT)
        bias = (Weight("bias", shapes[1], count=c_out),) if self.use_bias else ()
        return (*(weight for weights in made for weight in weights), output, *bias)

    def letters(self, *inputs: Shape) -> Values:
        """heads, key_heads, key_dim, value_dim; c_ and t_ of the inputs; rows kept apart."""
        query, value, key = _query_value_key(inputs)
        channels = {"c_query": query[-1], "c_value": value[-1], "c_key": key[-1]}
        positions = {
            "t_query": _product(tuple(query[i] for i in self._attended(query))),
            "t_value": _product(tuple(value[i] for i in self._attended(value))),
            "rows": _product(tuple(query[i] for i in self._kept_apart(query))),
        }
        return {**self._sizes(), **channels, **positions, "c_out": _product(self._last(query))}

    def mac_rule(self, *inputs: Shape) -> Expression:
        """The projections at their positions, and the two products."""
        query, _, _ = _query_value_key(inputs)
        parts = [Product((part.positions, part.kernel)) for part in self._projections()]
        scores = Product((t_query, t_value, heads, key_dim))
        means = Product((t_query, t_value, heads, value_dim))
        rule = Sum((*parts, scores, means, Product((t_query, OUTPUT))))
        return Product((rows, rule)) if self._kept_apart(query) else rule

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Its own position of the query, everything of value and key along the attended axes."""
        query, value, _ = _query_value_key(inputs)
        if len(self._last(query)) > 1:
            return (UNRULED,) * len(inputs)
        attended = self._attended(query)
        read = tuple(EVERYTHING if i in attended else ITSELF for i in range(len(query) - 1))
        others: InputTaps = read if len(value) == len(query) else EVERYTHING
        return ((ITSELF,) * (len(query) - 1), *(others,) * (len(inputs) - 1))

    def _projections(self) -> tuple[_Projection, ...]:
        gate = (_Projection(c_query, heads, value_dim, t_query),) if self.use_gate else ()
        return (
            _Projection(c_query, heads, key_dim, t_query),
            _Projection(c_key, self.few_heads, key_dim, t_value),
            *gate,
            _Projection(c_value, self.few_heads, value_dim, t_value),
        )

    def _out(self, query: Shape) -> tuple[Size, ...]:
        return tuple(evaluate(Name("c_out"), {"c_out": size}) for size in self._last(query))

    def _attended(self, shape: Shape) -> tuple[int, ...]:
        """The places of the axes that attention goes over."""
        return tuple(range(len(shape) - 1))

    def _kept_apart(self, shape: Shape) -> tuple[int, ...]:
        attended = self._attended(shape)
        return tuple(place for place in range(len(shape) - 1) if place not in attended)

    def _last(self, query: Shape) -> tuple[Dim, ...]:
        """What the output projection makes: the query's channels."""
        return query[-1:]

    def _sizes(self) -> dict[str, Size]:
        raise NotImplementedError


@record(kw_only=True)
class MultiHeadAttention(ManyHeads):
    """Attention with several heads (Vaswani et al. 2017).

    Parameters with h heads: h·k·(c_query + 1) + h·k·(c_key + 1) + h·v·(c_value + 1) +
    c_out·(h·v + 1).
    value_dim: None for key_dim. projected_shape: what the output projection makes (Keras calls
    it output_shape); None for the query's channels. attention_axes: None for all positions.
    sees_masks: masks of its inputs count, as they do since Keras 2.10.
    """

    num_heads: Count
    key_dim: Count
    value_dim: Count | None = None
    projected_shape: tuple[Count, ...] | None = None
    attention_axes: tuple[int, ...] | None = None
    sees_masks: bool = True

    few_heads: ClassVar[Name] = heads

    def _attended(self, shape: Shape) -> tuple[int, ...]:
        if self.attention_axes is None:
            return super()._attended(shape)
        places = tuple(axis_of(axis, shape) for axis in self.attention_axes)
        if not places or len(shape) - 1 in places or len(set(places)) < len(places):
            raise InputError(
                "config-value",
                f"attention_axes {self.attention_axes} must name positions of {text(shape)}, "
                "each once.",
            )
        return places

    def _last(self, query: Shape) -> tuple[Dim, ...]:
        return self.projected_shape or super()._last(query)

    def _sizes(self) -> dict[str, Size]:
        value = self.key_dim if self.value_dim is None else self.value_dim
        return {"heads": self.num_heads, "key_dim": self.key_dim, "value_dim": value}


@record(kw_only=True)
class GroupQueryAttention(ManyHeads):
    """Several query heads share one key and value head (Ainslie et al. 2023)."""

    head_dim: Count
    num_query_heads: Count
    num_key_value_heads: Count

    few_heads: ClassVar[Name] = key_heads

    def __post_init__(self) -> None:
        super().__post_init__()
        if surely(self.num_query_heads % self.num_key_value_heads > 0):
            raise InputError(
                "groups-do-not-divide",
                f"The {self.num_key_value_heads} key and value heads must divide the "
                f"{self.num_query_heads} query heads.",
            )

    def output_shape(self, *inputs: Shape) -> Shape:
        """The query's shape; all inputs are rows of as many channels."""
        if any(len(shape) != 2 for shape in inputs):
            raise InputError(
                "input-rank", f"{self.kind} takes positions and channels, not {_listed(inputs)}."
            )
        if not all(_may_be_equal(inputs[0][-1], shape[-1]) for shape in inputs):
            raise InputError(
                "shapes-differ",
                f"The inputs of {self.kind} must have as many channels, but are {_listed(inputs)}.",
            )
        return super().output_shape(*inputs)

    def _sizes(self) -> dict[str, Size]:
        width = {"key_dim": self.head_dim, "value_dim": self.head_dim}
        return {"heads": self.num_query_heads, "key_heads": self.num_key_value_heads, **width}


@record(kw_only=True)
class PlainAttention(Layer):
    """Attention without projections.

    use_causal_mask, return_attention_scores: as ManyHeads has them.
    """

    use_scale: bool
    use_causal_mask: bool = False
    return_attention_scores: bool = False

    mixes_channels: ClassVar[bool] = True

    def output_shape(self, *inputs: Shape) -> Shape:
        """The query's positions, the value's channels."""
        query, value, _ = _query_value_key(inputs)
        return (*query[:-1], value[-1])

    @property
    def output_count(self) -> int:
        """Two with the scores."""
        return 1 + self.return_attention_scores

    def output_shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        """The result; the scores (…, positions of the query, of the value)."""
        query, value, _ = _query_value_key(inputs)
        scores = (*query[:-1], value[-2])
        return (self.output_shape(*inputs), scores)[: self.output_count]

    def letters(self, *inputs: Shape) -> Values:
        """c_query, c_value; t_query, t_value positions; rows kept apart."""
        query, value, _ = _query_value_key(inputs)
        positions = {"t_query": query[-2], "t_value": value[-2], "rows": _product(query[:-2])}
        return {"c_query": query[-1], "c_value": value[-1], **positions}

    def mac_rule(self, *inputs: Shape) -> Expression:
        """Scores (where they are products) and means."""
        query, _, _ = _query_value_key(inputs)
        means = Product((t_query, t_value, c_value))
        scores = Product((t_query, t_value, c_query))
        rule = scores + means if self._scores_are_products else means
        return Product((rows, rule)) if len(query) > 2 else rule

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Its own position of the query, everything of the last axis of value and key."""
        query, value, _ = _query_value_key(inputs)
        axes = (ITSELF,) * (len(query) - 2)
        others: InputTaps = (*axes, EVERYTHING) if len(value) == len(query) else EVERYTHING
        return ((*axes, ITSELF), *(others,) * (len(inputs) - 1))

    @property
    def _scores_are_products(self) -> bool:
        raise NotImplementedError


@record(kw_only=True)
class Attention(PlainAttention):
    """Scores are products of query and key (Luong et al. 2015).

    score_mode 'concat': the sum of tanh(query + key), which is no product and not counted.
    """

    use_scale: bool = False
    score_mode: Literal["dot", "concat"] = "dot"

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Scale (if use_scale), concat_score_weight (for 'concat'): single numbers."""
        _query_value_key(inputs)
        found = {"scale": self.use_scale, "concat_score_weight": self.score_mode == "concat"}
        return tuple(Weight(name, (), count=Number(1)) for name, there in found.items() if there)

    @property
    def _scores_are_products(self) -> bool:
        return self.score_mode == "dot"


@record(kw_only=True)
class AdditiveAttention(PlainAttention):
    """Scores are sums of scale·tanh(query + key) over the channels (Bahdanau et al. 2015).

    With a scale that sum is a product of two vectors, and counts.
    """

    use_scale: bool = True

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Scale (channels of the query), if use_scale."""
        size = evaluate(c_query, self.letters(*inputs))
        return (Weight("scale", (size,), count=c_query),) if self.use_scale else ()

    @property
    def _scores_are_products(self) -> bool:
        return self.use_scale

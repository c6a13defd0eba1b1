"""Embedding: a vector for each word number."""

from __future__ import annotations

from answers.expressions.expression import Product, Values, names
from answers.layers.base import Layer, Shape, Weight, one
from answers.layers.fields import Count
from answers.layers.taps import ITSELF, InputTaps
from answers.record import record

input_dim, output_dim = names("input_dim output_dim")


@record(kw_only=True)
class Embedding(Layer):
    """Row i of a table for the number i. Parameters: input_dim·output_dim.

    Looking a row up multiplies nothing. input_dim: how many words; output_dim: how long a vector.
    mask_zero: the number 0 is padding, which later layers leave out.
    """

    input_dim: Count
    output_dim: Count
    mask_zero: bool = False

    def output_shape(self, *inputs: Shape) -> Shape:
        """The input's shape, with output_dim behind it."""
        return (*one(inputs), self.output_dim)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The table (input_dim, output_dim)."""
        one(inputs)
        count = Product((input_dim, output_dim))
        return (Weight("embeddings", (self.input_dim, self.output_dim), count=count),)

    def letters(self, *inputs: Shape) -> Values:
        """input_dim and output_dim."""
        one(inputs)
        return {"input_dim": self.input_dim, "output_dim": self.output_dim}

    def taps(self, *inputs: Shape) -> tuple[InputTaps, ...]:
        """Each vector reads its own number (the input has no channels)."""
        return ((ITSELF,) * len(one(inputs)),)

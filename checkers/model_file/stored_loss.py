"""What the loss that a model was compiled with says of the model's output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

LossTakes = Literal["logits", "probabilities", "numbers"]

# By the words and the class names of Keras's losses. These take probabilities unless they are told
# otherwise, which a word alone can't do.
_OF_PROBABILITIES = frozenset(
    {
        *("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"),
        *("binary_focal_crossentropy", "categorical_focal_crossentropy"),
    }
)
# They compare the numbers with the truth as they stand.
_OF_NUMBERS = frozenset(
    {
        *("mse", "mean_squared_error", "MeanSquaredError", "MSE"),
        *("mae", "mean_absolute_error", "MeanAbsoluteError", "MAE"),
        *("huber", "huber_loss", "Huber", "log_cosh", "logcosh", "LogCosh"),
    }
)


def loss_takes(compiled: Any) -> LossTakes | None:
    """What the loss takes for the model's numbers; None where no loss is stored, or it doesn't say.

    compiled: the document of how the model was compiled, of either Keras.
    """
    loss = compiled.get("loss") if isinstance(compiled, dict) else None
    said = next((value for value in _under(loss, "from_logits") if isinstance(value, bool)), None)
    words = frozenset(_words(loss))
    if said is not None:
        return "logits" if said else "probabilities"
    if words & _OF_PROBABILITIES:
        return "probabilities"
    return "numbers" if words & _OF_NUMBERS else None


def _under(value: Any, key: str) -> Iterator[Any]:
    """Whatever stands under a key, anywhere in a document."""
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _under(item, key)


def _words(value: Any) -> Iterator[str]:
    """Every text in a document, keys apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _words(item)

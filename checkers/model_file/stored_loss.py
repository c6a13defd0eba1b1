"""What the loss that a model was compiled with says of the model's output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

LossTakes = Literal["logits", "probabilities", "numbers"]

# By the words and the class names of Keras's losses. These take probabilities unless they are told
# otherwise, which a word alone can't do.
_OF_PROBABILITIES = frozenset(
    {
        *("bce", "BCE", "binary_crossentropy", "BinaryCrossentropy"),
        *("categorical_crossentropy", "CategoricalCrossentropy"),
        *("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"),
        *("binary_focal_crossentropy", "BinaryFocalCrossentropy"),
        *("categorical_focal_crossentropy", "CategoricalFocalCrossentropy"),
    }
)
# They compare the numbers with the truth as they stand.
_OF_NUMBERS = frozenset(
    {
        *("mse", "MSE", "mean_squared_error", "MeanSquaredError"),
        *("mae", "MAE", "mean_absolute_error", "MeanAbsoluteError"),
        *("huber", "huber_loss", "Huber", "log_cosh", "logcosh", "LogCosh"),
    }
)


def loss_takes(compiled: Any) -> LossTakes | None:
    """What the loss takes for the model's numbers; None where no loss is stored, or it doesn't say.

    Of the losses of several outputs all must say the same.
    compiled: the document of how the model was compiled, of either Keras.
    """
    loss = compiled.get("loss") if isinstance(compiled, dict) else None
    found = {_of_one(one) for one in _each(loss)}
    return found.pop() if len(found) == 1 else None


def _each(loss: Any) -> list[Any]:
    """The losses of the outputs: a list, a table by their names, or the only one."""
    if isinstance(loss, list):
        return loss
    by_name = isinstance(loss, dict) and "class_name" not in loss
    return list(loss.values()) if by_name else [loss]


def _of_one(loss: Any) -> LossTakes | None:
    said = next((value for value in _under(loss, "from_logits") if isinstance(value, bool)), None)
    if said is not None:
        return "logits" if said else "probabilities"
    words = frozenset(_words(loss))
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

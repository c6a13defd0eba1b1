"""What the loss that a model was compiled with says of the model's output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# Keras's losses that take probabilities where they are named by a word alone.
_OF_PROBABILITIES = frozenset(
    {
        "binary_crossentropy",
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
        "binary_focal_crossentropy",
        "categorical_focal_crossentropy",
    }
)


def from_logits(compiled: Any) -> bool | None:
    """Whether the loss takes logits; None where no loss is stored, or it doesn't say.

    compiled: the document of how the model was compiled, of either Keras.
    """
    loss = compiled.get("loss") if isinstance(compiled, dict) else None
    said = next((value for value in _under(loss, "from_logits") if isinstance(value, bool)), None)
    if said is None and not _OF_PROBABILITIES.isdisjoint(_words(loss)):
        return False
    return said


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

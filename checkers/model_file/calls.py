"""How a configuration says what a layer is called on: the two ways of Keras 2 and Keras 3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from answers.errors import ModelFileError, RefusedError
from answers.layers.fields import shown
from checkers.model_file.layer_config import check_objects

Reference = tuple[str, int, int]  # who made a tensor, in which call, which of its outputs


def is_reference(value: Any) -> bool:
    """Whether a value names a tensor as Keras does: layer, call, output."""
    return (
        isinstance(value, list)
        and len(value) >= 3
        and isinstance(value[0], str)
        and type(value[1]) is int
        and type(value[2]) is int
    )


def reference(value: Any) -> Reference:
    """The tensor that a value names.

    Raises: RefusedError call-argument where it names none.
    """
    if not is_reference(value):
        raise RefusedError("call-argument", f"A layer is called on {shown(value)}.")
    return (value[0], value[1], value[2])


def keras2_call(node: list[Any], apart: frozenset[str] = frozenset()) -> tuple[Reference, ...]:
    """The tensors of a call that Keras 2 wrote: [[name, call, output, arguments], …].

    apart: arguments that are read elsewhere.
    """
    items = [node] if is_reference(node) else node
    named: list[Any] = []
    for item in items:
        if isinstance(item, list) and len(item) > 3:
            named += _named_tensors(_but(item[3], apart))
    return tuple(reference(item) for item in (*items, *named))


def keras3_call(node: Any, apart: frozenset[str] = frozenset()) -> tuple[Reference, ...]:
    """The tensors of a call that Keras 3 wrote: {"args": […], "kwargs": {…}}.

    apart: arguments that are read elsewhere, or that Keras overrides at prediction (training=True
        where that is the layer's own default).
    """
    if not isinstance(node, dict) or not isinstance(node.get("args"), list):
        raise ModelFileError("json-structure", "A call of a layer is no object.")
    masked = frozenset({"mask"} if keras3_mask(node) is not None else ())  # see `masks`
    arguments = _but(node.get("kwargs", {}), apart | masked)
    given = [*node["args"], *_named_tensors(arguments)]
    return tuple(reference(t.get("keras_history")) for t in _keras_tensors(given))


def keras3_mask(node: Any) -> tuple[Reference | None, ...] | None:
    """The masks that a call of Keras 3 says, one or a list of them; None where it says nothing.

    One that is null is said to be none.
    """
    arguments = node.get("kwargs") if isinstance(node, dict) else None
    if not isinstance(arguments, dict) or "mask" not in arguments:
        return None
    value = arguments["mask"]
    items = value if isinstance(value, list) else [value]
    if not all(item is None or is_tensor(item) for item in items):
        return None
    return tuple(None if item is None else _history(item) for item in items)


def _but(arguments: Any, apart: frozenset[str]) -> Any:
    """Arguments without some of them; what is no object as it is."""
    if not isinstance(arguments, dict):
        return arguments
    return {key: value for key, value in arguments.items() if key not in apart}


def is_tensor(value: Any) -> bool:
    """Whether a value stands for a tensor in a call of Keras 3."""
    return isinstance(value, dict) and value.get("class_name") == "__keras_tensor__"


def _history(value: dict[str, Any]) -> Reference:
    inner = value.get("config")
    return reference(inner.get("keras_history") if isinstance(inner, dict) else None)


def _keras_tensors(value: Any) -> Iterator[dict[str, Any]]:
    """What stands in the call for each tensor: its shape, and where it comes from."""
    if isinstance(value, list):
        for item in value:
            yield from _keras_tensors(item)
    elif isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        inner = value.get("config")
        yield inner if isinstance(inner, dict) else {}
    elif value is not None:
        raise RefusedError("call-argument", f"A layer is called on {shown(value)}.")


# what layers are called with, in this order
_TENSORS = ("inputs", "sequences", "query", "value", "key", "initial_state")
_SWITCHED_OFF = ("training", "use_causal_mask", "return_attention_scores")


def _named_tensors(arguments: Any) -> list[Any]:
    """The tensors that a call names. What stands beside them must change nothing at prediction."""
    if not isinstance(arguments, dict):
        raise RefusedError("call-argument", f"A layer is called with {shown(arguments)}.")
    _check_arguments({k: v for k, v in arguments.items() if k not in _TENSORS})
    return [arguments[name] for name in _TENSORS if arguments.get(name) is not None]


_PLAIN = "Leave training and mask away when you call a layer in the model."
MASKED = (
    "A mask is followed where Keras makes it: of an Embedding with mask_zero, or of a Masking "
    "layer. Leave mask away when you call a layer."
)


def _check_arguments(arguments: dict[str, Any]) -> None:
    for key, value in arguments.items():
        several = list(value.values()) if isinstance(value, dict) else [value]
        nothing = all(item is None for item in several)
        harmless = nothing or (key in _SWITCHED_OFF and value is False)
        if not harmless:
            if not any(True for _ in tensors_in(value)):
                check_objects(value, key)
            raise RefusedError(
                "call-argument",
                f"A layer is called with {shown(key)} = {shown(value)}.",
                hint=MASKED if key == "mask" else _PLAIN,
            )


def tensors_in(value: Any) -> Iterator[dict[str, Any]]:
    """What stands for each tensor anywhere in a call of Keras 3, whatever stands beside them."""
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        inner = value.get("config")
        yield inner if isinstance(inner, dict) else {}
        return
    inner = list(value.values()) if isinstance(value, dict) else value
    for item in inner if isinstance(inner, list) else ():
        yield from tensors_in(item)


def references_in(node: Any) -> tuple[Reference, ...]:
    """Every tensor that a call names, for a layer that nobody runs."""
    if isinstance(node, dict):
        found = [tensor.get("keras_history") for tensor in tensors_in(node)]
        return tuple(reference(item) for item in found if is_reference(item))
    return tuple(_deep(node))


def _deep(value: Any) -> Iterator[Reference]:
    if is_reference(value):
        if value[1] >= 0:  # Keras 2 writes -1 where a number stands instead of a tensor
            yield reference(value)
        value = value[3:]
    inner = list(value.values()) if isinstance(value, dict) else value
    for item in inner if isinstance(inner, list) else ():
        yield from _deep(item)

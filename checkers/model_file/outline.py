"""What a configuration says before one of its layers is read: code that it carries, its size."""

from __future__ import annotations

from typing import Any

_CODE = ("Lambda", "__lambda__")


def place_of_code(value: Any) -> tuple[Any, ...] | None:
    """The names of the layers around the first Python code in a configuration.

    None where there is none. It is looked for in all settings, whatever stands in front of them.
    """
    if isinstance(value, list):
        found = (place_of_code(item) for item in value)
        return next((place for place in found if place is not None), None)
    if not isinstance(value, dict):
        return None
    name = _name(value)
    around = () if name is None else (name,)
    if isinstance(value.get("class_name"), str) and value["class_name"] in _CODE:
        return around
    inner = place_of_code(list(value.values()))
    return None if inner is None else around + inner


def _name(entry: dict[str, Any]) -> Any:
    """The name of a layer's entry; None for any other object."""
    config = entry.get("config")
    if "class_name" not in entry or not isinstance(config, dict):
        return None
    return entry.get("name", config.get("name"))


def calls_in(layers: Any) -> int:
    """How many layers a list of layers runs when the models in it are unfolded at each call."""
    entries = (entry for entry in layers if isinstance(entry, dict)) if _is_list(layers) else ()
    return sum(_calls(entry) * _inside(entry.get("config")) for entry in entries)


def _calls(entry: dict[str, Any]) -> int:
    nodes = entry.get("inbound_nodes")
    return max(1, len(nodes)) if isinstance(nodes, list) else 1


def _inside(config: Any) -> int:
    """1 for a layer; for a model what it runs at each call."""
    layers = config.get("layers") if isinstance(config, dict) else config
    return calls_in(layers) if _is_list(layers) else 1


def _is_list(value: Any) -> bool:
    return isinstance(value, list)

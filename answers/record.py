"""Frozen records whose classes cost little to make.

`@dataclass(frozen=True)` writes and compiles six functions for every class. The layer algebra has
over a hundred small records, and making their classes took longer than importing Typer: half of the
time of `companion params`. `@record` gives the same thing (fields, defaults, equality, hash, repr,
`replace`, `match`) with six functions that all records share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from functools import cache
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Make a class a frozen record of its annotated fields, as `dataclass` would."""

    def make(cls: type[T]) -> type[T]:
        made = dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
        for name, function in _SHARED.items():
            if name not in cls.__dict__:
                setattr(made, name, function)
        return made

    return make


@cache
def fields_of(cls: type[Any]) -> tuple[Field[Any], ...]:
    """The fields of a record's class; asked for at every making, comparing and hashing."""
    return fields(cls)


def _init(self: Any, *args: Any, **given: Any) -> None:
    names = [item.name for item in fields_of(self.__class__) if not item.kw_only]
    if len(args) > len(names):
        raise TypeError(f"{type(self).__name__} takes {len(names)} positional arguments")
    for name, value in zip(names, args, strict=False):
        if name in given:
            raise TypeError(f"{type(self).__name__} got {name!r} twice")
        given[name] = value
    values = self.__dict__
    for item in fields_of(self.__class__):
        if item.name in given:
            values[item.name] = given.pop(item.name)
        elif item.default is not MISSING:
            values[item.name] = item.default
        elif item.default_factory is not MISSING:
            values[item.name] = item.default_factory()
        else:
            raise TypeError(f"{type(self).__name__} needs the argument {item.name!r}")
    if given:
        raise TypeError(f"{type(self).__name__} has no argument {next(iter(given))!r}")
    if hasattr(self, "__post_init__"):
        self.__post_init__()


def _key(self: Any) -> tuple[Any, ...]:
    return tuple(self.__dict__[item.name] for item in fields_of(self.__class__) if item.compare)


def _eq(self: Any, other: object) -> bool:
    return _key(self) == _key(other) if type(self) is type(other) else NotImplemented


def _hash(self: Any) -> int:
    return hash((type(self), _key(self)))


def _repr(self: Any) -> str:
    shown = (f"{i.name}={self.__dict__[i.name]!r}" for i in fields_of(self.__class__) if i.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _setattr(self: Any, name: str, value: Any) -> None:  # noqa: ARG001  # Python's signature
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(self: Any, name: str) -> None:  # noqa: ARG001  # Python's signature
    raise FrozenInstanceError(f"cannot delete field {name!r}")


_SHARED: dict[str, Any] = {
    "__init__": _init,
    "__eq__": _eq,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _setattr,
    "__delattr__": _delattr,
}

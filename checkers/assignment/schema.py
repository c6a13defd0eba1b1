"""The tables of an assignment file, one pydantic model each: unknown keys are refused.

A model checks each value by itself; what must hold between values is in `rules`. This is the one
module of the room that imports pydantic.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError

from answers.data.input_contract import CHANNELS, METHODS, Channels, Scale
from answers.data.resize import Method
from answers.data.split import Task
from checkers.assignment import value
from checkers.assignment.assignment import (
    AVERAGES,
    DRAWN_SAMPLES,
    HEADS,
    MEASURES,
    RESOLUTIONS,
    TASKS,
    Average,
    DrawnSample,
    Head,
    Measure,
    Resolution,
)
from checkers.assignment.byte_size import byte_size
from checkers.assignment.contract import scale_of
from checkers.assignment.exact_number import exact
from checkers.assignment.fault import Fault, joined, suggestion

# A file of a megabyte can hold 100,000 unknown keys; nobody reads on after these.
_MOST_COLLECTED = 100

_Name = Annotated[str, PlainValidator(value.name)]
_Path = Annotated[Path | None, PlainValidator(value.path)]
_Layers = Annotated[tuple[str, ...], PlainValidator(value.layers)]
_Bytes = Annotated[int | None, PlainValidator(byte_size)]
_Exact = Annotated[Fraction | None, PlainValidator(exact)]
_Table = Annotated[Any, PlainValidator(value.table)]


class Strict(BaseModel):
    """A table in which every key is known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FileTable(Strict):
    """The whole file; its tables are read one by one, so that each can have its faults."""

    format_version: Annotated[int, PlainValidator(value.version)]
    name: _Name
    title: Annotated[str, PlainValidator(value.text)]
    task: Annotated[Task, PlainValidator(value.word_of(TASKS))]
    data: _Table = None
    input: _Table = None
    metric: _Table = None
    masks: _Table = None
    model: _Table = None
    limits: _Table = None
    check: Annotated[Any, PlainValidator(value.tables)] = None


class DataTable(Strict):
    """The table [data]."""

    path: _Path = None
    table: _Path = None
    split: Annotated[str | None, PlainValidator(value.split)] = None
    sample: Annotated[DrawnSample | None, PlainValidator(value.word_of(DRAWN_SAMPLES))] = None


class InputTable(Strict):
    """The table [input]."""

    size: Annotated[tuple[int, int] | None, PlainValidator(value.size)] = None
    resize: Annotated[Method, PlainValidator(value.word_of(METHODS))] = "bilinear"
    channels: Annotated[Channels, PlainValidator(value.word_of(CHANNELS))] = "rgb"
    scale: Annotated[Scale, PlainValidator(scale_of)] = Scale("unit")


class MetricTable(Strict):
    """The table [metric]."""

    resolution: Annotated[Resolution, PlainValidator(value.word_of(RESOLUTIONS))] = "model"
    background: Annotated[bool, PlainValidator(value.yes_or_no)] = True


class MasksTable(Strict):
    """The table [masks]."""

    coding: Annotated[str, PlainValidator(value.coding)] = "auto"
    ignore: Annotated[int | None, PlainValidator(value.whole_between(0, 255))] = None
    classes: Annotated[tuple[str, ...], PlainValidator(value.class_names)] = ()


class ModelTable(Strict):
    """The table [model]."""

    head: Annotated[Head | None, PlainValidator(value.word_of(HEADS))] = None
    channel: Annotated[int | None, PlainValidator(value.whole_between(0, 2))] = None
    network: Annotated[str | None, PlainValidator(value.notation)] = None
    architecture: _Path = None


class LimitsTable(Strict):
    """The table [limits]."""

    seconds: Annotated[float | None, PlainValidator(value.seconds)] = None
    memory: _Bytes = None
    parameters: Annotated[int | None, PlainValidator(value.whole_between(1, 10**12))] = None
    macs: Annotated[int | None, PlainValidator(value.whole_between(1, 10**15))] = None
    activations: _Bytes = None


class CheckTable(Strict):
    """A table [[check]]."""

    measure: Annotated[Measure, PlainValidator(value.word_of(MEASURES))]
    name: Annotated[str | None, PlainValidator(value.name)] = None
    average: Annotated[Average | None, PlainValidator(value.word_of(AVERAGES))] = None
    at_least: _Exact = None
    at_most: _Exact = None
    must_have: _Layers = ()
    must_not_have: _Layers = ()
    points: Annotated[Fraction, PlainValidator(value.points)] = Fraction(0)
    zero_at: _Exact = None
    required: Annotated[bool, PlainValidator(value.yes_or_no)] = True
    needs: Annotated[tuple[str, ...], PlainValidator(value.check_names)] = ()


AnyTable = TypeVar("AnyTable", bound=Strict)


def read_table(table: type[AnyTable], raw: object, prefix: str) -> AnyTable | tuple[Fault, ...]:
    """The table when every value of it is right, else all its faults.

    prefix: the path of the table in the file ('check[2]'), empty for the file itself.
    """
    try:
        return table.model_validate(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[:_MOST_COLLECTED]
        return tuple(_fault(table, dict(item), prefix) for item in found)


def readable_part(
    table: type[AnyTable], raw: Mapping[str, Any]
) -> tuple[AnyTable | None, frozenset[str]]:
    """The table without its wrong keys, so that the others can still be judged together.

    Returns None for it where a key is wrong without which there is no table; and the wrong keys.
    """
    try:
        return table.model_validate(raw), frozenset()
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        wrong = frozenset(str(item["loc"][0]) for item in found)
    if wrong & {name for name, key in table.model_fields.items() if key.is_required()}:
        return None, wrong
    return table.model_validate({key: raw[key] for key in raw if key not in wrong}), wrong


def _fault(table: type[Strict], item: dict[str, Any], prefix: str) -> Fault:
    key = str(item["loc"][0])
    path = joined(prefix, key)
    if item["type"] == "extra_forbidden":
        return Fault(path, f"There is no such key.{suggestion(key, table.model_fields)}")
    if item["type"] == "missing":
        return Fault(path, "This key is missing.")
    return Fault(path, str(item["ctx"]["error"]))

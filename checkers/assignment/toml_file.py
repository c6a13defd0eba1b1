"""An assignment file → an Assignment; every fault of the file in one error."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from answers.data.input_contract import InputContract
from answers.data.split import Task
from answers.errors import InputError
from checkers.assignment.assignment import (
    Assignment,
    Check,
    DataSource,
    Limits,
    Masks,
    Metric,
    Model,
)
from checkers.assignment.contract import contract_of
from checkers.assignment.exact_number import decimal_of
from checkers.assignment.fault import Fault, as_error
from checkers.assignment.rules import check_faults, data_faults, names_of, need_faults, relative_to
from checkers.assignment.schema import (
    CheckTable,
    DataTable,
    FileTable,
    InputTable,
    LimitsTable,
    MasksTable,
    MetricTable,
    ModelTable,
    Strict,
    read_table,
)

MOST_BYTES = 1 << 20
_MOST_CHECKS = 100
_T = TypeVar("_T", bound=Strict)


def read_assignment(data: bytes, where: str, file: Path | None = None) -> Assignment:
    """The assignment of a file's bytes.

    where: what names the file in errors. file: its path, from which paths in it are meant.
    Raises: InputError assignment-too-large, assignment-syntax (line and column),
    assignment-invalid (a line for each fault).
    """
    document = _parsed(data, where)
    reader = _Reader(document, where)
    return replace(reader.assignment(file), sha256=hashlib.sha256(data).hexdigest())


def _parsed(data: bytes, where: str) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise InputError(
            "assignment-too-large",
            f"The assignment file has {len(data):,} bytes; the limit is {MOST_BYTES:,}.",
            where=where,
        )
    try:
        return tomllib.loads(data.decode("utf-8"), parse_float=decimal_of)
    except UnicodeDecodeError as error:
        message = f"The assignment file is no UTF-8 text: byte {error.start} does not fit."
        raise InputError("assignment-syntax", message, where=where) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            "assignment-syntax",
            f"The assignment file is no valid TOML: {error}.",
            hint="companion assignment new prints a file to start from.",
            where=where,
        ) from None
    except RecursionError:
        message = "The assignment file nests too deep."
        raise InputError("assignment-syntax", message, where=where) from None


class _Reader:
    """Reads the tables of a file one by one, and gathers their faults."""

    def __init__(self, document: dict[str, Any], where: str) -> None:
        self._where = where
        self._faults: list[Fault] = []
        self._document = document
        self._head = self._read(FileTable, document, "")

    def assignment(self, file: Path | None) -> Assignment:
        """The record, if there was no fault."""
        data = self._table(DataTable, "data")
        fed = self._table(InputTable, "input")
        metric = self._table(MetricTable, "metric")
        masks = self._table(MasksTable, "masks")
        model = self._table(ModelTable, "model")
        limits = self._table(LimitsTable, "limits")
        checks = self._checks()
        contract = self._contract(fed)
        self._rules(data, checks)
        if self._faults or None in (self._head, data, metric, masks, model, limits, contract):
            raise as_error(self._faults, self._where)
        folder = file.parent if file is not None else None
        return _record(
            self._head, data, contract, metric, masks, model, limits, checks, folder, file
        )

    def _read(self, table: type[_T], values: Any, prefix: str) -> _T | None:
        found = read_table(table, values, prefix)
        if isinstance(found, tuple):
            self._faults += found
            return None
        return found

    def _table(self, table: type[_T], name: str) -> _T | None:
        values = self._document.get(name, {})
        return self._read(table, values, name) if isinstance(values, dict) else None

    def _checks(self) -> list[CheckTable | None]:
        values = self._document.get("check", [])
        if not isinstance(values, list) or not all(isinstance(item, dict) for item in values):
            return []
        if not values:
            self._faults.append(Fault("check", "There is no [[check]]: nothing would be graded."))
        if len(values) > _MOST_CHECKS:
            self._faults.append(Fault("check", f"{len(values)} checks are more than 100."))
            return []
        keyed = ((item, f"check[{number}]") for number, item in enumerate(values, 1))
        return [self._read(CheckTable, item, key) for item, key in keyed]

    def _contract(self, fed: InputTable | None) -> InputContract | None:
        if fed is None:
            return None
        try:
            return contract_of(fed.size, fed.resize, fed.channels, fed.scale)
        except ValueError as error:
            self._faults.append(Fault("input.scale", str(error)))
            return None

    def _rules(self, data: DataTable | None, checks: Sequence[CheckTable | None]) -> None:
        task: Task | None = self._head.task if self._head else None
        if task is not None and data is not None:
            self._faults += data_faults(data, task)
        for number, check in enumerate(checks, 1):
            if check is not None and task is not None:
                self._faults += check_faults(check, f"check[{number}]", task)
        whole = [check for check in checks if check is not None]
        if len(whole) == len(checks):
            self._faults += need_faults(whole, names_of(whole))


def _record(
    head: Any,
    data: Any,
    contract: Any,
    metric: Any,
    masks: Any,
    model: Any,
    limits: Any,
    checks: Sequence[CheckTable | None],
    folder: Path | None,
    file: Path | None,
) -> Assignment:
    whole = [check for check in checks if check is not None]
    given = {key: value for key, value in dict(limits).items() if value is not None}
    return Assignment(
        name=head.name,
        title=head.title,
        task=head.task,
        data=DataSource(
            path=relative_to(folder, data.path),
            table=_table_path(folder, data),
            split=data.split,
            sample=data.sample,
        ),
        input=contract,
        metric=Metric(resolution=metric.resolution),
        masks=Masks(coding=masks.coding),
        model=Model(head=model.head, channel=model.channel),
        limits=Limits(**given),
        checks=tuple(
            _check(check, name) for check, name in zip(whole, names_of(whole), strict=True)
        ),
        file=file,
        sha256="",
    )


def _table_path(folder: Path | None, data: DataTable) -> Path | None:
    """A table beside the assignment file wins; else it is looked for inside the data."""
    beside = relative_to(folder, data.table)
    return beside if beside is not None and beside.is_file() else data.table


def _check(table: CheckTable, name: str) -> Check:
    average = table.average
    if table.measure == "gain" and average is None:
        average = "pooled"
    values = dict(table) | {"name": name, "average": average}
    return Check(**values)

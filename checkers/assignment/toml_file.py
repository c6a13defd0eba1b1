"""An assignment file → an Assignment; every fault of the file in one error."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any

from answers.data.input_contract import InputContract
from answers.data.split import Task
from answers.errors import InputError
from answers.network.graph import Network
from checkers.assignment.assignment import (
    TASKS,
    Assignment,
    Check,
    DataSource,
    Limits,
    Masks,
    Metric,
    Model,
)
from checkers.assignment.contract import contract_of
from checkers.assignment.fault import Fault, WrongValueError, as_error
from checkers.assignment.reference import reference_of
from checkers.assignment.rules import (
    check_faults,
    codes_classes,
    name_faults,
    names_of,
    table_faults,
)
from checkers.assignment.schema import (
    AnyTable,
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
    readable_part,
)
from checkers.assignment.toml_text import MOST_BYTES, parse
from checkers.assignment.value import MOST_CHECKS, version

__all__ = ["MOST_BYTES", "read_assignment"]

# Looking for the nearest name takes a millisecond, and a file can name 100,000 checks.
_MOST_OF_NAMES = 50


def read_assignment(data: bytes, where: str, file: Path | None = None) -> Assignment:
    """The assignment of a file's bytes.

    where: what names the file in errors. file: its path, from which paths in it are meant; None
        for a built-in one.
    Raises: InputError assignment-too-large, assignment-syntax (line and column),
        assignment-version, assignment-invalid (a line for each fault).
    """
    document = parse(data, where)
    _check_version(document, where)
    tables = _Tables.of(document, _folder(file))
    faults = tables.faults()
    if faults:
        raise as_error(faults, where)
    return _record(tables, file, hashlib.sha256(data).hexdigest())


def _check_version(document: dict[str, Any], where: str) -> None:
    """A file of a later version would be wrong in every key: only the version is said."""
    given = document.get("format_version", 1)
    try:
        version(given)
    except WrongValueError as error:
        raise InputError(
            "assignment-version",
            f"The format_version {error}",
            hint="Write format_version = 1, or install a newer companion.",
            where=where,
        ) from None


@dataclass(frozen=True, kw_only=True)
class _Tables:
    """Every table of the file: read, or the faults in it."""

    document: dict[str, Any]
    head: FileTable | tuple[Fault, ...]
    data: DataTable | tuple[Fault, ...]
    input: InputTable | tuple[Fault, ...]
    metric: MetricTable | tuple[Fault, ...]
    masks: MasksTable | tuple[Fault, ...]
    model: ModelTable | tuple[Fault, ...]
    limits: LimitsTable | tuple[Fault, ...]
    checks: tuple[CheckTable | tuple[Fault, ...], ...]
    reference: tuple[Network | None, tuple[Fault, ...]]

    @classmethod
    def of(cls, document: dict[str, Any], folder: Path) -> _Tables:
        """Read the tables one by one, so that a fault in one hides none in another."""
        model = _section(ModelTable, document, "model")
        return cls(
            document=document,
            head=read_table(FileTable, document, ""),
            data=_section(DataTable, document, "data"),
            input=_section(InputTable, document, "input"),
            metric=_section(MetricTable, document, "metric"),
            masks=_section(MasksTable, document, "masks"),
            model=model,
            limits=_section(LimitsTable, document, "limits"),
            checks=tuple(
                read_table(CheckTable, raw, f"check[{number}]")
                for number, raw in enumerate(_raw_checks(document), 1)
            ),
            reference=(None, ()) if isinstance(model, tuple) else reference_of(model, folder),
        )

    @property
    def task(self) -> Task | None:
        """The task, also where another key beside it is wrong."""
        return next((task for task in TASKS if task == self.document.get("task")), None)

    def faults(self) -> list[Fault]:
        """Faults of values first, then of what does not go together, in the file's order."""
        found = [fault for part in self._parts() if isinstance(part, tuple) for fault in part]
        found += _no_check(self.document)
        found += [*_contract(self.input)[1], *self.reference[1]]
        if self.task is not None:
            given = {key: raw for key, raw in self.document.items() if isinstance(raw, dict)}
            found += table_faults(given, self.task)
        raw_checks, of_classes = _raw_checks(self.document), codes_classes(self.document)
        for number, raw in enumerate(raw_checks, 1):
            check, wrong = readable_part(CheckTable, raw)
            if check is not None:
                found += check_faults(
                    check, f"check[{number}]", self.task, wrong=wrong, of_classes=of_classes
                )
        return [*found, *islice(name_faults(raw_checks), _MOST_OF_NAMES)]

    def _parts(self) -> tuple[Strict | tuple[Fault, ...], ...]:
        sections = (self.data, self.input, self.metric, self.masks, self.model, self.limits)
        return (self.head, *sections, *self.checks)


def _section(
    table: type[AnyTable], document: dict[str, Any], name: str
) -> AnyTable | tuple[Fault, ...]:
    raw = document.get(name, {})
    # Where it is no table at all, the head has said so.
    return read_table(table, raw, name) if isinstance(raw, dict) else ()


def _raw_checks(document: dict[str, Any]) -> list[dict[str, Any]]:
    raw = document.get("check", [])
    return (
        [item for item in raw if isinstance(item, dict)][:MOST_CHECKS]
        if isinstance(raw, list)
        else []
    )


def _no_check(document: dict[str, Any]) -> tuple[Fault, ...]:
    if document.get("check", []) != []:
        return ()
    return (Fault("check", "There is no [[check]]: nothing would be graded."),)


def _contract(
    table: InputTable | tuple[Fault, ...],
) -> tuple[InputContract | None, tuple[Fault, ...]]:
    if not isinstance(table, InputTable):
        return None, ()
    try:
        return contract_of(table.size, table.resize, table.channels, table.scale), ()
    except WrongValueError as error:
        return None, (Fault("input.scale", str(error)),)


def _whole(table: AnyTable | tuple[Fault, ...]) -> AnyTable:
    """The table of a file without faults."""
    if isinstance(table, tuple):
        raise TypeError(f"faults were not raised: {table}")
    return table


def _record(tables: _Tables, file: Path | None, sha256: str) -> Assignment:
    head, model, masks = _whole(tables.head), _whole(tables.model), _whole(tables.masks)
    fed, _ = _contract(tables.input)
    if fed is None:
        raise TypeError("the faults of [input] were not raised")
    return Assignment(
        name=head.name,
        title=head.title,
        task=head.task,
        data=_data(_whole(tables.data), file),
        input=fed,
        metric=_metric(_whole(tables.metric)),
        masks=Masks(coding=masks.coding, ignore=masks.ignore, classes=masks.classes),
        model=Model(head=model.head, channel=model.channel, reference=tables.reference[0]),
        limits=_limits(_whole(tables.limits)),
        checks=_checks(tables),
        file=file,
        sha256=sha256,
    )


def _folder(file: Path | None) -> Path:
    return Path() if file is None else file.parent


def _data(table: DataTable, file: Path | None) -> DataSource:
    """Paths are meant from the folder of the file; a table may also lie inside the data."""
    folder = _folder(file)
    beside = None if table.table is None else folder / table.table
    return DataSource(
        path=None if table.path is None else folder / table.path,
        table=beside if beside is not None and beside.is_file() else table.table,
        split=table.split,
        sample=table.sample,
    )


def _metric(table: MetricTable) -> Metric:
    return Metric(resolution=table.resolution, background=table.background)


def _limits(table: LimitsTable) -> Limits:
    given = {name: getattr(table, name) for name in LimitsTable.model_fields}
    return Limits(**{name: value for name, value in given.items() if value is not None})


def _checks(tables: _Tables) -> tuple[Check, ...]:
    names = names_of(_raw_checks(tables.document))
    pairs = zip(map(_whole, tables.checks), names, strict=True)
    return tuple(_check(table, name, tables.task) for table, name in pairs)


def _check(table: CheckTable, name: str, task: Task | None) -> Check:
    given = {item.name: getattr(table, item.name) for item in fields(Check)}
    # A gain is measured on pooled pixels where nothing else is said, the accuracy of pixels always.
    pooled = table.measure == "gain" or (table.measure == "accuracy" and task == "segmentation")
    average = table.average or ("pooled" if pooled else None)
    return Check(**(given | {"name": name, "average": average}))

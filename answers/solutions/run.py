"""What every training begins and ends with: its options, its unfinished states, its record."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass, fields
from math import prod
from pathlib import Path
from typing import Any

from answers.solutions.engine import versions
from answers.solutions.events import Saved, Tell
from answers.solutions.run_record import (
    DataUsed,
    RunRecord,
    fingerprint,
    record_path,
    save_model,
    state_folder,
    write_record,
)
from answers.solutions.training import Trained
from answers.solutions.training_state import Setting, StateFile


@dataclass(frozen=True, kw_only=True)
class Options:
    """What decides the outcome, beside the data; each program has fields of its own."""

    @property
    def settings(self) -> tuple[tuple[str, Setting], ...]:
        """Names and values, as they stand in the record."""
        return tuple((each.name, getattr(self, each.name)) for each in fields(self))


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training: what it is called, where it goes, what it is made of.

    scores: the names of what is measured beside the loss. data: the parts of the train split.
    """

    kind: str
    out: Path
    options: Options
    data: tuple[DataUsed, ...]
    scores: tuple[str, ...]

    def states(self, *phases: str, fresh: bool) -> tuple[StateFile, ...]:
        """Where each phase keeps its state while it is unfinished. fresh: forget what is there."""
        told = fingerprint(self.kind, self.options.settings, self.data, versions())
        pictures = ("data", self.data[0].sha256[:12])
        made_with = (*self.options.settings, pictures, *versions())
        folder = state_folder(self.out)
        found = tuple(StateFile(folder / f"{name}.npz", told, made_with) for name in phases)
        for state in found if fresh else ():
            state.discard()
        return found

    def save(
        self, model: Any, trained: Trained, states: Sequence[StateFile], tell: Tell
    ) -> RunRecord:
        """Save the model with its record, and forget the states.

        Raises: MissingError disk-full; InputError cannot-write.
        """
        record = RunRecord(
            kind=self.kind,
            model=self.out.name,
            sha256=save_model(network_alone(model), self.out),
            parameters=model.count_params(),
            trainable=sum(prod(weight.shape) for weight in model.trainable_variables),
            options=self.options.settings,
            data=self.data,
            versions=versions(),
            scores=self.scores,
            history=trained.history,
            best_epoch=trained.best_epoch,
            reason=trained.reason,
        )
        write_record(record, self.out)
        for state in states:
            state.discard()
        tell(Saved(model=self.out, record=record_path(self.out), sha256=record.sha256))
        return record


def network_alone(model: Any) -> Any:
    """The same layers and weights without optimizer and loss.

    Whoever loads the file needs no code of ours, and it is a third as large: Adam keeps two means
    of every weight.
    """
    from keras import Input, Model, Sequential

    if isinstance(model, Sequential):
        return Sequential([Input(batch_shape=model.input_shape), *model.layers], name=model.name)
    return Model(model.inputs, model.outputs, name=model.name)


def data_used(training: Sized, validation: Sized, source: str, sha256: str) -> tuple[DataUsed, ...]:
    """Both parts of a train split. sha256: of all of it, of which each part is a fixed choice."""
    parts = (("training", training), ("validation", validation))
    return tuple(
        DataUsed(role=role, source=source, count=len(part), sha256=sha256) for role, part in parts
    )

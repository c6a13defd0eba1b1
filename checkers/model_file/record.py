"""What a submitted file holds, as a record: who wrote it, the network, what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from answers.errors import ModelFileError
from answers.layers.fields import checked
from answers.network.document import from_json, to_json
from answers.network.graph import Network
from checkers.model_file.stored_loss import LossTakes

Dialect = Literal[
    "keras-2-hdf5", "keras-3-hdf5", "keras-2-archive", "keras-3-archive", "keras-weights"
]


@dataclass(frozen=True)
class Finding:
    """Something worth saying: a stable code, and a whole sentence."""

    code: str
    message: str


@dataclass(frozen=True)
class StoredArray:
    """An array of a file. layer: its name, after those of the models around it."""

    layer: str
    name: str
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an assignment knows of a model, for what a file may leave out.

    network: the architecture for a file that holds weights only. size: (height, width) of the
    pictures that are fed, for a file that does not say its input.
    """

    network: Network | None = None
    size: tuple[int, int] | None = None


NOTHING = Expected()


@dataclass(frozen=True, kw_only=True)
class ModelFile:
    """A whole model as data; its weights lie beside it, in the order of the network's leaves.

    writer: the version that wrote it, as it says; 'unknown' where it doesn't.
    loss_takes: what the stored loss takes the output for, None where no loss is stored or it does
        not say.
    """

    dialect: Dialect
    writer: str
    network: Network
    loss_takes: LossTakes | None = None
    findings: tuple[Finding, ...] = ()


def to_document(model: ModelFile) -> dict[str, Any]:
    """The record as JSON, for the way from the reading child to the parent."""
    return {
        "dialect": model.dialect,
        "writer": model.writer,
        "network": to_json(model.network),
        "loss_takes": model.loss_takes,
        "findings": [[finding.code, finding.message] for finding in model.findings],
    }


def expected_to_document(expected: Expected) -> dict[str, Any]:
    """The record as JSON, for the way from the parent to the reading child."""
    network = None if expected.network is None else to_json(expected.network)
    return {"network": network, "size": expected.size}


def expected_from_document(document: Any) -> Expected:
    """The record of a document that the parent sent; nothing where it sent none."""
    if not isinstance(document, dict):
        return NOTHING
    network, size = document.get("network"), document.get("size")
    return Expected(
        network=None if network is None else from_json(network),
        size=checked(size, tuple[int, int] | None, "size"),
    )


def from_document(document: Any) -> ModelFile:
    """The record of a document; every value is checked again.

    Raises: ModelFileError `reader-answer`, InputError of the network.
    """
    if not isinstance(document, dict):
        raise ModelFileError("reader-answer", "The reader's answer is no document.")
    rows = checked(document.get("findings"), tuple[tuple[str, str], ...], "findings")
    return ModelFile(
        dialect=checked(document.get("dialect"), Dialect, "dialect"),
        writer=checked(document.get("writer"), str, "writer"),
        network=from_json(document.get("network")),
        loss_takes=checked(document.get("loss_takes"), LossTakes | None, "loss_takes"),
        findings=tuple(Finding(*row) for row in rows),
    )

"""The reference architecture of an assignment: where weights that come alone belong.

It stands in the file as a notation, or beside it as JSON, as Keras's `model.to_json()` and
our own document (`answers.network.document`) say.
"""

from __future__ import annotations

from pathlib import Path

from answers.errors import CompanionError
from answers.network.document import FORMAT, from_json
from answers.network.graph import Network
from answers.network.parameters import parameters
from answers.network.symbols import letters_of
from checkers.assignment.fault import Fault, WrongValueError, quoted
from checkers.assignment.schema import ModelTable


def reference_of(table: ModelTable, folder: Path) -> tuple[Network | None, tuple[Fault, ...]]:
    """The architecture that [model] names, and what is wrong with it.

    folder: of the assignment file, from which paths in it are meant.
    """
    if table.network is not None and table.architecture is not None:
        message = "It has network too; a reference architecture is said once."
        return None, (Fault("model.architecture", message),)
    try:
        if table.network is not None:
            return of_notation(table.network), ()
        if table.architecture is not None:
            return of_file(folder / table.architecture), ()
    except WrongValueError as error:
        key = "model.network" if table.network is not None else "model.architecture"
        return None, (Fault(key, str(error)),)
    return None, ()


def of_notation(text: str) -> Network:
    """The network that a notation writes down, all its sizes given.

    Raises: WrongValueError.
    """
    from answers.notation.reading import parse

    try:
        return _whole(parse(text))
    except CompanionError as error:
        raise WrongValueError(f"It is no network in the notation: {error.message}") from None


def of_file(path: Path) -> Network:
    """The network of a JSON file.

    Raises: WrongValueError.
    """
    from checkers.model_file import limits

    try:
        with path.open("rb") as file:
            data = file.read(limits.JSON_BYTES + 1)
    except OSError as error:
        message = f"{quoted(path.name)} cannot be read: {error.strerror}."
        raise WrongValueError(message) from None
    try:
        return _whole(_of_json(data, path.name))
    except CompanionError as error:
        place = f" ({error.where})" if error.where else ""
        said = f"{quoted(path.name)} holds no architecture: {error.message}{place}"
        raise WrongValueError(said) from None


def _of_json(data: bytes, name: str) -> Network:
    from checkers.model_file.graph_config import read_model_config
    from checkers.model_file.old_meaning import as_keras2_meant
    from checkers.model_file.strict_json import parse

    document = parse(data, f"file {name}")
    if isinstance(document, dict) and document.get("format") == FORMAT:
        return from_json(document)
    network = read_model_config(document)
    version = document.get("keras_version")
    keras2 = isinstance(version, str) and not version.startswith("3.")
    return as_keras2_meant(network) if keras2 else network


def _whole(network: Network) -> Network:
    """The network, if every array of it has a size.

    Raises: WrongValueError; InputError of a layer that does not fit.
    """
    letters = letters_of(network)
    if letters:
        raise WrongValueError(f"Its sizes must be numbers, and it has the letter {letters[0]}.")
    parameters(network)
    return network

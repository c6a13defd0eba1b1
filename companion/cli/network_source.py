"""Where a network comes from: a notation, a file of one, stdin, a saved model or a sample, `model.to_json()`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from answers.errors import InputError
from answers.expressions.text_error import TextError
from answers.network.graph import Network
from companion.cli.sample_model import sample_named

LONGEST_TEXT = 1 << 24  # to_json() of a large network has a few megabytes
_MODEL_NAMES = (".h5", ".keras", ".hdf5", ".json")
_KERAS_NAMES = (".h5", ".keras", ".hdf5")
_STARTS = (b"\x89HDF", b"PK\x03\x04")
# './net.txt', 'net.txt': no notation holds a dot before letters
_PATH_ALONE = re.compile(r"(?:\.{0,2}/|~)?[^\s:,|()\[\]{}=#]*\.[A-Za-z][A-Za-z0-9]{0,9}")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A network and where it came from.

    title: how to call it. text: the notation it was written in; empty for files of Keras.
    spans: where each layer stands in the text.
    """

    network: Network
    title: str
    text: str = ""
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def read_network(word: str) -> Source:
    """The network of a command's argument.

    Raises: InputError `notation…`, `path-missing`, `path`; ModelFileError and RefusedError for a
    file of Keras that can't be read.
    """
    if word == "-":
        return _of_text(_bounded(sys.stdin.buffer.read(LONGEST_TEXT + 1), "stdin"), "stdin")
    if _looks_like_a_path(word):
        return _of_file(Path(word))
    sample = sample_named(word)
    return _of_text(word, "") if sample is None else _of_model(sample)


def _looks_like_a_path(word: str) -> bool:
    """A file that exists, or a name that can only be one."""
    if not word or len(word) > 4096 or "\n" in word or "\0" in word:
        return False
    try:
        exists = Path(word).exists()
    except OSError:
        return False
    named = word.lower().endswith(_MODEL_NAMES) or _PATH_ALONE.fullmatch(word) is not None
    return exists or named


def _of_file(path: Path) -> Source:
    if not path.exists():
        raise InputError("path-missing", f"{path} does not exist.", hint="Check the path.")
    if (path / "saved_model.pb").is_file() or (path / "model.weights.h5").is_file():
        return _of_model(
            path
        )  # an unpacked archive; of a program the reader says what to do instead
    if not path.is_file():
        raise InputError("path", f"{path} is not a file.", hint="Name a file.")
    with path.open("rb") as file:
        head = file.read(8)
        if not head.startswith(_STARTS) and path.suffix.lower() not in _KERAS_NAMES:
            return _of_text(_bounded(head + file.read(LONGEST_TEXT + 1), path.name), path.name)
    return _of_model(path)


def _of_model(path: Path) -> Source:
    """A saved model is read in a process of its own, as in grading.

    A layer that we have no rule for stays in it, as unknown: nothing is run here.
    """
    from checkers.engine.reading import reading
    from checkers.engine.submission import looked_at
    from checkers.model_file.limits import FILE_BYTES

    with looked_at(path, FILE_BYTES) as descriptor, reading(descriptor) as reader:
        return Source(network=reader.network(), title=path.name)


def _bounded(data: bytes, name: str) -> str:
    if len(data) > LONGEST_TEXT:
        raise InputError(
            "text-too-long", f"{name} holds more than {LONGEST_TEXT:,} bytes.", where=name
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise InputError(
            "not-a-network",
            f"{name} is neither a model of Keras nor a text.",
            hint="Give a .h5 or .keras file, what model.to_json() prints, or a notation.",
        )
    return text


def _of_text(text: str, title: str) -> Source:
    if text.lstrip().startswith("{") and '"' in text[:200]:
        return Source(network=_of_json(text), title=title or "the network")
    from answers.notation.reading import parse_spans

    try:
        parsed = parse_spans(text)
    except TextError as error:
        line = text.count("\n", 0, error.start) + 1
        raise (error.at(f"{title}, line {line}") if title else error) from None
    return Source(network=parsed.network, title=title, text=text, spans=parsed.spans)


def _of_json(text: str) -> Network:
    """What `model.to_json()` prints, read as a file's configuration is."""
    from checkers.model_file.graph_config import read_model_config
    from checkers.model_file.strict_json import parse

    return read_model_config(parse(text, "the network"), keep_unknown=True)

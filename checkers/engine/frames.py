"""The protocol between the parent and its children: a small JSON header and raw bytes.

A frame is two lengths (header 4 bytes, body 8 bytes, little-endian), the header as UTF-8 JSON,
and the body. Nothing is pickled, and nothing is said on stdout.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from answers import errors
from answers.errors import CompanionError, RunError

_LENGTHS = struct.Struct("<IQ")
HEADER_BYTES = 32 << 20  # a network of thousands of layers, as JSON
BODY_BYTES = 1 << 30


@dataclass(frozen=True)
class Frame:
    """One message."""

    header: dict[str, Any]
    body: bytes = b""


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    header = json.dumps(frame.header, separators=(",", ":")).encode()
    return _LENGTHS.pack(len(header), len(frame.body)) + header + frame.body


class Decoder:
    """Bytes, in whatever pieces they come → frames.

    Raises: RunError `protocol` for lengths beyond the limits and headers that are no object.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take bytes in, and give the frames that are now whole."""
        self._buffer += data
        while len(self._buffer) >= _LENGTHS.size:
            header, body = _LENGTHS.unpack_from(self._buffer)
            check_lengths(header, body)
            start, end = _LENGTHS.size + header, _LENGTHS.size + header + body
            if len(self._buffer) < end:
                return
            frame = Frame(
                read_header(bytes(self._buffer[_LENGTHS.size : start])),
                bytes(self._buffer[start:end]),
            )
            del self._buffer[:end]
            yield frame


def check_lengths(header: int, body: int) -> None:
    """Refuse lengths that no honest frame has, before anything is allocated for them."""
    if header > HEADER_BYTES or body > BODY_BYTES:
        raise RunError("protocol", f"A message announces {header:,} + {body:,} bytes.")


def read_header(data: bytes) -> dict[str, Any]:
    """A header's bytes as an object."""
    try:
        header = json.loads(data)
    except (ValueError, RecursionError):  # a header may nest too deep for the parser
        raise RunError("protocol", "A message of a child process can't be read.") from None
    if not isinstance(header, dict):
        raise RunError("protocol", "A message of a child process is no object.")
    return header


# --- a child's end: it has nothing else to do than to wait ----------------------------------


def receive(channel: int) -> Frame | None:
    """The next frame from a blocking descriptor; None when the parent has closed it."""
    lengths = _exactly(channel, _LENGTHS.size)
    if lengths is None:
        return None
    header, body = _LENGTHS.unpack(lengths)
    check_lengths(header, body)
    head, rest = _exactly(channel, header), _exactly(channel, body)
    if head is None or rest is None:
        return None
    return Frame(read_header(head), rest)


def send(channel: int, frame: Frame) -> None:
    """Write a frame to a blocking descriptor."""
    view = memoryview(encode(frame))
    while view:
        view = view[os.write(channel, view) :]


def _exactly(channel: int, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        piece = os.read(channel, min(count - len(parts), 1 << 20))
        if not piece:
            return None
        parts += piece
    return bytes(parts)


# --- errors on their way to the parent ------------------------------------------------------


def error_frame(error: CompanionError) -> Frame:
    """A typed error as a frame."""
    kind = next(k.__name__ for k in type(error).__mro__ if hasattr(errors, k.__name__))
    return Frame(
        {
            "error": {
                "kind": kind,
                "code": error.code,
                "message": error.message,
                "hint": error.hint,
                "where": error.where,
            }
        }
    )


_KINDS = ("InputError", "ModelFileError", "RefusedError", "RunError", "MissingError")


def error_of(header: dict[str, Any]) -> CompanionError | None:
    """The typed error of a frame's header, or None where it holds none."""
    data = header.get("error")
    if data is None:
        return None
    words = ("kind", "code", "message", "hint", "where")
    texts = [data.get(word) for word in words] if isinstance(data, dict) else []
    if len(texts) != len(words) or not all(isinstance(text, str) for text in texts):
        return RunError("protocol", "An error of a child process can't be read.")
    kind, code, message, hint, where = texts
    if kind not in _KINDS:
        return RunError("protocol", "A child process sent an unknown kind of error.")
    made: CompanionError = getattr(errors, kind)(code, message, hint=hint, where=where)
    return made

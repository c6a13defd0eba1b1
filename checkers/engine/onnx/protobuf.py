"""ONNX's messages as bytes: those that a graph of ours needs, by the field numbers of onnx.proto.

A message is a row of fields; a field is a tag (number and kind), and a varint, or a length and
bytes. Source: the ONNX specification, onnx.proto3 (IR version 10), and protobuf's encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

IR_VERSION = 10
OPSET = 21

Attribute = int | float | str | tuple[int, ...] | tuple[float, ...] | tuple[str, ...]
Dims = tuple[int | str, ...]
Array = NDArray[np.float32] | NDArray[np.int64] | NDArray[np.int32] | NDArray[np.bool_]

_TYPES = {"float32": 1, "uint8": 2, "int32": 6, "int64": 7, "bool": 9}
_VARINT, _LENGTH, _FIXED = 0, 2, 5
_FLOAT, _INT, _STRING, _FLOATS, _INTS, _STRINGS = 1, 2, 3, 6, 7, 8


def model(graph: bytes) -> bytes:
    """A ModelProto around a graph."""
    opset = _text(1, "") + _number(2, OPSET)
    return _number(1, IR_VERSION) + _text(2, "companion") + _bytes(7, graph) + _bytes(8, opset)


def graph(
    nodes: Iterable[bytes],
    constants: Iterable[bytes],
    inputs: Iterable[bytes],
    outputs: list[bytes],
) -> bytes:
    """A GraphProto."""
    parts = [_bytes(1, node) for node in nodes]
    parts.append(_text(2, "network"))
    parts += [_bytes(5, constant) for constant in constants]
    parts += [_bytes(11, value) for value in inputs]
    parts += [_bytes(12, value) for value in outputs]
    return b"".join(parts)


def node(
    operator: str,
    inputs: Iterable[str],
    outputs: Iterable[str],
    attributes: Mapping[str, Attribute],
) -> bytes:
    """A NodeProto. An empty input name is one that is left out."""
    parts = [_text(1, name) for name in inputs]
    parts += [_text(2, name) for name in outputs]
    parts.append(_text(4, operator))
    parts += [_bytes(5, _attribute(name, value)) for name, value in attributes.items()]
    return b"".join(parts)


def numbers(array: Array) -> bytes:
    """The numbers of an array as a tensor holds them, little-endian."""
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()


def tensor(name: str, dtype: str, shape: tuple[int, ...], raw: bytes) -> bytes:
    """A TensorProto. dtype: NumPy's name; raw: its numbers."""
    sizes = b"".join(_number(1, size) for size in shape)
    return sizes + _number(2, _TYPES[dtype]) + _text(8, name) + _bytes(9, raw)


def value(name: str, dims: Dims, dtype: str = "float32") -> bytes:
    """A ValueInfoProto; a size that is a word is open."""
    shape = b"".join(
        _bytes(1, _number(1, size) if isinstance(size, int) else _text(2, size)) for size in dims
    )
    kind = _number(1, _TYPES[dtype]) + _bytes(2, shape)
    return _text(1, name) + _bytes(2, _bytes(1, kind))


def _attribute(name: str, given: Attribute) -> bytes:
    if isinstance(given, bool):
        given = int(given)
    if isinstance(given, int):
        return _text(1, name) + _number(3, given) + _number(20, _INT)
    if isinstance(given, float):
        return _text(1, name) + _float(2, given) + _number(20, _FLOAT)
    if isinstance(given, str):
        return _text(1, name) + _text(4, given) + _number(20, _STRING)
    return _text(1, name) + _row(given)


def _row(given: tuple[int | float | str, ...]) -> bytes:
    """Several numbers or words: what the first one is, all are."""
    if isinstance(given[0], str):
        return b"".join(_text(9, str(item)) for item in given) + _number(20, _STRINGS)
    if isinstance(given[0], float):
        return b"".join(_float(7, float(item)) for item in given) + _number(20, _FLOATS)
    return b"".join(_number(8, int(item)) for item in given) + _number(20, _INTS)


def _float(field: int, number: float) -> bytes:
    return _tag(field, _FIXED) + struct.pack("<f", number)


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1  # a negative number is written as its 64 bits
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _tag(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _number(field: int, number: int) -> bytes:
    return _tag(field, _VARINT) + _varint(number)


def _bytes(field: int, content: bytes) -> bytes:
    return _tag(field, _LENGTH) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())

"""Read a CIFAR batch out of its pickle without calling anything that the file names.

Only the opcodes that Python 2 and Python 3 (protocols 2 and 3) use for such a batch are
walked. A global stays a name, a call stays a record; the pixels are the raw bytes inside the
array's state. Everything else is refused.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.errors import InputError, RefusedError

MAX_BYTES = 96_000_000
MAX_STEPS = 400_000
PIXELS = 3 * 32 * 32
CLASSES = 10

_RECONSTRUCT = frozenset(
    {"numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"}
)
_NAMES = _RECONSTRUCT | {"numpy.ndarray", "numpy.dtype", "_codecs.encode"}
_HINT = "Take the batch from the original archive, or save images and labels with numpy.savez."


@dataclass(frozen=True)
class CifarBatch:
    """One batch: `rows` (n, 3072) uint8, red then green then blue; `labels` (n,) uint8, 0–9."""

    rows: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def image(self, index: int) -> NDArray[np.uint8]:
        """One picture (32, 32, 3)."""
        return as_picture(self.rows[index])


def as_picture(row: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture (32, 32, 3) of a row of 3,072 values: three planes of 32 × 32."""
    return row.reshape(3, 32, 32).transpose(1, 2, 0)


@dataclass(frozen=True)
class _Global:
    name: str


@dataclass(eq=False)
class _Built:
    """What a call would have made: its kind ('array', 'dtype'), its arguments, its state."""

    kind: str
    args: tuple[Any, ...]
    state: Any = None


class _Mark:
    """Where an opcode's arguments begin on the stack."""


_MARK = _Mark()


def _damaged(fact: str) -> InputError:
    return InputError(
        "cifar-batch-damaged", f"The file is no whole CIFAR-10 batch: {fact}.", hint=_HINT
    )


def _foreign(fact: str) -> RefusedError:
    return RefusedError(
        "cifar-batch-foreign",
        f"The file holds {fact}, which a CIFAR-10 batch does not; nothing of it was run.",
        hint=_HINT,
    )


def read_cifar_batch(data: bytes) -> CifarBatch:
    """Read a batch from the bytes of its file.

    Raises InputError (cifar-batch-damaged) where it is cut or has wrong sizes or labels, and
    RefusedError (cifar-batch-foreign, cifar-batch-limit) where it asks for anything else.
    """
    if len(data) > MAX_BYTES:
        raise RefusedError(
            "cifar-batch-limit",
            f"The batch has {len(data):,} bytes, at most {MAX_BYTES:,} are read.",
            hint=_HINT,
        )
    try:
        content = _Walk(io.BytesIO(data)).run()
    except (IndexError, KeyError, struct.error, UnicodeError, AttributeError, TypeError) as error:
        raise _damaged(f"its structure breaks off ({type(error).__name__})") from error
    return _batch(content)


def _batch(content: Any) -> CifarBatch:
    if not isinstance(content, dict):
        raise _damaged("it is no dictionary")
    known = {_text(key): value for key, value in content.items()}
    rows = _rows(known.get("data"))
    return CifarBatch(rows, _labels(known.get("labels"), len(rows)))


def _text(value: Any) -> Any:
    return value.decode("latin1") if isinstance(value, bytes) else value


def _rows(built: Any) -> NDArray[np.uint8]:
    state = built.state if isinstance(built, _Built) and built.kind == "array" else None
    if not isinstance(state, tuple) or len(state) != 5:
        raise _damaged("it has no array 'data'")
    _, shape, dtype, fortran, raw = state
    if not isinstance(dtype, _Built) or _text(dtype.args[:1] and dtype.args[0]) != "u1":
        raise _damaged("'data' is not uint8")
    if not _is_shape(shape) or not isinstance(raw, bytes) or len(raw) != shape[0] * PIXELS:
        raise _damaged("'data' is not (n, 3072)")
    return np.frombuffer(raw, np.uint8).reshape(shape, order="F" if fortran is True else "C")


def _is_shape(shape: Any) -> bool:
    if not isinstance(shape, tuple) or len(shape) != 2:
        return False
    return all(type(side) is int for side in shape) and shape[0] > 0 and shape[1] == PIXELS


def _labels(values: Any, count: int) -> NDArray[np.uint8]:
    if not isinstance(values, list):
        raise _damaged("'labels' is no list of whole numbers")
    if len(values) != count:
        raise _damaged(f"{count:,} pictures have {len(values):,} labels")
    for value in values:
        if type(value) is not int or not 0 <= value < CLASSES:
            raise _damaged("a label is no whole number from 0 to 9")
    return np.array(values, np.uint8)


@dataclass
class _Walk:
    """The stack machine of a pickle, with its calls taken out."""

    stream: io.BytesIO
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def run(self) -> Any:
        for _ in range(MAX_STEPS):
            code = self.take(1)
            if code == b".":
                return self.stack.pop()
            step = _STEPS.get(code)
            if step is None:
                raise _foreign(f"the pickle instruction 0x{code.hex()}")
            step(self)
        raise _foreign(f"more than {MAX_STEPS:,} pickle instructions")

    def take(self, count: int) -> bytes:
        data = self.stream.read(count)
        if len(data) != count:
            raise _damaged("it is cut off")
        return data

    def number(self, layout: str) -> int:
        value: int = struct.unpack(layout, self.take(struct.calcsize(layout)))[0]
        return value

    def line(self) -> str:
        return self.stream.readline(128).rstrip(b"\n").decode("ascii")

    def marked(self) -> list[Any]:
        """The items above the last mark, taken off the stack with it."""
        place = len(self.stack) - 1
        while place >= 0 and self.stack[place] is not _MARK:
            place -= 1
        if place < 0:
            raise _damaged("a mark is missing")
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def push_tuple(self, count: int) -> None:
        if count > len(self.stack):
            raise _damaged("its structure breaks off")
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def protocol(self) -> None:
        version = self.take(1)[0]
        if version not in {2, 3}:
            raise _foreign(f"pickle protocol {version}")

    def name(self) -> None:
        name = f"{self.line()}.{self.line()}"
        if name not in _NAMES:
            raise _foreign("a name of code that is not NumPy's array")
        self.stack.append(_Global(name))

    def call(self) -> None:
        args, target = self.stack.pop(), self.stack.pop()
        if not isinstance(target, _Global) or not isinstance(args, tuple):
            raise _foreign("a call")
        if target.name in _RECONSTRUCT:
            self.stack.append(_Built("array", args))
        elif target.name == "numpy.dtype":
            self.stack.append(_Built("dtype", args))
        else:
            self.stack.append(_encoded(target.name, args))

    def build(self) -> None:
        state, built = self.stack.pop(), self.stack[-1]
        if not isinstance(built, _Built):
            raise _foreign("a state without an array")
        built.state = state

    def extend(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            raise _damaged("items without a list")
        self.stack[-1].extend(items)

    def set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, dict) or len(items) % 2:
            raise _damaged("items without a dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            # Nested tuples would take exponential time to hash.
            if not isinstance(key, str | bytes):
                raise _damaged("a key is no word")
            target[key] = value


def _encoded(name: str, args: tuple[Any, ...]) -> bytes:
    """The bytes that Python 3 wrote as text in protocol 2."""
    is_text = len(args) == 2 and isinstance(args[0], str) and args[1] == "latin1"
    if name != "_codecs.encode" or not is_text:
        raise _foreign("a call")
    return bytes(args[0].encode("latin1"))


def _push(make: Callable[[_Walk], Any]) -> Callable[[_Walk], None]:
    return lambda walk: walk.stack.append(make(walk))


def _put(layout: str) -> Callable[[_Walk], None]:
    return lambda walk: walk.memo.__setitem__(walk.number(layout), walk.stack[-1])


def _get(layout: str) -> Callable[[_Walk], None]:
    return _push(lambda walk: walk.memo[walk.number(layout)])


def _append(walk: _Walk) -> None:
    item = walk.stack.pop()
    walk.extend([item])


def _set_item(walk: _Walk) -> None:
    value, key = walk.stack.pop(), walk.stack.pop()
    walk.set_items([key, value])


_STEPS: dict[bytes, Callable[[_Walk], None]] = {
    b"\x80": _Walk.protocol,
    b"}": _push(lambda _: {}),
    b"]": _push(lambda _: []),
    b")": _push(lambda _: ()),
    b"(": _push(lambda _: _MARK),
    b"N": _push(lambda _: None),
    b"\x88": _push(lambda _: True),
    b"\x89": _push(lambda _: False),
    b"K": _push(lambda walk: walk.number("<B")),
    b"M": _push(lambda walk: walk.number("<H")),
    b"J": _push(lambda walk: walk.number("<i")),
    b"U": _push(lambda walk: walk.take(walk.number("<B"))),
    b"C": _push(lambda walk: walk.take(walk.number("<B"))),
    b"T": _push(lambda walk: walk.take(walk.number("<I"))),
    b"B": _push(lambda walk: walk.take(walk.number("<I"))),
    b"X": _push(lambda walk: walk.take(walk.number("<I")).decode("utf-8")),
    b"q": _put("<B"),
    b"r": _put("<I"),
    b"h": _get("<B"),
    b"j": _get("<I"),
    b"\x85": lambda walk: walk.push_tuple(1),
    b"\x86": lambda walk: walk.push_tuple(2),
    b"\x87": lambda walk: walk.push_tuple(3),
    b"t": _push(lambda walk: tuple(walk.marked())),
    b"e": lambda walk: walk.extend(walk.marked()),
    b"a": _append,
    b"u": lambda walk: walk.set_items(walk.marked()),
    b"s": _set_item,
    b"c": _Walk.name,
    b"R": _Walk.call,
    b"b": _Walk.build,
}

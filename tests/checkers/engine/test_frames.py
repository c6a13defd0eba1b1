from __future__ import annotations

import json
import os
import struct
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.errors import (
    CompanionError,
    InputError,
    MissingError,
    ModelFileError,
    RefusedError,
    RunError,
)
from checkers.engine import frames
from checkers.engine.frames import BODY_BYTES, HEADER_BYTES, Decoder, Frame, encode

VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers())
FRAMES = st.builds(Frame, st.dictionaries(st.text(), VALUES, max_size=4), st.binary(max_size=300))


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


@given(st.lists(FRAMES, max_size=4), st.lists(st.integers(0, 10_000), max_size=12))
def test_frames_arrive_whole_in_whatever_pieces_they_come(
    sent: list[Frame], cuts: list[int]
) -> None:
    decoder = Decoder()
    pieces = in_pieces(b"".join(map(encode, sent)), cuts)
    assert [frame for piece in pieces for frame in decoder.feed(piece)] == sent


def raw(header: int, body: int, data: bytes = b"") -> bytes:
    return struct.pack("<IQ", header, body) + data


BROKEN: list[tuple[str, bytes, str]] = [
    ("a body of 10 GB", raw(2, 10 << 30), "announces 2 . 10,737,418,240 bytes"),
    ("a body one byte too long", raw(2, BODY_BYTES + 1), "announces"),
    ("a header of 4 GB", raw(2**32 - 1, 0), "announces 4,294,967,295"),
    ("a header one byte too long", raw(HEADER_BYTES + 1, 0), "announces"),
    ("a list as header", raw(2, 0, b"[]"), "is no object"),
    ("a header that is no JSON", raw(4, 0, b"\xff\xfe\x00{"), "can't be read"),
    ("a pickle as header", raw(4, 0, b"\x80\x04N."), "can't be read"),
    ("an empty header", raw(0, 0), "can't be read"),
]


@pytest.mark.parametrize(
    ("data", "words"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_broken_frame_is_refused_before_it_is_waited_for(data: bytes, words: str) -> None:
    with pytest.raises(RunError, match=words) as caught:
        list(Decoder().feed(data))
    assert caught.value.code == "protocol"


def test_lengths_at_the_limit_are_waited_for() -> None:
    assert list(Decoder().feed(raw(HEADER_BYTES, BODY_BYTES))) == []


def test_a_frame_of_a_megabyte_goes_through_a_pipe_between_blocking_ends() -> None:
    frame = Frame({"ask": "predict"}, bytes(range(256)) * 4096)
    reader, writer = os.pipe()
    thread = threading.Thread(target=frames.send, args=(writer, frame))
    thread.start()
    try:
        assert frames.receive(reader) == frame
    finally:
        thread.join()
        os.close(writer)
        assert frames.receive(reader) is None
        os.close(reader)


def test_a_frame_that_is_cut_off_is_an_end() -> None:
    reader, writer = os.pipe()
    os.write(writer, encode(Frame({"ask": "model"}, b"12345"))[:-1])
    os.close(writer)
    assert frames.receive(reader) is None
    os.close(reader)


ERRORS = [InputError, ModelFileError, RefusedError, RunError, MissingError]


@pytest.mark.parametrize("kind", ERRORS, ids=[kind.__name__ for kind in ERRORS])
def test_a_typed_error_arrives_as_it_was_raised(kind: type[CompanionError]) -> None:
    sent = kind("some-code", "A sentence with 'é'.", hint="Do this.", where="layer conv")
    frame = frames.error_frame(sent)
    received = frames.error_of(json.loads(json.dumps(frame.header)))
    assert type(received) is kind
    assert vars(received) == vars(sent)


class _OwnError(RefusedError):
    pass


def test_an_error_of_a_child_s_own_class_arrives_as_the_nearest_known_one() -> None:
    received = frames.error_of(frames.error_frame(_OwnError("a-code", "A fact.")).header)
    assert type(received) is RefusedError


@pytest.mark.parametrize(
    "error",
    [
        "text",
        [],
        {},
        {"kind": "RefusedError", "code": 1, "message": "", "hint": "", "where": ""},
        {"kind": "SystemExit", "code": "x", "message": "", "hint": "", "where": ""},
        {"kind": "annotations", "code": "x", "message": "", "hint": "", "where": ""},
    ],
    ids=["text", "list", "empty", "number as code", "foreign class", "name of the module"],
)
def test_an_error_that_is_none_of_ours_breaks_the_protocol(error: Any) -> None:
    received = frames.error_of({"error": error})
    assert isinstance(received, RunError)
    assert received.code == "protocol"


def test_a_header_without_an_error_holds_none() -> None:
    assert frames.error_of({"model": {}}) is None

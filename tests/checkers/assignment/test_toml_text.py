"""The bytes of an assignment file: what is no TOML is said with its place, and nothing runs away."""

from __future__ import annotations

from decimal import Decimal

import pytest

from answers.errors import InputError
from checkers.assignment.toml_text import MOST_BYTES, parse

DOTTED = b".".join([b"a"] * 100_000)


def test_floats_keep_what_was_written() -> None:
    assert parse(b"x = 0.67", "x.toml") == {"x": Decimal("0.67")}


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert parse(b"\xef\xbb\xbfx = 1", "x.toml") == {"x": 1}


@pytest.mark.parametrize(
    ("data", "where", "says"),
    [
        (b"x = 1\ny = = 2\n", "x.toml:2:5", "in line 2, column 5"),
        (b"x = 1\r\ny = = 2\r\n", "x.toml:2:5", "in line 2, column 5"),
        (b'x = "abc\ny = 1', "x.toml:1:9", "in line 1, column 9"),
        (b"x = 1\nx = 2\n", "x.toml:2:6", "overwrite"),
        (b"x = 1\n[", "x.toml:2", "at the end of the file, line 2"),
        (b"a = 1\nb = \xff", "x.toml", "Byte 0xff in line 2 is no UTF-8"),
        (b"x = " + b"1" * 5_000, "x.toml", "number that cannot be read"),
        (b"x = " + b"[" * 100_000, "x.toml", "too deep"),
        (b"x = " + b"{a = " * 100_000, "x.toml", "too deep"),
        (DOTTED + b" = 1", "x.toml", "Line 1 has more than 16 dots"),
        (b"\n[" + DOTTED + b"]", "x.toml", "Line 2 has more than 16 dots"),
        (b'"a" . ' * 40 + b"b = 1", "x.toml", "more than 16 dots"),
        (b"\n" * 10_000, "x.toml", "10,001 lines"),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_what_cannot_be_read_is_said_with_its_place(data: bytes, where: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(data, "x.toml")
    assert (caught.value.code, caught.value.where) == ("assignment-syntax", where)
    assert says in caught.value.message


def test_a_caret_stands_under_the_column() -> None:
    with pytest.raises(InputError) as caught:
        parse(b"x = 1\nyes == 2\n", "x.toml")
    line, caret = caught.value.message.splitlines()[-2:]
    assert line.index("= 2") == caret.index("^")


def test_a_file_of_more_than_a_mebibyte_is_not_parsed() -> None:
    with pytest.raises(InputError, match="larger than 1,048,576 bytes"):
        parse(b"#" * (MOST_BYTES + 1), "x.toml")


@pytest.mark.parametrize(
    "line", ["# " + "." * 70, "# " + ". " * 35, "x = 'and so on " + "…" * 30 + "'"]
)
def test_a_ruled_line_is_no_dotted_key(line: str) -> None:
    parse(line.encode(), "x.toml")

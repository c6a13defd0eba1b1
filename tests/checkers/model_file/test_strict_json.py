from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.errors import CompanionError, ModelFileError, RefusedError
from checkers.model_file import limits
from checkers.model_file.strict_json import parse

DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**29) + 1, 10**29)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(value=DOCUMENTS, ascii_only=st.booleans(), as_bytes=st.booleans())
def test_ordinary_documents_are_read_as_the_standard_library_reads_them(
    value: Any,
    ascii_only: bool,
    as_bytes: bool,
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert parse(text.encode("utf-8", "surrogatepass") if as_bytes else text, "text") == value


REFUSALS: list[tuple[str, bytes | str, type[CompanionError], str, str]] = [
    ("bytes that are no UTF-8", b'{"a": "\xff"}', ModelFileError, "json-encoding", "byte 7"),
    (
        "a key twice",
        '{"a": 1, "b": {"x": 1, "x": 2}}',
        RefusedError,
        "json-duplicate-key",
        "'x' tw",
    ),
    (
        "a key twice, once escaped",
        r'{"a": 1, "\u0061": 2}',
        RefusedError,
        "json-duplicate-key",
        "'a'",
    ),
    ("NaN", "[NaN]", ModelFileError, "json-number", "NaN, which is no number"),
    ("Infinity", "[-Infinity]", ModelFileError, "json-number", "-Infinity"),
    ("a number beyond all floats", "[1e999]", ModelFileError, "json-number", "1e999"),
    ("a number of 5,000 digits", "9" * 5000, RefusedError, "json-number", "5,000 digits"),
    ("101 lists in each other", "[" * 101 + "]" * 101, RefusedError, "json-too-deep", "100 levels"),
    ("a million open lists", "[" * 1_000_000, RefusedError, "json-too-deep", "100 levels"),
    ("a missing end", '{"a": [1, 2', ModelFileError, "json-syntax", "line 1, column"),
    ("a single quote", "{'a': 1}", ModelFileError, "json-syntax", "no valid JSON"),
    ("nothing", "", ModelFileError, "json-syntax", "no valid JSON"),
    ("two values", "1 2", ModelFileError, "json-syntax", "Extra data"),
    ("a byte order mark", "\ufeff{}", ModelFileError, "json-syntax", "no valid JSON"),
    ("a control character", '"\x00"', ModelFileError, "json-syntax", "no valid JSON"),
]


@pytest.mark.parametrize(
    ("text", "kind", "code", "words"), [row[1:] for row in REFUSALS], ids=[r[0] for r in REFUSALS]
)
def test_what_the_standard_forbids_is_refused(
    text: bytes | str, kind: type[CompanionError], code: str, words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        parse(text, "config.json")
    assert caught.value.code == code
    assert "config.json" in caught.value.message


def test_a_text_over_the_limit_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(RefusedError, match="the limit is 8,388,608") as caught:
        parse(b"[" * (limits.JSON_BYTES + 1), "config.json")
    assert caught.value.code == "json-too-large"


def test_100_levels_are_allowed() -> None:
    assert json.dumps(parse("[" * 100 + "]" * 100, "text")) == "[" * 100 + "]" * 100


def test_brackets_in_strings_do_not_count_as_levels() -> None:
    assert parse(json.dumps("[" * 1000 + '\\"' + "{" * 1000), "text").count("{") == 1000


# Both took hours while the scan was quadratic.
def test_a_string_of_escaped_quotes_without_an_end_is_scanned_once() -> None:
    with pytest.raises(ModelFileError, match="Unterminated string"):
        parse('"' + '\\"' * 2_000_000, "text")


def test_the_key_that_comes_twice_is_found_among_many() -> None:
    pairs = ",".join(f'"{number}":0' for number in range(300_000))
    with pytest.raises(RefusedError, match="'299999' twice"):
        parse(f'{{{pairs},"299999":0}}', "text")

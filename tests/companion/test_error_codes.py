"""Every code that a person can meet has a text, and every text belongs to a code."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import Any

import pytest
from code_scan import PACKAGES, ROOT, Scan, scan

from answers import errors
from companion import error_codes, exit_codes

_CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_TREE = {
    "TextError": "InputError",
    "Fault": "InputError",
    "Finding": "finding",
    "Note": "finding",
    "Remark": "finding",
    "_Oddity": "finding",
}

# codes that are worked out: where, from which expression, and what they can be
WORKED_OUT: dict[tuple[str, str], tuple[str, ...]] = {
    ("answers/data/check/checking.py", "f'{kind}-duplicates-between-splits'"): (
        "exact-duplicates-between-splits",
        "near-duplicates-between-splits",
    ),
    ("answers/data/check/checking.py", "f'{kind}-duplicates'"): (
        "exact-duplicates",
        "near-duplicates",
    ),
    ("answers/samples/shipped.py", "f'cannot-{verb}'"): ("cannot-read", "cannot-write"),
    ("answers/textbook/question_book.py", "f'unknown-{what}'"): (
        "unknown-topic",
        "unknown-question",
    ),
    ("checkers/measuring/fitting.py", "code"): ("too-much-activation-memory",),
    ("checkers/model_file/hdf5.py", "kinds.get(kind, 'hdf5-soft-link')"): (
        "hdf5-soft-link",
        "hdf5-external-link",
    ),
    ("checkers/model_file/layer_config.py", "code"): ("file-reference", "code-pickle"),
    ("checkers/model_file/record.py", "*row"): (),  # those of the reader, which are scanned there
    # other functions that are called error and finding
    ("answers/solving/smallest_input.py", "sizes"): (),
    ("checkers/model_file/sniff.py", "code"): ("not-a-model", "pickle", "polyglot"),
}


@cache
def found() -> Scan:
    return scan()


@cache
def texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(error_codes.FILE.read_text("utf-8"))


def codes() -> dict[str, set[str]]:
    """Of each code, the classes that have it; finding: it stands in a report."""
    read = {
        code: {_TREE.get(kind, kind) for kind in kinds} for code, kinds in found().codes.items()
    }
    worked_out = {code for many in WORKED_OUT.values() for code in many}
    return {code: set[str]() for code in worked_out} | read


def test_the_scan_reads_every_code_or_knows_what_it_can_be() -> None:
    unread = found().unread
    assert unread - set(WORKED_OUT) == set(), "say in WORKED_OUT what these codes can be"
    assert set(WORKED_OUT) - unread == set(), "these are read now, or gone"


def test_every_code_is_words_with_hyphens_and_has_a_text() -> None:
    assert [code for code in codes() if not _CODE.fullmatch(code)] == []
    assert sorted(set(codes()) - set(texts())) == [], "write a text in companion/error_codes.toml"


def test_every_text_belongs_to_a_code() -> None:
    assert sorted(set(texts()) - set(codes())) == []


def test_a_second_way_of_looking_finds_no_code_without_a_text() -> None:
    """A code as it stands in the source behind the name of a class, without a syntax tree."""
    kinds = "Input|Text|ModelFile|Refused|Run|Missing|Companion"
    raised = re.compile(rf'(?:{kinds})Error\(\s*(?:code=)?"([a-z0-9-]+)",\s')
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    seen = {code for path in sources for code in raised.findall(path.read_text("utf-8"))}
    assert len(seen) > 200
    assert sorted(seen - set(texts())) == []


def test_a_text_is_whole_sentences_and_has_the_class_of_its_code() -> None:
    for code, text in texts().items():
        assert set(text) == {"class", "means", "to_do"}, code
        for words in (text["means"], text["to_do"]):
            assert re.search(r"[.?]$", words), words
            assert "  " not in words
        kinds = codes().get(code) or {text["class"]}
        if text["class"] in ("Finding", "Remark"):
            assert kinds <= {"finding", text["class"]}, code
        else:
            assert text["class"] in kinds, code


def test_each_class_ends_with_its_exit_code() -> None:
    for code, text in texts().items():
        explained = error_codes.find(code)
        assert explained is not None
        assert (explained.means, explained.to_do) == (text["means"], text["to_do"])
        if text["class"] == "Remark":
            assert explained.exit_code is None
        elif text["class"] == "Finding":
            assert explained.exit_code == exit_codes.ANSWER_IS_NO
        else:
            error = getattr(errors, text["class"])("", "")
            assert explained.exit_code == exit_codes.of_error(error)


@pytest.mark.parametrize(
    "word", ["receptive-field", "q2a", "", "Usage", "no such", "[usage]", "a\n"]
)
def test_another_word_is_no_code(word: str) -> None:
    assert error_codes.find(word) is None


def test_a_remark_of_a_report_is_explained_without_an_exit_code(run: Any) -> None:
    done = run("explain", "batch-dependent")
    assert done.code == 0
    assert "no exit code of its own" in done.out
    (shown,) = run("explain", "batch-dependent", "--json").document["result"]["codes"]
    assert shown["exit_code"] is None
    assert "no exit code of its own" in run("explain", "batch-dependent", "--html").out

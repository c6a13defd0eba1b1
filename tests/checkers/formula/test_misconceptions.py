"""Each misconception gives the number that a person who has it would write, and is named for it.

What it gives is worked out here once more, from the drawn numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from practice_book import small_textbook

from answers.textbook.question_book import QuestionBook
from checkers.formula.judge import judge

F = Fraction
Formula = Callable[[Any], Any]  # of the drawn numbers
RIGHT: dict[str, Formula] = {
    "layers/conv": lambda v: (v.k * v.k * v.c + 1) * v.f,
    "layers/local": lambda v: (v.k * v.k * v.c + 1) * v.f * (v.n - v.k + 1) ** 2,
    "layers/block": lambda v: (9 * v.c + 1) * v.f + 4 * v.f,
    "layers/trained": lambda v: (9 * v.c + 1) * v.f + 2 * v.f,
    "layers/field": lambda v: v.a + (v.p - 1) + (v.b - 1) * v.p,
    "layers/branches": lambda v: max((v.a, v.b)),
    "rates/recall": lambda v: F(v.tp, v.tp + v.fn),
    "rates/precision": lambda v: F(v.tp, v.tp + v.fp),
    "rates/f1": lambda v: F(2 * v.tp, 2 * v.tp + v.fp + v.fn),
    "rates/threshold": lambda v: F(v.alarm, v.alarm + v.miss),
    "rates/micro": lambda v: F(v.a + v.b, v.a + v.b + v.p + v.q),
    "masks/dice": lambda v: F(2 * v.both, v.truth + v.guess),
    "masks/iou": lambda v: F(v.both, v.truth + v.guess - v.both),
    "masks/empty": lambda v: F((v.n - v.empty) * v.score + 100 * v.empty, 100 * v.n),
}


def outputs(v: Any) -> int:
    """Positions along one axis."""
    found: int = (v.n - v.k) // v.s + 1
    return found


WRONG: list[tuple[str, str, Formula]] = [
    ("layers/conv", "bias-forgotten", lambda v: v.k * v.k * v.c * v.f),
    ("layers/conv", "bias-per-weight", lambda v: 2 * v.k * v.k * v.c * v.f),
    ("layers/conv", "bias-once", lambda v: v.k * v.k * v.c * v.f + 1),
    ("layers/conv", "bias-per-input-channel", lambda v: v.k * v.k * v.c * v.f + v.c),
    ("layers/conv", "bias-per-slice", lambda v: (v.k * v.k + 1) * v.c * v.f),
    (
        "layers/conv",
        "bias-per-position",
        lambda v: v.k * v.k * v.c * v.f + v.f * outputs(v) ** 2,
    ),
    ("layers/conv", "kernel-not-squared", lambda v: (v.k * v.c + 1) * v.f),
    ("layers/conv", "kernel-sides-added", lambda v: (2 * v.k * v.c + 1) * v.f),
    ("layers/conv", "input-channels-ignored", lambda v: (v.k * v.k + 1) * v.f),
    ("layers/conv", "filters-ignored", lambda v: v.k * v.k * v.c + 1),
    (
        "layers/conv",
        "shared-as-local",
        lambda v: (v.k * v.k * v.c + 1) * v.f * outputs(v) ** 2,
    ),
    ("layers/conv", "stride-in-parameters", lambda v: (v.k * v.k * v.c + 1) * v.f * v.s),
    (
        "layers/conv",
        "padding-as-parameters",
        lambda v: (v.k * v.k * v.c + 1) * v.f + 4 * v.n + 4,
    ),
    ("layers/local", "local-as-shared", lambda v: (v.k * v.k * v.c + 1) * v.f),
    ("layers/local", "bias-forgotten", lambda v: v.k * v.k * v.c * v.f * (v.n - v.k + 1) ** 2),
    (
        "layers/local",
        "border-one-side",
        lambda v: (v.k * v.k * v.c + 1) * v.f * (v.n - (v.k - 1) // 2) ** 2,
    ),
    (
        "layers/local",
        "border-doubled",
        lambda v: (v.k * v.k * v.c + 1) * v.f * (v.n - 2 * (v.k - 1)) ** 2,
    ),
    ("layers/local", "positions-of-input", lambda v: (v.k * v.k * v.c + 1) * v.f * v.n * v.n),
    (
        "layers/local",
        "positions-not-squared",
        lambda v: (v.k * v.k * v.c + 1) * v.f * (v.n - v.k + 1),
    ),
    ("layers/block", "bias-forgotten", lambda v: 9 * v.c * v.f + 4 * v.f),
    ("layers/block", "moving-statistics-forgotten", lambda v: (9 * v.c + 1) * v.f + 2 * v.f),
    ("layers/block", "pooling-has-parameters", lambda v: (9 * v.c + 1) * v.f + 8 * v.f),
    ("layers/trained", "non-trainable-counted", lambda v: (9 * v.c + 1) * v.f + 4 * v.f),
    ("layers/field", "field-sizes-added", lambda v: v.a + v.p + v.b * v.p),
    ("layers/field", "strides-ignored", lambda v: v.a + (v.p - 1) + (v.b - 1)),
    ("layers/field", "jump-after", lambda v: v.a + (v.p - 1) * v.p + (v.b - 1) * v.p),
    ("layers/field", "pooling-without-field", lambda v: v.a + v.b - 1),
    ("layers/branches", "branches-summed", lambda v: v.a + v.b - 1),
    ("layers/branches", "first-branch-only", lambda v: v.a),
    ("layers/branches", "field-sizes-multiplied", lambda v: v.a * v.b),
    ("rates/recall", "precision-for-recall", lambda v: F(v.tp, v.tp + v.fp)),
    ("rates/recall", "accuracy-for-recall", lambda v: F(v.tp + v.tn, v.tp + v.fp + v.fn + v.tn)),
    ("rates/recall", "specificity-for-recall", lambda v: F(v.tn, v.tn + v.fp)),
    ("rates/recall", "miss-rate-for-recall", lambda v: F(v.fn, v.fn + v.tp)),
    ("rates/precision", "recall-for-precision", lambda v: F(v.tp, v.tp + v.fn)),
    (
        "rates/precision",
        "accuracy-for-precision",
        lambda v: F(v.tp + v.tn, v.tp + v.fp + v.fn + v.tn),
    ),
    (
        "rates/f1",
        "arithmetic-for-harmonic",
        lambda v: (F(v.tp, v.tp + v.fp) + F(v.tp, v.tp + v.fn)) / 2,
    ),
    ("rates/f1", "geometric-for-harmonic", lambda v: F(v.tp, v.tp + v.fp) * F(v.tp, v.tp + v.fn)),
    ("rates/threshold", "costs-exchanged", lambda v: F(v.miss, v.alarm + v.miss)),
    ("rates/threshold", "threshold-at-half", lambda _: F(1, 2)),
    ("rates/threshold", "cost-ratio-for-threshold", lambda v: F(v.alarm, v.miss)),
    ("rates/micro", "macro-for-micro", lambda v: (F(v.a, v.a + v.p) + F(v.b, v.b + v.q)) / 2),
    ("masks/dice", "iou-for-dice", lambda v: F(v.both, v.truth + v.guess - v.both)),
    ("masks/dice", "union-as-sum", lambda v: F(v.both, v.truth + v.guess)),
    ("masks/dice", "recall-for-overlap", lambda v: F(v.both, v.truth)),
    ("masks/dice", "precision-for-overlap", lambda v: F(v.both, v.guess)),
    ("masks/dice", "score-for-loss", lambda v: 1 - F(2 * v.both, v.truth + v.guess)),
    ("masks/iou", "dice-for-iou", lambda v: F(2 * v.both, v.truth + v.guess)),
    ("masks/empty", "empty-masks-skipped", lambda v: F(v.score, 100)),
    ("masks/empty", "empty-masks-as-zero", lambda v: F((v.n - v.empty) * v.score, 100 * v.n)),
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> QuestionBook:
    return QuestionBook(small_textbook(tmp_path_factory.mktemp("practice")))


def hold(book: QuestionBook, name: str, seeds: range) -> None:
    """The right answer passes, and each mistake is recognised, with these seeds."""
    question = book.question(name)
    for seed in seeds:
        asked = book.ask(question, seed)
        numbers = SimpleNamespace(**{name: value.numerator for name, value in asked.numbers})
        assert judge(asked, str(RIGHT[name](numbers)), book.catalogue).is_right, numbers
        for other, code, formula in WRONG:
            if other == name:
                judged = judge(asked, str(formula(numbers)), book.catalogue)
                assert judged.misconception is not None, (code, numbers)
                assert (judged.is_right, judged.misconception.code) == (False, code), numbers
                assert 0 <= judged.credit < 1
                assert judged.topic


@pytest.mark.parametrize("name", RIGHT)
def test_mistakes_are_told_apart_with_a_few_seeds(book: QuestionBook, name: str) -> None:
    hold(book, name, range(5))


@pytest.mark.slow
@pytest.mark.parametrize("name", RIGHT)
def test_mistakes_are_told_apart_with_a_hundred_seeds(book: QuestionBook, name: str) -> None:
    hold(book, name, range(5, 100))


def test_the_table_holds_the_mistakes_of_every_question_of_the_fixture(book: QuestionBook) -> None:
    for name in RIGHT:
        asked = book.ask(book.question(name), 1)
        assert {item.code for item in asked.mistakes} == {c for q, c, _ in WRONG if q == name}
    assert len({code for _, code, _ in WRONG}) >= 40


def test_the_fixture_is_read_from_the_folder(book: QuestionBook) -> None:
    assert book.topics == ("layers", "masks", "rates")
    assert isinstance(book.folder, Path)

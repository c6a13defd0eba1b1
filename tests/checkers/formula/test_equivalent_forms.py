"""The two answers of the homework about locally connected layers, in every form a person may write."""

from __future__ import annotations

from fractions import Fraction

import pytest

from answers.textbook.question_book import QuestionBook
from checkers.formula.judge import judge

BOOK = QuestionBook()
FIRST, SECOND = "locally-connected/first-layer", "locally-connected/second-layer"
RIGHT = {
    FIRST: [
        "448(n-2)^2",
        "448*(n-2)**2",
        "448·(n − 2)²",
        "448 × (n-2) × (n-2)",
        "448(n-2)(n-2)",
        "(n-2)^2 * 448",
        "448n^2 - 1792n + 1792",
        "27·16·(n−2)² + 16·(n−2)²",
        "(27+1)*16*(n-2)^2",
        "16(n-2)^2(3*3*3 + 1)",
        "448(2-n)^2",
        "448(n² − 4n + 4)",
        "1792(n/2 - 1)^2",
        "448(n-2)^3/(n-2)",
        "((n-2)*(n-2)*7)*64",
        "۴۴۸(n−۲)^۲",
        "٤٤٨×(n−٢)²",
        "448 ((N - 2))^2",
        "448((n-3)+1)^2",
        "44800%(n-2)^2",
    ],
    SECOND: [
        "4640(n-4)^2",
        "4640·(n−4)²",
        "4,640(n-4)(n-4)",
        "144*32*(n-4)^2 + 32*(n-4)^2",
        "145·32·(n−4)²",
        "4640n^2 - 37120n + 74240",
        "4640(n^2 - 8n + 16)",
        "32*(n-4)^2*(9*16+1)",
        "(4-n)^2*4640",
        "4640((n-2)-2)^2",
        "18560(n/2-2)^2",
        "4640(n-4)^4/(n-4)^2",
        "۴۶۴۰×(n−۴)²",
        "2320*(n-4)^2 + 2320*(n-4)^2",
        "4640/1*(n-4)^2",
    ],
}
WRONG = {
    FIRST: [
        "448(n-2)",
        "448(n-2)^2 + 1",
        "447(n-2)^2",
        "448(n-1)^2",
        "448(n-3)^2",
        "448n^2",
        "448n^2 - 1792n + 1791",
        "448(n-2)^3",
        "448(n+2)^2",
        "448",
        "432(n-2)^2",
        "448n^2 - 4",
        "448*floor((n-2)^2/2)*2",
        "448*max((n-2)^2, 16)",
        "-448(n-2)^2",
    ],
    SECOND: [
        "4640(n-2)^2",
        "4608(n-4)^2",
        "4640(n-4)",
        "4640(n-3)^2",
        "4640(n-5)^2",
        "4640",
        "4640(n-4)^2 - 32",
        "448(n-4)^2",
        "145(n-4)^2",
        "4640(n^2-16)",
        "4640n^2 - 37120n + 74239",
    ],
}


def cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in table.items() for text in texts]


@pytest.mark.parametrize(("name", "text"), cases(RIGHT))
def test_every_form_of_the_right_formula_is_accepted(name: str, text: str) -> None:
    judged = judge(BOOK.ask(BOOK.question(name), 1), text, BOOK.catalogue)
    assert (judged.is_right, judged.remark, judged.credit) == (True, "", Fraction(1))


@pytest.mark.parametrize(("name", "text"), cases(WRONG))
def test_a_near_miss_is_refused(name: str, text: str) -> None:
    assert not judge(BOOK.ask(BOOK.question(name), 1), text, BOOK.catalogue).is_right


@pytest.mark.parametrize(
    ("name", "text"), [(FIRST, "432(n-2)^2 + 16"), (SECOND, "144*32*(n-4)^2 + 32")]
)
def test_a_bias_shared_over_positions_is_right_with_a_remark(name: str, text: str) -> None:
    judged = judge(BOOK.ask(BOOK.question(name), 1), text, BOOK.catalogue)
    assert judged.is_right
    assert "another convention" in judged.remark


MISTAKES = [
    (FIRST, "448(n-1)^2", "border-one-side"),
    (FIRST, "432(n-2)^2", "bias-forgotten"),
    (FIRST, "448", "local-as-shared"),
    (FIRST, "448(n-2)", "positions-not-squared"),
    (FIRST, "448n^2", "positions-of-input"),
    (SECOND, "4640(n-2)^2", "positions-of-layer-before"),
    (SECOND, "4640n^2", "positions-of-input"),
    (SECOND, "4640(n-3)^2", "border-one-side"),
    (SECOND, "(3*16+1)*32*(n-4)^2", "kernel-not-squared"),
]


@pytest.mark.parametrize(("name", "text", "code"), MISTAKES)
def test_the_slips_of_the_homework_are_named(name: str, text: str, code: str) -> None:
    judged = judge(BOOK.ask(BOOK.question(name), 1), text, BOOK.catalogue)
    assert judged.misconception is not None
    assert judged.misconception.code == code
    assert 0 < judged.credit < 1


@pytest.mark.parametrize("text", ["160(n-2)^2", "17", "(n+1)^64", "3n"])
def test_what_nothing_or_more_than_one_slip_explains_is_not_named(text: str) -> None:
    judged = judge(BOOK.ask(BOOK.question(FIRST), 1), text, BOOK.catalogue)
    assert (judged.is_recognised, judged.misconception, judged.credit) == (False, None, Fraction(0))

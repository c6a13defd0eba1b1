"""What `--json` prints of a question and of what is said of an answer."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from answers.textbook.asked import Asked
from answers.textbook.question import Question
from checkers.formula.judge import Judgement


def question_document(asked: Asked) -> dict[str, Any]:
    """The question; drawn numbers are exact, the answer is not in it."""
    return {
        "question": asked.question.id,
        "kind": asked.question.kind,
        "topic": asked.question.topic,
        "seed": asked.seed,
        "text": asked.text,
        "numbers": {letter: _exact(value) for letter, value in asked.numbers},
        "network": asked.network or None,
        "options": [
            {"letter": option.letter, "name": option.name, "words": option.words}
            for option in asked.options
        ],
    }


def judgement_document(judged: Judgement) -> dict[str, Any]:
    """The verdict. credit: an exact fraction of the points, as a text."""
    known = judged.misconception
    return {
        "read_as": judged.echo,
        "right": judged.is_right,
        "remark": judged.remark or None,
        "recognised": judged.is_recognised,
        "misconception": {"code": known.code, "name": known.name} if known else None,
        "sentence": judged.sentence or None,
        "credit": str(judged.credit),
        "topic": judged.topic,
    }


def list_document(questions: list[tuple[Question, str]]) -> dict[str, Any]:
    """All questions, in the order of the list."""
    return {
        "questions": [
            {"question": item.id, "kind": item.kind, "topic": item.topic, "text": text}
            for item, text in questions
        ]
    }


def _exact(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else str(value)

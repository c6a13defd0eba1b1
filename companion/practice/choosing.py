"""Which question comes next: the one that was left open, what is due, then what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from answers.textbook.question import Question
from companion.practice.progress import Progress


def next_question(
    questions: Sequence[Question], progress: Progress, today: date, *, last: str = ""
) -> Question | None:
    """The next of some questions, or None where nothing is due and nothing new.

    last: what was asked just now; it comes back after another one, if there is one.
    """
    left_open = [item for item in questions if item.id == progress.open]
    past = {item.id: progress.questions.get(item.id) for item in questions}
    waiting = [(found.due, item) for item in questions if (found := past[item.id]) is not None]
    due = [item for day, item in sorted(waiting, key=lambda pair: pair[0]) if day <= today]
    new = [item for item in questions if past[item.id] is None]
    order = [*left_open, *due, *new]
    return next((item for item in order if item.id != last), order[0] if order else None)


@dataclass(frozen=True)
class Standing:
    """How far a topic is. done: questions whose last answer was right; due: to be asked today."""

    topic: str
    questions: int
    done: int
    due: int


def standings(
    questions: Sequence[Question], progress: Progress, today: date
) -> tuple[Standing, ...]:
    """How far each topic is, in the order in which they come."""
    topics = dict.fromkeys(item.topic for item in questions)
    return tuple(_standing(topic, questions, progress, today) for topic in topics)


def _standing(
    topic: str, questions: Sequence[Question], progress: Progress, today: date
) -> Standing:
    here = [item.id for item in questions if item.topic == topic]
    past = [progress.questions[name] for name in here if name in progress.questions]
    done = sum(1 for item in past if item.in_a_row)
    return Standing(topic, len(here), done, sum(1 for item in past if item.due <= today))

"""The dialogue: a question, answers until one is right or the solution is asked for, the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from answers.errors import CompanionError, InputError
from answers.textbook.asked import Asked
from answers.textbook.question import Question
from answers.textbook.question_book import QuestionBook
from checkers.formula.judge import judge
from companion.practice.choosing import next_question
from companion.practice.progress import Progress, write_progress
from companion.views.paper import Paper
from companion.views.question_view import (
    HINTS,
    draw_judgement,
    draw_question,
    draw_solution,
    draw_text,
)

WORDS = "hint, solution, skip and quit are understood, too."


class _LeftError(Exception):
    """The person has left."""


@dataclass
class Dialogue:
    """One sitting.

    hear: the next line of the person, None at the end of the input. complain: shows an error of an
    answer that can't be read.
    """

    book: QuestionBook
    questions: Sequence[Question]
    progress: Progress
    file: Path
    paper: Paper
    hear: Callable[[], str | None]
    complain: Callable[[CompanionError], None]
    today: Callable[[], date]
    praise: bool = True
    row: int = 0

    def run(self) -> None:
        """Ask until nothing is left, or the person leaves."""
        self.paper.line(WORDS, dim=True)
        last = ""
        try:
            while (found := self.next(last)) is not None:
                self.paper.line()
                self.ask(found)
                last = found.id
        except _LeftError:
            self.paper.line(f"Till next time. You go on here: {self.file}", dim=True)
            return
        self.paper.line()
        self.paper.line(self.farewell(), bold=True)

    def next(self, last: str) -> Question | None:
        """The question that comes now, or None."""
        return next_question(self.questions, self.progress, self.today(), last=last)

    def farewell(self) -> str:
        """What is said when nothing is left for today."""
        known = [self.progress.questions[item.id].due for item in self.questions]
        when = f" The next question is due on {min(known).isoformat()}." if known else ""
        return f"All done for today.{when}"

    def ask(self, question: Question) -> None:
        """One question until it is over."""
        self.keep(self.progress.opened(question.id))
        asked = self.book.ask(question, self.progress.seed(question.id))
        self.paper.line(question.id, dim=True)
        draw_question(asked, self.paper)
        right = _Round(self, asked).right_at_once()
        if right is not None:
            self.keep(self.progress.answered(question.id, right=right, today=self.today()))

    def keep(self, progress: Progress) -> None:
        """Progress, and its file."""
        self.progress = progress
        write_progress(self.file, progress)

    def line(self) -> str:
        """What the person says; raises where they leave."""
        heard = self.hear()
        if heard is None or heard.strip().lower() in ("quit", "exit"):
            raise _LeftError
        return heard.strip()

    def praised(self, *, at_once: bool) -> None:
        """A word for several right answers in a row."""
        self.row = self.row + 1 if at_once else 0
        if self.praise and self.row > 1:
            self.paper.line(f"Well done: {self.row} in a row.")


@dataclass
class _Round:
    """One question until it is over. hints: how many were shown."""

    sitting: Dialogue
    asked: Asked
    hints: int = 0
    missed: bool = False

    def right_at_once(self) -> bool | None:
        """Whether it was right without a miss or the solution; None where it was skipped."""
        while True:
            heard = self.sitting.line()
            word = heard.lower()
            if word == "skip":
                return None
            if word in ("solution", "give up"):
                draw_solution(self.asked, self.sitting.paper)
                self.sitting.row = 0
                return False
            if word in ("hint", "help", "?"):
                self.hint()
            elif heard and self.is_right(heard):
                self.sitting.praised(at_once=not self.missed)
                return not self.missed

    def hint(self) -> None:
        if self.hints == len(HINTS):
            self.sitting.paper.line("There are no more hints; solution shows the solution.")
            return
        paper = self.sitting.paper
        paper.line(f"{HINTS[self.hints]}:", bold=True)
        draw_text(self.asked.hints.steps[self.hints], paper)
        self.hints += 1

    def is_right(self, text: str) -> bool:
        try:
            judged = judge(self.asked, text, self.sitting.book.catalogue)
        except InputError as error:
            self.sitting.complain(error)
            return False
        draw_judgement(judged, self.sitting.paper)
        self.missed = self.missed or not judged.is_right
        return judged.is_right

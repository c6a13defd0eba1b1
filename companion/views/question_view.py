"""A question of practice in the terminal: what is asked, what is said of an answer, and hints."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from answers.textbook.asked import Asked, Hints
from answers.textbook.question import Question
from checkers.formula.judge import Judgement
from companion.views.columns import Column, write
from companion.views.paper import Paper

HINTS = ("Where to look", "The formula", "A step")
_HOW = {
    "number": "Answer with a number.",
    "formula": "Answer with a formula in {letters}.",
    "choice": "Answer with a letter.",
    "ordering": "Answer with all letters, in order.",
}


def draw_question(asked: Asked, paper: Paper) -> None:
    """The question with its options."""
    paper.line(plain(asked.text), bold=True)
    for option in asked.options:
        paper.line(f"{option.letter}) {plain(option.words)}", indent=2)
    paper.line(how_to_answer(asked), dim=True)


def how_to_answer(asked: Asked) -> str:
    """What kind of answer is wanted, in a sentence."""
    letters = [draw.letter for draw in getattr(asked.question.asks, "letters", ())]
    sizes = min((len(value) for value in asked.right), default=1)
    if sizes > 1:
        return f"Answer with {sizes} sizes and x between them."
    return _HOW[asked.question.kind].format(letters=", ".join(letters))


def draw_judgement(judged: Judgement, paper: Paper) -> None:
    """The verdict, what was understood, and what helps."""
    paper.line(f"I read this as {judged.echo}.")
    if judged.is_right:
        paper.line("Right.", bold=True)
        if judged.remark:
            paper.line(f"A remark: {plain(judged.remark)}")
        return
    paper.line(_verdict(judged), bold=True)
    paper.line(plain(judged.sentence) or "I don't recognise this mistake.")
    if judged.credit:
        paper.line(f"So far that is worth {points(judged.credit)} of the points.")


def _verdict(judged: Judgement) -> str:
    known = judged.misconception
    return f"Not right: {known.name}." if known else "Not right."


def points(credit: Fraction) -> str:
    """A part of the points: 3/4."""
    return str(credit)


def draw_hints(hints: Hints, upto: int, paper: Paper) -> None:
    """The first hints, each telling more than the one before."""
    for title, text in zip(HINTS[:upto], hints.steps, strict=False):
        paper.line(f"{title}:", bold=True)
        draw_text(text, paper)


def draw_solution(asked: Asked, paper: Paper) -> None:
    """The worked answer."""
    paper.line("The solution:", bold=True)
    draw_text(asked.hints.solution, paper)


def draw_text(text: str, paper: Paper) -> None:
    """A text of several lines; formulas stand in it as they are."""
    for line in plain(text).split("\n"):
        paper.line(line, indent=2)


def draw_list(questions: Sequence[tuple[Question, str]], paper: Paper) -> None:
    """Questions with the beginning of what they ask."""
    columns = (Column("question", whole=True), Column("kind", spare=1), Column("asks"))
    write(paper, columns, [(item.id, item.kind, _short(text)) for item, text in questions])


def _short(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0] + "…"


def plain(text: str) -> str:
    """Words without the backticks around their formulas."""
    return text.replace("`", "")

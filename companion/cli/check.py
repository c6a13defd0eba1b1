"""`companion check`: one question, and one answer to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from answers.errors import InputError
from companion import exit_codes
from companion.options import Everywhere
from companion.views.paper import Paper
from companion.views.terminal import say

if TYPE_CHECKING:
    from answers.textbook.asked import Asked
    from answers.textbook.question import Question
    from answers.textbook.question_book import QuestionBook
    from checkers.formula.judge import Judgement

EPILOG = """\b
Examples:
  companion check --list
  companion check "locally-connected/first-layer"
  companion check "locally-connected/first-layer" "448(n - 2)^2"
  companion check "conv-parameters/one-layer" --seed 7 --hint 2
"""

_MINUS = "\N{MINUS SIGN}"


class _Answering(TyperCommand):
    """Lets an answer begin with a minus: -448 is no option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Hide the minus of an answer from the parser; `check` puts it back."""
        before = ["", *args]
        hidden = [_hidden(*pair) for pair in zip(before, args, strict=False)]
        return super().parse_args(ctx, hidden)


def _hidden(before: str, word: str) -> str:
    """The values of options stay as they are."""
    is_answer = word.startswith("-") and not word.startswith("--") and word != "-h"
    return _MINUS + word[1:] if is_answer and not before.startswith("--") else word


app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG, cls=_Answering)
def check(
    context: typer.Context,
    question: Annotated[
        str | None, typer.Argument(help="TOPIC/NAME, or its name alone.", show_default=False)
    ] = None,
    answer: Annotated[
        str | None,
        typer.Argument(help='Your answer, such as "448(n - 2)^2".', show_default=False),
    ] = None,
    *,
    seed: Annotated[int, typer.Option(help="Which numbers are drawn.")] = 1,
    hint: Annotated[
        int | None,
        typer.Option(min=1, max=3, help="Show hints: 1 where to look, 2 the formula, 3 a step."),
    ] = None,
    give_up: Annotated[bool, typer.Option("--give-up", help="Show the solution.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List all questions.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> int:
    """Show a question of the textbook, or check your answer to it.

    A wrong answer is held against known mistakes. A formula may be written in any form; 2n, n^2, n²
    and n·n are understood, and Persian and Arabic digits.
    Exit code 0: right, 1: wrong, 2: it can't be read.
    """
    from answers.textbook.question_book import QuestionBook

    everywhere: Everywhere = context.obj
    book = QuestionBook()
    if list_ or question is None:
        if not list_:
            raise InputError(
                "question-missing", "No question is named.", hint="See companion check --list."
            )
        return _list(book, question, everywhere, json=json)
    asked = book.ask(book.question(question), seed)
    judged = None if answer is None else _judged(book, asked, answer)
    if json:
        _print_document(asked, judged, hint=hint, give_up=give_up)
    else:
        _draw(asked, judged, Paper.of(everywhere), hint=hint, give_up=give_up)
    wrong = judged is not None and not judged.is_right
    return exit_codes.ANSWER_IS_NO if wrong else exit_codes.DONE


def _judged(book: QuestionBook, asked: Asked, answer: str) -> Judgement:
    from checkers.formula.judge import judge

    text = "-" + answer[1:] if answer.startswith(_MINUS) else answer
    return judge(asked, text, book.catalogue)


def _list(book: QuestionBook, topic: str | None, everywhere: Everywhere, *, json: bool) -> int:
    from answers.textbook.question_words import unfilled
    from companion.views import json_document

    found: tuple[Question, ...] = book.all() if topic is None else book.of_topic(topic)
    rows = [(item, unfilled(book.words(item).text)) for item in found]
    if json:
        from companion.views.question_json import list_document

        say(json_document.result("check", list_document(rows)))
    else:
        from companion.views.question_view import draw_list

        draw_list(rows, Paper.of(everywhere))
    return exit_codes.DONE


def _print_document(
    asked: Asked, judged: Judgement | None, *, hint: int | None, give_up: bool
) -> None:
    from companion.views import json_document
    from companion.views.question_json import judgement_document, question_document

    document: dict[str, Any] = question_document(asked)
    document["judgement"] = None if judged is None else judgement_document(judged)
    document["hints"] = list(asked.hints.steps[: hint or 0])
    document["solution"] = asked.hints.solution if give_up else None
    say(json_document.result("check", document))


def _draw(
    asked: Asked, judged: Judgement | None, paper: Paper, *, hint: int | None, give_up: bool
) -> None:
    from companion.views.question_view import (
        draw_hints,
        draw_judgement,
        draw_question,
        draw_solution,
    )

    if judged is None:
        draw_question(asked, paper)
    else:
        draw_judgement(judged, paper)
    if hint:
        paper.line()
        draw_hints(asked.hints, hint, paper)
    if give_up:
        paper.line()
        draw_solution(asked, paper)
    paper.line()
    for line in _next_steps(asked, judged, hint=hint, give_up=give_up):
        paper.line(line, dim=True)


def _next_steps(
    asked: Asked, judged: Judgement | None, *, hint: int | None, give_up: bool
) -> list[str]:
    """What can be done now, as commands that can be pasted."""
    command = f'companion check "{asked.question.id}"'
    seed = f" --seed {asked.seed}" if asked.question.draws else ""
    if judged is not None and judged.is_right:
        other = f"Other numbers: {command} --seed {asked.seed + 1}"
        return [other] if asked.question.draws else []
    lines = [f'Answer: {command} "…"{seed}'] if judged is None and not give_up else []
    if judged is not None:
        lines.append(f"Read: companion explain {judged.topic}")
    if not give_up:
        more = f"--hint {(hint or 0) + 1}" if (hint or 0) < 3 else "--give-up"
        lines.append(f"Help: {command}{seed} {more}")
    return lines

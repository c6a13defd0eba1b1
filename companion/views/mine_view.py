"""What is said of a person's own number."""

from __future__ import annotations

from answers.misconceptions.number import number_text
from answers.misconceptions.recognise import Recognition
from companion.options import Everywhere
from companion.views.paper import Paper


def show(judged: Recognition, everywhere: Everywhere) -> None:
    """Right, or the slip that gives exactly this number, in words."""
    paper, mine = Paper.of(everywhere), number_text(judged.claimed)
    paper.line()
    if judged.is_right:
        paper.line(f"Your {mine} is right.", bold=True)
        return
    if not judged.slips:
        paper.line(f"Your {mine} is not right, and no usual slip gives it.", bold=True)
        if judged.hint:
            paper.line(judged.hint)
        return
    for number, item in enumerate(judged.slips):
        start = "Your" if not number else "Or: your"
        paper.line(f"{start} {mine}: {item.slip.name}.", bold=True)
        paper.line(item.sentence)

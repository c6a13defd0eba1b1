"""What is said of a person's own number."""

from __future__ import annotations

from answers.misconceptions.number import number_text
from answers.misconceptions.recognise import Recognition
from companion.options import Everywhere
from companion.views.paper import Paper

_NAMES = {
    "parameters": "the parameters",
    "macs": "the multiply-accumulates",
    "flops": "the FLOPs",
    "memory": "the bytes of the weights",
}


def show(judged: Recognition, everywhere: Everywhere, *, of_several: bool = False) -> None:
    """Right, or the slip that gives exactly this number, in words.

    of_several: several numbers were asked for, so it is said which of them this is.
    """
    paper, mine = Paper.of(everywhere), number_text(judged.claimed)
    paper.line()
    if judged.is_right:
        which = f": these are {_NAMES[judged.quantity]}" if of_several else ""
        paper.line(f"Your {mine} is right{which}.", bold=True)
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

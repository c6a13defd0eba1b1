"""The words of the notation, as a table."""

from __future__ import annotations

from typing import Any

from answers.notation.words import FORMS, WORDS
from companion.options import Everywhere
from companion.views.columns import Column, write
from companion.views.paper import Paper

_TITLES = (Column("written"), Column("is"))


def words_document() -> dict[str, Any]:
    """The result of `notation --json`."""
    return {
        "forms": [{"example": form.example, "meaning": form.meaning} for form in FORMS],
        "words": [
            {
                "word": word.word,
                "example": word.example,
                "meaning": word.meaning,
                "layers": list(word.classes),
                "aliases": list(word.aliases),
            }
            for word in WORDS
        ],
    }


def draw_words(everywhere: Everywhere) -> None:
    """Forms first, then the words for layers."""
    paper = Paper.of(everywhere)
    write(paper, _TITLES, [(form.example, form.meaning) for form in FORMS])
    paper.line()
    write(paper, _TITLES, [(word.example, word.meaning) for word in WORDS])
    paper.line()
    paper.line(
        "Every class name of Keras is a word, too. Padding is valid unless said, as in Keras."
    )

"""The textbook as a whole: which topics there are, and how one is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from answers.errors import InputError
from answers.record import record
from answers.textbook.source import Source, read_sources
from answers.textbook.topic import Face, Outline, Topic, read_face, read_outline, read_topic
from answers.textbook.wording import Wording, read_wording

LANGUAGE = "en"
_HERE = Path(__file__).parent
_QUESTION = re.compile(r"q[1-9][a-z]?")
_LANGUAGE_NAME = re.compile(r"[a-z]{2,3}")
_WORD = re.compile(r"[^\W_]+")


@record()
class Found:
    """A topic that a search found, and how well it fits (larger is better)."""

    slug: str
    face: Face
    weight: int


class Textbook:
    """The files of the textbook; each is read when it is asked for.

    folder: where topics/, sources.toml, networks/ and languages/ lie.
    """

    def __init__(self, folder: Path = _HERE) -> None:
        self.folder = folder

    @cached_property
    def outlines(self) -> dict[str, Outline]:
        """Every topic's outline by its slug, in the order of the book.

        Raises: Fault.
        """
        found = map(read_outline, self.folders)
        return {item.slug: item for item in sorted(found, key=lambda item: (item.order, item.slug))}

    @property
    def folders(self) -> list[Path]:
        """The folders of the topics that are there, by name."""
        place = self.folder / "topics"
        return sorted(path.parent for path in place.glob("*/topic.toml"))

    @property
    def slugs(self) -> list[str]:
        """The names of the topics, as their folders stand."""
        return [folder.name for folder in self.folders]

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Every source by its key.

        Raises: Fault.
        """
        return read_sources(self.folder / "sources.toml")

    def languages(self, slug: str) -> tuple[str, ...]:
        """The languages in which a topic is written."""
        texts = (path.stem for path in (self.folder / "topics" / slug).glob("*.md"))
        return tuple(sorted(name for name in texts if _LANGUAGE_NAME.fullmatch(name)))

    def wording(self, language: str) -> Wording:
        """The words around a text.

        Raises: InputError `language-missing`.
        """
        place = self.folder / "languages"
        known = sorted(path.stem for path in place.glob("*.toml"))
        if language not in known:
            raise _no_language(language, known, "The textbook")
        return read_wording(place / f"{language}.toml")

    def outline(self, slug: str) -> Outline:
        """The outline of one topic; no other is read.

        Raises: InputError `unknown-topic`; Fault.
        """
        if slug not in self.slugs:
            raise self.unknown(slug)
        return read_outline(self.folder / "topics" / slug)

    def topic(self, slug: str, language: str = LANGUAGE) -> Topic:
        """A topic whole.

        Raises: InputError `unknown-topic`, `language-missing`; Fault.
        """
        outline = self.outline(slug)
        known = self.languages(slug)
        if language not in known:
            raise _no_language(language, list(known), f"The topic {slug!r}")
        return read_topic(outline, language)

    def faces(self, language: str = LANGUAGE) -> Iterator[tuple[Outline, Face]]:
        """Outline and face of each topic that is written in a language, in order.

        Raises: InputError `language-missing` where none is; Fault.
        """
        self.wording(language)
        for slug, outline in self.outlines.items():
            if language in self.languages(slug):
                yield outline, read_face(self.folder / "topics" / slug / f"{language}.md")

    def asked(self, word: str) -> tuple[str, ...]:
        """The topics of a word: a topic's name, or a question of the homework (q2b, or q2 for all).

        Raises: InputError `unknown-topic`, with the nearest name.
        """
        name = "-".join(_WORD.findall(word.lower()))
        if name in self.slugs:
            return (name,)
        if _QUESTION.fullmatch(name):
            found = tuple(
                slug
                for slug, outline in self.outlines.items()
                if any(question.startswith(name) for question in outline.homework)
            )
            if found:
                return found
        raise self.unknown(word)

    def unknown(self, word: str) -> InputError:
        """The error for a word that is no topic."""
        name = "-".join(_WORD.findall(word.lower()))
        questions = {question for item in self.outlines.values() for question in item.homework}
        near = get_close_matches(name, [*self.slugs, *sorted(questions)], 1)
        return InputError(
            "unknown-topic",
            f"There is no topic and no question {word!r:.60}.",
            hint=f"Did you mean {near[0]!r}?" if near else "See companion explain --list.",
        )

    def search(self, words: str, language: str = LANGUAGE) -> tuple[Found, ...]:
        """The topics in which every word stands, the best first.

        A word counts more in the name or title than among the words to be found by, in the
        summary, or in the text.
        Raises: InputError `search-empty`, `language-missing`.
        """
        wanted = _WORD.findall(words.lower())
        if not wanted:
            raise InputError(
                "search-empty", "There is nothing to search for.", hint='Try --search "stride".'
            )
        found = (
            Found(outline.slug, face, _weight(wanted, outline.slug, face))
            for outline, face in self.faces(language)
        )
        return tuple(sorted((f for f in found if f.weight), key=lambda f: -f.weight))


def _weight(wanted: list[str], slug: str, face: Face) -> int:
    places = (
        (f"{slug} {face.title}", 100),
        (" ".join(face.words), 50),
        (face.summary, 20),
        (face.body, 1),
    )
    weights = [_weight_of(word, places) for word in wanted]
    return sum(weights) if all(weights) else 0


def _weight_of(word: str, places: tuple[tuple[str, int], ...]) -> int:
    """A word, or the beginning of one, in the heaviest place that holds it; often weighs more."""
    pattern = re.compile(rf"\b{re.escape(word)}")
    for text, weight in places:
        count = len(pattern.findall(text.lower()))
        if count:
            return weight + min(count, 9)
    return 0


def _no_language(language: str, known: list[str], what: str) -> InputError:
    return InputError(
        "language-missing",
        f"{what} is not written in {language!r:.20}.",
        hint=f"There is {', '.join(known) or 'no language yet'}.",
    )

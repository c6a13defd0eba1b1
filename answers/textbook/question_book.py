"""All questions of the textbook: found by name, and asked."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from answers.errors import InputError
from answers.textbook.asked import Asked
from answers.textbook.asking import ask
from answers.textbook.misconceptions import Misconception, misconceptions
from answers.textbook.question import Question
from answers.textbook.question_words import QuestionWords, missing, read_words
from answers.textbook.questions import FILE, read_questions

MOST_SEED = 10**9
_HERE = Path(__file__).parent


class QuestionBook:
    """The questions of a folder in one language; a topic's file is read when it is asked for.

    folder: where topics/ and misconceptions.toml lie.
    """

    def __init__(self, folder: Path = _HERE, language: str = "en") -> None:
        self.folder, self.language = folder, language
        self._words: dict[str, dict[str, Callable[[], QuestionWords]]] = {}

    @cached_property
    def catalogue(self) -> dict[str, Misconception]:
        """The misconceptions by code.

        Raises: Fault.
        """
        return misconceptions(self.language, self.folder)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that have questions, by name."""
        return tuple(sorted(path.parent.name for path in self.folder.glob(f"topics/*/{FILE}")))

    def of_topic(self, topic: str) -> tuple[Question, ...]:
        """The questions of a topic, in the order of its file.

        Raises: InputError `unknown-topic`; Fault.
        """
        if topic not in self.topics:
            raise _unknown("topic", topic, self.topics)
        return read_questions(self.folder / "topics" / topic)

    def all(self) -> tuple[Question, ...]:
        """Every question, topic by topic.

        Raises: Fault.
        """
        return tuple(question for topic in self.topics for question in self.of_topic(topic))

    def question(self, name: str) -> Question:
        """The question of a name: topic/question, or question alone where only one is called so.

        Raises: InputError `unknown-question`, with the nearest name, or the way to a topic's list.
        """
        topic, slash, _ = name.partition("/")
        known = self.of_topic(topic) if slash and topic in self.topics else self.all()
        found = [item for item in known if name in (item.id, item.name)]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(item.id for item in found)
            raise InputError(
                "unknown-question",
                f"Several questions are called {name!r:.60}: {ids}.",
                hint="Name the topic as well.",
            )
        if name in self.topics:
            raise InputError(
                "unknown-question",
                f"{name!r:.60} is a topic, not a question.",
                hint=f"Its questions: companion check --list {name}.",
            )
        everything = self.all()
        raise _unknown(
            "question", name, tuple(word for item in everything for word in (item.id, item.name))
        )

    def words(self, question: Question) -> QuestionWords:
        """The words of a question.

        Raises: Fault.
        """
        folder = self.folder / "topics" / question.topic
        if question.topic not in self._words:
            self._words[question.topic] = read_words(folder, self.language)
        readers = self._words[question.topic]
        if question.name not in readers:
            raise missing(folder / f"{self.language}.toml", question.name)
        return readers[question.name]()

    def ask(self, question: Question, seed: int) -> Asked:
        """The question with the numbers of a seed.

        Raises: InputError `seed` outside 0 to MOST_SEED; `question-undrawable`; Fault.
        """
        if not 0 <= seed <= MOST_SEED:
            raise InputError("seed", f"The seed {seed} is not from 0 to {MOST_SEED:,}.")
        return ask(question, self.words(question), self.catalogue, seed)


def _unknown(what: str, name: str, known: tuple[str, ...]) -> InputError:
    near = get_close_matches(name.lower(), known, 1)
    return InputError(
        f"unknown-{what}",
        f"There is no {what} {name!r:.60}.",
        hint=f"Did you mean {near[0]!r}?" if near else "See companion check --list.",
    )

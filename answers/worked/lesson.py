"""A topic ready to be shown: its text, its values, the words around it, what it cites."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from answers.textbook.blocks import every_inline
from answers.textbook.inlines import Citation
from answers.textbook.library import LANGUAGE, Textbook
from answers.textbook.requests import Given
from answers.textbook.source import Source
from answers.textbook.topic import Topic
from answers.textbook.wording import Wording
from answers.worked.values import Values


@dataclass(frozen=True)
class Lesson:
    """A topic with everything that its views need.

    neighbours: slug and title of each topic that it points to.
    """

    textbook: Textbook
    topic: Topic
    values: Values
    wording: Wording

    @classmethod
    def of(cls, textbook: Textbook, slug: str, language: str = LANGUAGE) -> Lesson:
        """The lesson of a topic. Raises: InputError as `Textbook.topic`; Fault."""
        topic = textbook.topic(slug, language)
        return cls(
            textbook,
            topic,
            Values(topic.outline, textbook.folder / "networks"),
            textbook.wording(language),
        )

    @cached_property
    def cited_keys(self) -> tuple[str, ...]:
        """The keys of what is cited, each once, in the order of the text; those of facts last."""
        cited = [
            part.key
            for section in self.topic.sections
            for _, part in every_inline(section.blocks)
            if isinstance(part, Citation)
        ]
        given = [
            request.source
            for request in self.topic.outline.requests.values()
            if isinstance(request, Given) and request.source
        ]
        return tuple(dict.fromkeys([*cited, *given]))

    @cached_property
    def cited(self) -> tuple[Source, ...]:
        """What is cited, as far as sources.toml knows it."""
        known = self.textbook.sources if self.cited_keys else {}
        return tuple(known[key] for key in self.cited_keys if key in known)

    def citation(self, part: Citation) -> str:
        """A citation in words: Araujo et al. 2019, section 2."""
        source = self.textbook.sources.get(part.key)
        name = source.short if source else part.key
        return f"{name}, {part.place}" if part.place else name

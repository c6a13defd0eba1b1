"""Papers, books and pages that the textbook cites."""

from __future__ import annotations

from pathlib import Path

from answers.record import record
from answers.textbook.table import Table, headings, read_table, read_text


@record(kw_only=True)
class Source:
    """A source. arxiv, doi: numbers there. line: where it stands in sources.toml."""

    key: str
    authors: str
    title: str
    year: int
    venue: str
    url: str
    arxiv: str
    doi: str
    line: int

    @property
    def address(self) -> str:
        """Where it can be read."""
        if self.url or not (self.arxiv or self.doi):
            return self.url
        return (
            f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else f"https://doi.org/{self.doi}"
        )

    @property
    def short(self) -> str:
        """As it is named in a sentence: Araujo et al. 2019."""
        names = [name.strip() for name in self.authors.split(",")]
        last = [name.split()[-1] for name in names if name]
        many = len(last) > 2
        who = f"{last[0]} et al." if many else " and ".join(last)
        return f"{who} {self.year}"


def read_sources(path: Path) -> dict[str, Source]:
    """All sources by their keys.

    Raises: Fault.
    """
    places = headings(read_text(path))
    whole = read_table(path)
    return {key: _source(key, whole.table(key), places.get(key, 0)) for key in whole.keys()}  # noqa: SIM118  # not a dict


def _source(key: str, table: Table, line: int) -> Source:
    table.line = line
    found = Source(
        key=key,
        authors=table.text("authors"),
        title=table.text("title"),
        year=table.whole("year"),
        venue=table.text("venue", ""),
        url=table.text("url", ""),
        arxiv=table.text("arxiv", ""),
        doi=table.text("doi", ""),
        line=line,
    )
    table.done()
    return found

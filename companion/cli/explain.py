"""`companion explain`: the topics of the textbook, and what an error's code means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from answers.errors import InputError
from companion import exit_codes
from companion.options import Everywhere

if TYPE_CHECKING:
    from answers.textbook.library import Textbook
    from answers.worked.lesson import Lesson
    from companion.error_codes import ErrorCode
    from companion.views.sheet import Sheet

EPILOG = """\b
Examples:
  companion explain receptive-field
  companion explain q2a q2b
  companion explain --list
  companion explain --search "dead unit"
  companion explain locally-connected --html --output "topic.html"
  companion explain hdf5-external-link
"""

Form = Literal["terminal", "json", "html", "markdown"]
_SUFFIXES: dict[str, Form] = {
    ".html": "html",
    ".md": "markdown",
    ".json": "json",
    ".txt": "terminal",
}
_NARROWEST, _WIDEST = 30, 200

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@dataclass(frozen=True)
class _Asked:
    """What was asked for, and how it shall be shown. code: with the programs of a topic."""

    textbook: Textbook
    language: str
    form: Form
    output: Path | None
    width: int | None
    code: bool
    everywhere: Everywhere


@app.command(epilog=EPILOG)
def explain(
    context: typer.Context,
    topics: Annotated[
        list[str] | None,
        typer.Argument(help="Topics, questions of the homework (q2b), or the code of an error."),
    ] = None,
    *,
    all_topics: Annotated[bool, typer.Option("--list", help="List the topics.")] = False,
    search: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Topics in which these words stand.")
    ] = None,
    language: Annotated[str, typer.Option(help="The language of the text.")] = "en",
    code: Annotated[bool, typer.Option("--code", help="Show the programs of the topic.")] = False,
    width: Annotated[
        int | None,
        typer.Option(min=_NARROWEST, max=_WIDEST, help="Columns, instead of the terminal's."),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Print a page that needs no other.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there: .html, .md, .json, .txt.")
    ] = None,
) -> int:
    """Explain a topic of the textbook, with numbers worked out now; or the code of an error.

    On a terminal long texts go through your pager (PAGER, or less).
    """
    from answers.textbook.library import Textbook

    if output is not None:
        from companion.output_file import check_place

        check_place(output)
    form = _form(output, markdown=markdown, html=html, json=json)
    asked = _Asked(Textbook(), language, form, output, width, code, context.obj)
    ways = sum((bool(topics), all_topics, search is not None))
    if ways != 1:
        raise InputError(
            "options-clash" if ways else "option-missing",
            "Topics, --list and --search exclude each other."
            if ways
            else "Nothing to explain: say a topic, or --list, or --search.",
            hint="For example: companion explain receptive-field, or companion explain --list.",
        )
    if search is not None:
        return _searched(search, asked)
    if all_topics:
        return _listed(asked)
    return _explained(topics or [], asked)


def _form(output: Path | None, *, markdown: bool, html: bool, json: bool) -> Form:
    """The form that is asked for; without a word for it, what the file's name says."""
    asked: dict[Form, bool] = {"markdown": markdown, "html": html, "json": json}
    said = [form for form, wanted in asked.items() if wanted]
    if len(said) > 1:
        raise InputError("options-clash", f"--{said[0]} and --{said[1]} exclude each other.")
    if said:
        return said[0]
    if output is None:
        return "terminal"
    found = _SUFFIXES.get(output.suffix.lower())
    if found is None:
        raise InputError(
            "option-value",
            f"{output.name!r:.60} does not say which form is wanted.",
            hint="Name the file .html, .md, .json or .txt, or add --html, --markdown or --json.",
        )
    return found


# -- lists -------------------------------------------------------------------------------------


def _listed(asked: _Asked) -> int:
    from companion.views import topic_list

    faces = list(asked.textbook.faces(asked.language))
    rows = [
        {"slug": o.slug, "title": f.title, "summary": f.summary, "homework": list(o.homework)}
        for o, f in faces
    ]
    return _list(rows, lambda sheet: topic_list.listed(faces, sheet), asked)


def _searched(words: str, asked: _Asked) -> int:
    from companion.views import topic_list

    found = asked.textbook.search(words, asked.language)
    if not found and asked.form != "json":
        raise InputError(
            "nothing-found",
            f"No topic holds all of the words {words!r:.100}.",
            hint="Try fewer words, or companion explain --list.",
        )
    rows = [
        {"slug": f.slug, "title": f.face.title, "summary": f.face.summary, "weight": f.weight}
        for f in found
    ]
    return _list(rows, lambda sheet: topic_list.found(found, sheet), asked)


def _list(
    rows: Sequence[Mapping[str, object]], draw: Callable[..., Iterable[str]], asked: _Asked
) -> int:
    from companion.views import json_document

    if asked.form == "json":
        return _write([json_document.result("explain", {"topics": rows})], asked)
    if asked.form == "html":
        raise InputError("options-clash", "A list has no page: --html goes with topics.")
    if asked.form == "markdown":
        lines = [f"- `{row['slug']}`: **{row['title']}.** {row['summary']}" for row in rows]
        return _write(lines, asked)
    return _write(draw(_sheet(asked)), asked)


# -- topics and codes --------------------------------------------------------------------------


def _explained(words: list[str], asked: _Asked) -> int:
    """Each word in its order; a topic that two words name once."""
    topics: dict[str, Lesson] = {}
    codes: dict[str, ErrorCode] = {}
    slugs = asked.textbook.slugs
    for word in words:
        code = None if word in slugs else _code(word)
        if code is not None:
            codes[code.code] = code
            continue
        for slug in _topics_of(word, asked.textbook):
            topics.setdefault(slug, _lesson(slug, asked))
    return _write(_RULES[asked.form](list(topics.values()), list(codes.values()), asked), asked)


def _topics_of(word: str, textbook: Textbook) -> tuple[str, ...]:
    """The topics of a word.

    Raises: InputError `unknown-topic`, with the nearest topic, or the code that is nearer.
    """
    try:
        return textbook.asked(word)
    except InputError as error:
        from companion.error_codes import nearest

        near = nearest(word)
        if near is None:
            raise
        raise InputError(error.code, error.message, hint=f"Did you mean {near!r}?") from None


def _code(word: str) -> ErrorCode | None:
    from companion.error_codes import find

    return find(word)


def _lesson(slug: str, asked: _Asked) -> Lesson:
    from answers.worked.lesson import Lesson

    return Lesson.of(asked.textbook, slug, asked.language)


def _terminal(lessons: list[Lesson], codes: list[ErrorCode], asked: _Asked) -> Iterable[str]:
    from companion.views import error_code_view

    sheet = _sheet(asked)
    parts: list[Iterable[str]] = [error_code_view.lines(code, sheet) for code in codes]
    parts += [_topic(lesson, sheet, code=asked.code) for lesson in lessons]
    for number, part in enumerate(parts):
        if number:
            yield from ("", "")
        yield from part


def _topic(lesson: Lesson, sheet: Sheet, *, code: bool) -> Iterable[str]:
    if code:
        from companion.views import topic_code

        return topic_code.lines(lesson, sheet)
    from companion.views import topic_terminal

    return topic_terminal.lines(lesson, sheet)


def _markdown(lessons: list[Lesson], codes: list[ErrorCode], asked: _Asked) -> Iterable[str]:
    from companion.views import error_code_view, topic_markdown

    parts = [error_code_view.as_markdown(code) for code in codes]
    parts += [topic_markdown.written(lesson, code=asked.code) for lesson in lessons]
    yield "\n\n".join(part.rstrip() for part in parts)


def _html(lessons: list[Lesson], codes: list[ErrorCode], asked: _Asked) -> Iterable[str]:
    from companion.views import topic_html

    yield topic_html.page(lessons, codes, code=asked.code).rstrip()


def _json(lessons: list[Lesson], codes: list[ErrorCode], asked: _Asked) -> Iterable[str]:
    from companion.views import error_code_view, json_document, topic_json

    result = {
        "topics": [topic_json.as_document(lesson, code=asked.code) for lesson in lessons],
        "codes": list(map(error_code_view.as_document, codes)),
    }
    yield json_document.result("explain", result)


_RULES: dict[Form, Callable[[list[Lesson], list[ErrorCode], _Asked], Iterable[str]]] = {
    "terminal": _terminal,
    "markdown": _markdown,
    "html": _html,
    "json": _json,
}


def _sheet(asked: _Asked) -> Sheet:
    from companion.views.sheet import Sheet

    found = Sheet.of(asked.everywhere, asked.width)
    if asked.output is None:
        return found
    return Sheet(asked.width or 80)


def _write(lines: Iterable[str], asked: _Asked) -> int:
    """To the file, to the pager of a terminal, or to stdout."""
    if asked.output is not None:
        from companion.output_file import say_written, written

        text = "".join(f"{line}\n" for line in lines)
        with written(asked.output) as file:
            file.write(text.encode("utf-8"))
        say_written(asked.output)
    elif asked.form == "terminal":
        from companion.pager import show

        show(lines)
    else:
        from companion.views.terminal import say

        for line in lines:
            say(line)
    return exit_codes.DONE

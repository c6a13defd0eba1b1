"""The commands of a text, run as a reader would paste them: in one folder, in their order."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path

from answers.textbook.blocks import Code, every_block
from answers.textbook.topic import Topic
from checkers.content.finding import Finding
from checkers.content.telling import Tell, quiet, told

_SHELL_SIGNS = ("|", ">", "<", ";", "&", "&&", "||", ">>")
_QUOTED = "… (more)"


@dataclass(frozen=True)
class Ran:
    """How a command ended: its exit code and both streams."""

    code: int
    out: str
    err: str


Run = Callable[[list[str], Path], Ran]
"""Runs `companion` with these words in a folder, its output 80 columns wide."""


@dataclass(frozen=True)
class Command:
    """A command of a text. output: what the text shows of it; None where it shows nothing.

    is_run: whether it can be run here; `sh no-test` needs something that a fresh machine lacks.
    """

    file: Path
    line: int
    text: str
    output: str | None
    is_run: bool = True

    def finding(self, code: str, message: str) -> Finding:
        """What is wrong with it."""
        return Finding(self.file, self.line, code, message)


def check(
    topics: tuple[Topic, ...], run: Run, commands: tuple[str, ...], tell: Tell = quiet
) -> Iterator[Finding]:
    """What fails or prints something else than the text shows.

    commands: the names that `companion` has. tell: is told how many topics are done, which are run
    side by side.
    """
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        every = pool.map(lambda topic: list(_topic(topic, run, commands)), topics)
        for found in told(every, "commands of topics", len(topics), tell):
            yield from found


def commands_of(topic: Topic) -> Iterator[Command]:
    """The commands of a topic's text, in order."""
    for section in topic.sections:
        for block in every_block(section.blocks):
            if isinstance(block, Code):
                yield from _of_block(block, topic.face.file)


def _of_block(block: Code, file: Path) -> Iterator[Command]:
    kind, _, rest = block.language.partition(" ")
    lines = block.text.split("\n")
    if kind == "sh":
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.startswith("#"):
                yield Command(file, block.line + number, line, None, rest != "no-test")
    elif kind == "console":
        starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            output = "\n".join(lines[start + 1 : end])
            yield Command(file, block.line + start + 1, lines[start][2:], output)


def _topic(topic: Topic, run: Run, commands: tuple[str, ...]) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory() as name:
        for command in commands_of(topic):
            wrong = list(_words(command, commands))
            yield from wrong
            if not wrong and command.is_run:
                yield from _ran(command, run(shlex.split(command.text)[1:], Path(name)))


def _words(command: Command, commands: tuple[str, ...]) -> Iterator[Finding]:
    """What can be seen without running it."""
    try:
        words = shlex.split(command.text)
    except ValueError as error:
        yield command.finding("command-unreadable", f"A shell can't read this: {error}.")
        return
    if words[:1] != ["companion"]:
        yield command.finding("command-foreign", f"Not a command of companion: {command.text:.80}")
    elif len(words) < 2 or words[1].startswith("-"):
        yield command.finding("command-unknown", "A command of companion has a name.")
    elif words[1] not in commands:
        yield command.finding("command-unknown", f"There is no command {words[1]!r:.40}.")
    elif any(word in _SHELL_SIGNS for word in words):
        yield command.finding(
            "command-shell", "Pipes and redirections can't be tested: leave them."
        )


def _ran(command: Command, ran: Ran) -> Iterator[Finding]:
    # a number of the reader that is wrong is what --mine is there for
    fine = (0, 1) if "--mine" in command.text else (0,)
    if ran.code not in fine:
        said = (ran.err or ran.out).strip().split("\n")[0]
        yield command.finding(
            "command-fails", f"{command.text:.80} ends with {ran.code}: {said:.200}"
        )
    elif command.output is not None and _comparable(ran.out) != _comparable(command.output):
        yield command.finding("output-differs", _difference(command.output, ran.out))


def _comparable(text: str) -> list[str]:
    """Lines without what an editor takes away: spaces at their ends, empty lines around."""
    return [line.rstrip() for line in text.strip("\n").split("\n")]


def _difference(shown: str, printed: str) -> str:
    """The first line that differs."""
    ours, real = _comparable(shown), _comparable(printed)
    for number in range(max(len(ours), len(real))):
        one = ours[number] if number < len(ours) else "nothing"
        other = real[number] if number < len(real) else "nothing"
        if one != other:
            return (
                f"Line {number + 1} of the output is shown as {one!r:.90}; it prints {other!r:.90}."
            )
    return "The output differs."

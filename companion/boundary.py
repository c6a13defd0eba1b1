"""The one error boundary: errors become words, a document, and an exit code."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
from typing import Any

from answers.errors import CompanionError, InputError, MissingError, StoppedError
from answers.expressions.text_error import TextError
from companion import exit_codes, options
from companion.options import Everywhere
from companion.views import json_document
from companion.views.caret import with_caret
from companion.views.printable import printable
from companion.views.terminal import prepare_streams


class AnsweredInterruptError(Exception):
    """Somebody interrupted, and stdout has what was finished: nothing more goes there."""


def run(arguments: list[str]) -> int:
    """Run a command line, and return its exit code."""
    prepare_streams()
    everywhere = Everywhere(json="--json" in arguments, debug="--debug" in arguments)
    rest = arguments
    try:
        everywhere, rest = options.split(arguments)
        code = _call(rest, everywhere)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()  # whoever read us has seen enough
        return exit_codes.DONE
    except AnsweredInterruptError:
        return _interrupted()
    except KeyboardInterrupt:
        if everywhere.json:
            error = StoppedError(
                "interrupted", "Interrupted before it was done.", hint="Run the command again."
            )
            _write(json_document.failure(_command(rest), error) + "\n")
        return _interrupted()
    except Exception as error:  # noqa: BLE001  # the boundary: every error ends here
        return _failed(error, _command(rest), everywhere)
    return code


def _call(arguments: list[str], everywhere: Everywhere) -> int:
    from companion.cli.app import app

    try:
        value = app(args=arguments, prog_name="companion", standalone_mode=False, obj=everywhere)
    except SystemExit:  # the only one: Typer's own end on a closed pipe
        raise BrokenPipeError from None
    if value == exit_codes.INTERRUPTED:  # Typer has swallowed the interrupt
        raise KeyboardInterrupt
    return value if isinstance(value, int) else exit_codes.DONE


def _interrupted() -> int:
    _write("")
    sys.stderr.write("\nInterrupted.\n")
    return exit_codes.INTERRUPTED


def _write(text: str) -> None:
    """The last words on stdout, if anybody still reads them."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()


def _forget_stdout() -> None:
    """What waits in the buffer can't be written; Python would complain once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(error: Exception, command: str, everywhere: Everywhere) -> int:
    if type(error).__name__ == "NoArgsIsHelpError" and not everywhere.json:
        sys.stderr.write(f"{error}\n")  # a command without its words: the help is the answer
        return 2
    if everywhere.debug:
        traceback.print_exception(error)
    known = _as_ours(error)
    no_room = known.code == "disk-full" and isinstance(error, OSError)  # for the answer itself
    if no_room:
        _forget_stdout()
    if everywhere.json and not no_room:
        _write(json_document.failure(command, known) + "\n")
    else:
        sys.stderr.write(in_words(known) + "\n")
    return exit_codes.of_error(known)


def _as_ours(error: Exception) -> CompanionError:
    if isinstance(error, CompanionError):
        return error
    if isinstance(error, RecursionError):  # SymPy, on formulas inside formulas
        return InputError(
            "formula-too-large",
            "The formulas nest too deep to be worked out.",
            hint="Put numbers in the places of letters: --set n=32.",
        )
    # Typer's errors of usage: their classes are private, what they can do is not
    say: Any = getattr(error, "format_message", None)
    if say is not None:
        context: Any = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "companion"
        message, hint = say(), f"{path} --help"
        if "unexpected extra argument" in message:
            hint = f"A network or a path with spaces stands in double quotes. See {path} --help."
        if re.match(r"No such option: -[^-]", message):
            hint = f"Options have two dashes; a path that begins with one is written ./-…. See {path} --help."
        if re.match(r"No such option: --json(?![\w-])", message):
            message = f"{path} has no document: --json can't be said here."
            hint = f"Leave --json away, or say a command that has one: see {path} --help."
        return InputError("usage", message, hint=hint)
    if isinstance(error, OSError) and error.filename is not None:
        what = error.strerror or type(error).__name__
        return InputError("path", f"{error.filename}: {what}.", hint="Check the path.")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return MissingError(
            "disk-full", "The disk is full: the answer can't be written.", hint="Make room there."
        )
    return CompanionError(
        "bug",
        f"This is a bug of ours: {type(error).__name__}: {error!s:.300}",
        hint="Run the command again with --debug, and report what it prints.",
    )


def in_words(error: CompanionError) -> str:
    """An error for a person: what, where, what to do; one line each."""
    lines = ["Error: " + "\n".join(map(printable, error.message.split("\n")))]
    if isinstance(error, TextError):
        lines += with_caret(error.text, error.start, error.end)
    if error.where:
        lines.append(f"Where: {printable(error.where)}")
    if error.hint:
        lines.append(f"What to do: {printable(error.hint)}")
    lines.append(f"Code: {error.code}")
    return "\n".join(lines)


def _command(arguments: list[str]) -> str:
    return next((word for word in arguments if not word.startswith("-")), "companion")

"""The error tree of the house. Every error a person can meet is one of these.

CompanionError                 a stable code in words, what is wrong, what to do, where
├── InputError                 the command line or a text of the person is wrong (exit 2)
├── ModelFileError             not a whole model: foreign, damaged, unreadable (exit 3)
├── RefusedError               understood, and not accepted: a layer, a link, a limit (exit 4)
├── RunError                   the run failed: crash, time, memory, protocol (exit 5)
├── MissingError               something is missing here: data, GPU, engine, space (exit 6)
└── StoppedError               somebody stopped it before it was done (exit 130)

The exit numbers live in `companion` alone. The inner code raises the fact; whoever knows the
context (the file, the layer) adds it with `at`.
"""

from __future__ import annotations

from typing import Self


class CompanionError(Exception):
    """What went wrong, in words for a person and a code for a script.

    code: stable, in words with hyphens ('hdf5-external-link').
    message: one or two whole sentences, with the value that is wrong.
    hint: what to do next, a whole sentence; may be empty.
    where: file, line, layer or key the fact belongs to; may be empty.
    """

    def __init__(self, code: str, message: str, *, hint: str = "", where: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.where = where

    def at(self, where: str) -> Self:
        """Add an outer place in front of the inner one, and return the same error."""
        self.where = f"{where}: {self.where}" if self.where else where
        return self


class InputError(CompanionError):
    """The command line, or a text that the person wrote, is wrong."""


class ModelFileError(CompanionError):
    """The file is not a whole model: foreign, damaged, unreadable, or weights only."""


class RefusedError(CompanionError):
    """The file is understood and not accepted: an unsupported layer, code, a link, a limit."""


class RunError(CompanionError):
    """The run failed: a crash, a time-out, memory, a broken protocol. Never a score."""


class MissingError(CompanionError):
    """Something is missing on this machine: data, GPU, engine, disk space."""


class StoppedError(CompanionError):
    """Somebody stopped the command before it was done."""

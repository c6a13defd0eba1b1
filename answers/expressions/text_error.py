"""A text of a person that cannot be read, with the place in it: for a caret under the column."""

from __future__ import annotations

from answers.errors import InputError


class TextError(InputError):
    """A formula or a notation that cannot be read.

    text: what the person wrote, whole. start, end: the span that is wrong, in characters from 0;
    an empty span (start = end) is a place where something is missing.
    expected: what could have stood there, in words; may be empty.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        text: str,
        start: int,
        end: int,
        expected: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(code, message, hint=hint)
        self.text = text
        self.start = start
        self.end = end
        self.expected = expected

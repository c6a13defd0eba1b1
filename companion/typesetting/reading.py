r"""LaTeX's mathematics, as far as the textbook needs it, read into nodes.

    formula  = {part}
    part     = atom ["_" argument] ["^" argument]      in either order, primes before
    argument = one atom
    atom     = "{" formula "}" | letter | number | sign | command

Nothing is defined, expanded or included. A formula has at most 4,000 characters and 40 groups
inside one another; what is not known is an error with its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from answers.errors import InputError
from companion.typesetting.nodes import (
    Accent,
    Fenced,
    Fraction,
    Grid,
    Mark,
    Node,
    Root,
    Row,
    Scripts,
    Space,
)
from companion.typesetting.signs import CHARACTERS, COMMANDS, SPACES

MOST_CHARACTERS = 4_000
MOST_GROUPS = 40

_TOKEN = re.compile(
    r"\\(?P<command>[A-Za-z]+\*?|.)|(?P<number>\d+(?:(?:\{,\}|,)\d{3}(?!\d))*(?:\.\d+)?)|(?P<sign>\S)"
)
_NOTHING = Mark("", "")
_ACCENTS = {
    "hat": ("\u0302", "hat"),
    "widehat": ("\u0302", "hat"),
    "bar": ("\u0304", "mean"),
    "overline": ("\u0304", "mean"),
    "tilde": ("\u0303", "tilde"),
    "vec": ("\u20d7", "vec"),
    "dot": ("\u0307", "dot"),
}
_FRACTIONS = ("frac", "dfrac", "tfrac")
_UPRIGHT = ("text", "mathrm", "textbf", "textit", "mathit", "operatorname", "mathtt", "texttt")
_STYLES = ("mathbf", "boldsymbol", "mathcal", "mathsf")
_IGNORED = ("displaystyle", "limits", "nolimits", "big", "Big", "bigl", "bigr", "Bigl", "Bigr")
_DOUBLE = {"R": ("ℝ", "R"), "N": ("ℕ", "N"), "Z": ("ℤ", "Z"), "E": ("𝔼", "E"), "P": ("ℙ", "P")}
_GRIDS = {
    "aligned": ("", ""),
    "matrix": ("", ""),
    "cases": ("{", ""),
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
}
_ASCII = {ord(sign.text): sign.ascii for sign in COMMANDS.values() if len(sign.text) == 1}


@dataclass(frozen=True)
class _Token:
    kind: str  # command, number, sign, end
    text: str
    start: int


def read(latex: str) -> Node:
    """The formula of a text.

    Raises: InputError `latex-not-known` where a command, a bracket or the length is not ours.
    """
    if len(latex) > MOST_CHARACTERS:
        raise _unknown(f"A formula has more than {MOST_CHARACTERS:,} characters.", latex, 0)
    return _Reader(latex).whole()


def _unknown(message: str, latex: str, column: int) -> InputError:
    return InputError(
        "latex-not-known",
        message,
        hint="answers/textbook/README.md lists the LaTeX that the textbook draws.",
        where=f"column {column + 1} of {latex[:200]!r}",
    )


class _Reader:
    def __init__(self, latex: str) -> None:
        self._latex = latex
        self._tokens = [
            _Token(str(found.lastgroup), found[str(found.lastgroup)], found.start())
            for found in _TOKEN.finditer(latex)
        ]
        self._tokens.append(_Token("end", "", len(latex)))
        self._next = 0
        self._groups = 0

    def whole(self) -> Node:
        row = self._row(())
        if self._token().kind != "end":
            raise self._error(f"There is a {self._token().text!r} with no beginning.")
        return row

    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token()
        self._next += token.kind != "end"
        return token

    def _error(self, message: str) -> InputError:
        return _unknown(message, self._latex, self._token().start)

    def _is(self, kind: str, text: str) -> bool:
        token = self._token()
        return token.kind == kind and token.text == text

    def _expect(self, kind: str, text: str) -> None:
        if not self._is(kind, text):
            name = f"\\{text}" if kind == "command" else text
            raise self._error(f"A {name!r} is missing.")
        self._take()

    def _row(self, stops: tuple[tuple[str, str], ...]) -> Row:
        """Parts up to one of the stops, or a closing brace, or the end; none of them taken."""
        self._groups += 1
        if self._groups > MOST_GROUPS:
            raise self._error(f"More than {MOST_GROUPS} groups stand inside one another.")
        parts = []
        while not self._at_end(stops):
            parts.append(self._part())
        self._groups -= 1
        return Row(tuple(parts))

    def _at_end(self, stops: tuple[tuple[str, str], ...]) -> bool:
        token = self._token()
        ending = token.kind == "end" or (token.kind == "sign" and token.text == "}")
        return ending or (token.kind, token.text) in stops

    def _part(self) -> Node:
        base = _NOTHING if self._at_script() else self._atom()
        scripts: dict[str, Node] = {}
        while self._at_script():
            sign = self._take().text
            name = "_" if sign == "_" else "^"
            if name in scripts and sign != "'":
                raise self._error(f"Two {sign!r} at one place: braces say which belongs to what.")
            more = Mark("′", "'") if sign == "'" else self._argument()
            scripts[name] = Row((scripts[name], more)) if name in scripts else more
        return Scripts(base, scripts.get("_"), scripts.get("^")) if scripts else base

    def _at_script(self) -> bool:
        return self._token().kind == "sign" and self._token().text in "_^'"

    def _argument(self) -> Node:
        if self._at_end(()):
            raise self._error("Something has to stand here: a letter or a group in braces.")
        return self._atom()

    def _atom(self) -> Node:
        token = self._take()
        if token.kind == "number":
            number = token.text.replace("{,}", ",")
            return Mark(number, number)
        if token.kind == "command":
            return self._command(token)
        if token.text == "{":
            return self._group()
        if token.text == "~":
            return Space(1)
        if token.text in CHARACTERS:
            return Mark.of(CHARACTERS[token.text])
        if token.text in "&}^_\\$#":
            self._next -= 1
            raise self._error(f"A {token.text!r} can't stand here.")
        return Mark(token.text, _in_ascii(token.text))

    def _group(self) -> Node:
        row = self._row(())
        self._expect("sign", "}")
        return row if len(row.parts) != 1 else row.parts[0]

    def _command(self, token: _Token) -> Node:
        name = token.text
        if name in COMMANDS:
            return Mark.of(COMMANDS[name])
        if name in SPACES:
            return Space(SPACES[name])
        if name in _FRACTIONS:
            return Fraction(self._argument(), self._argument())
        if name in _ACCENTS:
            return Accent(self._argument(), *_ACCENTS[name])
        if name in _UPRIGHT:
            return self._words(name)
        if name in _STYLES:
            return self._argument()
        return self._structure(token)

    def _structure(self, token: _Token) -> Node:
        name = token.text
        if name == "sqrt":
            return self._root()
        if name == "left":
            return self._fenced()
        if name == "begin":
            return self._grid()
        if name == "mathbb":
            return self._double()
        if name == "binom":
            rows = ((self._argument(),), (self._argument(),))
            return Fenced(_bracket("("), Grid(rows, aligned=False), _bracket(")"))
        if name in _IGNORED:
            return Space(0)
        self._next -= 1
        raise self._error(f"The command \\{name} is not known.")

    def _words(self, command: str) -> Node:
        text = self._raw_group()
        return Mark(text, _in_ascii(text), "function" if command == "operatorname" else "plain")

    def _raw_group(self) -> str:
        """The text of a group as it stands, with its spaces."""
        if not self._is("sign", "{"):
            raise self._error("Words stand in braces here.")
        start = self._take().start + 1
        end = self._latex.find("}", start)
        if end < 0:
            raise self._error("A '}' is missing.")
        while self._token().start <= end and self._token().kind != "end":
            self._take()
        return self._latex[start:end].replace("\\_", "_").replace("\\%", "%").replace("\\ ", " ")

    def _root(self) -> Node:
        degree = None
        if self._is("sign", "["):
            self._take()
            degree = self._row((("sign", "]"),))
            self._expect("sign", "]")
        return Root(self._argument(), degree)

    def _fenced(self) -> Node:
        left = self._fence()
        body = self._row((("command", "right"),))
        self._expect("command", "right")
        return Fenced(left, body, self._fence())

    def _fence(self) -> Mark:
        token = self._take()
        if token.kind == "sign" and token.text == ".":
            return _NOTHING
        table = COMMANDS if token.kind == "command" else CHARACTERS
        if token.kind not in ("command", "sign") or token.text not in table:
            self._next -= 1
            raise self._error("A bracket has to stand after \\left and \\right, or a point.")
        return Mark.of(table[token.text])

    def _grid(self) -> Node:
        name = self._raw_group()
        if name not in _GRIDS:
            raise self._error(f"The environment {name!r} is not known.")
        rows = [[self._cell()]]
        while not self._is("command", "end"):
            if self._is("sign", "&"):
                self._take()
                rows[-1].append(self._cell())
            elif self._is("command", "\\"):
                self._take()
                rows.append([self._cell()])
            else:
                raise self._error(f"\\end{{{name}}} is missing.")
        self._take()
        if self._raw_group() != name:
            raise self._error(f"\\end{{{name}}} is missing.")
        full = tuple(tuple(row) for row in rows if len(row) > 1 or row[0] != Row(()))
        left, right = _GRIDS[name]
        return Fenced(_bracket(left), Grid(full, name == "aligned"), _bracket(right))

    def _cell(self) -> Node:
        return self._row((("sign", "&"), ("command", "\\"), ("command", "end")))

    def _double(self) -> Node:
        letter = self._raw_group()
        return Mark(*_DOUBLE.get(letter, (letter, letter)))


def _bracket(sign: str) -> Mark:
    if sign in ("{", "}"):
        return Mark.of(COMMANDS[sign])
    return Mark.of(CHARACTERS[sign]) if sign else _NOTHING


def _in_ascii(text: str) -> str:
    """What was typed as a sign itself (α, ≤) in ASCII; a question mark where nothing is known."""
    return text if text.isascii() else text.translate(_ASCII).encode("ascii", "replace").decode()

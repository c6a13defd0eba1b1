"""Formulas as MathML, which browsers draw themselves (latex2mathml).

The library takes no care of <, > and & in words, writes what it doesn't know as it stands, and has
no `aligned`: so its input is prepared, and its output is read again and held against a list.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from answers.errors import InputError

_WORDS = re.compile(r"(\\(?:text|mathrm|operatorname)\s*\{)([^{}]*)(\})")
_THOUSANDS = re.compile(r"\d{1,3}(?:\{,\}\d{3})+(?:\.\d+)?")
_ALIGNED = {r"\begin{aligned}": r"\begin{array}{rlrlrl}", r"\end{aligned}": r"\end{array}"}
# characters of nobody's alphabet, which the library leaves alone
_HIDDEN = {"<": "\ue000", ">": "\ue001", "&": "\ue002", " ": "\u00a0"}
_SHOWN = {"\ue000": "&lt;", "\ue001": "&gt;", "\ue002": "&amp;"}
_TAGS = frozenset(
    ("math", "mrow", "mi", "mn", "mo", "mtext", "ms", "mspace", "msub", "msup", "msubsup", "munder",
     "mover", "munderover", "mfrac", "msqrt", "mroot", "mtable", "mtr", "mtd", "mstyle", "mpadded",
     "mphantom", "menclose")
)  # fmt: skip
_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"


def as_mathml(latex: str, *, alone: bool) -> str:
    """A <math> element. alone: as a block of its own.

    Raises: InputError `latex-not-known` for what can't be converted.
    """
    from latex2mathml.converter import convert

    try:
        found = convert(_prepared(latex), display="block" if alone else "inline")
    except Exception as error:  # the library's errors share no class but this
        raise _unknown(latex) from error
    for hidden, shown in _SHOWN.items():
        found = found.replace(hidden, shown)
    _check(found, latex)
    return found


def _prepared(latex: str) -> str:
    for name, other in _ALIGNED.items():
        latex = latex.replace(name, other)
    latex = _THOUSANDS.sub(lambda m: rf"\text{{{m.group().replace('{,}', ',')}}}", latex)
    parts: list[str] = []
    place = 0
    for found in _WORDS.finditer(latex):
        parts += [_relations(latex[place : found.start()]), found.group(1)]
        parts += ["".join(_HIDDEN.get(c, c) for c in found.group(2)), found.group(3)]
        place = found.end()
    return "".join([*parts, _relations(latex[place:])])


def _relations(latex: str) -> str:
    return latex.replace("<", r" \lt ").replace(">", r" \gt ")


def _check(found: str, latex: str) -> None:
    """Well-formed, of known elements, and nothing left over of LaTeX."""
    try:
        tree = ET.fromstring(found)  # noqa: S314  # our own text, without entities
    except ET.ParseError as error:
        raise _unknown(latex) from error
    for element in tree.iter():
        if element.tag.removeprefix(_NAMESPACE) not in _TAGS or "\\" in (element.text or ""):
            raise _unknown(latex)


def _unknown(latex: str) -> InputError:
    return InputError("latex-not-known", f"{latex:.80} can't be written as MathML.")

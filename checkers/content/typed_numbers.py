"""Numbers that a text types where the engine should compute them."""

from __future__ import annotations

import re
from collections.abc import Iterator

# digits with thousands commas or a decimal point; not those of a name (ResNet-152, float32, 2a)
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.,])(?<![A-Za-z]-)"
    r"(\d{1,3}(?:(?:,|\{,\})\d{3})+(?:\.\d+)?|\d+\.\d+|\d+)(?![A-WYZa-wyz_])"
)
_YEAR = re.compile(r"(?:18|19|20)\d\d")
# a version, or a place in a book, is no measured number
_VERSION = re.compile(
    r"(?:Keras|TensorFlow|TF|Python|NumPy|Pillow|PyTorch|version|versions|section|sections|"
    r"equation|equations|chapter|figure|table|page|pages|≤|≥|and|to|–) *$"
)
_NAMED = re.compile(r"(?:Keras|TensorFlow|TF|Python|NumPy|Pillow|PyTorch|version|section|equation)")


def typed_numbers(text: str) -> Iterator[str]:
    """The numbers of at least three digits, or with a decimal point, that are no year or version.

    text: words without code, values and citations.
    """
    for found in _NUMBER.finditer(text):
        number = found.group(1)
        if _is_small(number) or _is_allowed(text, found.start(1), number):
            continue
        yield number


def _is_small(number: str) -> bool:
    return "." not in number and len(re.sub(r"\D", "", number)) < 3


def _is_allowed(text: str, place: int, number: str) -> bool:
    if _YEAR.fullmatch(number):
        return True
    before = text[:place]
    return bool(_VERSION.search(before) and _NAMED.search(before[-40:]))

"""How much stands between two parts of a row, by what they are."""

from __future__ import annotations

from companion.typesetting.nodes import Fenced, Fraction, Mark, Node, Row, Scripts, Space

_BEFORE_A_SIGN = (None, "binary", "relation", "opening", "comma", "large", "function")


def kind_of(node: Node) -> str:
    """What a part is for its neighbours: the kind of its sign, `space`, `fenced` or `plain`."""
    if isinstance(node, Mark):
        return node.kind
    if isinstance(node, Scripts):
        return kind_of(node.base)
    if isinstance(node, Space):
        return "space"
    return "fenced" if isinstance(node, Fenced) else "plain"


def gaps(parts: tuple[Node, ...], *, tight: bool, ascii_only: bool) -> list[int]:
    """The columns before each part. tight: in scripts, where only words keep apart."""
    kinds = [kind_of(part) for part in parts]
    signs = [_is_sign_of(kinds, place) for place in range(len(parts))]
    found = [0]
    for place in range(1, len(parts)):
        pair = parts[place - 1], parts[place]
        words = _are_words(*pair, ascii_only=ascii_only)
        free = not tight and _apart(kinds, signs, place, pair)
        found.append(int(free or words))
    return found[: len(parts)]


def _is_sign_of(kinds: list[str], place: int) -> bool:
    """Whether a plus or minus is the sign of what follows, not between two parts."""
    before = kinds[place - 1] if place else None
    return kinds[place] == "binary" and before in _BEFORE_A_SIGN


def _apart(kinds: list[str], signs: list[bool], place: int, pair: tuple[Node, Node]) -> bool:
    before, here = kinds[place - 1], kinds[place]
    if "space" in (before, here):
        return False
    if "relation" in (before, here) or before == "comma":
        return True
    if here == "binary" or before == "binary":
        sign = place if here == "binary" else place - 1
        return not signs[sign]
    if before == "large":
        return not (_is_word(pair[0]) and here in ("opening", "fenced"))
    if before == here == "plain" and any(_is_dots(part) for part in pair):
        return True
    if before == "function":
        return here not in ("opening", "fenced", "closing", "comma")
    return here in ("large", "function") and before != "opening"


def _is_dots(node: Node) -> bool:
    return isinstance(node, Mark) and node.text in ("⋯", "…")


def _is_word(node: Node) -> bool:
    return isinstance(node, Mark) and node.text.isalpha() and len(node.text) > 1


def _are_words(before: Node, here: Node, *, ascii_only: bool) -> bool:
    """Whether two parts would run into one word: λx is clear, `lambdax` is not."""
    left, right = _text(before, ascii_only, last=True), _text(here, ascii_only, last=False)
    if not left or not right or not (left[-1].isalnum() and right[0].isalnum()):
        return False
    return (len(left) > 1 and left.isalpha()) or (len(right) > 1 and right.isalpha())


def _text(node: Node, ascii_only: bool, *, last: bool) -> str:  # noqa: FBT001  # private
    if isinstance(node, Mark):
        return node.ascii if ascii_only else node.text
    if isinstance(node, Scripts):
        return _text(node.base, ascii_only, last=last)
    if isinstance(node, Row) and node.parts:
        return _text(node.parts[-1 if last else 0], ascii_only, last=last)
    return ""


def is_product_beside(parts: tuple[Node, ...], place: int) -> bool:
    """Whether a part is multiplied by a neighbour without a sign between: ½x, 2 ½."""
    kinds = [kind_of(part) for part in parts]
    after = next((kind for kind in kinds[place + 1 :] if kind != "space"), None)
    before = next((kind for kind in reversed(kinds[:place]) if kind != "space"), None)
    return after in ("plain", "large", "function", "opening", "fenced") or before in (
        "plain",
        "closing",
        "fenced",
    )


def is_single(node: Node) -> bool:
    """Whether a part needs no brackets when something acts on it."""
    if isinstance(node, Row):
        return len(node.parts) == 1 and is_single(node.parts[0])
    return not isinstance(node, Fraction)


def is_sum(node: Node) -> bool:
    """Whether a part has a plus, a minus or a relation of its own."""
    if not isinstance(node, Row):
        return False
    kinds = [kind_of(part) for part in node.parts]
    return any(kind in ("binary", "relation", "comma", "large") for kind in kinds)

"""Every code that our sources give to an error, a finding or a remark, read from their syntax trees.

A code is the argument of a class such as InputError; or of a function that hands its own argument
on to one, directly or through others.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("answers", "checkers", "companion")
# the place of the code among the arguments; None: in no argument
_CLASSES: dict[str, int | None] = dict.fromkeys(
    (
        "CompanionError", "InputError", "ModelFileError", "RefusedError", "RunError",
        "MissingError", "StoppedError", "TextError", "Fault", "Finding", "Note", "Remark", "_Oddity",
    ),
    0,
)  # fmt: skip
_ELSEWHERE: dict[tuple[str, str], int | None] = {
    ("checkers/content", "Finding"): 2,
    ("checkers/assignment", "Fault"): None,
    ("answers/textbook", "RefusedError"): None,  # a class of its own: why numbers are drawn again
}


@dataclass(frozen=True)
class _Carrier:
    """Where a call carries a code: the place and the name of the argument, and the class behind."""

    kind: str
    place: int | None
    name: str = "code"


@dataclass
class Scan:
    """codes: of each code, the classes it is given to. unread: calls whose code is no literal."""

    codes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unread: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True)
class _Module:
    path: str
    calls: tuple[tuple[ast.Call, tuple[ast.FunctionDef, ...]], ...]


def scan() -> Scan:
    """All of them, in all our packages."""
    modules = [_module(path) for package in PACKAGES for path in _sources(package)]
    carriers: dict[tuple[str, str], _Carrier] = {}
    while True:
        found, known = Scan(), len(carriers)
        for module in modules:
            _read(module, carriers, found)
        if len(carriers) == known:
            return found


def _sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def _module(path: Path) -> _Module:
    found: list[tuple[ast.Call, tuple[ast.FunctionDef, ...]]] = []
    _gather(ast.parse(path.read_text("utf-8")), (), found)
    return _Module(path.relative_to(ROOT).as_posix(), tuple(found))


def _gather(
    node: ast.AST,
    inside: tuple[ast.FunctionDef, ...],
    found: list[tuple[ast.Call, tuple[ast.FunctionDef, ...]]],
) -> None:
    """The calls of a tree, each with the functions around it, the innermost first."""
    if isinstance(node, ast.FunctionDef):
        inside = (node, *inside)
    if isinstance(node, ast.Call):
        found.append((node, inside))
    for child in ast.iter_child_nodes(node):
        _gather(child, inside, found)


def _read(module: _Module, carriers: dict[tuple[str, str], _Carrier], found: Scan) -> None:
    for call, inside in module.calls:
        carrier = _carrier(call, module.path, carriers)
        code = None if carrier is None else _argument(call, carrier)
        if carrier is None or code is None:
            continue
        literals = _literals(code, inside)
        if literals is not None:
            for literal in literals:
                found.codes[literal].add(carrier.kind)
        elif not _hands_on(code, inside, module.path, carrier, carriers):
            found.unread.add((module.path, ast.unparse(code)))


def _carrier(
    call: ast.Call, path: str, carriers: dict[tuple[str, str], _Carrier]
) -> _Carrier | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else None
    name = call.func.id if isinstance(call.func, ast.Name) else name
    if name in _CLASSES:
        own = [place for (part, kind), place in _ELSEWHERE.items() if kind == name and part in path]
        place = own[0] if own else _CLASSES[name]
        return None if place is None else _Carrier(name, place)
    return carriers.get((path, name or "")) or carriers.get(("", name or ""))


def _argument(call: ast.Call, carrier: _Carrier) -> ast.expr | None:
    named = [word.value for word in call.keywords if word.arg == carrier.name]
    if named:
        return named[0]
    place = carrier.place
    return call.args[place] if place is not None and place < len(call.args) else None


def _literals(code: ast.expr, inside: tuple[ast.FunctionDef, ...]) -> list[str] | None:
    """The texts that an expression can be; None where it is none that can be read."""
    if isinstance(code, ast.Constant) and isinstance(code.value, str):
        return [code.value]
    if isinstance(code, ast.IfExp):
        both = [_literals(side, inside) for side in (code.body, code.orelse)]
        return None if None in both else [text for side in both for text in side or ()]
    if isinstance(code, ast.Name) and inside:
        set_to = [
            _literals(node.value, ())
            for node in ast.walk(inside[0])
            if isinstance(node, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == code.id for t in node.targets)
        ]
        if set_to and None not in set_to:
            return [text for texts in set_to for text in texts or ()]
    return None


def _hands_on(
    code: ast.expr,
    inside: tuple[ast.FunctionDef, ...],
    path: str,
    carrier: _Carrier,
    carriers: dict[tuple[str, str], _Carrier],
) -> bool:
    """Whether the code came in from outside: as an argument, or with another error."""
    if isinstance(code, ast.Attribute) and code.attr == "code":
        return True
    if not isinstance(code, ast.Name):
        return False
    for function in inside:
        before = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        if code.id not in (*before, *(a.arg for a in function.args.kwonlyargs)):
            continue
        place = before.index(code.id) if code.id in before else None
        if place is not None and before[0] in ("self", "cls"):
            place -= 1
        is_own = function.name.startswith("_")
        if not is_own and code.id != "code":
            continue  # another function of this name
        where = path if is_own else ""
        carriers[where, function.name] = _Carrier(carrier.kind, place, code.id)
        return True
    return False

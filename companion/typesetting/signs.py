"""The LaTeX commands that stand for one sign: how it is drawn, how in ASCII, and how it is spaced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["plain", "binary", "relation", "opening", "closing", "comma", "function", "large"]


@dataclass(frozen=True)
class Sign:
    """One sign. kind: decides the spaces around it and where its scripts stand."""

    text: str
    ascii: str
    kind: Kind = "plain"


_GREEK = (
    ("alpha", "α"), ("beta", "β"), ("gamma", "γ"), ("delta", "δ"), ("epsilon", "ε"),
    ("varepsilon", "ε"), ("zeta", "ζ"), ("eta", "η"), ("theta", "θ"), ("kappa", "κ"),
    ("lambda", "λ"), ("mu", "μ"), ("nu", "ν"), ("xi", "ξ"), ("pi", "π"), ("rho", "ρ"),
    ("sigma", "σ"), ("tau", "τ"), ("phi", "φ"), ("varphi", "φ"), ("chi", "χ"), ("psi", "ψ"),
    ("omega", "ω"), ("Gamma", "Γ"), ("Delta", "Δ"), ("Theta", "Θ"), ("Lambda", "Λ"), ("Pi", "Π"),
    ("Sigma", "Σ"), ("Phi", "Φ"), ("Psi", "Ψ"), ("Omega", "Ω"),
)  # fmt: skip
_PLAIN = (
    ("infty", "∞", "inf"), ("partial", "∂", "d"), ("nabla", "∇", "grad "), ("ell", "ℓ", "l"),
    ("ldots", "…", "..."), ("dots", "…", "..."), ("cdots", "⋯", "..."), ("top", "ᵀ", "T"),
    ("intercal", "ᵀ", "T"), ("prime", "′", "'"), ("forall", "∀", "for all "), ("neg", "¬", "not "),
    ("emptyset", "∅", "{}"), ("exists", "∃", "exists "), ("colon", ":", ":"), ("vdots", "⋮", ":"),
    ("ddots", "⋱", "..."), ("degree", "°", " deg"), ("checkmark", "✓", "v"),
)  # fmt: skip
_BINARY = (
    ("cdot", "·", "*"), ("times", "×", "x"), ("pm", "±", "+-"), ("mp", "∓", "-+"),
    ("odot", "⊙", "(*)"), ("oplus", "⊕", "(+)"), ("otimes", "⊗", "(x)"), ("circ", "∘", "o"),
    ("ast", "∗", "*"), ("cup", "∪", "union"), ("cap", "∩", "and"), ("setminus", "∖", "\\"),
    ("wedge", "∧", "and"), ("vee", "∨", "or"), ("div", "÷", "/"), ("bmod", "mod", "mod"),
)  # fmt: skip
_RELATION = (
    ("le", "≤", "<="), ("leq", "≤", "<="), ("ge", "≥", ">="), ("geq", "≥", ">="),
    ("ne", "≠", "!="), ("neq", "≠", "!="), ("approx", "≈", "~="), ("sim", "∼", "~"),
    ("simeq", "≃", "~="), ("equiv", "≡", "=="), ("propto", "∝", "~"), ("ll", "≪", "<<"),
    ("gg", "≫", ">>"), ("in", "∈", "in"), ("notin", "∉", "not in"), ("subset", "⊂", "subset of"),
    ("subseteq", "⊆", "subset of"), ("to", "→", "->"), ("rightarrow", "→", "->"),
    ("leftarrow", "←", "<-"), ("gets", "←", "<-"), ("mapsto", "↦", "|->"),
    ("Rightarrow", "⇒", "=>"), ("implies", "⟹", "=>"), ("iff", "⟺", "<=>"),
    ("Leftrightarrow", "⇔", "<=>"), ("longrightarrow", "⟶", "-->"), ("mid", "|", "|"),
    ("lt", "<", "<"), ("gt", ">", ">"),
)  # fmt: skip
_OPENING = (
    ("lfloor", "⌊", "floor("), ("lceil", "⌈", "ceil("), ("lVert", "‖", "||"), ("lvert", "|", "|"),
    ("langle", "⟨", "<"), ("{", "{", "{"), ("lbrace", "{", "{"),
)  # fmt: skip
_CLOSING = (
    ("rfloor", "⌋", ")"), ("rceil", "⌉", ")"), ("rVert", "‖", "||"), ("rvert", "|", "|"),
    ("rangle", "⟩", ">"), ("}", "}", "}"), ("rbrace", "}", "}"),
)  # fmt: skip
_FUNCTIONS = (
    "log", "ln", "exp", "sin", "cos", "tan", "tanh", "sinh", "cosh", "det", "dim", "Pr", "deg", "arg",
)  # fmt: skip
_LIMITS = ("max", "min", "lim", "sup", "inf", "argmax", "argmin")
_LARGE = (("sum", "∑", "sum"), ("prod", "∏", "prod"), ("int", "∫", "int"), ("bigcup", "⋃", "union"))
_ESCAPED = "%$#_&"


def _named() -> Iterator[tuple[str, Sign]]:
    yield from ((name, Sign(text, name.removeprefix("var"))) for name, text in _GREEK)
    yield from ((name, Sign(text, plain)) for name, text, plain in _PLAIN)
    yield from ((name, Sign(text, plain, "binary")) for name, text, plain in _BINARY)
    yield from ((name, Sign(text, plain, "relation")) for name, text, plain in _RELATION)
    yield from ((name, Sign(text, plain, "opening")) for name, text, plain in _OPENING)
    yield from ((name, Sign(text, plain, "closing")) for name, text, plain in _CLOSING)
    yield from ((name, Sign(name, name, "function")) for name in _FUNCTIONS)
    yield from ((name, Sign(name, name, "large")) for name in _LIMITS)
    yield from ((name, Sign(text, plain, "large")) for name, text, plain in _LARGE)
    yield from ((sign, Sign(sign, sign)) for sign in _ESCAPED)
    yield "|", Sign("‖", "||")
    yield "Vert", Sign("‖", "||")
    yield "vert", Sign("|", "|")


COMMANDS = dict(_named())
CHARACTERS = {
    "+": Sign("+", "+", "binary"),
    "-": Sign("−", "-", "binary"),
    "*": Sign("∗", "*", "binary"),
    "=": Sign("=", "=", "relation"),
    "<": Sign("<", "<", "relation"),
    ">": Sign(">", ">", "relation"),
    ":": Sign(":", ":", "relation"),
    ",": Sign(",", ",", "comma"),
    ";": Sign(";", ";", "comma"),
    "(": Sign("(", "(", "opening"),
    "[": Sign("[", "[", "opening"),
    ")": Sign(")", ")", "closing"),
    "]": Sign("]", "]", "closing"),
    "|": Sign("|", "|"),
    "/": Sign("/", "/"),
    "!": Sign("!", "!"),
    "?": Sign("?", "?"),
    ".": Sign(".", "."),
    "'": Sign("′", "'"),
    "%": Sign("%", "%"),
}
SPACES = {",": 1, ":": 1, ";": 1, " ": 1, "!": 0, "quad": 3, "qquad": 6}

_LOWERED = dict(
    zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
_RAISED = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzT′ᵀ'",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ′ᵀ′",
        strict=True,
    )
)


def lowered(text: str) -> str | None:
    """Text in Unicode's subscripts; None where one of its signs has none."""
    return _put(text, _LOWERED)


def raised(text: str) -> str | None:
    """Text in Unicode's superscripts; None where one of its signs has none."""
    return _put(text, _RAISED)


def _put(text: str, table: dict[str, str]) -> str | None:
    close = text.replace(" ", "")
    return "".join(table[sign] for sign in close) if all(sign in table for sign in close) else None

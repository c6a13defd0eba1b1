"""The grammar of the notation, and its reader: text → items.

    network  = ["in" input {"," input} ":"] row
    input    = [name "="] size {"x" size} {option}
    row      = [item {"," item} [","]]
    item     = [name "="] (layer | join | residual | again) | repeat | from | out
    layer    = word [sizes] ["-" size] {option} [names]
    join     = "[" row "|" row {"|" row} "]" (layer | again)
    residual = "res" "(" row ")"                    the row, and its input added: [row | ] add
    repeat   = number "*" ("(" row ")" | layer | join | residual)
    again    = "again" "(" name {"," name} ")"      a layer once more, with the same weights
    from     = "from" "(" name ")"                  go on from there
    out      = "out" names                          several outputs, or one that is not the last
    names    = "(" name {"," name} ")"              further inputs, after the one that comes along
    option   = "/" (letter sizes | argument "=" value | word)
    letter   = "s" (strides) | "d" (dilation) | "g" (groups) | "m" (depth multiplier)
             | "op" (output padding)
    word     = same, valid, causal, nobias, an activation, or any other word that an argument of
               the layer may be; a true-or-false argument (keepdims), or "no" before it;
               frozen (not trained)
    value    = number | "true" | "false" | "none" | word | text in quotes | "{" formula "}"
             | "(" value {"," value} ")" | Class "(" [argument "=" value {"," …}] ")"
    sizes    = size {"x" size}
    size     = whole number | "{" formula "}"       in an input also "?": left open
    name     = letters, digits and _ | text in double quotes, as in JSON

Spaces, line ends and comments (# to the end of the line) may stand between all of these, but not
inside a layer up to its options. A name stands for what comes out of its item, from there on; the
input is called `in`. Inside a repetition a name is given anew each time. Without `in …:` the sizes
are open, and the layers say how many axes there are. Words may be written in capitals.
The text has at most 100,000 characters, 32 brackets inside one another, 20,000 layers,
and 1,000 different formulas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from answers.errors import InputError
from answers.expressions.size import Size
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS
from answers.notation.scanner import (
    DIGITS,
    LETTERS,
    NAME,
    SIGNED,
    Scanner,
    Span,
    nearest,
    placed,
)
from answers.notation.syntax import (
    Again,
    From,
    InputText,
    Item,
    Join,
    LayerText,
    Notation,
    Option,
    Out,
    Reference,
    Repeat,
    Sequence,
    Value,
)
from answers.notation.words import LETTERS_OF_OPTIONS, Word, find_word, spellings

MOST_CHARACTERS = 100_000
DEEPEST = 32

_LAYER = "a layer such as conv3-16 or relu"
_REAL = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LETTER = re.compile(r"(?:op|[sdgm])(?=[0-9{])")
_SPACED = re.compile(r"(?=[x×]\s*[0-9{?])")
_INPUT = re.compile(r"in(?![A-Za-z_0-9])")
RESERVED = ("res", "again", "from", "out", "in")


def read_notation(text: str) -> Notation:
    """The items of a text.

    Raises: InputError `notation-too-long`; TextError (an InputError) with the place, as soon as
    something can't be read.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError(
            "notation-too-long",
            f"The notation has {len(text):,} characters; the limit is {MOST_CHARACTERS:,}.",
            hint="Write a part that comes several times as 3*(…).",
        )
    return _Reader(Scanner(text)).whole()


@dataclass
class _Reader:
    scanner: Scanner
    depth: int = 0
    names: dict[str, Span] = field(default_factory=dict)

    def whole(self) -> Notation:
        scan = self.scanner
        scan.skip()
        if scan.ended:
            raise scan.unexpected(_LAYER, "For example: in 32x32x3: conv3-16, relu, maxpool2")
        inputs = self.inputs() if self.starts_with_inputs() else ()
        body = self.row()
        scan.skip()
        if not scan.ended:
            raise scan.unexpected("a comma", self.after_item())
        return Notation(scan.text, inputs, body)

    def after_item(self) -> str:
        inner = self.scanner.sees(":")
        return "The input stands first, as in 'in 32x32x3: …'." if inner else ""

    # -- inputs ---------------------------------------------------------------------------------

    def starts_with_inputs(self) -> bool:
        """Whether the word `in` stands here, and not a layer that is named so."""
        here = self.scanner.at
        found = self.scanner.match(_INPUT) is not None
        if found and self.scanner.take("="):
            found = False
        if not found:
            self.scanner.at = here
        return found

    def inputs(self) -> tuple[InputText, ...]:
        found = [self.input()]
        while self.scanner.take(","):
            found.append(self.input())
        if not self.scanner.take(":"):
            self.scanner.skip()
            spaced = self.scanner.match(_SPACED) is not None
            hint = (
                "Sizes stand without spaces: in 32x32x3: conv3-16."
                if spaced
                else "A colon ends the input: in 32x32x3: conv3-16."
            )
            raise self.scanner.unexpected("':' or another size", hint)
        return tuple(found)

    def input(self) -> InputText:
        name = self.new_name()
        self.scanner.skip()
        start = self.scanner.at
        sizes = [self.input_size()]
        while self.scanner.times():
            sizes.append(self.input_size())
        return InputText(tuple(sizes), (start, self.scanner.at), name, self.options())

    def input_size(self) -> Size | None:
        if self.scanner.sees("?"):
            self.scanner.at += 1
            return None
        return self.scanner.size("a size (a number, ? or {n})")

    # -- rows and items -------------------------------------------------------------------------

    def row(self, closing: str = "") -> Sequence:
        found: list[Item] = []
        while not self.row_ends(closing):
            found.append(self.item())
            if not self.scanner.take(","):
                break
        return tuple(found)

    def row_ends(self, closing: str) -> bool:
        self.scanner.skip()
        return self.scanner.ended or any(map(self.scanner.sees, closing))

    @contextmanager
    def inside(self, opening: str) -> Iterator[None]:
        """Between brackets, of which only so many may stand inside one another."""
        start = self.scanner.at
        if not self.scanner.take(opening):
            raise self.scanner.unexpected(f"'{opening}'")
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.scanner.error(
                "notation-too-deep",
                f"More than {DEEPEST} brackets stand inside one another.",
                (start, self.scanner.at),
                hint="Name a layer and use the name: a=conv3-64, …, add(a).",
            )
        yield
        self.depth -= 1

    def close(self, closing: str, expected: str) -> None:
        if not self.scanner.take(closing):
            raise self.scanner.unexpected(expected)

    def item(self) -> Item:
        name = self.new_name()
        self.scanner.skip()
        start = self.scanner.at
        step = self.repeat() if DIGITS.match(self.scanner.text, start) else self.step()
        if name is not None and isinstance(step, Repeat | From | Out):
            raise self.scanner.error(
                "notation-syntax",
                "Only a layer can have a name, not a repetition, from(…) or out(…).",
                (name.span[0], self.scanner.at),
                hint="Give the name to the last layer inside.",
            )
        return Item(step, name)

    def step(self) -> LayerText | Again | Join | From | Out:
        if self.scanner.sees("["):
            return self.join()
        word = NAME.match(self.scanner.text, self.scanner.at)
        special: dict[str, Callable[[], Again | Join | From | Out]] = {
            "res": self.residual,
            "again": self.again,
            "from": self.go_on,
            "out": self.out,
        }
        if word is not None and word.group() in special:
            return special[word.group()]()
        return self.layer()

    def keyword(self) -> Span:
        """Go behind a word that is known to stand here."""
        start = self.scanner.at
        self.scanner.match(NAME)
        return start, self.scanner.at

    def repeat(self) -> Repeat:
        start = self.scanner.at
        digits = self.scanner.match(DIGITS) or ""
        span = (start, self.scanner.at)
        count = self.scanner.whole(digits, span)
        if not (self.scanner.take("*") or self.scanner.take("×")):
            raise self.scanner.unexpected("'*' behind the number", "A repetition is 3*(…).")
        if count < 1:
            raise self.scanner.error(
                "notation-repeat", f"A row can't be repeated {count} times.", span
            )
        self.scanner.skip()
        return Repeat(count, self.repeated(), span)

    def repeated(self) -> Sequence:
        if not self.scanner.sees("("):
            return (Item(self.step()),)
        with self.inside("("):
            start = self.scanner.at
            body = self.row(")")
            self.close(")", "a comma or ')'")
        if not body:
            raise self.scanner.error(
                "notation-syntax", "There is nothing to repeat.", (start, self.scanner.at - 1)
            )
        return body

    def join(self) -> Join:
        start = self.scanner.at
        with self.inside("["):
            branches = [self.row("|]")]
            while self.scanner.take("|"):
                branches.append(self.row("|]"))
            self.close("]", "a comma, '|' or ']'")
        if len(branches) < 2:
            raise self.scanner.error(
                "notation-syntax",
                "Brackets hold branches with | between them, but here is only one.",
                (start, self.scanner.at),
                expected="'|'",
            )
        self.scanner.skip()
        return Join(tuple(branches), self.joining())

    def joining(self) -> LayerText | Again:
        word = NAME.match(self.scanner.text, self.scanner.at)
        if word is None:
            raise self.scanner.unexpected("a word that joins the branches (concat, add)")
        return self.again() if word.group() == "again" else self.layer()

    def residual(self) -> Join:
        span = self.keyword()
        with self.inside("("):
            body = self.row(")")
            self.close(")", "a comma or ')'")
        add = find_word("add")
        assert add is not None  # noqa: S101  # the table holds it
        return Join((body, ()), LayerText(add, span))

    def again(self) -> Again:
        start, _ = self.keyword()
        layer, *others = self.references()
        return Again(layer, (start, self.scanner.at), tuple(others))

    def go_on(self) -> From:
        self.keyword()
        found = self.references()
        if len(found) > 1:
            raise self.scanner.error(
                "notation-syntax", "A row goes on from one place only.", found[1].span
            )
        return From(found[0])

    def out(self) -> Out:
        start, _ = self.keyword()
        return Out(self.references(), (start, self.scanner.at))

    # -- names ----------------------------------------------------------------------------------

    def new_name(self) -> Reference | None:
        """A name with its '=', where one stands here."""
        self.scanner.skip()
        here = self.scanner.at
        found = self.reference()
        if found is None or not self.scanner.take("="):
            self.scanner.at = here
            return None
        return self.kept(found)

    def kept(self, name: Reference) -> Reference:
        if name.name in RESERVED and not name.quoted:
            raise self.scanner.error(
                "notation-name", f"{name.name!r} is a word of the notation.", name.span
            )
        if not name.name:
            raise self.scanner.error("notation-name", "A name can't be empty.", name.span)
        if not name.name.isprintable():
            message = f"The name {name.name!a} holds a character that can't be printed."
            hint = "Use letters, digits and signs that can be seen."
            raise self.scanner.error("notation-name", message, name.span, hint=hint)
        if name.name in self.names:
            raise self.scanner.error(
                "notation-name-twice",
                f"The name {name.name!r} is given twice.",
                name.span,
                hint="A name belongs to one layer; again(name) uses that layer once more.",
            )
        self.names[name.name] = name.span
        return name

    def reference(self) -> Reference | None:
        start = self.scanner.at
        quoted = self.scanner.quoted()
        name = self.scanner.match(NAME) if quoted is None else quoted
        if name is None:
            return None
        return Reference(name, (start, self.scanner.at), quoted is not None)

    def references(self) -> tuple[Reference, ...]:
        """Names in round brackets."""
        found: list[Reference] = []
        with self.inside("("):
            while True:
                self.scanner.skip()
                name = self.reference()
                if name is None:
                    raise self.scanner.unexpected("the name of a layer")
                found.append(name)
                if not self.scanner.take(","):
                    break
            self.close(")", "a comma or ')'")
        return tuple(found)

    # -- layers ---------------------------------------------------------------------------------

    def layer(self) -> LayerText:
        start = self.scanner.at
        word = self.word()
        sizes = self.real() if word.real else self.sizes()
        count = self.scanner.size("a number") if self.scanner.take("-") else None
        options = self.options()
        end = self.scanner.at
        named = self.references() if self.scanner.comes("(") else ()
        return LayerText(word, (start, end), sizes, count, options, named)

    def word(self) -> Word:
        """The longest word that stands here: Conv2D and relu6 whole, conv3 up to its number."""
        start = self.scanner.at
        for pattern in (NAME, LETTERS):
            found = self.scanner.match(pattern)
            word = find_word(found) if found else None
            if word is not None:
                return word
            self.scanner.at = start
        raise self.unknown_word(start)

    def unknown_word(self, start: int) -> InputError:
        found = NAME.match(self.scanner.text, start)
        if found is None:
            return self.scanner.unexpected(_LAYER)
        whole, letters = found.group(), LETTERS.match(self.scanner.text, start)
        stem = letters.group() if letters else whole
        like = nearest(stem, (*spellings(), *RESERVED))
        return self.scanner.error(
            "notation-unknown-word",
            f"{whole[:60]!r} is no layer of the notation.",
            found.span(),
            expected=_LAYER,
            hint=f"Did you mean {like}{whole[len(stem) :][:60]}?" if like else "",
        )

    def sizes(self) -> tuple[Size, ...] | None:
        if self.scanner.sees("{") or DIGITS.match(self.scanner.text, self.scanner.at):
            return self.scanner.sizes("a size")
        return None

    def real(self) -> float | None:
        """dropout0.5, rescale1/255."""
        start = self.scanner.at
        written = self.scanner.match(_REAL)
        if written is None:
            return None
        top = self.scanner.real(written, (start, self.scanner.at))
        below = self.scanner.match(_BELOW)
        if below is None:
            return top
        span = (start, self.scanner.at)
        bottom = self.scanner.whole(below[1:], span)
        if bottom == 0:
            raise self.scanner.error("notation-number", "The number is divided by zero.", span)
        return top / bottom

    # -- options --------------------------------------------------------------------------------

    def options(self) -> tuple[Option, ...]:
        found: list[Option] = []
        while self.scanner.take("/"):
            self.scanner.skip()
            found.append(self.option())
        return tuple(found)

    def option(self) -> Option:
        start = self.scanner.at
        letter = self.scanner.match(_LETTER)
        if letter is not None:
            sizes = self.scanner.sizes("a size")
            return Option(letter, (start, self.scanner.at), sizes=sizes)
        word = self.scanner.match(NAME)
        if word is None:
            raise self.scanner.unexpected(
                "an option", f"Options are same, {', '.join(LETTERS_OF_OPTIONS)} with a number, …"
            )
        if not self.scanner.take("="):
            return Option(word, (start, self.scanner.at))
        value = self.value()
        return Option(word, (start, self.scanner.at), value=value, is_pair=True)

    def value(self) -> Value:
        self.scanner.skip()
        start = self.scanner.at
        if self.scanner.sees("("):
            return self.values()
        if self.scanner.sees("{"):
            return self.scanner.size("a value")
        text = self.scanner.quoted()
        if text is not None:
            return text
        number = self.scanner.match(SIGNED)
        if number is not None:
            return self.number(number, (start, self.scanner.at))
        return self.word_value()

    def number(self, written: str, span: Span) -> int | float:
        digits = written.removeprefix("-")
        if not digits.isdigit():
            return self.scanner.real(written, span)
        value = self.scanner.whole(digits, span)
        return -value if written.startswith("-") else value

    def values(self) -> tuple[Value, ...]:
        found: list[Value] = []
        with self.inside("("):
            while not self.row_ends(")"):
                found.append(self.value())
                if not self.scanner.take(","):
                    break
            self.close(")", "a comma or ')'")
        return tuple(found)

    def word_value(self) -> Value:
        start = self.scanner.at
        word = self.scanner.match(NAME)
        if word is None:
            raise self.scanner.unexpected("a value")
        if self.scanner.sees("("):
            return self.record(word, start)
        plain: dict[str, Value] = {"true": True, "false": False, "none": None}
        return plain.get(word, word)

    def record(self, kind: str, start: int) -> Layer:
        """A layer inside a layer, with its arguments: LSTM(units=64)."""
        span = (start, self.scanner.at)
        if kind not in LAYERS:
            like = nearest(kind, LAYERS)
            hint = f"Did you mean {like}?" if like else ""
            message = f"{kind[:60]!r} is no layer of Keras that is known here."
            raise self.scanner.error("notation-unknown-word", message, span, hint=hint)
        arguments: dict[str, Value] = {}
        with self.inside("("):
            while not self.row_ends(")"):
                self.argument(kind, arguments)
                if not self.scanner.take(","):
                    break
            self.close(")", "a comma or ')'")
        try:
            return LAYERS[kind](**arguments)  # type: ignore[arg-type]  # the record checks its values
        except InputError as error:
            raise placed(error, self.scanner.text, (start, self.scanner.at)) from None
        except TypeError:
            message = f"{kind} needs more arguments than these."
            raise self.scanner.error(
                "notation-arguments", message, (start, self.scanner.at)
            ) from None

    def argument(self, kind: str, arguments: dict[str, Value]) -> None:
        self.scanner.skip()
        start = self.scanner.at
        key = self.scanner.match(NAME)
        if key is None or not self.scanner.take("="):
            raise self.scanner.unexpected("an argument with '=' and its value")
        if key not in LAYERS[kind].__dataclass_fields__ or key in arguments:
            what = "is given twice" if key in arguments else f"is no argument of {kind}"
            span = (start, start + len(key))
            raise self.scanner.error("notation-arguments", f"{key[:60]!r} {what}.", span)
        arguments[key] = self.value()


_BELOW = re.compile(r"/[0-9]+")

"""Asking a question: numbers are drawn until every known answer is told apart and no hint tells it.

The n-th try of a seed throws the dice of "QUESTION/SEED/n" (answers/expressions/dice.py), so a seed
means the same question everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from answers.errors import InputError
from answers.expressions.dice import Dice
from answers.expressions.expression import Expression
from answers.expressions.identity import exact_number, letters_in
from answers.textbook.asked import Asked, Convention, Hints, Mistake, Option
from answers.textbook.counting import Slipped, counted, derivations, slipped
from answers.textbook.drawing import drawn, holds
from answers.textbook.formulas import (
    Counted,
    Rule,
    Value,
    network_text,
    number,
    put_in,
    value_words,
)
from answers.textbook.misconceptions import Misconception
from answers.textbook.question import Calculation, Choice, Named, Ordering, Question
from answers.textbook.question_words import QuestionWords, Said, filled
from answers.textbook.telling_apart import RefusedError, check_hints, told_apart

MOST_TRIES = 200
MOST_EXAMPLES = 20
Parts = Mapping[str, Expression]
Catalogue = Mapping[str, Misconception]


def ask(question: Question, words: QuestionWords, catalogue: Catalogue, seed: int) -> Asked:
    """The question with the numbers of a seed.

    Raises: InputError `question-undrawable` where no numbers will do, with the usual reason; and
    what the question's own formulas, networks and words say when they can't be worked out.
    """
    reasons: Counter[str] = Counter()
    for attempt in range(MOST_TRIES if question.draws else 1):
        dice = Dice(question.id, seed, attempt)
        try:
            found = _Attempt(question, words, catalogue, seed, dice).asked()
            check_hints(found)
        except RefusedError as refused:
            reasons[str(refused)] += 1
        else:
            return found
    ((reason, times),) = reasons.most_common(1)
    raise InputError(
        "question-undrawable",
        f"{question.id} can't be asked: {reason} ({times} of {reasons.total()} tries).",
        hint="Draw from other numbers, or leave one of the two away.",
    )


def _numbers(question: Question, dice: Dice) -> dict[str, Fraction]:
    found = drawn(question.draws, dice)
    for demand in question.where:
        if not holds(demand, found):
            raise RefusedError(f"{demand.text} does not hold")
    return found


def _with_values(question: Question, numbers: Mapping[str, Fraction]) -> dict[str, Expression]:
    """What each letter stands for; a value may use those above it."""
    parts = {name: number(value) for name, value in numbers.items()}
    for item in question.values:
        parts[item.name] = _worked(item.rule, parts)[0][0]
    return parts


def _worked(rule: Rule, parts: Parts) -> tuple[Value, ...]:
    """What a rule comes to, in the ways in which it can be written."""
    if isinstance(rule, Counted):
        return counted(replace(rule, network=network_text(rule.network, parts)))
    formula = put_in(rule, parts)
    return ((formula if letters_in(formula) else number(exact_number(formula)),),)


def _steps(rule: Counted) -> str:
    from answers.derivation.text import to_lines

    lines = (list(to_lines(found))[1:] for found in derivations(rule))  # its title is the question
    return "\n".join(line for part in lines for line in part)


class _Attempt:
    """One throw of the dice for one question."""

    def __init__(
        self,
        question: Question,
        words: QuestionWords,
        catalogue: Catalogue,
        seed: int,
        dice: Dice,
    ) -> None:
        self.question, self.words, self.catalogue = question, words, catalogue
        self.seed, self.dice = seed, dice
        self.numbers = _numbers(question, dice)
        self.parts = _with_values(question, self.numbers)
        self.rule = self.counted_rule()
        self.said = self.names_in_words()

    def counted_rule(self) -> Counted | None:
        """The network that is asked about, with its numbers."""
        asks = self.question.asks
        if not isinstance(asks, Calculation) or not isinstance(asks.answer, Counted):
            return None
        return replace(asks.answer, network=network_text(asks.answer.network, self.parts))

    def names_in_words(self) -> Said:
        values = {n: exact_number(p) for n, p in self.parts.items() if not letters_in(p)}
        return values | ({"network": self.rule.network} if self.rule else {})

    def asked(self) -> Asked:
        plain = Asked(
            question=self.question,
            seed=self.seed,
            text=filled(self.words.text, self.said),
            numbers=tuple(self.numbers.items()),
            network=self.rule.network if self.rule else "",
        )
        match self.question.asks:
            case Calculation() as asks:
                return self.calculation(asks, plain)
            case Choice() as asks:
                return self.choice(asks, plain)
            case Ordering() as asks:
                return self.ordering(asks, plain)
        raise TypeError(f"no rule to ask {type(self.question.asks).__name__}")

    def known(self, code: str) -> Misconception:
        if code not in self.catalogue:
            raise InputError("unknown-misconception", f"There is no misconception {code!r:.60}.")
        return self.catalogue[code]

    # --- numbers and formulas

    def calculation(self, asks: Calculation, plain: Asked) -> Asked:
        right = counted(self.rule) if self.rule else _worked(asks.answer, self.parts)
        parts = self.parts | {"answer": right[0][0]} if len(right[0]) == 1 else self.parts
        found = replace(
            plain,
            right=right,
            accepted=tuple(self.accepted(asks, parts)),
            mistakes=tuple(self.mistakes(asks, parts)),
        )
        return replace(told_apart(found, asks), hints=self.hints(value_words(right[0])))

    def accepted(self, asks: Calculation, parts: Parts) -> Iterator[Convention]:
        for slip in self.slipped(asks.accepted_slips):
            remark = self.words.remarks.get(slip.code, slip.sentence)
            yield Convention(code=slip.code, values=slip.values, remark=remark)
        for item in asks.accepted:
            values, remark = _worked(item.rule, parts), self.remark(item)
            yield Convention(code=item.name, values=values, remark=remark)

    def remark(self, item: Named) -> str:
        found = self.words.remarks.get(item.name)
        return self.known(item.name).sentence if found is None else filled(found, self.said)

    def mistakes(self, asks: Calculation, parts: Parts) -> Iterator[Mistake]:
        for slip in self.slipped(asks.slips):
            yield Mistake(code=slip.code, values=slip.values, sentence=slip.sentence)
        for item in asks.mistakes:
            sentence, values = self.known(item.name).sentence, _worked(item.rule, parts)
            yield Mistake(code=item.name, values=values, sentence=sentence)

    def slipped(self, codes: tuple[str, ...]) -> tuple[Slipped, ...]:
        for code in codes:
            self.known(code)
        if codes and self.rule is None:
            raise InputError("question-slips", "Slips need a network; this question has none.")
        found = slipped(self.rule, codes) if self.rule else ()
        if len(found) < len(codes):
            raise InputError("question-slips", "The engine knows no slips of what is asked here.")
        return found

    # --- options and orders

    def choice(self, asks: Choice, plain: Asked) -> Asked:
        options = self.options(self.dice.shuffled((asks.right, *asks.wrong)))
        codes = dict(asks.mistakes)
        answer = next(option.words for option in options if option.name == asks.right)
        return replace(
            plain,
            options=options,
            order=(asks.right,),
            mistakes=tuple(self.wrong_option(name, codes.get(name, "")) for name in asks.wrong),
            hints=self.hints(answer),
        )

    def wrong_option(self, name: str, code: str) -> Mistake:
        because = self.words.because.get(name)
        if because is None and not code:
            raise InputError("words-missing", f"The wrong option {name!r:.60} is not explained.")
        known = self.known(code) if code else None
        sentence = known.sentence if known and because is None else filled(because or "", self.said)
        return Mistake(code=code, sentence=sentence, option=name)

    def options(self, names: tuple[str, ...]) -> tuple[Option, ...]:
        for name in names:
            if name not in self.words.options:
                raise InputError("words-missing", f"The option {name!r:.60} has no words.")
        return tuple(
            Option(letter=letter, name=name, words=filled(self.words.options[name], self.said))
            for letter, name in zip("abcdefghij", names, strict=False)
        )

    def ordering(self, asks: Ordering, plain: Asked) -> Asked:
        order = asks.order or self.ascending(asks.ascending)
        shown = self.dice.shuffled(order)
        if shown == order:  # an order that is right already asks nothing
            shown = (*shown[1:], shown[0])
        options = self.options(shown)
        words = {option.name: option.words for option in options}
        answer = ", ".join(words[name] for name in order)
        return replace(plain, options=options, order=order, hints=self.hints(answer))

    def ascending(self, items: tuple[Named, ...]) -> tuple[str, ...]:
        """The names by what their rules come to; equal ones have no order."""
        values = {item.name: exact_number(_worked(item.rule, self.parts)[0][0]) for item in items}
        order = sorted(values, key=lambda name: values[name])
        for one, other in pairwise(order):
            if values[one] == values[other]:
                raise RefusedError(f"{one} and {other} are equal")
        return tuple(order)

    # --- hints

    def hints(self, answer: Fraction | str) -> Hints:
        words, full = self.words, dict(self.said) | {"answer": answer}
        return Hints(
            nudge=filled(words.nudge, self.said),
            formula=filled(words.formula, self.said),
            step=filled(words.step, self.said) if words.step else self.example(),
            solution=filled(words.solution, full) if words.solution else self.worked_out(),
        )

    def example(self) -> str:
        """The same question worked out with other numbers."""
        if self.rule is None or not self.question.draws:
            raise InputError("hint-missing", "The hint `step` is missing.")
        for other in range(MOST_EXAMPLES):
            rule = self.example_rule(Dice(self.question.id, self.seed, "example", other))
            if rule is not None and rule.network != self.rule.network:
                return f"With other numbers, {rule.network}:\n{_steps(rule)}"
        raise RefusedError("no other numbers are left for a worked example")

    def example_rule(self, dice: Dice) -> Counted | None:
        try:
            parts = _with_values(self.question, _numbers(self.question, dice))
        except RefusedError:
            return None
        asks = self.question.asks
        rule = asks.answer if isinstance(asks, Calculation) else None
        if not isinstance(rule, Counted):
            return None
        return replace(rule, network=network_text(rule.network, parts))

    def worked_out(self) -> str:
        if self.rule is None:
            raise InputError("hint-missing", "The hint `solution` is missing.")
        return _steps(self.rule)

"""Whether the questions of the textbook hold: drawn, answered by all known answers, and read.

Each question is asked with many seeds. Its right answers have to pass, each of its mistakes to be
recognised as itself, and no hint to tell the answer: `answers.textbook.asking` refuses numbers
where that fails, so a question that can be asked keeps these promises, and is tried here once more
by the way of a student: as text, through `checkers.formula`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path

from answers.errors import InputError
from answers.expressions.identity import letters_in
from answers.textbook.asked import Asked
from answers.textbook.asking import ask
from answers.textbook.fault import Fault
from answers.textbook.formulas import Counted, Rule, network_letters, value_text
from answers.textbook.misconceptions import RULES, Misconception, misconceptions, words_file
from answers.textbook.question import Calculation, Choice, Named, Ordering, Question
from answers.textbook.question_words import QuestionWords, mentioned, read_words
from answers.textbook.questions import FILE, readers
from checkers.content.equations import wrong_equations
from checkers.content.finding import Finding
from checkers.content.telling import Tell, quiet, told
from checkers.formula.judge import REVERSED, judge

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_Catalogue = dict[str, Misconception]


def check_questions(
    folder: Path, *, seeds: int, only: Collection[str] | None = None, tell: Tell = quiet
) -> tuple[Finding, ...]:
    """Everything that is wrong with the questions and misconceptions of a textbook's folder.

    seeds: with how many seeds each question is asked; one without draws needs only a few.
    only: the topics whose questions are asked; None: all. tell: is told how many topics are done.
    """
    findings: list[Finding] = []
    every = sorted(path.parent for path in folder.glob(f"topics/*/{FILE}"))
    topics = [path for path in every if only is None or path.name in only]
    languages = sorted({name for topic in topics for name in _languages(topic)} | {"en"})
    used: set[str] = {REVERSED}
    for language in languages:
        try:
            catalogue = misconceptions(language, folder)
        except Fault as fault:
            findings.append(_finding(fault))
            continue
        findings += _check_catalogue(folder, language, catalogue)
        for topic in told(topics, "questions of topics", len(topics), tell):
            findings += _Topic(topic, language, catalogue, seeds, used).findings()
        if only is None:  # another topic may have the question that meets it
            findings += _unused(folder, catalogue, used)
    return tuple(dict.fromkeys(findings))


def _languages(topic: Path) -> Iterator[str]:
    """The languages in which a topic's questions are written."""
    for path in topic.glob("*.toml"):
        if _LANGUAGE.fullmatch(path.stem):
            yield path.stem


def _finding(fault: Fault) -> Finding:
    message = f"{fault.message} {fault.hint}".rstrip()
    return Finding(fault.file, fault.line, fault.code, message)


def _check_catalogue(folder: Path, language: str, catalogue: _Catalogue) -> Iterator[Finding]:
    file = folder / words_file(language)
    for item in catalogue.values():
        if not (item.name.strip() and item.sentence.strip()):
            message = f"{item.code} has an empty name or sentence."
            yield Finding(file, 0, "misconception-words", message)
        if not (folder / "topics" / item.topic).is_dir():
            message = f"{item.code} sends to the topic {item.topic!r:.60}, which is not there."
            yield Finding(folder / RULES, item.line, "misconception-topic", message)


def _unused(folder: Path, catalogue: _Catalogue, used: set[str]) -> Iterator[Finding]:
    """Mistakes of the textbook that no question can meet; slips are met by the calculators."""
    from answers.misconceptions.slip import slips

    engine = {slip.code for slip in slips()}
    for item in catalogue.values():
        if item.code not in used | engine:
            message = f"No question can meet {item.code}."
            yield Finding(folder / RULES, item.line, "misconception-unused", message)


class _Topic:
    """The questions of one topic in one language."""

    def __init__(
        self, folder: Path, language: str, catalogue: _Catalogue, seeds: int, used: set[str]
    ) -> None:
        self.folder, self.language = folder, language
        self.catalogue, self.seeds, self.used = catalogue, seeds, used

    def findings(self) -> Iterator[Finding]:
        try:
            questions = readers(self.folder)
            words = read_words(self.folder, self.language)
        except Fault as fault:
            yield _finding(fault)
            return
        names: set[str] = set()
        for read in questions:
            try:
                question = read()
                names.add(question.name)
                if question.name not in words:
                    raise _no_words(question, self.folder / f"{self.language}.toml")
                yield from self.question(question, words[question.name]())
            except Fault as fault:
                yield _finding(fault)
        if len(names) == len(questions):
            yield from self.stray(set(words) - names)

    def stray(self, names: set[str]) -> Iterator[Finding]:
        file = self.folder / f"{self.language}.toml"
        for name in sorted(names):
            message = f"[{name}] has words, but there is no such question."
            yield Finding(file, 0, "words-stray", message)

    def question(self, question: Question, words: QuestionWords) -> Iterator[Finding]:
        self.used |= codes_of(question)
        yield from _stray_words(question, words)
        yield from _draws(question, words)
        count = self.seeds if question.draws else min(self.seeds, 3)
        for seed in range(count):
            try:
                asked = ask(question, words, self.catalogue, seed)
            except Fault as fault:
                yield _finding(fault)
                return
            except InputError as error:
                yield Finding(question.file, question.line, error.code, _said(question, error))
                return
            found = [*self.tried(asked), *_equations(asked, words)]
            yield from found
            if found:
                return

    def tried(self, asked: Asked) -> Iterator[Finding]:
        """Every known answer, as a student would write it."""
        if not isinstance(asked.question.asks, Calculation):
            yield from self.tried_options(asked)
            return
        for value in asked.right:
            yield from self.expect(asked, value_text(value), right=True)
        for item in asked.accepted:
            for value in item.values:
                yield from self.expect(asked, value_text(value), right=True)
        for mistake in asked.mistakes:
            yield from self.expect(asked, value_text(mistake.values[0]), code=mistake.code)

    def tried_options(self, asked: Asked) -> Iterator[Finding]:
        letters = {option.name: option.letter for option in asked.options}
        text = " ".join(letters[name] for name in asked.order)
        yield from self.expect(asked, text, right=True)
        for mistake in asked.mistakes:
            yield from self.expect(asked, letters[mistake.option], code=mistake.code)

    def expect(
        self, asked: Asked, text: str, *, right: bool = False, code: str = ""
    ) -> Iterator[Finding]:
        question = asked.question
        where = f"{question.id} with seed {asked.seed}"
        try:
            judged = judge(asked, text, self.catalogue)
        except InputError as error:
            message = f"{where}: {text} can't be read: {error.message}"
            yield Finding(question.file, question.line, "question-unreadable", message)
            return
        if judged.is_right != right:
            message = f"{where}: {text} is judged {'right' if judged.is_right else 'wrong'}."
            yield Finding(question.file, question.line, "question-verdict", message)
        elif code and (judged.misconception is None or judged.misconception.code != code):
            message = f"{where}: {text} is not recognised as {code}."
            yield Finding(question.file, question.line, "question-mistake", message)


def _no_words(question: Question, file: Path) -> Fault:
    from answers.textbook.question_words import missing

    return missing(file, question.name)


def _said(question: Question, error: InputError) -> str:
    return f"{question.id}: {error.message.removeprefix(f'{question.id} ')}"


def codes_of(question: Question) -> set[str]:
    """The misconceptions that a question can meet."""
    match question.asks:
        case Calculation() as asks:
            return {*asks.slips, *(item.name for item in asks.mistakes)}
        case Choice() as asks:
            return {code for _, code in asks.mistakes}
    return set()


def _stray_words(question: Question, words: QuestionWords) -> Iterator[Finding]:
    """Words for options, explanations and remarks that the question does not have."""
    asks = question.asks
    options: set[str] = set()
    wrong: set[str] = set()
    if isinstance(asks, Choice):
        options, wrong = {asks.right, *asks.wrong}, set(asks.wrong)
    elif isinstance(asks, Ordering):
        options = set(asks.names)
    remarks = _accepted(question)
    places = (("options", words.options, options), ("because", words.because, wrong))
    for key, given, known in (*places, ("remarks", words.remarks, remarks)):
        for name in sorted(set(given) - known):
            message = f"{question.id}: {key} has words for {name!r:.60}, which is not there."
            yield Finding(words.file, words.line, "words-stray", message)


def _accepted(question: Question) -> set[str]:
    asks = question.asks
    if not isinstance(asks, Calculation):
        return set()
    return {*asks.accepted_slips, *(item.name for item in asks.accepted)}


def _draws(question: Question, words: QuestionWords) -> Iterator[Finding]:
    """Letters that nothing needs, and numbers that a student needs and isn't told."""
    values = {item.name: _letters(item.rule) for item in question.values}
    needed = set(chain.from_iterable(map(_letters, _rules(question))))
    named = mentioned(words.text) | set(chain.from_iterable(map(mentioned, words.options.values())))
    said = named | set(chain.from_iterable(values.get(name, ()) for name in named))
    if "network" in named:
        said |= needed
    answer = _needed(question, values)
    for letter in (draw.letter for draw in question.draws):
        if letter not in needed | said | set(chain.from_iterable(values.values())):
            message = f"{question.id}: nothing needs the drawn letter {letter}."
            yield Finding(question.file, question.line, "draw-unused", message)
        elif letter in answer - said and not isinstance(question.asks, Ordering):
            message = f"{question.id}: the text does not say {letter}, which the answer needs."
            yield Finding(words.file, words.line, "draw-unsaid", message)


def _needed(question: Question, values: dict[str, set[str]]) -> set[str]:
    """The drawn letters that the right answer needs, through values as well."""
    asks = question.asks
    if not isinstance(asks, Calculation):
        return set()
    direct = _letters(asks.answer)
    return direct | set(chain.from_iterable(values.get(name, ()) for name in direct))


def _rules(question: Question) -> Iterable[Rule]:
    asks = question.asks
    yield from (item.rule for item in question.values)
    for condition in question.where:
        yield from (condition.left, condition.right)
    if isinstance(asks, Calculation):
        yield asks.answer
        yield from _of(asks.mistakes, asks.accepted)
    elif isinstance(asks, Ordering):
        yield from _of(asks.ascending)


def _of(*groups: tuple[Named, ...]) -> Iterator[Rule]:
    for group in groups:
        yield from (item.rule for item in group)


def _letters(rule: Rule) -> set[str]:
    if isinstance(rule, Counted):
        return set(network_letters(rule.network))
    return set(letters_in(rule))


def _equations(asked: Asked, words: QuestionWords) -> Iterator[Finding]:
    """Equations of plain numbers in the texts that don't hold."""
    hints = asked.hints
    for text in (asked.text, *hints.steps, hints.solution):
        for equation in wrong_equations(text):
            message = f"{asked.question.id} with seed {asked.seed}: {equation} does not hold."
            yield Finding(words.file, words.line, "words-equation", message)

"""Several classes: the rates of each, and the three ways to average them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Literal

from answers.metrics.classification import Averages, ClassScore, Confusion
from companion.matrix_file import NamedConfusion
from companion.options import Everywhere
from companion.views.columns import Column, write
from companion.views.numbers import decimal
from companion.views.paper import Paper
from companion.views.printable import printable
from companion.views.table_text import as_text as table_text

_COLUMNS = (
    Column("class"),
    Column("cases", right=True),
    Column("called so", right=True, spare=1),
    Column("precision", right=True),
    Column("recall", right=True),
    Column("F1", right=True),
)
_AVERAGES = (
    Column("average"),
    Column("precision", right=True),
    Column("recall", right=True),
    Column("F1", right=True),
)


def draw(found: NamedConfusion, everywhere: Everywhere) -> None:
    """Each class, the averages, and what they mean."""
    paper = Paper.of(everywhere)
    write(paper, _COLUMNS, list(_class_rows(found)))
    paper.line()
    write(paper, _AVERAGES, list(_average_rows(found.confusion)))
    paper.line()
    for line in remarks(found):
        paper.line(line)


def as_text(found: NamedConfusion, form: Literal["latex", "markdown"]) -> str:
    """The two tables; in Markdown the remarks, too."""
    tables = [
        table_text(form, _COLUMNS, list(_class_rows(found))),
        table_text(form, _AVERAGES, list(_average_rows(found.confusion))),
    ]
    return "\n\n".join(tables if form == "latex" else [*tables, *_plain_remarks(found)])


def _plain_remarks(found: NamedConfusion) -> Iterator[str]:
    """Remarks without the names that a file could hold markup in."""
    yield from _fixed_remarks(found.confusion)


def _class_rows(found: NamedConfusion) -> Iterator[tuple[str, ...]]:
    for name, score in zip(found.names, found.confusion.per_class, strict=True):
        yield (
            printable(name),
            f"{score.support:,}",
            f"{score.predicted:,}",
            decimal(score.precision) if score.predicted else "0/0",
            decimal(score.recall) if score.support else "0/0",
            decimal(score.f1) if score.is_seen else "0/0",
        )


def _average_rows(confusion: Confusion) -> Iterator[tuple[str, ...]]:
    for name, average in averages(confusion):
        yield (name, *map(decimal, (average.precision, average.recall, average.f1)))


def averages(confusion: Confusion) -> list[tuple[str, Averages]]:
    """The averages by name; those of the classes seen only where a class is not seen at all."""
    found = [
        ("macro", confusion.macro),
        ("weighted", confusion.weighted),
        ("micro", confusion.micro),
    ]
    if confusion.undefined_f1:
        found.insert(1, ("macro, classes seen", confusion.macro_seen))
    return found


def remarks(found: NamedConfusion) -> Iterator[str]:
    """What the averages are, the best constant answer, and the largest confusions."""
    yield from _fixed_remarks(found.confusion)
    for pair in found.confusion.largest_confusions():
        truth, said = found.names[pair.truth], found.names[pair.predicted]
        times = "Once" if pair.count == 1 else f"{pair.count:,} times"
        yield f"{times} {truth} was called {said}."


def _fixed_remarks(confusion: Confusion) -> Iterator[str]:
    yield (
        "Macro: the plain mean over the classes, so that a rare class counts as much as a frequent "
        "one; the macro F1 is the mean of the F1s. Weighted: the mean by how many cases a class "
        "has. Micro: of the pooled counts; with one answer a case all three are the accuracy, "
        f"{_both(confusion.accuracy)}."
    )
    yield (
        f"Balanced accuracy, the mean recall of the classes that occur: "
        f"{_both(confusion.balanced_accuracy)}."
    )
    if confusion.undefined_precision or confusion.undefined_recall:
        yield "What is 0/0 counts as 0 in the averages."
    yield f"Always answering the most frequent class is right for {_both(_constant(confusion))}."


def _constant(confusion: Confusion) -> Fraction:
    return Fraction(max(score.support for score in confusion.per_class), confusion.total)


def _both(value: Fraction) -> str:
    return f"{value} = {decimal(value)}"


def document(found: NamedConfusion) -> dict[str, Any]:
    """The result of `metrics --matrix --json`."""
    confusion = found.confusion
    return {
        "total": confusion.total,
        "correct": confusion.correct,
        "accuracy": str(confusion.accuracy),
        "balanced_accuracy": str(confusion.balanced_accuracy),
        "best_constant": {"accuracy": str(_constant(confusion))},
        "classes": [
            {"name": name} | _class_document(score)
            for name, score in zip(found.names, confusion.per_class, strict=True)
        ],
        "averages": {
            name: {
                "precision": str(average.precision),
                "recall": str(average.recall),
                "f1": str(average.f1),
            }
            for name, average in averages(confusion)
        },
    }


def _class_document(score: ClassScore) -> dict[str, Any]:
    return {
        "support": score.support,
        "predicted": score.predicted,
        "hits": score.hits,
        "precision": str(score.precision) if score.predicted else None,
        "recall": str(score.recall) if score.support else None,
        "f1": str(score.f1) if score.is_seen else None,
    }

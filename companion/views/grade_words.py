"""A report in words: the lines and the rows that terminal, Markdown and HTML all show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from answers.layers.base import text
from answers.metrics.classification import Confusion
from checkers.assignment.assignment import Check
from checkers.assignment.verdict import Verdict
from checkers.measuring.class_maps import ClassMapped
from checkers.measuring.classification import Classified
from checkers.measuring.segmentation import Segmented
from checkers.measuring.verification import Verification
from checkers.report import Report, Result, Score
from companion.views import grade_class_words as class_words
from companion.views.advice import advice
from companion.views.assignment_view import target as layers_wanted
from companion.views.numbers import beside, decimal, plain, points

_AVERAGES = {
    "pooled": "pooled",
    "per-image": "per picture, with an object",
    "per-image-all": "per picture, all",
}
_NAMES = {"accuracy": "Accuracy", "dice": "Dice", "iou": "IoU"}
_PIXEL_ACCURACY = "Accuracy of pixels"
ISOLATION = {
    "none": "none (a process of its own, with limits of memory and time)",
    "partial": "partial (no network, no other process and no file of yours, but a part of the lock is "
    "missing here)",
    "strong": "strong (files, network, processes and memory are shut; tried on this machine)",
}
HASH_SHOWN = 12
_FLIPS_SHOWN = 5


@dataclass(frozen=True)
class CheckRow:
    """One check as it is shown. verdict: pass, fail or not-run."""

    check: str
    value: str
    target: str
    verdict: str
    points: str
    note: str


@dataclass(frozen=True)
class ScoreRow:
    """One score as it is shown."""

    score: str
    value: str
    interval: str
    constant: str


@dataclass(frozen=True)
class ScoreGroup:
    """Scores that stand together under a title (none where there is one group)."""

    title: str
    rows: tuple[ScoreRow, ...]


@dataclass(frozen=True)
class ClassTable:
    """What each class got; the first column holds names, the others numbers."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def headline(report: Report, name: str = "") -> str:
    """What was graded, and against what. name: what tells the file from others beside it."""
    name = name or report.file.name
    if report.assignment is None:
        return name
    where = "built in" if report.assignment.file is None else report.assignment.file.name
    why = f"; {report.chosen}" if report.chosen else ""
    return f"{name}: {report.assignment.title} (assignment {report.assignment.name}, {where}{why})"


def facts(report: Report) -> Iterator[tuple[str, str]]:
    """What the file is, what it was measured on, and how: a name and a text each."""
    if report.model is not None:
        yield "model", _model_words(report)
    if report.data is not None:
        data = report.data
        yield (
            "data",
            (
                f"{data.count:,} pictures, split '{data.split}' of {data.source}; "
                f"content {data.sha256[:HASH_SHOWN]}"
            ),
        )
    if report.assignment is not None and report.scale is not None:
        yield "fed", _fed_words(report)
    if report.engine is not None:
        versions = ", ".join(f"{name} {number}" for name, number in report.engine.versions)
        reason = f"; {report.engine.reason}" if report.engine.reason else ""
        yield "run on", f"{report.engine.device}; {report.engine.name} ({versions}){reason}"
    if report.verification is not None:
        yield "verified", _verified_words(report.verification)
    if report.order_seed is not None:
        yield "order", f"pictures went in shuffled; again so with --order-seed {report.order_seed}"
    yield "isolation", ISOLATION.get(report.isolation, report.isolation)
    if report.sha256:
        yield "file", f"{report.size:,} bytes, sha256 {report.sha256[:HASH_SHOWN]}"


def _model_words(report: Report) -> str:
    model = report.model
    if model is None:
        return ""
    ends = " → ".join(
        ", ".join(map(text, shapes)) for shapes in (model.input_shapes, model.output_shapes)
    )
    counts = model.parameters
    frozen = f" ({counts.trainable:,} trainable)" if counts.non_trainable else ""
    return (
        f"{ends} ({model.activation}), {counts.total:,} parameters{frozen}, "
        f"{model.layers} layers; {model.writer}, {model.dialect}"
    )


def _verified_words(found: Verification) -> str:
    turned = "no decision turns"
    if found.flips:
        shown = (
            f"{flip.name} ({flip.places:,}, margin {flip.margin:.1e})"
            for flip in found.flips[:_FLIPS_SHOWN]
        )
        more = found.pictures - _FLIPS_SHOWN
        turned = f"decisions turn in {', '.join(shown)}"
        turned += f" and {more:,} pictures more" if more > 0 else ""
    return (
        f"by {found.engine}: {found.decisions:,} decisions compared, the numbers differ by at most "
        f"{found.largest:.1e}; {turned}"
    )


def _fed_words(report: Report) -> str:
    if report.assignment is None or report.scale is None:
        return ""
    contract = report.assignment.input
    size = text(contract.size) if contract.size else "the model's size"
    return (
        f"{size}, {contract.channels}, {contract.resize}, scale '{report.scale.kind}' "
        f"({report.scale_reason}); decoded by Pillow"
    )


def check_rows(report: Report) -> list[CheckRow]:
    """The verdict of each check."""
    return [_check_row(verdict, report) for verdict in report.verdicts]


def subject(check: Check, report: Report) -> str:
    """What a check measures, with the mean over classes that it uses."""
    result = report.result
    over = class_words.mean_over(result) if isinstance(result, ClassMapped) else ""
    return check.subject_over(over)


def _check_row(verdict: Verdict, report: Report) -> CheckRow:
    value, target = _value_and_target(verdict)
    check = verdict.check
    earned = f"{points(verdict.points)} of {points(check.points)}" if check.points else "–"
    marks = []
    if not check.required:
        marks.append("points only")
    if verdict.narrow:
        marks.append("narrow: the 95 % interval holds the target")
    if verdict.by_ties:
        marks.append("by ties within 1e-5, which count for the student")
    return CheckRow(
        check=subject(check, report),
        value=value,
        target=target,
        verdict=verdict.outcome,
        points=earned,
        note="; ".join(marks),
    )


def _value_and_target(verdict: Verdict) -> tuple[str, str]:
    check, value = verdict.check, verdict.value
    if check.target is None:
        return "–", layers_wanted(check)
    sign = "≥" if check.at_least is not None else "≤"
    if value is None:
        return "–", f"{sign} {plain(check.target)}"
    shown, target = beside(value, check.target)
    return shown, f"{sign} {target}"


def total_line(report: Report) -> str:
    """The points, and whether the required checks passed."""
    if report.assignment is None:
        return ""
    earned = f"{points(report.points)} of {points(report.assignment.points)} points"
    if report.failed:
        return f"FAILED: a required check failed; {earned}."
    if report.missing or not report.passed:
        return f"NOT FINISHED: a required check could not be run; {earned} so far."
    return f"PASSED: every required check passed; {earned}."


def not_run(report: Report) -> list[str]:
    """What is missing, and the ways to have it; else why a check was not run. Each once."""
    ways = [f"{error.message} {error.hint}" for error in report.missing]
    reasons = [
        f"{verdict.check.subject}: {verdict.reason}"
        for verdict in report.verdicts
        if verdict.outcome == "not-run" and not (verdict.missing and ways)
    ]
    return list(dict.fromkeys(ways + reasons))


def next_steps(report: Report) -> list[str]:
    """For each failed check the likely cause and what to do; equal ones once."""
    steps: dict[str, list[str]] = {}
    for verdict in report.verdicts:
        if verdict.outcome == "fail":
            said = advice(verdict, report.findings)
            steps.setdefault(said, []).append(subject(verdict.check, report))
    return [f"{' and '.join(dict.fromkeys(names))}: {words}" for words, names in steps.items()]


def score_rows(report: Report) -> list[ScoreRow]:
    """Every score, with its interval and the best constant answer beside it."""
    return [_score_row(score) for score in report.scores]


def score_groups(report: Report) -> list[ScoreGroup]:
    """The scores in groups: with several classes, the means that checks use come first."""
    groups: dict[str, list[ScoreRow]] = {}
    for score in report.scores:
        title = ""
        if isinstance(report.result, ClassMapped):
            title = class_words.group_title(score)
        groups.setdefault(title, []).append(_score_row(score))
    return [ScoreGroup(title, tuple(rows)) for title, rows in groups.items()]


def _score_row(score: Score) -> ScoreRow:
    name = _NAMES[score.measure]
    average = f", {_AVERAGES[score.average]}" if score.average else ""
    if score.measure == "accuracy" and score.average:
        name, average = _PIXEL_ACCURACY, ""
    interval = score.interval
    constant = score.constant
    return ScoreRow(
        score=name + average,
        value="undefined" if score.value is None else decimal(score.value),
        interval=f"{interval.low:.4f} to {interval.high:.4f}" if interval else "–",
        constant=f"{decimal(constant.value)} (all {constant.answer})" if constant else "–",
    )


def conventions(report: Report) -> list[str]:
    """How the numbers were counted, in whole sentences."""
    result = report.result
    if isinstance(result, Classified):
        answer = (
            "The answer is the class with the largest score, the first one where several are "
            f"equal; {result.ties.rows:,} pictures have two best scores within 1e-5."
        )
        return [answer, "The interval is Wilson's, 95 %."]
    if isinstance(result, ClassMapped):
        return class_words.conventions(result)
    if isinstance(result, Segmented):
        return _segmentation_conventions(result)
    return []


def _segmentation_conventions(result: Segmented) -> list[str]:
    overlaps, pooled = result.overlaps, result.overlaps.pooled
    where = {
        "model": "masks come to the size of the model's answer (nearest)",
        "native": "probabilities come to the mask's size (bilinear) before they are cut",
    }[result.resolution]
    near, pixels = pooled.near_cut.count, pooled.pixels
    cut = f"Object is where p > 0.5; {where}. {near:,} of {pixels:,} pixels lie within 1e-5 of it."
    empty = (
        f"{overlaps.count - overlaps.with_object:,} of {overlaps.count:,} pictures have no object; "
        f"{overlaps.both_empty:,} of them are answered empty (each counts 1 in the mean over all), "
        f"{overlaps.false_alarms:,} are false alarms (each counts 0)."
    )
    means = "'pooled' adds the pixels of all pictures first; 'per picture' is a mean over pictures."
    lines = [cut, means, empty, *_ignored(result)]
    without = overlaps.value("dice", "per-image-not-both-empty")
    if overlaps.both_empty and without is not None:
        lines.append(f"Mean Dice without the pictures empty in both: {decimal(without)}.")
    lines.append(
        "The interval is a percentile bootstrap over pictures, 95 %, 10,000 resamples; the "
        "constant answer paints every pixel the same."
    )
    return lines


def _ignored(result: Segmented) -> list[str]:
    if not result.ignored:
        return []
    return [f"{result.ignored:,} more pixels hold the label that does not count."]


def counts_line(result: Result) -> str:
    """The integers that every score comes from."""
    if isinstance(result, ClassMapped):
        return class_words.counts_line(result)
    if isinstance(result, Classified):
        confusion = result.confusion
        return f"{confusion.correct:,} of {confusion.total:,} pictures are right."
    pooled = result.overlaps.pooled
    accuracy = pooled.pixel_accuracy
    share = f"; pixel accuracy {decimal(accuracy)}" if accuracy is not None else ""
    return (
        f"Pixels: intersection {pooled.intersection:,}, predicted {pooled.predicted:,}, "
        f"truth {pooled.truth:,}, all {pooled.pixels:,}{share}."
    )


def class_table(result: Result | None) -> ClassTable | None:
    """What each class got; None where there is one object."""
    if isinstance(result, Classified):
        titles = ("class", "precision", "recall", "F1", "pictures")
        return ClassTable(titles, tuple(class_rows(result)))
    if isinstance(result, ClassMapped):
        return ClassTable(class_words.TITLES, tuple(class_words.class_rows(result)))
    return None


def class_name(result: Classified | ClassMapped, index: int) -> str:
    """The name of a class, or its number."""
    return result.classes[index] if index < len(result.classes) else str(index)


def class_rows(result: Classified) -> list[tuple[str, str, str, str, str]]:
    """Per class: name, precision, recall, F1, support; then the mean over classes."""
    confusion = result.confusion
    rows = [
        (
            class_name(result, score.index),
            decimal(score.precision),
            decimal(score.recall),
            decimal(score.f1),
            f"{score.support:,}",
        )
        for score in confusion.per_class
    ]
    macro = confusion.macro
    mean = (decimal(macro.precision), decimal(macro.recall), decimal(macro.f1))
    return [*rows, ("mean over classes", *mean, f"{confusion.total:,}")]


def confusions(result: Result | None, most: int = 3) -> list[str]:
    """The largest confusions, in words; none where there is one object."""
    if isinstance(result, Segmented) or result is None:
        return []
    several = isinstance(result, ClassMapped)
    confusion = result.overlaps.confusion if isinstance(result, ClassMapped) else result.confusion
    return [
        f"{pair.count:,} of {_support(confusion, pair.truth):,} "
        f"{'pixels of ' if several else ''}{class_name(result, pair.truth)} are taken for "
        f"{class_name(result, pair.predicted)}"
        for pair in confusion.largest_confusions(most)
    ]


def _support(confusion: Confusion, index: int) -> int:
    return confusion.per_class[index].support


def distribution_title(result: Segmented | ClassMapped) -> str:
    """What the pictures are counted by."""
    if isinstance(result, ClassMapped):
        return f"Pictures by Dice ({class_words.mean_over(result)})"
    return "Pictures by Dice"


def distribution(result: Segmented | ClassMapped) -> list[tuple[str, int]]:
    """How many pictures have a Dice in each tenth."""
    if isinstance(result, ClassMapped):
        values = result.overlaps.values(result.dice, "per-image-all")
    else:
        values = result.overlaps.values("dice", "per-image-all")
    counts = [0] * 10
    for value in values:
        counts[min(9, int(value * 10))] += 1
    return [(f"{n / 10:.1f}–{(n + 1) / 10:.1f}", count) for n, count in enumerate(counts)]

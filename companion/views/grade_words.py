"""A report in words: the lines and the rows that terminal, Markdown and HTML all show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from answers.layers.base import text
from answers.metrics.classification import Confusion
from checkers.assignment.verdict import Verdict
from checkers.measuring.classification import Classified
from checkers.measuring.segmentation import Segmented
from checkers.report import Report, Score
from companion.views.advice import advice
from companion.views.assignment_view import target as layers_wanted
from companion.views.numbers import beside, decimal, plain, points

_AVERAGES = {
    "pooled": "pooled",
    "per-image": "per picture, with an object",
    "per-image-all": "per picture, all",
}
_NAMES = {"accuracy": "Accuracy", "dice": "Dice", "iou": "IoU"}
ISOLATION = {"none": "none (a process of its own, with limits of memory and time)"}
HASH_SHOWN = 12


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


def headline(report: Report) -> str:
    """What was graded, and against what."""
    if report.assignment is None:
        return report.file.name
    where = "built in" if report.assignment.file is None else report.assignment.file.name
    why = f"; {report.chosen}" if report.chosen else ""
    return (
        f"{report.file.name}: {report.assignment.title} "
        f"(assignment {report.assignment.name}, {where}{why})"
    )


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
        yield "run on", f"{report.engine.device}; {report.engine.name} ({versions})"
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
    return [_check_row(verdict) for verdict in report.verdicts]


def _check_row(verdict: Verdict) -> CheckRow:
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
        check=check.subject,
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
    """Why checks were not run, and the ways to have them run; each once."""
    reasons = [f"{v.check.subject}: {v.reason}" for v in report.verdicts if v.outcome == "not-run"]
    ways = [f"{error.message} {error.hint}" for error in report.missing]
    return list(dict.fromkeys(ways + reasons))


def next_steps(report: Report) -> list[str]:
    """For each failed check the likely cause and what to do; equal ones once."""
    steps: dict[str, list[str]] = {}
    for verdict in report.verdicts:
        if verdict.outcome == "fail":
            steps.setdefault(advice(verdict, report.findings), []).append(verdict.check.subject)
    return [f"{' and '.join(dict.fromkeys(names))}: {words}" for words, names in steps.items()]


def score_rows(report: Report) -> list[ScoreRow]:
    """Every score, with its interval and the best constant answer beside it."""
    return [_score_row(score) for score in report.scores]


def _score_row(score: Score) -> ScoreRow:
    name = _NAMES[score.measure]
    average = f", {_AVERAGES[score.average]}" if score.average else ""
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
    lines = [cut, means, empty]
    without = overlaps.value("dice", "per-image-not-both-empty")
    if overlaps.both_empty and without is not None:
        lines.append(f"Mean Dice without the pictures empty in both: {decimal(without)}.")
    lines.append(
        "The interval is a percentile bootstrap over pictures, 95 %, 10,000 resamples; the "
        "constant answer paints every pixel the same."
    )
    return lines


def counts_line(result: Classified | Segmented) -> str:
    """The integers that every score comes from."""
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


def class_name(result: Classified, index: int) -> str:
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


def confusions(result: Classified, most: int = 3) -> list[str]:
    """The largest confusions, in words."""
    return [
        f"{pair.count:,} of {_support(result.confusion, pair.truth):,} "
        f"{class_name(result, pair.truth)} are taken for {class_name(result, pair.predicted)}"
        for pair in result.confusion.largest_confusions(most)
    ]


def _support(confusion: Confusion, index: int) -> int:
    return confusion.per_class[index].support


def distribution(result: Segmented) -> list[tuple[str, int]]:
    """How many pictures have a Dice in each tenth."""
    counts = [0] * 10
    for value in result.overlaps.values("dice", "per-image-all"):
        counts[min(9, int(value * 10))] += 1
    return [(f"{n / 10:.1f}–{(n + 1) / 10:.1f}", count) for n, count in enumerate(counts)]


def other_feeds(report: Report) -> list[str]:
    """What the first score would be under other scales: a diagnosis, not the grade."""
    return [
        f"with scale '{other.distance.scale.kind}' the model would have "
        f"{_NAMES[other.score.measure]} {_shown(other.score.value)} "
        f"(distance from training {other.distance.distance:.1f})"
        for other in report.other_feeds
    ]


def _shown(value: Fraction | None) -> str:
    return "undefined" if value is None else decimal(value)

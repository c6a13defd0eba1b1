"""Reports as the one document of `grade --json`. Exact fractions are strings, counts numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from answers.metrics.class_overlap import ClassOverlap
from checkers.assignment.assignment import AVERAGED
from checkers.assignment.verdict import Verdict
from checkers.engine.predicting import EngineFacts
from checkers.measuring.class_maps import ClassMapped
from checkers.measuring.classification import Classified
from checkers.measuring.segmentation import Segmented
from checkers.measuring.verification import Verification
from checkers.report import OtherFeed, Report, Result, Score
from companion.views.advice import advice
from companion.views.json_document import error_fields
from companion.views.numbers import decimal


def result(reports: list[Report], *, asked: int) -> dict[str, Any]:
    """The result: every model of those that were asked for, and what was missing on this machine."""
    missing = {error.code: error for report in reports for error in report.missing}
    return {
        "asked": asked,
        "interrupted": len(reports) < asked,
        "models": [model(report) for report in reports],
        "missing": [error_fields(error) for error in missing.values()],
    }


def model(report: Report) -> dict[str, Any]:
    """One graded file."""
    facts, data, engine = report.model, report.data, report.engine
    return {
        "file": str(report.file),
        "sha256": report.sha256 or None,
        "size": report.size,
        "error": error_fields(report.error) if report.error else None,
        "assignment": _assignment(report),
        "dialect": facts.dialect if facts else None,
        "writer": facts.writer if facts else None,
        "parameters": _parameters(report),
        "input_shapes": [list(shape) for shape in facts.input_shapes] if facts else [],
        "output_shapes": [list(shape) for shape in facts.output_shapes] if facts else [],
        "macs": facts.macs if facts else None,
        "data": {
            "count": data.count,
            "hash": data.sha256,
            "split": data.split,
            "source": data.source,
            "notes": [{"code": note.code, "message": note.message} for note in data.notes],
        }
        if data
        else None,
        "feed": {"scale": report.scale.to_json(), "reason": report.scale_reason}
        if report.scale
        else None,
        "engine": _engine(engine) if engine else None,
        "device": engine.device if engine else None,
        "verification": _verification(report.verification) if report.verification else None,
        "isolation": report.isolation,
        "order_seed": report.order_seed,
        "measures": measures(report),
        "intervals": {
            _name(score): [score.interval.low, score.interval.high]
            for score in report.scores
            if score.interval
        },
        "constant_answer": {
            _name(score): {"answer": score.constant.answer, "value": _exact(score.constant.value)}
            for score in report.scores
            if score.constant
        },
        "counts": counts(report.result),
        "checks": [check(verdict, report) for verdict in report.verdicts],
        "passed": report.passed,
        "points": str(report.points),
        "findings": [{"code": f.code, "message": f.message} for f in report.findings],
        "other_feeds": [_other_feed(report.other_feed)] if report.other_feed else [],
        "speed": _speed(report),
        "seconds": round(report.seconds, 3),
    }


def _other_feed(other: OtherFeed) -> dict[str, Any]:
    return {
        "scale": other.scale.to_json(),
        "measure": _name(other.score),
        "value": _exact(other.score.value),
    }


def _engine(engine: EngineFacts) -> dict[str, Any]:
    return {
        "name": engine.name,
        "versions": dict(engine.versions),
        "reason": engine.reason or None,
    }


def _speed(report: Report) -> dict[str, Any] | None:
    """How fast it predicted, and how much of the machine's matrix products that is."""
    rate, products, share = report.macs_per_second, report.products, report.share
    if rate is None:
        return None
    return {
        "predicting": round(report.predicting, 3),
        "macs_per_second": round(rate),
        "products_per_second": None if products is None else round(products),
        "share": None if share is None else round(share, 3),
    }


def _assignment(report: Report) -> dict[str, Any] | None:
    assignment = report.assignment
    if assignment is None:
        return None
    return {
        "name": assignment.name,
        "title": assignment.title,
        "source": assignment.source,
        "sha256": assignment.sha256,
        "chosen": report.chosen or None,
        "points": str(assignment.points),
    }


def _parameters(report: Report) -> dict[str, int] | None:
    if report.model is None:
        return None
    count = report.model.parameters
    return {
        "total": count.total,
        "trainable": count.trainable,
        "non_trainable": count.non_trainable,
    }


def _verification(found: Verification) -> dict[str, Any]:
    flips = [
        {"name": flip.name, "places": flip.places, "margin": flip.margin} for flip in found.flips
    ]
    return {
        "engine": found.engine,
        "decisions": found.decisions,
        "largest_difference": found.largest,
        "pictures": found.pictures,
        "flips": flips,
    }


def measures(report: Report) -> dict[str, Any]:
    """Every score by its name: accuracy, dice_pooled, iou_per_image, …"""
    values = {_name(score): _exact(score.value) for score in report.scores}
    if isinstance(report.result, Classified):
        macro = report.result.confusion.macro
        values |= {
            "macro_precision": str(macro.precision),
            "macro_recall": str(macro.recall),
            "macro_f1": str(macro.f1),
        }
    return values


def counts(found: Result | None) -> dict[str, Any] | None:
    """The integers behind the scores."""
    if isinstance(found, Classified):
        return {
            "correct": found.confusion.correct,
            "total": found.confusion.total,
            "ties": found.ties.rows,
            "classes": list(found.classes),
            "confusion": [list(row) for row in found.confusion.counts],
        }
    if isinstance(found, Segmented):
        pooled = found.overlaps.pooled
        return {
            "I": pooled.intersection,
            "P": pooled.predicted,
            "G": pooled.truth,
            "pixels": pooled.pixels,
            "near_cut": pooled.near_cut.count,
            "images": found.overlaps.count,
            "both_empty": found.overlaps.both_empty,
            "empty_truth": found.overlaps.count - found.overlaps.with_object,
            "false_alarms": found.overlaps.false_alarms,
            "worst": [picture.name for picture in found.worst],
        }
    return _class_counts(found) if found else None


def _class_counts(found: ClassMapped) -> dict[str, Any]:
    """The confusion matrix of all pixels (rows truth, columns answer), and what each class got."""
    confusion = found.overlaps.confusion
    pooled = ClassOverlap(confusion)
    return {
        "correct": confusion.correct,
        "pixels": confusion.total,
        "ignored": found.ignored,
        "near_ties": found.near_ties,
        "images": found.overlaps.count,
        "all_background": found.overlaps.all_background,
        "without_object": found.overlaps.count - found.overlaps.with_object,
        "background": found.background,
        "classes": list(found.classes),
        "confusion": [list(row) for row in confusion.counts],
        "per_class": [
            {
                "name": found.classes[score.index],
                "iou": _exact(iou),
                "dice": _exact(dice),
                "truth": score.support,
                "predicted": score.predicted,
                "intersection": score.hits,
            }
            for score, iou, dice in zip(confusion.per_class, pooled.iou, pooled.dice, strict=True)
        ],
        "worst": [picture.name for picture in found.worst],
    }


def check(verdict: Verdict, report: Report) -> dict[str, Any]:
    """One check and its verdict; background: whether class 0 is in its mean over classes."""
    target = verdict.check.target
    return {
        "name": verdict.check.name,
        "measure": verdict.check.measure,
        "average": verdict.check.average,
        "background": _background(verdict, report),
        "value": _exact(verdict.value),
        "target": _exact(target) if target is not None else None,
        "direction": None
        if target is None
        else "at_least"
        if verdict.check.at_least is not None
        else "at_most",
        "verdict": verdict.outcome,
        "narrow": verdict.narrow,
        "by_ties": verdict.by_ties,
        "required": verdict.check.required,
        "points": str(verdict.points),
        "of_points": str(verdict.check.points),
        "reason": verdict.reason or None,
        "next_step": advice(verdict, report.findings) if verdict.outcome == "fail" else None,
    }


def _background(verdict: Verdict, report: Report) -> bool | None:
    """Null where the check is no mean over several classes."""
    result = report.result
    if isinstance(result, ClassMapped) and verdict.check.measure in AVERAGED:
        return result.background
    return None


# An exact mean over thousands of pictures has thousands of digits, which help nobody (and Python
# refuses to write more than 4,300): then 20 decimals are given.
_MOST_BITS = 512
_LONG_DECIMALS = 20


def _exact(value: Fraction | int | None) -> str | int | None:
    """A whole number stays a number; a fraction is a string that keeps it exact."""
    if value is None or isinstance(value, int):
        return value
    if value.denominator.bit_length() > _MOST_BITS:
        return decimal(value, _LONG_DECIMALS)
    return str(value)


def _name(score: Score) -> str:
    name = f"{score.measure}_{score.average}" if score.average else score.measure
    apart = "_without_background" if score.background is False else ""
    return f"{name}{apart}".replace("-", "_")

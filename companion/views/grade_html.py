"""A report as one HTML page that needs nothing else: no script, no other file, no network."""

from __future__ import annotations

import base64
from importlib.resources import files
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.resize import resize_nearest
from checkers.measuring.class_maps import ClassMapped
from checkers.measuring.segmentation import Segmented
from checkers.measuring.worst_pictures import WorstPicture
from checkers.report import Report
from companion.views import grade_overview
from companion.views import grade_words as words
from companion.views.class_colours import IGNORED, Colour, Tints, css, tints
from companion.views.printable import printable

_TRUTH: Colour = (0, 158, 115)  # Okabe and Ito's green and vermilion: told apart by everybody
_PREDICTED: Colour = (213, 94, 0)
_STRENGTH = 0.55
_SIDE = 256
# what the style sheet calls each end
_OUTCOMES = {"failed": "fail", "not graded": "fail", "passed": "pass", "not finished": "not-run"}


def page(reports: list[Report], *, asked: int | None = None) -> str:
    """The page. Jinja2 escapes every text on its way in.

    asked: of how many files, where somebody may have stopped before all were graded.
    """
    import jinja2

    source = files("companion.views").joinpath("templates", "grade.html").read_text("utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, finalize=_shown_value
    )
    shown = [_model(*each) for each in zip(reports, grade_overview.names(reports), strict=True)]
    overview = {
        "total": grade_overview.total(reports),
        "lines": grade_overview.lines(reports),
        "cut_short": grade_overview.cut_short(reports, asked),
    }
    return environment.from_string(source).render(reports=shown, overview=overview)


def _shown_value(value: Any) -> Any:
    return printable(value) if type(value) is str else value


def _model(report: Report, name: str) -> dict[str, Any]:
    result = report.result
    maps = result if isinstance(result, Segmented | ClassMapped) else None
    distribution = words.distribution(maps) if maps else []
    return {
        "headline": words.headline(report, name),
        "facts": list(words.facts(report)),
        "notes": report.data.notes if report.data else (),
        "findings": report.findings,
        "error": report.error,
        "checks": words.check_rows(report),
        "total": words.total_line(report),
        "outcome": _OUTCOMES[grade_overview.outcome(report)],
        "next_steps": words.next_steps(report),
        "not_run": words.not_run(report),
        "score_groups": words.score_groups(report),
        "counts": words.counts_line(result) if result else "",
        "classes": words.class_table(result),
        "confusions": words.confusions(result),
        "distribution": distribution,
        "distribution_title": words.distribution_title(maps) if maps else "",
        "most": max((count for _, count in distribution), default=1),
        "worst": _worst(report),
        "legend": _legend(report),
        "first_class": result.classes[0] if isinstance(result, ClassMapped) else "",
        "conventions": words.conventions(report),
    }


def _worst(report: Report) -> list[dict[str, str]]:
    """The worst pictures, each with the true map over it and with the answered one."""
    result = report.result
    ignored = report.assignment.masks.ignore if report.assignment else None
    if isinstance(result, ClassMapped):
        every = tints(len(result.classes), ignored)
        own = tints(len(result.classes), None)
        return [_shown(picture, every, own, in_grey=True) for picture in result.worst]
    if isinstance(result, Segmented):
        true = {1: _TRUTH} if ignored is None else {1: _TRUTH, ignored: IGNORED}
        return [_shown(picture, true, {1: _PREDICTED}) for picture in result.worst]
    return []


def _legend(report: Report) -> list[tuple[str, str]]:
    """The colour and the name of each class that the worst pictures show; class 0 has no colour."""
    result = report.result
    if not isinstance(result, ClassMapped) or report.assignment is None:
        return []
    maps = [labels for picture in result.worst for labels in (picture.truth, picture.predicted)]
    held = {int(label) for labels in maps for label in np.unique(labels)}
    ignored = report.assignment.masks.ignore
    colours = tints(len(result.classes), ignored)
    return [
        (css(colour), "does not count" if label == ignored else result.classes[label])
        for label, colour in sorted(colours.items())
        if label in held
    ]


def _shown(
    picture: WorstPicture, true: Tints, answered: Tints, *, in_grey: bool = False
) -> dict[str, str]:
    """A picture as it is, and under both maps; in grey there, where colours stand for classes."""
    base = _colour(picture.image)
    under = base.mean(axis=2, keepdims=True).repeat(3, axis=2) if in_grey else base
    return {
        "name": picture.name,
        "dice": f"{picture.dice:.2f}",
        "picture": _png(base),
        "truth": _png(_over(under, picture.truth, true)),
        "predicted": _png(_over(under, picture.predicted, answered)),
    }


def _colour(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Any picture as RGB of at most _SIDE pixels a side."""
    pixels = image if image.ndim == 3 else image[..., None]
    pixels = pixels[..., :3] if pixels.shape[2] >= 3 else np.repeat(pixels[..., :1], 3, axis=2)
    height, width = pixels.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return resize_nearest(np.clip(pixels, 0, 255).astype(np.uint8), size)


def _over(base: NDArray[Any], labels: NDArray[Any], colours: Tints) -> NDArray[np.uint8]:
    """The picture (height, width, 3) with the pixels of each label tinted."""
    shown = resize_nearest(labels.astype(np.uint8), (base.shape[0], base.shape[1]))
    mixed = base.astype(np.float32)
    for label, colour in colours.items():
        marked = shown == label
        mixed[marked] = (1 - _STRENGTH) * mixed[marked] + _STRENGTH * np.array(colour)
    return mixed.astype(np.uint8)


def _png(pixels: NDArray[np.uint8]) -> str:
    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")

"""A report as one HTML page that needs nothing else: no script, no other file, no network."""

from __future__ import annotations

import base64
from importlib.resources import files
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.resize import resize_nearest
from checkers.measuring.classification import Classified
from checkers.measuring.segmentation import Segmented, WorstPicture
from checkers.report import Report
from companion.views import grade_words as words
from companion.views.printable import printable

_TRUTH = np.array([0, 158, 115])  # Okabe and Ito's green and vermilion: told apart by everybody
_PREDICTED = np.array([213, 94, 0])
_STRENGTH = 0.55
_SIDE = 256


def page(reports: list[Report]) -> str:
    """The page. Jinja2 escapes every text on its way in."""
    import jinja2

    source = files("companion.views").joinpath("templates", "grade.html").read_text("utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, finalize=_shown_value
    )
    return environment.from_string(source).render(reports=[_model(report) for report in reports])


def _shown_value(value: Any) -> Any:
    return printable(value) if type(value) is str else value


def _model(report: Report) -> dict[str, Any]:
    result = report.result
    return {
        "headline": words.headline(report),
        "facts": list(words.facts(report)),
        "notes": report.data.notes if report.data else (),
        "findings": report.findings,
        "other_feeds": words.other_feeds(report),
        "error": report.error,
        "checks": words.check_rows(report),
        "total": words.total_line(report),
        "outcome": "fail" if report.failed else "pass" if report.passed else "not-run",
        "next_steps": words.next_steps(report),
        "not_run": words.not_run(report),
        "scores": words.score_rows(report),
        "counts": words.counts_line(result) if result else "",
        "classes": words.class_rows(result) if isinstance(result, Classified) else (),
        "confusions": words.confusions(result) if isinstance(result, Classified) else (),
        "distribution": words.distribution(result) if isinstance(result, Segmented) else (),
        "most": max((n for _, n in words.distribution(result)), default=1)
        if isinstance(result, Segmented)
        else 1,
        "worst": [_shown(picture) for picture in result.worst]
        if isinstance(result, Segmented)
        else (),
        "conventions": words.conventions(report),
    }


def _shown(picture: WorstPicture) -> dict[str, str]:
    return {
        "name": picture.name,
        "dice": f"{picture.dice:.2f}",
        "picture": _png(_colour(picture.image)),
        "truth": _png(_over(picture.image, picture.truth, _TRUTH)),
        "predicted": _png(_over(picture.image, picture.predicted, _PREDICTED)),
    }


def _colour(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Any picture as RGB of at most _SIDE pixels a side."""
    pixels = image if image.ndim == 3 else image[..., None]
    pixels = pixels[..., :3] if pixels.shape[2] >= 3 else np.repeat(pixels[..., :1], 3, axis=2)
    height, width = pixels.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return resize_nearest(np.clip(pixels, 0, 255).astype(np.uint8), size)


def _over(image: NDArray[Any], mask: NDArray[np.bool_], colour: NDArray[Any]) -> NDArray[np.uint8]:
    base = _colour(image)
    object_ = resize_nearest(mask.astype(np.uint8), (base.shape[0], base.shape[1])).astype(bool)
    mixed = base.astype(np.float32)
    mixed[object_] = (1 - _STRENGTH) * mixed[object_] + _STRENGTH * colour
    return mixed.astype(np.uint8)


def _png(pixels: NDArray[np.uint8]) -> str:
    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")

"""What every measure asks of the arrays it is given, and the errors when it does not get it.

Most libraries answer a number for NaN, for labels out of range and for shapes that broadcast
(reference `metrics-notes.md`, 'Disagreements'); here each is an error with its count and place.

Codes: `nothing-to-measure`, `labels-not-whole-numbers`, `labels-not-one-per-row`,
`lengths-differ`, `shapes-differ`, `label-out-of-range`, `scores-not-numbers`,
`scores-not-rows-of-classes`, `scores-not-finite`, `probabilities-not-finite`,
`not-a-probability`, `truth-not-binary`, `class-count-out-of-range`, `score-undefined`,
`rows-of-different-lengths`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from answers.errors import InputError

MOST_CLASSES = 1_000


def class_count(classes: int) -> int:
    """The number of classes, 1 to 1,000 (a confusion matrix has its square as entries)."""
    if not 1 <= classes <= MOST_CLASSES:
        raise InputError(
            "class-count-out-of-range",
            f"There are {classes} classes; between 1 and {MOST_CLASSES} can be measured.",
            hint="Give the number of classes of the task.",
        )
    return classes


def label_vector(values: ArrayLike, name: str) -> NDArray[Any]:
    """Labels as (n,) whole numbers; (n, 1), as keras.datasets gives them, is flattened."""
    array = array_of(values, name)
    if array.ndim != 1 and array.shape[1:] != (1,):
        raise InputError(
            "labels-not-one-per-row",
            f"The {name} has the shape {array.shape}; one label a row is needed.",
            hint="Turn one-hot rows into labels with argmax.",
            where=name,
        )
    require_some(array.size)
    return whole_numbers(array.reshape(-1), name)


def array_of(values: ArrayLike, name: str) -> NDArray[Any]:
    """An array of the values, where all rows are equally long (NumPy raises a ValueError)."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise InputError(
            "rows-of-different-lengths",
            f"The rows of the {name} have different lengths; an array is needed.",
            hint="Give rows of equal length.",
            where=name,
        ) from error


def whole_numbers(values: ArrayLike, name: str) -> NDArray[Any]:
    """An array, if its type holds whole numbers (bool counts as 0 and 1)."""
    array = array_of(values, name)
    if array.dtype.kind == "b":
        return array.astype(np.uint8)
    if array.dtype.kind not in "iu":
        raise InputError(
            "labels-not-whole-numbers",
            f"The {name} has the type {array.dtype}; labels are whole numbers.",
            hint="Give labels of an integer type.",
            where=name,
        )
    return array


def require_some(count: int) -> None:
    """A measure of nothing is 0/0: refused, not answered with 0 or NaN."""
    if count == 0:
        raise InputError(
            "nothing-to-measure",
            "There are no samples; a measure of nothing is 0/0.",
            hint="Check that the data is not empty.",
        )


def require_defined(denominator: float | Fraction) -> None:
    """A denominator that is not 0: where nothing is object at all, an overlap is 0/0."""
    if not denominator:
        raise InputError(
            "score-undefined",
            "The score is 0/0: nothing is object, neither in the truth nor in the prediction.",
            hint="Check that the masks hold an object, or add a smoothing term.",
        )


def require_same_length(truth: int, predicted: int) -> None:
    """As many predictions as truths."""
    if truth != predicted:
        raise InputError(
            "lengths-differ",
            f"There are {truth} truths and {predicted} predictions; the numbers must be equal.",
            hint="Give one prediction for each truth.",
        )


def require_same_shape(predicted: tuple[int, ...], truth: tuple[int, ...]) -> None:
    """Equal shapes, to the last axis: (2, 2, 1) times (2, 2) would broadcast to (2, 2, 2)."""
    if predicted != truth:
        raise InputError(
            "shapes-differ",
            f"The prediction has the shape {predicted}, the truth {truth}; they must be equal.",
            hint="Drop a last axis of size 1 before measuring.",
        )


def require_labels_below(array: NDArray[Any], classes: int, name: str) -> None:
    """Every label is one of 0 … classes − 1."""
    if array.size == 0 or (array.min() >= 0 and array.max() < classes):
        return
    outside = (array < 0) | (array >= classes)
    place = first_place(outside)
    raise InputError(
        "label-out-of-range",
        f"{count_of(outside)} labels of the {name} lie outside 0 to {classes - 1}; "
        f"the first is {array[place]}.",
        hint="Check the number of classes, or name the label to ignore.",
        where=f"{name} {spelled(place)}",
    )


def score_array(scores: ArrayLike) -> NDArray[Any]:
    """Scores as an array (…, classes) of finite numbers.

    Raises `scores-not-rows-of-classes`, `nothing-to-measure`, `scores-not-finite`.
    """
    array = number_array(scores, "scores")
    if array.ndim < 2 or array.shape[-1] == 0:
        raise InputError(
            "scores-not-rows-of-classes",
            f"The scores have the shape {array.shape}; the last axis must hold the classes.",
            hint="Give one row of scores for each sample.",
        )
    require_some(array.size)
    require_finite(array, "scores-not-finite", "scores")
    return array


def number_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """Real numbers as an array; whole numbers become float64, floats keep their precision."""
    array = array_of(values, name)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise InputError(
            "scores-not-numbers",
            f"The {name} have the type {array.dtype}; real numbers are needed.",
            hint="Give an array of floating-point numbers.",
        )
    return array


def require_finite(array: NDArray[Any], code: str, name: str) -> None:
    """No NaN and no infinity: NumPy's argmax answers the index of a NaN, and NaN > 0.5 is no."""
    bad = ~np.isfinite(array)
    if not bad.any():
        return
    place = first_place(bad)
    raise InputError(
        code,
        f"{count_of(bad)} {name} are not finite; the first is {array[place]}.",
        hint="A model that answers NaN or infinity has no score. Look for a learning rate that is "
        "too high, or a logarithm or division by zero.",
        where=spelled(place),
    )


def require_probabilities(array: NDArray[Any], name: str = "probabilities") -> None:
    """Every value finite and in [0, 1]; checked by its extremes, since this runs per image.

    Raises `probabilities-not-finite`, `not-a-probability`.
    """
    if array.size == 0 or (array.min() >= 0 and array.max() <= 1):
        return
    require_finite(array, "probabilities-not-finite", name)
    outside = (array < 0) | (array > 1)
    place = first_place(outside)
    raise InputError(
        "not-a-probability",
        f"{count_of(outside)} {name} lie outside 0 to 1; the first is {array[place]}.",
        hint="The output may be logits: let the model end with a sigmoid.",
        where=spelled(place),
    )


def require_binary(truth: NDArray[Any]) -> None:
    """Every truth pixel is 0 or 1: a mask of 0 and 255 must be decoded first."""
    if truth.size == 0 or (truth.min() >= 0 and truth.max() <= 1):
        return
    other = (truth < 0) | (truth > 1)
    place = first_place(other)
    raise InputError(
        "truth-not-binary",
        f"{count_of(other)} truth pixels are neither 0 nor 1; the first is {truth[place]}.",
        hint="Decode the masks to 0 (background) and 1 (object), or name the label to ignore.",
        where=spelled(place),
    )


def first_place(marked: NDArray[np.bool_]) -> tuple[int, ...]:
    """The index of the first marked entry, in C order."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(marked)), marked.shape))


def count_of(marked: NDArray[np.bool_]) -> str:
    """'2 of 300' for people."""
    return f"{np.count_nonzero(marked)} of {marked.size}"


def spelled(place: tuple[int, ...]) -> str:
    """An index for people: 'at [3, 0]', counted from 0."""
    return f"at {list(place)}"

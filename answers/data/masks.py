"""Masks: raw values of a file, and the coding that says which value is the object.

The coding is decided once, from the values of all masks of a split: a mask of its own may be
empty, or hold an object that fills it, and then says nothing about the coding.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from answers.data.notes import counted, listed
from answers.data.pictures import Pixels
from answers.data.split import Note
from answers.errors import InputError

AlphaUse = Literal["none", "is-the-mask", "ignored"]
# Below this, several values look like numbers of classes rather than shades of grey.
_SMALL = 32
_LEVELS = 65_536
MOST_CLASSES = 256
# What most data sets write where nobody knows the class (Pascal VOC, Cityscapes).
_VOID = 255
SETTLE = (
    "Say which value is the object under [masks]: coding = '0/255' (background/object), "
    "'threshold:127', 'inverted' or 'class-ids'."
)


@dataclass(frozen=True, kw_only=True)
class RawMask:
    """The values of one mask file: (height, width) uint8 or uint16, and what alpha was for."""

    values: NDArray[Any]
    alpha: AlphaUse = "none"


def raw_mask(pixels: Pixels, *, class_ids: bool = False) -> RawMask:
    """The one value a pixel that a mask file holds.

    Colour becomes the largest of red, green and blue, so that no colour of object is lost. Where
    the colours are all equal and the alpha is not, the alpha is the mask. With `class_ids` a
    palette's numbers are taken, not its colours.
    """
    if class_ids and pixels.indices is not None:
        return RawMask(values=pixels.indices)
    grey = pixels.values if pixels.values.ndim == 2 else pixels.values.max(axis=2)
    if pixels.alpha is None or pixels.alpha.min() == pixels.alpha.max() == 255:
        return RawMask(values=grey)
    if _is_constant(pixels.values) and not _is_constant(pixels.alpha):
        return RawMask(values=pixels.alpha, alpha="is-the-mask")
    return RawMask(values=grey, alpha="ignored")


def _is_constant(values: NDArray[Any]) -> bool:
    return bool((values == values[0, 0]).all())


@dataclass(frozen=True, kw_only=True)
class ClassLabels:
    """What somebody says of masks that hold class numbers.

    ignore: the label of pixels that don't count. names: of the classes 0, 1, …; none: not said.
    """

    ignore: int | None = None
    names: tuple[str, ...] = ()


NOTHING_SAID = ClassLabels()


@dataclass(frozen=True)
class MaskCoding:
    """Which raw values are the object.

    An object pixel is above `threshold`, or with `inverted` not above it; with `class_ids` the
    values are the class numbers themselves, and `labels` says more of them.
    """

    threshold: int = 0
    inverted: bool = False
    class_ids: bool = False
    labels: ClassLabels = NOTHING_SAID

    def apply(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """The class of each pixel (height, width): 0 background, 1 object, or the class number.

        With `class_ids` the label to ignore stays in it as it is.
        """
        if self.class_ids:
            return values.astype(np.uint8)
        above = values > self.threshold
        return (~above if self.inverted else above).astype(np.uint8)

    def classes(self, survey: MaskSurvey) -> tuple[str, ...]:
        """The names of the classes in the order of their number."""
        if not self.class_ids:
            return ("background", "object")
        held = survey.values_but(self.labels.ignore)
        return self.labels.names or tuple(map(str, range(max(held, default=0) + 1)))

    def describe(self) -> str:
        """The rule as a clause: 'pixels above 127 are the object'."""
        if self.class_ids:
            ignored = self.labels.ignore
            apart = "" if ignored is None else f", and pixels of {ignored} don't count"
            return f"values are class numbers{apart}"
        side = "not above" if self.inverted else "above"
        return f"pixels {side} {self.threshold} are the object"


@dataclass
class MaskSurvey:
    """Counts over all masks of a split, taken one mask at a time; its size does not grow.

    counts: how many pixels hold each value from 0 to 65,535.
    faint: name, values of the masks that hold exactly two values, the largest of each kind only.
    """

    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_LEVELS, np.int64))
    masks: int = 0
    alpha_masks: int = 0
    alpha_ignored: int = 0
    _pairs: dict[tuple[int, int], str] = field(default_factory=dict)

    def add(self, name: str, mask: RawMask) -> None:
        """Take one mask in."""
        counts = np.bincount(mask.values.reshape(-1), minlength=1)
        self.counts[: len(counts)] += counts
        self.masks += 1
        self.alpha_masks += mask.alpha == "is-the-mask"
        self.alpha_ignored += mask.alpha == "ignored"
        held = np.flatnonzero(counts)
        if len(held) == 2 and len(self._pairs) < 64:
            self._pairs.setdefault((int(held[0]), int(held[1])), name)

    @property
    def values(self) -> list[int]:
        """Every value that occurs, in order."""
        return [int(value) for value in np.flatnonzero(self.counts)]

    def values_but(self, ignored: int | None) -> list[int]:
        """Every value that occurs and counts, in order."""
        return [value for value in self.values if value != ignored]

    def share(self, coding: MaskCoding) -> float:
        """Object pixels / all pixels under the coding."""
        marks = coding.apply(np.arange(_LEVELS)) != 0
        return float(self.counts[marks].sum() / max(self.counts.sum(), 1))

    def faint_pair(self, threshold: int) -> tuple[str, tuple[int, int]] | None:
        """A mask of exactly two values, both not above the threshold, where there is one."""
        for held, name in self._pairs.items():
            if held[1] <= threshold:
                return name, held
        return None


def settle(word: str, survey: MaskSurvey, labels: ClassLabels = NOTHING_SAID) -> MaskCoding:
    """The coding of a split, from the assignment's word and the values of all its masks.

    word: 'auto'; 'BACKGROUND/OBJECT' as in '0/1', '0/255', '0/123'; 'threshold:T';
        'inverted' (as 'auto', with object and background changed over); 'class-ids'.
    labels: what is said of class numbers, for 'class-ids' alone.

    Raises InputError: mask-coding-unknown for another word, mask-coding-mismatch where the
    values contradict the word, mask-coding-unclear where 'auto' cannot know.
    """
    if word == "auto":
        return _auto(survey)
    if word == "inverted":
        return replace(_auto(survey), inverted=True)
    if word == "class-ids":
        return _class_ids(survey, labels)
    kind, _, number = word.partition(":")
    if kind == "threshold" and _is_level(number):
        return MaskCoding(int(number))
    background, _, target = word.partition("/")
    if _is_level(background) and _is_level(target) and int(background) != int(target):
        return _two_values(int(background), int(target), survey)
    raise InputError(
        "mask-coding-unknown",
        f"'{word}' is no known coding of masks.",
        hint="Known are: auto, BACKGROUND/OBJECT (such as 0/255), threshold:T (such as "
        "threshold:127), inverted, class-ids.",
    )


def check_word(word: str) -> None:
    """Refuse an unknown word before any mask is read. Raises InputError (mask-coding-unknown)."""
    try:
        settle(word, MaskSurvey())
    except InputError as error:
        if error.code == "mask-coding-unknown":
            raise


def _is_level(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < _LEVELS


def _auto(survey: MaskSurvey) -> MaskCoding:
    values = survey.values
    if len(values) <= 1:
        return MaskCoding(0)
    if len(values) == 2:
        return MaskCoding(values[0])
    if values[-1] < _SMALL:
        raise InputError(
            "mask-coding-unclear",
            f"The masks hold the values {listed(values)}: are these numbers of classes, "
            "or a mask that was saved as JPEG?",
            hint=SETTLE,
        )
    threshold = values[-1] // 2
    _check_one_coding(survey, threshold, values[-1])
    return MaskCoding(threshold)


def _check_one_coding(survey: MaskSurvey, threshold: int, largest: int) -> None:
    faint = survey.faint_pair(threshold)
    if faint is not None:
        name, held = faint
        raise InputError(
            "mask-coding-unclear",
            f"The masks seem to be coded in different ways: '{name}' holds {held[0]} and "
            f"{held[1]}, others go up to {largest}.",
            hint="Save all masks in one coding (0 and 255), or say the cut under [masks]: "
            "coding = 'threshold:0'.",
        )


def _class_ids(survey: MaskSurvey, labels: ClassLabels) -> MaskCoding:
    held = survey.values_but(labels.ignore)
    if held and held[-1] >= MOST_CLASSES:
        raise InputError(
            "mask-coding-mismatch",
            f"The masks hold {held[-1]}, and a class number is at most {MOST_CLASSES - 1}.",
            hint=SETTLE,
        )
    if labels.names:
        _check_named(held, labels.names)
    elif _VOID in held and _VOID - 1 not in held:
        raise InputError(
            "mask-coding-unclear",
            f"The masks hold the class numbers {listed(held)}: is {_VOID} a class, or the label "
            "of pixels that don't count?",
            hint=f"Write ignore = {_VOID} under [masks], or name the classes there. "
            "For masks of one object say coding = '0/255' or 'threshold:127'.",
        )
    return MaskCoding(class_ids=True, labels=labels)


def _check_named(held: list[int], names: tuple[str, ...]) -> None:
    beyond = [value for value in held if value >= len(names)]
    if beyond:
        raise InputError(
            "mask-coding-mismatch",
            f"The masks hold {listed(beyond)}, but the {len(names)} classes that are named have "
            f"the numbers 0 to {len(names) - 1}.",
            hint="Name every class under [masks]; where such pixels should not count, say so "
            f"there: ignore = {beyond[-1]}. In the order of its number each class has one name.",
        )


def _two_values(background: int, target: int, survey: MaskSurvey) -> MaskCoding:
    foreign = [value for value in survey.values if value not in {background, target}]
    if foreign:
        raise InputError(
            "mask-coding-mismatch",
            f"The coding says {background}/{target}, but the masks also hold {listed(foreign)}.",
            hint="Use 'threshold:127' for masks with grey edges, or correct the coding.",
        )
    return MaskCoding(min(background, target), inverted=target < background)


def coding_notes(coding: MaskCoding, survey: MaskSurvey) -> tuple[Note, ...]:
    """What the report says of the masks: the rule, the share of object, what looks odd."""
    notes = [_rule_note(coding, survey)]
    if len(survey.values) == 1:
        notes.append(_one_value_note(survey, class_ids=coding.class_ids))
    share = survey.share(coding)
    if share > 0.5 and not coding.class_ids:
        message = (
            f"{share:.1%} of all pixels are object. Are the masks inverted? "
            "If so, write coding = 'inverted' under [masks]."
        )
        notes.append(Note(code="mask-mostly-object", message=message))
    return (*notes, *_alpha_notes(survey))


def _rule_note(coding: MaskCoding, survey: MaskSurvey) -> Note:
    share = f"; {survey.share(coding):.1%} of all pixels are object"
    if coding.class_ids:
        share = _ignored_words(survey, coding.labels.ignore)
    message = f"The masks hold {listed(survey.values)}; {coding.describe()}{share}."
    return Note(code="mask-coding", message=message)


def _ignored_words(survey: MaskSurvey, ignored: int | None) -> str:
    if ignored is None:
        return ""
    part = int(survey.counts[ignored]) / max(int(survey.counts.sum()), 1)
    return f" ({part:.1%} of all pixels)"


def _one_value_note(survey: MaskSurvey, *, class_ids: bool) -> Note:
    value = survey.values[0]
    state = "empty" if value == 0 else "full"
    taken = "" if class_ids else f", so every mask is taken as {state}"
    message = f"Every pixel of every mask is {value}{taken}."
    return Note(code="mask-one-value", message=message)


def _alpha_notes(survey: MaskSurvey) -> tuple[Note, ...]:
    notes = []
    if survey.alpha_masks:
        message = f"In {counted(survey.alpha_masks, 'file')} the alpha channel is the mask."
        notes.append(Note(code="mask-from-alpha", message=message))
    if survey.alpha_ignored:
        message = f"In {counted(survey.alpha_ignored, 'mask file')} the alpha channel is ignored."
        notes.append(Note(code="mask-alpha-ignored", message=message))
    return tuple(notes)

"""Pictures and masks as arrays: read once, brought to the size of the network, held in memory.

A picture is resized bilinearly and a mask to the nearest pixel, in the same way as the grader does
it. What is held here is the cache; flips come after it, or every epoch would see the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.input_contract import InputContract
from answers.data.split import ContentHash, Note, Split
from answers.errors import InputError
from answers.solutions.events import Preparing, Tell, nobody
from answers.solutions.memory import FLOAT32, UINT8, Holding, require_room

LEAST = 8
"""Fewer pictures than this teach a network nothing but themselves."""


@dataclass(frozen=True, kw_only=True)
class MaskPairs:
    """pictures: (n, side, side, 3) float32 of 0 to 1. masks: (n, side, side, 1) uint8, 0 or 1."""

    names: tuple[str, ...]
    pictures: NDArray[np.float32]
    masks: NDArray[np.uint8]

    def __len__(self) -> int:
        """How many pairs there are."""
        return len(self.names)

    def chosen(self, places: NDArray[Any] | slice) -> MaskPairs:
        """Those at the places (numbers, booleans, a slice)."""
        names = tuple(str(name) for name in np.array(self.names, object)[places])
        return MaskPairs(names=names, pictures=self.pictures[places], masks=self.masks[places])

    @property
    def empty(self) -> int:
        """How many masks have no object."""
        return int(np.count_nonzero(~self.masks.any(axis=(1, 2, 3))))


def held(count: int, side: int) -> tuple[Holding, Holding]:
    """The memory of so many pairs."""
    return (
        Holding(what="pictures", shape=(count, side, side, 3), number=FLOAT32),
        Holding(what="masks", shape=(count, side, side, 1), number=UINT8),
    )


def read_mask_pairs(split: Split, side: int, tell: Tell = nobody) -> tuple[MaskPairs, str]:
    """A whole split, and its content hash (of pixels and masks as they are in the files).

    Raises MissingError (memory-missing) before anything is read, and InputError where masks are
    class numbers (several-classes); what the split itself raises comes through.
    """
    _require_one_object(split)
    require_room(*held(split.count, side))
    contract, content, names = InputContract(size=(side, side)), ContentHash(), []
    pictures = np.empty((split.count, side, side, 3), np.float32)
    masks = np.empty((split.count, side, side, 1), np.uint8)
    for place, sample in enumerate(split.read()):
        tell(Preparing(stage="reading pictures", done=place, total=split.count))
        names.append(sample.name)
        content.update(sample)
        pictures[place] = contract.scale.apply(contract.prepare(sample.image))
        assert sample.mask is not None  # noqa: S101  # a split for segmentation has masks
        masks[place, ..., 0] = contract.prepare_mask(sample.mask)
    pairs = MaskPairs(names=tuple(names), pictures=pictures, masks=masks)
    return pairs, content.hexdigest()


def _require_one_object(split: Split) -> None:
    if len(split.classes) > 2:
        raise InputError(
            "several-classes",
            f"The masks have {len(split.classes)} classes: {', '.join(split.classes)}.",
            hint="This network has one output, object or not. See: companion data check",
            where=split.source,
        )


def require_teachable(pairs: MaskPairs) -> None:
    """Refuse pairs that nothing can be learned from.

    Raises InputError: too-few-pictures, all-masks-empty, all-masks-full.
    """
    if len(pairs) < LEAST:
        raise InputError(
            "too-few-pictures",
            f"There are {len(pairs)} pictures to train on; at least {LEAST} are needed.",
            hint="Add pictures, or hold out fewer: --validation 0.1.",
        )
    if not pairs.masks.any():
        raise InputError(
            "all-masks-empty",
            f"None of the {len(pairs)} masks to train on has an object: 'nothing' would be right "
            "everywhere.",
            hint="See what the masks hold with: companion data check",
        )
    if pairs.masks.all():
        raise InputError(
            "all-masks-full",
            f"All {len(pairs)} masks to train on are full of object: there is no background.",
            hint="See what the masks hold with: companion data check",
        )


def require_validation(pairs: MaskPairs) -> None:
    """Refuse a validation part whose Dice would be 0/0.

    Raises InputError (validation-masks-empty).
    """
    if not pairs.masks.any():
        raise InputError(
            "validation-masks-empty",
            f"None of the {len(pairs)} masks held out for validation has an object.",
            hint="Hold out more (--validation 0.3), or others (--seed 1).",
        )


def emptiness(pairs: MaskPairs) -> tuple[Note, ...]:
    """What is worth saying about empty masks."""
    if not pairs.empty:
        return ()
    message = (
        f"{pairs.empty} of {len(pairs)} masks to train on are empty: soft Dice and IoU teach little "
        "there, the cross-entropy beside them does."
    )
    return (Note(code="empty-masks", message=message),)

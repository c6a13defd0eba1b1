"""A few pictures with their true mask and the one that the network gives now, for people to look at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from answers.metrics.segmentation import CUT
from answers.solutions.events import Panel, PanelPicture
from answers.solutions.mask_pairs import MaskPairs

EVERY = 5
"""A panel is shown after so many epochs."""

SHOWN = 3


def shown_pairs(pairs: MaskPairs) -> MaskPairs:
    """The pictures of a panel: the same in each epoch, spread evenly over those of validation."""
    places = np.linspace(0, len(pairs) - 1, min(SHOWN, len(pairs))).round().astype(int)
    return pairs.chosen(places)


def panel(epoch: int, pairs: MaskPairs, said: NDArray[np.float32]) -> Panel:
    """Pictures, true masks and answers. said: the probabilities (n, side, side, 1)."""
    each = zip(pairs.names, pairs.pictures, pairs.masks, said, strict=True)
    pictures = tuple(
        PanelPicture(
            name=name,
            photo=(picture * 255).round().astype(np.uint8),
            truth=mask[..., 0] == 1,
            answer=chances[..., 0] > CUT,
        )
        for name, picture, mask, chances in each
    )
    return Panel(epoch=epoch, pictures=pictures)

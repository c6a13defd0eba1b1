from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from toy_pictures import toy_pictures

from answers.solutions.cifar_batches import CifarBatches, textbook_pipeline

pytestmark = pytest.mark.filterwarnings("default")
PICTURES = toy_pictures(250)
LABEL_OF = dict(zip(map(bytes, PICTURES.images), PICTURES.labels.tolist(), strict=True))


def epoch_of(batches: CifarBatches, epoch: int) -> list[tuple[Any, Any]]:
    batches.start_epoch(epoch)
    return [batches[number] for number in range(len(batches))]


def textbook(*, shuffle: bool = True) -> Any:
    return textbook_pipeline(PICTURES, batch=64, seed=3, shuffle=shuffle)


def passed(pipeline: Any) -> list[tuple[Any, Any]]:
    return [(images.numpy(), labels.numpy()) for images, labels in pipeline]


def whole(epoch: list[tuple[Any, Any]]) -> list[tuple[bytes, int]]:
    """The pictures of an epoch as they were before scaling, with their labels, in a fixed order."""
    images = np.concatenate([np.rint(images * 255).astype(np.uint8) for images, _ in epoch])
    labels = np.concatenate([labels for _, labels in epoch]).tolist()
    return sorted(zip(map(bytes, images), labels, strict=True))


def test_both_pipelines_serve_every_picture_once_an_epoch_with_its_label() -> None:
    ours = CifarBatches(PICTURES, batch=64, seed=3)
    for epoch in (epoch_of(ours, 1), epoch_of(ours, 2), passed(textbook())):
        assert whole(epoch) == sorted(LABEL_OF.items())
        assert [len(labels) for _, labels in epoch] == [64, 64, 64, 58]


def test_both_pipelines_scale_to_the_bit_alike() -> None:
    ours = CifarBatches(PICTURES, batch=64, seed=3)
    ours._order = np.arange(250)
    in_order = [ours[number] for number in range(len(ours))]
    for mine, theirs in zip(in_order, passed(textbook(shuffle=False)), strict=True):
        pairs: list[tuple[Any, Any]] = list(zip(mine, theirs, strict=True))
        for a, b in pairs:
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            assert np.array_equal(a, b)


def test_both_pipelines_shuffle_anew_in_each_epoch() -> None:
    ours, theirs = CifarBatches(PICTURES, batch=64, seed=3), textbook()
    for first, second in (
        (epoch_of(ours, 1), epoch_of(ours, 2)),
        (passed(theirs), passed(theirs)),
    ):
        assert not np.array_equal(first[0][1], second[0][1])
        # sorted by class as they lie, a batch of 64 would hold three classes
        assert len(np.unique(first[0][1])) > 5


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    one, other = CifarBatches(PICTURES, batch=64, seed=3), CifarBatches(PICTURES, batch=64, seed=3)
    epoch_of(one, 1), epoch_of(one, 2)
    seventh = epoch_of(one, 7)
    for a, b in zip(seventh, epoch_of(other, 7), strict=True):
        assert np.array_equal(a[0], b[0])
    different = epoch_of(CifarBatches(PICTURES, batch=64, seed=4), 7)
    assert not np.array_equal(seventh[0][0], different[0][0])

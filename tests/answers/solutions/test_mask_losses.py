from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from corpus import load_json

from answers.errors import InputError
from answers.metrics.losses import binary_cross_entropy_float32
from answers.metrics.soft_overlap import SMOOTH_ONE, SoftOverlap
from answers.solutions.mask_losses import (
    LOSSES,
    cross_entropy,
    named_loss,
    soft_dice,
    soft_iou,
)

# TensorFlow's own warnings are not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")

_CASES: list[Any] = (load_json("reference/metric_cases.json") or {"cases": []})["cases"]


def of_group(group: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in _CASES if case["group"] == group]


def one_picture(values: list[float]) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.array(values, np.float32).reshape(1, 1, -1, 1)


def numbers(values: Any) -> np.ndarray[Any, Any]:
    from keras import ops

    return np.asarray(ops.convert_to_numpy(values))


@pytest.mark.corpus
@pytest.mark.parametrize("case", of_group("loss-bce-probabilities"))
def test_cross_entropy_is_that_of_the_reference_cases(case: Any) -> None:
    truth, said = (one_picture(case["input"][key]) for key in ("y_true", "y_prob"))
    expected = case["expected"]
    assert numbers(cross_entropy(truth, said)) == pytest.approx(
        [expected["mean_float32"]], abs=expected["tolerance_float32"], rel=1e-6
    )


@pytest.mark.corpus
@pytest.mark.parametrize("case", of_group("loss-overlap"))
@pytest.mark.parametrize(
    ("loss", "smooth", "name"),
    [
        pytest.param(soft_dice, 1.0, "soft_dice_smooth_1_both", id="dice, s = 1"),
        pytest.param(soft_dice, 1e-5, "soft_dice_smooth_1e-5_both", id="dice, s = 1e-5"),
        pytest.param(soft_iou, 1.0, "soft_iou_smooth_1_both", id="iou, s = 1"),
        pytest.param(soft_iou, 1e-5, "soft_iou_smooth_1e-5_both", id="iou, s = 1e-5"),
    ],
)
def test_soft_overlap_is_that_of_the_reference_cases(
    case: Any, loss: Any, smooth: float, name: str
) -> None:
    truth, said = (one_picture(case["input"][key]) for key in ("y_true", "y_prob"))
    expected = case["expected"]["loss"][name]["float"]
    assert numbers(loss(truth, said, smooth)) == pytest.approx([expected], abs=3e-7)


@pytest.fixture(scope="module")
def batch() -> tuple[Any, Any]:
    """Four pictures 6 × 5 with soft answers; the last mask is empty."""
    random = np.random.default_rng(3)
    truth = (random.random((4, 6, 5, 1)) < 0.4).astype(np.uint8)
    truth[-1] = 0
    return truth, random.random(truth.shape).astype(np.float32)


def exact(truth: Any, said: Any) -> dict[str, float]:
    """The losses of one picture, from the exact functions of answers.metrics."""
    overlap = SoftOverlap.of(said, truth)
    dice, iou = overlap.dice(SMOOTH_ONE), overlap.iou(SMOOTH_ONE)
    assert dice is not None
    assert iou is not None
    entropy = float(binary_cross_entropy_float32(said, truth).mean())
    return {"bce": entropy, "dice": float(1 - dice), "iou": float(1 - iou)}


@pytest.mark.parametrize("name", LOSSES)
def test_each_picture_has_the_loss_that_answers_metrics_computes(name: str, batch: Any) -> None:
    truth, said = batch
    expected = [
        sum(exact(mask, chances)[part] for part in name.split("+"))
        for mask, chances in zip(truth, said, strict=True)
    ]
    assert numbers(named_loss(name)(truth, said)) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_of_a_set_does_not_depend_on_its_batches(name: str, batch: Any) -> None:
    truth, said = batch
    loss = named_loss(name)
    alone = [float(numbers(loss(truth[i : i + 1], said[i : i + 1]))[0]) for i in range(len(truth))]
    assert numbers(loss(truth, said)) == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize(("loss", "name"), [(soft_dice, "dice"), (soft_iou, "iou")])
def test_the_gradient_is_that_of_answers_metrics(loss: Any, name: str, batch: Any) -> None:
    import tensorflow as tf

    truth, said = batch[0][:1], tf.constant(batch[1][:1])
    with tf.GradientTape() as tape:
        tape.watch(said)
        value = loss(truth, said)
    overlap = SoftOverlap.of(batch[1][0], batch[0][0])
    slopes = {"dice": overlap.dice_loss_gradient, "iou": overlap.iou_loss_gradient}
    expected = [float(slope) for slope in slopes[name](batch[0][0], SMOOTH_ONE)]
    assert numbers(tape.gradient(value, said)).ravel() == pytest.approx(expected, abs=1e-6)


def test_keras_reports_the_mean_over_all_pictures_also_of_a_short_last_batch(batch: Any) -> None:
    from keras import Input, Model, layers

    truth, said = batch
    image = Input((6, 5, 1))
    model = Model(image, layers.Rescaling(1.0)(image))
    model.compile(loss=named_loss("bce+dice"))
    expected = numbers(named_loss("bce+dice")(truth, said)).mean()
    reported = model.evaluate(said, truth, batch_size=3, verbose=0)
    assert float(reported) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "nearest"), [("bce+dics", "bce+dice"), ("IOU", "iou"), ("dice", None)]
)
def test_an_unknown_loss_gets_the_nearest_known(name: str, nearest: str | None) -> None:
    if nearest is None:
        assert named_loss(name) is soft_dice
        return
    with pytest.raises(InputError, match="There is no loss") as raised:
        named_loss(name)
    assert f"Did you mean '{nearest}'?" in raised.value.hint

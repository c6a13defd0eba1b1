from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from answers.samples.pictures import PICTURES
from answers.samples.surfaces import SURFACES
from answers.solutions.sample_models import (
    RECIPES,
    Examples,
    Recipe,
    Training,
    accuracy,
    pooled_dice,
    read_training_examples,
    write_record,
)

by_name = pytest.mark.parametrize("recipe", RECIPES, ids=[recipe.name for recipe in RECIPES])
# TensorFlow's own warnings are not ours to mend.
with_keras = pytest.mark.filterwarnings("default")


def small(recipe: Recipe) -> Recipe:
    """The same recipe on few pictures and for one epoch."""
    collection = replace(recipe.collection, counts={"train": 20, "test": 10})
    return replace(recipe, collection=collection, epochs=1, batch=6)


def some_training(name: str, seed: int) -> Training:
    return Training(
        name=name,
        sha256="00",
        parameters=1,
        seed=seed,
        batch=1,
        learning_rate=0.1,
        epochs_at_most=1,
        epochs_run=1,
        best_epoch=1,
        trained_on=1,
        held_out=1,
        train_split_hash="00",
        held_out_loss=0.5,
        held_out_measure="accuracy",
        held_out_score=0.5,
        versions={},
    )


def test_reading_the_script_imports_no_engine() -> None:
    code = (
        "import sys, answers.solutions.sample_models\n"
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("collection", [PICTURES, SURFACES], ids=["pictures", "surfaces"])
def test_only_the_train_split_is_read_and_scaled_to_one(collection: Any) -> None:
    asked: list[str] = []

    def draw_block(split: str, indices: range) -> Any:
        asked.append(split)
        return collection.draw_block(split, indices)

    few = replace(collection, counts={"train": 30, "test": 10}, draw_block=draw_block)
    examples, _ = read_training_examples(few)
    first = collection.draw(0, "train").image
    assert set(asked) == {"train"}
    assert examples.images.dtype == np.float32
    assert examples.images.shape == (30, *first.shape)
    np.testing.assert_allclose(examples.images[0] * 255, first, atol=1e-4)
    assert len(examples.truths) == 30


def test_a_part_of_examples_keeps_pictures_and_truths_together() -> None:
    examples = Examples(images=np.arange(6, dtype=np.float32)[:, None], truths=np.arange(6))
    part = examples.part(2, 5)
    assert part.images[:, 0].tolist() == part.truths.tolist() == [2, 3, 4]


def test_accuracy_is_the_share_of_right_classes() -> None:
    predicted = np.array([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3], [0.2, 0.8]], np.float32)
    assert accuracy(np.array([0, 1, 1, 1]), predicted) == 0.75


@pytest.mark.parametrize(
    ("masks", "predicted", "dice"),
    [
        pytest.param([1, 1, 0, 0], [0.9, 0.2, 0.7, 0.1], 0.5, id="one of two found, one too many"),
        pytest.param([1, 0, 0, 0], [0.6, 0.5, 0.5, 0.0], 1.0, id="a half is background"),
        pytest.param([1, 1, 1, 0], [0.1, 0.1, 0.1, 0.9], 0.0, id="nothing found"),
    ],
)
def test_dice_is_pooled_and_cut_above_one_half(
    masks: list[int], predicted: list[float], dice: float
) -> None:
    assert pooled_dice(np.array(masks), np.array(predicted, np.float32)) == dice


def test_a_new_record_keeps_those_of_other_models(tmp_path: Path) -> None:
    path = tmp_path / "training.json"
    for name, seed in [("sample-cnn", 1), ("sample-unet", 2), ("sample-unet", 3)]:
        write_record(some_training(name, seed), path)
    known = json.loads(path.read_text("utf-8"))
    assert {name: entry["seed"] for name, entry in known.items()} == {
        "sample-cnn": 1,
        "sample-unet": 3,
    }


@pytest.mark.slow
@with_keras
def test_a_mask_is_flipped_with_its_picture() -> None:
    from answers.solutions.sample_models import _batches

    recipe = small(RECIPES[1])
    examples, _ = read_training_examples(recipe.collection)
    marked = Examples(images=examples.truths.astype(np.float32), truths=examples.truths)
    flips = 0
    for image, mask in _batches(marked, recipe):
        assert np.array_equal(image.numpy(), mask.numpy())
        flips += sum(not (each == marked.truths).all((1, 2, 3)).any() for each in mask.numpy())
    assert flips > 0


@pytest.mark.slow
@with_keras
def test_soft_dice_counts_the_whole_batch() -> None:
    from answers.solutions.sample_models import cross_entropy_and_dice

    truth = np.zeros((2, 4, 4, 1), np.uint8)
    truth[0, :2] = 1
    half = np.full(truth.shape, 0.5, np.float32)
    # Cross-entropy ln 2; overlap (2·4 + 1) of 8 + 16 + 1.
    expected = np.log(2) + 1 - 9 / 25
    assert float(cross_entropy_and_dice()(truth, half)) == pytest.approx(expected, abs=1e-5)


# Training sets seeds and determinism for the whole process: it gets one of its own.
TRAIN_A_LITTLE = """
import json, sys
from dataclasses import asdict, replace
from pathlib import Path
from answers.solutions.sample_models import RECIPES, train

recipe = next(recipe for recipe in RECIPES if recipe.name == sys.argv[1])
few = replace(recipe.collection, counts={"train": 20, "test": 10})
training = train(replace(recipe, collection=few, epochs=1, batch=6), Path(sys.argv[2]))
Path(sys.argv[2], "done.json").write_text(json.dumps(asdict(training)))
"""


@pytest.mark.slow
@by_name
def test_a_recipe_trains_and_writes_a_model_without_training_state(
    recipe: Recipe, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", TRAIN_A_LITTLE, recipe.name, str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    training = json.loads((tmp_path / "done.json").read_text("utf-8"))
    assert (training["trained_on"], training["held_out"], training["epochs_run"]) == (18, 2, 1)
    assert training["parameters"] <= 450_000
    with h5py.File(tmp_path / f"{recipe.name}.h5") as file:
        assert "training_config" not in file.attrs
        assert set(file.keys()) == {"model_weights"}

"""How the two shipped sample models were trained: `python -m answers.solutions.sample_models`.

    python -m answers.solutions.sample_models --out "DIR" [--only "sample-cnn"]

Each is trained on the train split of its drawn sample alone. A tenth of that split is held out to
choose the best epoch; the test split is never looked at. Flips turn picture and mask together.
Seeds are fixed and TensorFlow's operations deterministic, yet another processor may end with
slightly other weights: that is why the shipped files are pinned, and not their training.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.data.split import ContentHash
from answers.samples.collection import Collection
from answers.samples.pictures import CLASSES, PICTURES
from answers.samples.surfaces import SURFACES

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What one model is trained on, and how.

    name: of the model, and of its file without the suffix.
    flip_rows: whether a picture upside down is still a picture of its kind.
    patience: epochs without a better loss on the held-out pictures before training stops.
    """

    name: str
    collection: Collection
    seed: int
    epochs: int
    patience: int
    batch: int
    learning_rate: float
    flip_rows: bool
    build: Callable[[], Any]
    loss: Callable[[], Any]
    score: Callable[[NDArray[Any], Floats], float]


@dataclass(frozen=True, kw_only=True)
class Training:
    """What was done: the record beside the shipped models."""

    name: str
    sha256: str
    parameters: int
    seed: int
    batch: int
    learning_rate: float
    epochs_at_most: int
    epochs_run: int
    best_epoch: int
    trained_on: int
    held_out: int
    train_split_hash: str
    held_out_loss: float
    held_out_measure: str
    held_out_score: float
    versions: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Pictures and what they should give: (n, height, width, 3) in 0–1; labels or masks."""

    images: Floats
    truths: NDArray[Any]

    def part(self, start: int, stop: int) -> Examples:
        """The examples from `start` up to `stop`."""
        return Examples(images=self.images[start:stop], truths=self.truths[start:stop])


def sample_cnn() -> Any:
    """The homework's plain network, with batch normalisation and dropout."""
    from keras import Input, Sequential
    from keras import layers as k

    blocks = [
        layer
        for filters in (16, 32, 64)
        for layer in (
            k.Conv2D(filters, 3, padding="same", use_bias=False),
            k.BatchNormalization(momentum=0.9),
            k.ReLU(),
            k.MaxPooling2D(),
        )
    ]
    head = [
        k.Flatten(),
        k.Dense(128, activation="relu"),
        k.Dropout(0.4),
        k.Dense(len(CLASSES), activation="softmax"),
    ]
    return Sequential([Input((32, 32, 3)), *blocks, *head], name="sample_cnn")


def sample_unet() -> Any:
    """A small U-Net: three steps down and up, joined by concatenation at each size."""
    from keras import Input, Model
    from keras import layers as k

    image = Input((128, 128, 3))
    x, skips = image, []
    for filters in (8, 16, 32):
        x = _two_convolutions(x, filters)
        skips.append(x)
        x = k.MaxPooling2D()(x)
    x = _two_convolutions(x, 64)
    for filters, skip in zip((32, 16, 8), reversed(skips), strict=True):
        x = k.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
        x = _two_convolutions(k.Concatenate()([x, skip]), filters)
    return Model(image, k.Conv2D(1, 1, activation="sigmoid")(x), name="sample_unet")


def _two_convolutions(x: Any, filters: int) -> Any:
    from keras import layers as k

    for _ in range(2):
        x = k.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = k.ReLU()(k.BatchNormalization(momentum=0.9)(x))
    return x


def cross_entropy() -> Any:
    """Cross-entropy of whole-number labels."""
    from keras.losses import SparseCategoricalCrossentropy

    return SparseCategoricalCrossentropy()


def cross_entropy_and_dice() -> Any:
    """Binary cross-entropy plus soft Dice, pooled over the batch so that empty masks count."""
    from keras import ops
    from keras.losses import binary_crossentropy

    def loss(truth: Any, predicted: Any) -> Any:
        truth = ops.cast(truth, predicted.dtype)
        overlap = 2 * ops.sum(truth * predicted) + 1
        dice = overlap / (ops.sum(truth) + ops.sum(predicted) + 1)
        return ops.mean(binary_crossentropy(truth, predicted)) + 1 - dice

    return loss


def accuracy(labels: NDArray[Any], predicted: Floats) -> float:
    """The share of pictures whose most probable class is theirs."""
    return float(np.mean(predicted.argmax(axis=-1) == labels))


def pooled_dice(masks: NDArray[Any], predicted: Floats) -> float:
    """Dice of all pixels together, cut at p > 0.5."""
    found = predicted > 0.5
    return float(2 * np.sum(found & (masks == 1)) / (np.sum(found) + np.sum(masks == 1)))


RECIPES = (
    Recipe(
        name="sample-cnn",
        collection=PICTURES,
        seed=20,
        epochs=60,
        patience=12,
        batch=64,
        learning_rate=0.002,
        flip_rows=False,
        build=sample_cnn,
        loss=cross_entropy,
        score=accuracy,
    ),
    Recipe(
        name="sample-unet",
        collection=SURFACES,
        seed=21,
        epochs=45,
        patience=12,
        batch=10,
        learning_rate=0.003,
        flip_rows=True,
        build=sample_unet,
        loss=cross_entropy_and_dice,
        score=pooled_dice,
    ),
)


def read_training_examples(collection: Collection) -> tuple[Examples, str]:
    """The whole train split as arrays, and its content hash."""
    images, truths, content = [], [], ContentHash()
    for sample in collection.split("train").read():
        content.update(sample)
        images.append(sample.image)
        truths.append(sample.label if sample.mask is None else sample.mask[..., None])
    scaled = np.stack(images).astype(np.float32) / np.float32(255)
    return Examples(images=scaled, truths=np.array(truths)), content.hexdigest()


def train(recipe: Recipe, folder: Path) -> Training:
    """Train one model, write it to `folder` as HDF5, and say what was done."""
    _prepare_engine(recipe.seed)
    examples, split_hash = read_training_examples(recipe.collection)
    count = len(examples.images)
    cut = count - count // 10
    held_out = examples.part(cut, count)
    model = recipe.build()
    losses = _fit(model, recipe, examples.part(0, cut), held_out)
    path = folder / f"{recipe.name}.h5"
    model.save(path, include_optimizer=False)
    return Training(
        name=recipe.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        parameters=model.count_params(),
        seed=recipe.seed,
        batch=recipe.batch,
        learning_rate=recipe.learning_rate,
        epochs_at_most=recipe.epochs,
        epochs_run=len(losses),
        best_epoch=int(np.argmin(losses)) + 1,
        trained_on=cut,
        held_out=count - cut,
        train_split_hash=split_hash,
        held_out_loss=round(min(losses), 4),
        held_out_measure=recipe.score.__name__,
        held_out_score=round(
            recipe.score(held_out.truths, model.predict(held_out.images, verbose=0)), 4
        ),
        versions=_versions(),
    )


def _prepare_engine(seed: int) -> None:
    import keras
    import tensorflow as tf

    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def _fit(model: Any, recipe: Recipe, examples: Examples, held_out: Examples) -> list[float]:
    """Train until the held-out loss rests, keep the best weights, return that loss by epoch."""
    from keras.callbacks import EarlyStopping
    from keras.optimizers import Adam
    from keras.optimizers.schedules import CosineDecay

    steps = recipe.epochs * -(-len(examples.images) // recipe.batch)
    model.compile(Adam(CosineDecay(recipe.learning_rate, steps)), recipe.loss())
    # What is watched, and restored, is the loss on held-out pictures, not the training loss.
    best = EarlyStopping(patience=recipe.patience, restore_best_weights=True)
    history = model.fit(
        _batches(examples, recipe),
        validation_data=(held_out.images, held_out.truths),
        epochs=recipe.epochs,
        shuffle=False,  # the batches come shuffled already
        callbacks=[best],
        verbose=2,
    )
    return [float(loss) for loss in history.history["val_loss"]]


def _batches(examples: Examples, recipe: Recipe) -> Any:
    """Shuffled batches, flipped anew in each epoch; a mask is flipped with its picture."""
    import tensorflow as tf

    def flipped(image: Any, truth: Any) -> tuple[Any, Any]:
        for axis in (0, 1) if recipe.flip_rows else (1,):
            turn = tf.random.uniform(()) < 0.5
            image = tf.where(turn, tf.reverse(image, [axis]), image)
            if len(truth.shape) > 1:
                truth = tf.where(turn, tf.reverse(truth, [axis]), truth)
        return image, truth

    pairs = tf.data.Dataset.from_tensor_slices((examples.images, examples.truths))
    shuffled = pairs.shuffle(len(examples.images), seed=recipe.seed)
    return shuffled.map(flipped).batch(recipe.batch).prefetch(1)


def _versions() -> dict[str, str]:
    import keras
    import tensorflow as tf

    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
    }


def write_record(training: Training, path: Path) -> None:
    """Write what was done as JSON, in place of what stood there about the same model."""
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    known[training.name] = asdict(training)
    path.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", "utf-8")


def main() -> None:
    """Train the models that the command line names."""
    parser = argparse.ArgumentParser(description="Train the shipped sample models.")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    parser.add_argument("--only", choices=[recipe.name for recipe in RECIPES])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for recipe in RECIPES:
        if options.only in (None, recipe.name):
            write_record(train(recipe, options.out), options.out / "training.json")


if __name__ == "__main__":
    main()

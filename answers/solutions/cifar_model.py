"""Question 3: the homework's network, without and with augmentation. 156,074 parameters both."""

from __future__ import annotations

from typing import Any

from answers.solutions.cifar_pictures import SIDE

CLASSES = 10


def cifar_model(*, augment: bool, seed: int = 0) -> Any:
    """Three convolutions, each with a pool, then two dense layers: 448 + 4,640 + 18,496 + 131,200
    + 1,290 parameters. Augmentation adds none.

    Input (n, 32, 32, 3) in 0…1; output (n, 10), probabilities.
    """
    from keras import Input, Sequential
    from keras import layers as k

    convolutions = [
        layer
        for filters in (16, 32, 64)
        for layer in (
            k.Conv2D(filters, 3, padding="same", activation="relu"),
            k.MaxPooling2D(),
        )
    ]
    head = [
        k.Flatten(),  # 4 · 4 · 64 = 1,024
        k.Dense(128, activation="relu"),
        k.Dense(CLASSES, activation="softmax"),
    ]
    random = augmentation(seed) if augment else []
    name = "cifar_augmented" if augment else "cifar"
    return Sequential([Input((SIDE, SIDE, 3)), *random, *convolutions, *head], name=name)


def augmentation(seed: int) -> list[Any]:
    """Layers that change a picture in training, and pass it on as it is in prediction.

    A rotation by 0.1 of a full turn is up to ±36°: strong for pictures of 32 pixels.
    """
    from keras import layers as k

    return [
        k.RandomFlip("horizontal", seed=seed),  # a car upside down is no car of the test set
        k.RandomRotation(0.1, seed=seed + 1),
        k.RandomZoom(0.1, seed=seed + 2),
        # it clips to its value_range, 0…255 unless said: pictures of 0…1 would leave their range
        k.RandomContrast(0.1, value_range=(0, 1), seed=seed + 3),
    ]


def compile_cifar(model: Any, learning_rate: float) -> None:
    """Adam, and the cross-entropy of whole-number labels (one-hot ones need the other)."""
    from keras.optimizers import Adam

    model.compile(Adam(learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"])

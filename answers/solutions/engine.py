"""The engine of a training: that it is there, and that two runs of one seed are equal."""

from __future__ import annotations

import os
import platform
from importlib import import_module
from importlib.util import find_spec

from answers.errors import MissingError
from answers.installing import engine_line
from answers.kept_memory import keep_memory


def require_engine() -> None:
    """Say at once that something is missing, before pictures are read; imports nothing.

    Raises: MissingError engine-missing.
    """
    for name in ("keras", os.environ.get("KERAS_BACKEND") or "tensorflow"):
        if find_spec(name) is None:
            raise _missing(name)


def prepare_engine(seed: int) -> None:
    """Import Keras with its backend, and fix every random number.

    Two runs with one seed give equal weights, bit for bit, on one machine with the same versions
    and the same number of threads. Another processor adds in another order: its last digits
    differ, and grow with every step.
    Raises: MissingError engine-missing.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import keras
    except ImportError as error:
        raise _missing(error.name or "a part of them") from None
    keep_memory()
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def versions() -> tuple[tuple[str, str], ...]:
    """What trained: names and versions, Python first."""
    import keras

    # asked of the modules: TensorFlow comes under several package names
    names = ("keras", keras.backend.backend(), "numpy", "PIL")
    found = ((name, str(import_module(name).__version__)) for name in names)
    return (("python", platform.python_version()), *found)


def _missing(name: str) -> MissingError:
    return MissingError(
        "engine-missing",
        f"Training needs Keras and TensorFlow, and {name} is not here.",
        hint=f"Install it: {engine_line('tensorflow')}",
    )

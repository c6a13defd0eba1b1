"""A child that does what ours never does: it lets Keras load a file, without safe mode, and runs it.

Arguments: library, 1 where the lock is to be held, a folder where markers would lie, then pairs of
a name and the descriptor of a file. Says on stdout, one JSON object a line, how each ended, and what
a payload has left in the environment variable SAID.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import socket  # noqa: F401  # payloads use it: what stops them must not be a missing import
import subprocess  # noqa: F401  # as above
import sys
from typing import Any

from checkers.isolation import lock, rlimits

_SHAPE = (1, 32, 32, 3)


def main() -> None:
    """Lock as the predictor does, import as it does, then load and run file after file."""
    library, locked, markers, *pairs = sys.argv[1:]
    if locked == "1":
        rlimits.take(4 << 30)
        lock.first()
        _no_folder_to_write_to()
    load = _warm(importlib.import_module("tensorflow"), importlib.import_module(library))
    if locked == "1":
        lock.last()
    sys.stdout.write(json.dumps({"locks": lock.held()}) + "\n")
    for name, descriptor in zip(pairs[::2], map(int, pairs[1::2]), strict=True):
        os.environ["COMPANION_MARKER"] = f"{markers}/{name}"
        size = os.fstat(descriptor).st_size
        said = _tried(load, name, os.pread(descriptor, size, 0))
        said["said"] = os.environ.pop("SAID", "")
        sys.stdout.write(json.dumps({"file": name, **said}) + "\n")
        sys.stdout.flush()


def _no_folder_to_write_to() -> None:
    import tempfile

    tempfile.tempdir = "/dev/null/none"
    sys.modules["matplotlib"] = None  # type: ignore[assignment]  # Python's way to say: not there


def _warm(tensorflow: Any, keras: Any) -> Any:
    """What loads a file with this library; everything that it needs is imported by using it."""
    import h5py
    import numpy as np

    inputs = keras.Input(_SHAPE[1:])
    model = keras.Model(inputs, keras.layers.Conv2D(1, 3)(inputs))
    tensorflow.convert_to_tensor(model.predict_on_batch(np.zeros(_SHAPE, "<f4")))
    if keras.__name__ == "keras":
        archive = importlib.import_module("keras.src.saving.saving_lib")
        legacy = importlib.import_module("keras.src.legacy.saving.legacy_h5_format")
        more = {"safe_mode": False}
    else:  # its archives can be loaded from a path alone: the HDF5 files are left
        archive, more = keras, {}
        legacy = importlib.import_module("tf_keras.src.saving.legacy.hdf5_format")
        importlib.import_module(
            "tf_keras.src.saving.serialization_lib"
        ).enable_unsafe_deserialization()
    for codec in ("cp437", "base64_codec"):
        importlib.import_module(f"encodings.{codec}")

    def load(name: str, data: bytes) -> Any:
        if name.endswith(".h5"):
            return legacy.load_model_from_hdf5(h5py.File(io.BytesIO(data), "r"), **more)
        # what load_model calls with the file that it has opened
        return archive._load_model_from_fileobj(io.BytesIO(data), None, False, False)

    return load


def _tried(load: Any, name: str, data: bytes) -> dict[str, Any]:
    import numpy as np

    try:
        model = load(name, data)
        answer = np.asarray(model(np.zeros(_SHAPE, "<f4")))
    except BaseException as error:  # noqa: BLE001  # whatever stops it, the next file is tried
        return {"ended": f"{type(error).__name__}: {error!s:.300}"}
    return {"ended": "ran", "answer": float(answer.reshape(-1)[0])}


if __name__ == "__main__":
    main()

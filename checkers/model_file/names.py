"""Which files are handed in for models, by their names; what they are, their bytes say (sniff.py)."""

from __future__ import annotations

from pathlib import PurePath

ENDINGS = (".h5", ".hdf5", ".keras")
ARCHIVE = ".zip"
# What somebody hands in for a model, too: each is refused with a sentence that says what it is.
_FOREIGN = (
    *(".pt", ".pth", ".ckpt", ".safetensors", ".onnx", ".tflite", ".pb"),
    *(".pkl", ".pickle", ".joblib", ".npz", ".rar", ".7z", ".tar", ".gz", ".xz"),
)


def may_be_a_model(name: str) -> bool:
    """Whether a file of this name stands in a list of what was handed in."""
    return PurePath(name).suffix.lower() in (*ENDINGS, ARCHIVE, *_FOREIGN)

"""The line that installs what is missing, to be pasted."""

from __future__ import annotations

import shlex
import sys

# What an extra of pyproject.toml asks for, in the words of pip.
TENSORFLOW = ("keras>=3.10", "tensorflow>=2.16")
GPU = ("keras>=3.10", "tensorflow[and-cuda]>=2.16")
ONNX_GPU = "onnxruntime-gpu[cuda,cudnn]>=1.21"
# They hold the same files: whichever is installed last breaks the other one.
_SAME_FILES = ("onnxruntime", "onnxruntime-gpu")


def install_line(*requirements: str) -> str:
    """With the Python that runs now: the `pip` on somebody's path may be another's."""
    return shlex.join([sys.executable, "-m", "pip", "install", *requirements])


def engine_line(backend: str) -> str:
    """What Keras needs to run on a backend: 'tensorflow', 'jax' or 'torch'."""
    return install_line(*(TENSORFLOW if backend == "tensorflow" else ("keras>=3.10", backend)))


def onnx_gpu_line() -> str:
    """ONNX Runtime for CUDA in the place of the one for the processor: never beside it."""
    away = shlex.join([sys.executable, "-m", "pip", "uninstall", "--yes", *_SAME_FILES])
    return f"{away} && {install_line(ONNX_GPU)}"

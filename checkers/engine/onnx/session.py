"""A graph → what runs it: ONNX Runtime on the processor, or on a GPU by its CUDA provider.

Where the provider can't be had, the runtime takes the processor and only logs it (seen with
onnxruntime-gpu 1.31 on a machine without a GPU), so what a session runs on is asked every time. No
GPU was here: that it works on one is unmeasured.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.errors import MissingError
from answers.installing import onnx_gpu_line
from checkers.engine.onnx.graph import Graph

CUDA, _CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
# By the provider's documentation; the values are texts.
CUDA_OPTIONS = {
    "device_id": "0",  # of those that are shown: where one is asked for, it is the only one
    # TF32 keeps 10 bits of a product: too few where a pixel decides
    "use_tf32": "0",
    # elsewhere the quickest algorithm of this very moment is taken, which has other last digits
    "cudnn_conv_algo_search": "DEFAULT",
    "arena_extend_strategy": "kSameAsRequested",
}
_MOST_THREADS = 8
_NAME_BYTES = 128
_DRIVER = "libcuda.so.1"


def threads() -> int:
    """How many compute at once: as many as there are cores for us, up to eight."""
    here = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    return min(len(here) or os.cpu_count() or 1, _MOST_THREADS)


def started(model: bytes, *, gpu: bool = False, callers: int = 1) -> Any:
    """A session that runs a model.

    gpu: on the first GPU that is shown, and on nothing else (nodes that CUDA lacks apart).
    callers: how many threads are to run it at once; it has others to help them, where there are.
    Raises: MissingError gpu-missing, where it would not run on one.
    """
    import onnxruntime

    if not gpu:
        return onnxruntime.InferenceSession(model, _options(callers), providers=[_CPU])
    if CUDA not in onnxruntime.get_available_providers():
        raise _missing("the onnxruntime that is installed is not built for CUDA")
    wanted, options = [(CUDA, CUDA_OPTIONS)], _options(callers)
    options.use_deterministic_compute = True
    try:
        # without the fall-back, which would print, and take the processor
        made = onnxruntime.InferenceSession(model, options, providers=wanted, enable_fallback=0)
    except Exception as error:  # noqa: BLE001  # whatever a driver and the runtime's classes make of it
        raise _missing(f"{type(error).__name__}: {error!s:.200}") from None
    if CUDA not in made.get_providers():
        raise _missing("CUDA, cuDNN or the driver can't be loaded")
    return made


def _options(callers: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # said, so that the runtime doesn't pin its threads to cores, which the lock forbids; of one run
    # it is the caller itself, and the others are there for every caller
    options.intra_op_num_threads = max(threads() - callers, 0) + 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def _missing(reason: str) -> MissingError:
    return MissingError(
        "gpu-missing",
        f"ONNX Runtime sees no GPU here: {reason}.",
        hint=f"Use --device cpu, or install it: {onnx_gpu_line()}",
    )


def load_cuda() -> None:
    """Load CUDA's libraries where pip has put them, which the runtime does not look for itself."""
    import onnxruntime

    load = getattr(onnxruntime, "preload_dlls", None)  # from 1.21 on
    if load is not None:
        load(directory="")


def warm_up(*, gpu: bool = False) -> None:
    """Run a small model: the runtime reads files of the system and starts threads at first use.

    On a GPU the libraries of convolutions and of matrices come with it.
    Raises: as `started`.
    """
    graph = Graph()
    value = graph.input((2, 4, 4))
    kernel = graph.constant(np.ones((2, 2, 3, 3), np.float32))
    convolved = graph.do("Conv", value, kernel, shape=(2, 2, 2))
    answer = graph.linear(graph.each("Relu", convolved), np.ones((2, 2), np.float32), 2)
    pictures: NDArray[np.float32] = np.zeros((1, 2, 4, 4), np.float32)
    started(graph.to_bytes([answer]), gpu=gpu).run(None, {value.name: pictures})


def gpu_name() -> str:
    """What the driver calls the first GPU that is shown."""
    name = ctypes.create_string_buffer(_NAME_BYTES)
    with suppress(OSError, AttributeError):
        driver = ctypes.CDLL(_DRIVER)
        if driver.cuInit(0) == 0 and driver.cuDeviceGetName(name, _NAME_BYTES, 0) == 0:
            return name.value.decode("utf-8", "replace")
    return "unnamed"

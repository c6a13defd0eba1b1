"""Which engine runs a network: the fast one where it can say all of it, else Keras."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

from answers.errors import InputError, MissingError
from answers.installing import install_line, onnx_gpu_line
from answers.network.graph import Network

Engine = Literal["auto", "keras", "onnx"]
Backend = Literal["tensorflow", "jax", "torch"]
Device = Literal["auto", "cpu", "gpu"]
Sizes = tuple[int, ...]

# recent wheels of ONNX Runtime report home unless this is set before they are imported
TELEMETRY_OFF = "ORT_DISABLE_TELEMETRY"
_CUDA_LIBRARY = "*onnxruntime_providers_cuda*"
_NO_CUDA = "onnxruntime is built without CUDA"
_GPU_NODES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg", "/dev/nvmap")


@dataclass(frozen=True)
class Choice:
    """An engine. reason: why not the other one, where that is worth a word.

    sizes: the shape of one sample of each input, for an engine that needs to know.
    without_a_gpu: what is taken where this one finds none; itself unless said.
    """

    engine: Literal["keras", "onnx"]
    reason: str = ""
    sizes: tuple[Sizes, ...] = ()
    without_a_gpu: Choice | None = None


KERAS = Choice("keras")


def device_named(text: str) -> tuple[Device, int | None]:
    """What a person calls a device: auto, cpu, gpu, or gpu:1 for one GPU of several.

    Raises: InputError `device-unknown`.
    """
    for word in get_args(Device):
        if text == word:
            return word, None
    found = re.fullmatch(r"gpu:([0-9]{1,4})", text)
    if found is None:
        raise InputError(
            "device-unknown",
            f"There is no device {text!r:.40}.",
            hint="Say auto, cpu, gpu, or gpu:1 for one of several; nvidia-smi numbers them.",
        )
    return "gpu", int(found[1])


def choose(
    asked: Engine,
    network: Network,
    sample: Sizes | None,
    *,
    backend: Backend | None = None,
    device: Device = "auto",
) -> Choice:
    """The engine for a network of one input.

    sample: the shape of what is fed; None where pictures come in sizes of their own.
    backend: what a person asked Keras to run on; then Keras it is.
    Raises: MissingError `engine-missing`, `gpu-missing`, `engine-not-covering` where `onnx` was
    asked for.
    """
    if asked == "keras" or (asked == "auto" and backend is not None):
        return KERAS
    if asked == "auto" and _belongs_to_keras(device):
        without = choose("auto", network, sample, device="cpu") if device == "auto" else None
        return Choice("keras", "a GPU is there", without_a_gpu=without)
    reason = _against(network, sample, device)
    if not reason and sample is not None:
        return Choice("onnx", sizes=(sample,))
    if asked == "onnx":
        raise _not_here(reason)
    return Choice("keras", reason)


def _belongs_to_keras(device: Device) -> bool:
    """Whether a GPU is to be used, and Keras is here, whose engine is the reference."""
    wanted = device == "gpu" or (device == "auto" and gpu_is_there())
    return wanted and keras_is_here()


def _against(network: Network, sample: Sizes | None, device: Device) -> str:
    """What speaks against the fast engine; empty where nothing does."""
    if find_spec("onnxruntime") is None:
        return "onnxruntime is not installed"
    if device == "gpu" and not onnx_has_cuda():
        return _NO_CUDA
    if sample is None:
        return "the pictures come in sizes of their own"
    from checkers.engine.onnx.coverage import uncovered

    found = uncovered(network, [sample])
    return f"ONNX has no exact form of {found}" if found else ""


def _not_here(reason: str) -> MissingError:
    if reason == _NO_CUDA:
        return MissingError(
            "gpu-missing",
            f"The engine onnx sees no GPU: {reason}.",
            hint=f"Use --device cpu, or install it: {onnx_gpu_line()}",
        )
    if "installed" in reason:
        return MissingError(
            "engine-missing", "The engine needs onnxruntime.", hint=install_line("onnxruntime")
        )
    return MissingError(
        "engine-not-covering",
        f"The engine onnx can't run this: {reason}.",
        hint="Leave --engine away, or say --engine keras.",
    )


def keras_is_here() -> bool:
    """Whether the extra is installed whose engine can use a GPU."""
    return all(find_spec(name) is not None for name in ("keras", "tensorflow"))


def onnx_has_cuda() -> bool:
    """Whether the installed ONNX Runtime brings the library that uses CUDA. It is not imported."""
    found = find_spec("onnxruntime")
    folders = found.submodule_search_locations or () if found is not None else ()
    return any(any(Path(folder, "capi").glob(_CUDA_LIBRARY)) for folder in folders)


def gpu_is_there() -> bool:
    """Whether this machine has a device node of a GPU."""
    return any(Path(node).exists() for node in _GPU_NODES)

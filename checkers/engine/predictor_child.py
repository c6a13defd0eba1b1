"""The second child: builds the network with Keras, and answers batches with predictions.

It starts with nothing of the submitted file; the sealed weights are handed over when the reader
has accepted all of them. Labels never come here.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.errors import MissingError
from answers.installing import GPU, engine_line, install_line
from answers.network.document import from_json
from answers.network.parameters import leaves
from checkers.engine.frames import Frame
from checkers.engine.received import Asks, Pictures, answer_all, arrays, processor, scale_of
from checkers.engine.service import take_over
from checkers.isolation import lock

_NOWHERE = "/dev/null/none"
# Keras imports it where it is installed, to draw; it asks for a folder to write to.
_LEFT_OUT = ("matplotlib",)
_MOST_NORMALISATIONS = 1  # the first tells the scale; more cost memory and say the same


class _Predictor:
    """Answers 'engine', 'build', 'predict' and 'statistics'."""

    def __init__(self, hands: int) -> None:
        self._hands, self._pictures = hands, Pictures(hands)
        self._model: Any = None
        self._probe: Any = None
        self._rows = 0
        self._normalisations: list[Any] = []

    def asks(self) -> Asks:
        """What answers what."""
        return {
            "engine": _engine,
            "build": self._build,
            "predict": self._predict,
            "statistics": self._statistics,
        }

    def _build(self, frame: Frame) -> Frame:
        lock.last()  # it is in place since the engine came; nothing is built without it
        import keras

        from checkers.engine.keras_builder import build, put_weights

        descriptor = take_over(self._hands)
        try:
            network = from_json(frame.header["network"])
            built = build(network)
            put_weights(built, network, arrays(network, descriptor))
        finally:
            os.close(descriptor)
        self._model = keras.Model(built.inputs, built.outputs[frame.header["output"]])
        self._rows = 0
        # In TensorFlow XLA would compile for seconds and give other last digits. JAX has nothing
        # else: without one function for all, it compiles every operation, twice as long.
        whole = keras.backend.backend() == "jax"
        self._model.compile(jit_compile=whole)
        frozen = {leaf.path for leaf in leaves(network) if leaf.frozen}
        paths = [path for path in built.normalised if path not in frozen][:_MOST_NORMALISATIONS]
        self._normalisations = [built.layers[path] for path in paths]
        if paths:
            probe = keras.Model(built.inputs, [built.normalised[path] for path in paths])
            probe.compile(jit_compile=whole)
            # a few small batches: elsewhere a function for them would cost more than it saves
            self._probe = probe.predict_on_batch if whole else partial(probe, training=False)
        return Frame({"normalisations": ["/".join(path) for path in paths]})

    def _predict(self, frame: Frame) -> Frame:
        batch = self._scaled(frame)
        rows = len(batch)
        self._rows = max(self._rows, rows)
        # The last batch is filled up: another shape would make Keras trace the function again,
        # which takes longer than the rows do. At prediction no row sees another one.
        filled = np.resize(batch, (self._rows, *batch.shape[1:])) if rows < self._rows else batch
        values = np.asarray(self._model.predict_on_batch(filled))[:rows]
        result = np.ascontiguousarray(values, "<f4")
        return Frame({"shape": list(result.shape)}, result.tobytes())

    def _scaled(self, frame: Frame) -> NDArray[np.float32]:
        return scale_of(frame).apply(self._pictures.of(frame))

    def _statistics(self, frame: Frame) -> Frame:
        """Mean and variance of what reaches each normalisation, beside its stored ones."""
        import keras

        values = self._probe(self._scaled(frame))
        values = values if isinstance(values, list) else [values]
        sizes, body = [], b""
        for layer, value in zip(self._normalisations, values, strict=True):
            array = np.moveaxis(
                np.asarray(keras.ops.convert_to_numpy(value), np.float64), layer.axis, -1
            )
            flat = array.reshape(-1, array.shape[-1])
            stored = (np.asarray(layer.moving_mean), np.asarray(layer.moving_variance))
            rows = np.stack([flat.mean(0), flat.var(0), *stored]).astype("<f4")
            sizes.append(rows.shape[1])
            body += rows.tobytes()
        return Frame({"channels": sizes}, body)


def _line(backend: str, device: str) -> str:
    """What installs the engine, for a GPU where one is asked for."""
    for_a_gpu = backend == "tensorflow" and device == "gpu"
    return install_line(*GPU) if for_a_gpu else engine_line(backend)


def _without_a_gpu(backend: str) -> str:
    """What to do: the line that installs it is known for TensorFlow alone."""
    said = f": {install_line(*GPU)}" if backend == "tensorflow" else f", {backend} built for it"
    return f"Use --device cpu, or install it{said}"


def _engine(frame: Frame) -> Frame:
    """Import the engine, and say what it is and where it runs."""
    if "files" in lock.held():
        # TensorFlow asks for a folder it may write to, and there is none; PyTorch makes one
        tempfile.tempdir = _NOWHERE
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = "/"  # it is content with one that is there
    for name in _LEFT_OUT:
        sys.modules[name] = None  # type: ignore[assignment]  # Python's way to say: not installed
    start = time.monotonic()
    backend, device = frame.header["backend"], frame.header["device"]
    try:
        module = importlib.import_module(backend)
        keras = importlib.import_module("keras")
    except ImportError as error:
        raise MissingError(
            "engine-missing",
            f"The engine needs {backend}, which can't be imported: {error}.",
            hint=_line(backend, device),
        ) from None
    gpus = _DEVICES[backend](module)
    if device == "gpu" and not gpus:
        raise MissingError(
            "gpu-missing",
            f"{backend} sees no GPU here.",
            hint=_without_a_gpu(backend),
        )
    name = gpus[0] if gpus else processor()
    versions = {"keras": keras.__version__, backend: module.__version__}
    if lock.possible():
        _warm_up(backend)
    lock.last()
    facts = {"device": name, "gpu": bool(gpus), "versions": versions, "locks": list(lock.held())}
    return Frame({**facts, "seconds": time.monotonic() - start})


def _warm_up(backend: str) -> None:
    """Use a small model as one of ours is: libraries import more, and start threads, at first use.

    JAX imports with the first weight that is put into a model, and XLA looks at the processor with
    the first product of two matrices of this size. On a GPU cuDNN and cuBLAS come with it.
    """
    import keras

    import checkers.engine.keras_builder  # noqa: F401  # what builds the model must be here

    layers, inputs = keras.layers, keras.Input((8, 8, 1))
    pixels = layers.Conv2D(2, 3, padding="same")(inputs)
    model = keras.Model(inputs, layers.Dense(64)(layers.Flatten()(pixels)))
    for variable in model.weights:
        variable.assign(np.zeros(variable.shape, "<f4"))
    model.compile(jit_compile=backend == "jax")
    model.predict_on_batch(np.zeros((4, 8, 8, 1), "<f4"))


def _tensorflow_gpus(module: Any) -> list[str]:
    gpus = module.config.list_physical_devices("GPU")
    for gpu in gpus:
        module.config.experimental.set_memory_growth(gpu, True)
    # TF32 keeps 10 bits of a product: too few where a pixel decides
    module.config.experimental.enable_tensor_float_32_execution(False)
    details = [module.config.experimental.get_device_details(gpu) for gpu in gpus]
    return [f"GPU ({item.get('device_name', 'unnamed')})" for item in details]


def _jax_gpus(module: Any) -> list[str]:
    module.config.update("jax_default_matmul_precision", "highest")
    return [f"GPU ({d.device_kind})" for d in module.devices() if d.platform in ("gpu", "cuda")]


def _torch_gpus(module: Any) -> list[str]:
    module.backends.cuda.matmul.allow_tf32 = False
    module.backends.cudnn.allow_tf32 = False
    count = module.cuda.device_count()
    return [f"GPU ({module.cuda.get_device_name(number)})" for number in range(count)]


_DEVICES = {"tensorflow": _tensorflow_gpus, "jax": _jax_gpus, "torch": _torch_gpus}


def main() -> None:
    """Serve the parent."""
    answer_all(lambda hands: _Predictor(hands).asks())


if __name__ == "__main__":
    main()

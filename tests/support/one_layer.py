"""A network of one layer, and what an engine answers with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answers.layers.base import Layer, Shape
from answers.layers.catalogue import LAYERS
from answers.network.graph import Network, Node, Tensor
from answers.network.parameters import leaves

Array = NDArray[np.float32]


def made(kind: str, **settings: Any) -> Layer:
    """A record by Keras's class name."""
    return LAYERS[kind](**settings)


def network_of(layer: Layer, *shapes: Shape) -> Network:
    """A network of one layer called 'layer'."""
    entries = [
        Node(f"in{i}", made("InputLayer", shape=shape), ((),)) for i, shape in enumerate(shapes)
    ]
    taken = tuple(Tensor(node.name) for node in entries)
    given = [Tensor("layer", 0, number) for number in range(layer.output_count)]
    return Network(
        name="net",
        kind="Functional",
        nodes=(*entries, Node("layer", layer, (taken,))),
        inputs=taken,
        outputs=tuple(given),
        output_names=("layer",) * len(given),
    )


def in_one(outputs: Sequence[Any]) -> Array:
    """One output as it is; several as the rows of their numbers, sample by sample."""
    if len(outputs) == 1:
        return np.asarray(outputs[0])
    return np.concatenate([np.asarray(part).reshape(len(part), -1) for part in outputs], axis=1)


def random_arrays(network: Network) -> list[Array]:
    """Weights of order 1; what is a variance is positive."""
    random = np.random.default_rng(7)
    found = []
    for leaf in leaves(network):
        for weight in leaf.weights:
            drawn = random.normal(size=weight.shape).astype("float32")
            found.append(np.abs(drawn) + 0.1 if "variance" in weight.name else drawn)
    return found


def keras_answers(network: Network, arrays: list[Array], inputs: list[Array]) -> Array:
    """What the Keras engine's model answers."""
    import keras

    from checkers.engine.keras_builder import build, put_weights

    built = build(network)
    put_weights(built, network, iter(arrays))
    model = keras.Model(built.inputs, built.outputs)
    made = model(inputs, training=False)
    return in_one(made if isinstance(made, list) else [made])


def onnx_answers(network: Network, arrays: list[Array], inputs: list[Array]) -> Array:
    """What ONNX Runtime answers to the graph that the second engine writes."""
    from checkers.engine.onnx.building import build

    built = build(network, iter(arrays), [values.shape[1:] for values in inputs])
    return run(built.graph.to_bytes(built.outputs), inputs)


def run(model: bytes, inputs: list[Array]) -> Array:
    """The outputs of a model in ONNX Runtime, on one thread, in one."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [item.name for item in session.get_inputs()]
    return in_one(session.run(None, dict(zip(names, inputs, strict=True))))

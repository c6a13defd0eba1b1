"""Which layers of a network come near the machine's matrix products, one by one.

    python tests/benchmarks/layer_shares.py MODEL --size 128,128,3 [--batch 4] [--rounds 7]

Each layer that multiplies is run alone, as the engine onnx writes it, on drawn numbers of the size
that reaches it in the network: multiply-accumulates, the time of one picture, and the share of
the rate at which this machine multiplies matrices. At the end the whole network.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from answers.kept_memory import keep_memory
from answers.layers.core import InputLayer
from answers.network.cost import cost
from answers.network.graph import Network, Node, Tensor
from answers.network.shapes import ShapeTable
from checkers.engine.onnx.building import build
from checkers.engine.onnx.graph import known_sizes
from checkers.engine.onnx.session import started
from checkers.engine.received import _product_rate
from checkers.model_file.reader import open_model

Sizes = tuple[int, ...]


def main() -> None:
    """Print a line for each layer, the slowest first, and one for the whole."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--size", required=True)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    keep_memory()
    size = tuple(map(int, options.size.split(",")))
    with options.model.open("rb") as file:
        opened = open_model(file)
        network, arrays = opened.model.network, list(opened.weights())
    rate = max(_product_rate() for _ in range(options.rounds))
    print(f"matrix products: {rate / 1e9:.1f} GMAC/s")  # noqa: T201  # a program that prints its table
    lines = []
    for name, alone, sizes in layers(network, size):
        macs = cost(alone, tuple(sizes)).macs
        if macs:
            lines.append((seconds(alone, drawn(alone), sizes, options), name, macs))
    for took, name, macs in sorted(lines, reverse=True):
        show(name, macs, took, rate)
    show("the layers, one by one", sum(m for *_, m in lines), sum(t for t, *_ in lines), rate)
    whole = seconds(network, arrays, [size], options)
    show("the whole network", cost(network, (size,)).macs, whole, rate)


def layers(network: Network, size: Sizes) -> Iterator[tuple[str, Network, list[Sizes]]]:
    """Each call of a layer as a network of its own, with the sizes of what reaches it."""
    table = ShapeTable()
    for call in network.order:
        layer = call.node.layer
        if isinstance(layer, InputLayer):
            continue
        sizes = [known_sizes(shape) for shape in table.taken(network, call, (size,))]
        if isinstance(layer, Network):
            for name, alone, inner in layers(layer, sizes[0]):
                yield f"{call.node.name}/{name}", alone, inner
        else:
            yield call.node.name, alone_of(layer, sizes), sizes


def alone_of(layer: Any, sizes: list[Sizes]) -> Network:
    """A network of one layer."""
    inputs = [Node(f"in{i}", InputLayer(shape=s), ((),)) for i, s in enumerate(sizes)]
    tensors = tuple(Tensor(node.name) for node in inputs)
    node = Node("layer", layer, (tensors,))
    return Network("alone", "Functional", (*inputs, node), tensors, (Tensor("layer"),), ("out",))


def drawn(network: Network) -> list[Any]:
    """Numbers for its weights."""
    from answers.network.parameters import leaves

    generator = np.random.default_rng(0)
    return [
        generator.random(weight.shape, np.float32) + np.float32(0.1)
        for leaf in leaves(network)
        for weight in leaf.weights
    ]


def seconds(network: Network, arrays: list[Any], sizes: list[Sizes], options: Any) -> float:
    """The median time of one picture."""
    built = build(network, iter(arrays), sizes)
    session = started(built.graph.to_bytes([built.outputs[0]]))
    given = {
        item.name: np.random.default_rng(1).random((options.batch, *s), np.float32)
        for item, s in zip(session.get_inputs(), sizes, strict=True)
    }
    session.run(None, given)
    times = []
    for _ in range(options.rounds):
        begin = time.perf_counter()
        session.run(None, given)
        times.append((time.perf_counter() - begin) / options.batch)
    return float(statistics.median(times))


def show(name: str, macs: int, took: float, rate: float) -> None:
    """One line."""
    share = macs / took / rate
    print(f"{name:40} {macs:>14,} MACs {1e6 * took:>10.1f} us {share:>6.2f}")  # noqa: T201  # the same


if __name__ == "__main__":
    main()

"""The networks of the reference files (`anchor_cases.json`, `rf_measured.json`) as our `Network`.

Their format: `rank`, `input` (sizes, then channels), `layers` (each with `id`, `op`, `from` and its
arguments), `output`. Strides, dilation, groups and multiplier are 1 and padding is 'valid' unless
said; a layer `shared` applies the layer `of` once more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from answers.layers import convolution, merging, pooling, resampling
from answers.layers.activation import Activation
from answers.layers.base import Layer
from answers.layers.core import Dense, Flatten, InputLayer
from answers.layers.normalization import BatchNormalization
from answers.network.graph import Network, Node, Tensor

Row = dict[str, Any]


def _classes(module: Any, stem: str) -> Callable[[int], Any]:
    return lambda rank: getattr(module, stem.format(rank=rank))


def _window(row: Row, rank: int, *more: str) -> Row:
    ones = [1] * rank
    values = {
        "kernel_size": row["kernel"],
        "strides": row.get("strides", ones),
        "dilation_rate": row.get("dilation", ones),
        "padding": row.get("padding", "valid"),
        "use_bias": row.get("use_bias", True),
        "activation": row.get("activation") or "linear",
    }
    return values | {name: row[short] for name, short in map(_named, more) if short in row}


def _named(name: str) -> tuple[str, str]:
    return name, {"depth_multiplier": "multiplier"}.get(name, name)


def _conv(row: Row, rank: int) -> Layer:
    made: Layer = _classes(convolution, "Conv{rank}D")(rank)(
        **_window(row, rank, "filters", "groups")
    )
    return made


def _depthwise(row: Row, rank: int) -> Layer:
    made: Layer = _classes(convolution, "DepthwiseConv{rank}D")(rank)(
        **_window(row, rank, "depth_multiplier")
    )
    return made


def _separable(row: Row, rank: int) -> Layer:
    made: Layer = _classes(convolution, "SeparableConv{rank}D")(rank)(
        **_window(row, rank, "filters", "depth_multiplier")
    )
    return made


def _transposed(row: Row, rank: int) -> Layer:
    made: Layer = _classes(convolution, "Conv{rank}DTranspose")(rank)(
        **_window(row, rank, "filters", "output_padding")
    )
    return made


def _locally_connected(row: Row, rank: int) -> Layer:
    from answers.layers import locally_connected

    values = {"filters": row["filters"], "kernel_size": row["kernel"]}
    made: Layer = _classes(locally_connected, "LocallyConnected{rank}D")(rank)(**values)
    return made


def _pool(stem: str) -> Callable[[Row, int], Layer]:
    def make(row: Row, rank: int) -> Layer:
        values = {"pool_size": row["pool"], "strides": row["strides"], "padding": row["padding"]}
        made: Layer = _classes(pooling, stem)(rank)(**values)
        return made

    return make


def _global_pool(row: Row, rank: int) -> Layer:
    made: Layer = _classes(pooling, "GlobalAveragePooling{rank}D")(rank)(
        keepdims=row.get("keepdims", False)
    )
    return made


def _upsample(row: Row, rank: int) -> Layer:
    if rank == 1:
        return resampling.UpSampling1D(size=row["size"][0])
    interpolation = row.get("interpolation", "nearest")
    made: Layer = _classes(resampling, "UpSampling{rank}D")(rank)(
        size=row["size"], **({"interpolation": interpolation} if rank == 2 else {})
    )
    return made


def _sides(stem: str, argument: str) -> Callable[[Row, int], Layer]:
    def make(row: Row, rank: int) -> Layer:
        sides = row[argument] if rank > 1 else row[argument][0]
        made: Layer = _classes(resampling, stem)(rank)(**{argument: sides})
        return made

    return make


OPS: dict[str, Callable[[Row, int], Layer]] = {
    "conv": _conv,
    "depthwise": _depthwise,
    "separable": _separable,
    "conv_transpose": _transposed,
    "locally_connected": _locally_connected,
    "max_pool": _pool("MaxPooling{rank}D"),
    "avg_pool": _pool("AveragePooling{rank}D"),
    "global_avg_pool": _global_pool,
    "upsample": _upsample,
    "zero_pad": _sides("ZeroPadding{rank}D", "padding"),
    "crop": _sides("Cropping{rank}D", "cropping"),
    "batch_norm": lambda _row, _rank: BatchNormalization(),
    "activation": lambda row, _rank: Activation(activation=row["function"]),
    "concat": lambda _row, _rank: merging.Concatenate(),
    "add": lambda _row, _rank: merging.Add(),
    "multiply": lambda _row, _rank: merging.Multiply(),
    "flatten": lambda _row, _rank: Flatten(),
    "dense": lambda row, _rank: Dense(
        units=row["units"], activation=row.get("activation") or "linear"
    ),
}


def reference_network(document: Row, sizes: tuple[int | None, ...] | None = None) -> Network:
    """The network of a document; `sizes` in place of its spatial sizes (None: left open)."""
    rank, shape = document["rank"], tuple(document["input"])
    shape = shape if sizes is None else (*sizes, *shape[rank:])
    layers: dict[str, Layer] = {"input": InputLayer(shape=shape)}
    calls: dict[str, list[tuple[Tensor, ...]]] = {"input": [()]}
    made: dict[str, Tensor] = {"input": Tensor("input")}
    for row in document["layers"]:
        name = row["of"] if row["op"] == "shared" else row["id"]
        if row["op"] != "shared":
            layers[name] = OPS[row["op"]](row, rank)
        taken = tuple(made[source] for source in row["from"])
        calls.setdefault(name, []).append(taken)
        made[row["id"]] = Tensor(name, len(calls[name]) - 1)
    nodes = tuple(Node(name, layer, tuple(calls[name])) for name, layer in layers.items())
    return Network(
        name=document.get("name", "reference"),
        kind="Functional",
        nodes=nodes,
        inputs=(Tensor("input"),),
        outputs=(made[document["output"]],),
        output_names=("output",),
    )

"""Configurations as the Keras versions write them, and as nobody should: what is read of each."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from answers.errors import CompanionError, ModelFileError, RefusedError
from answers.layers.activation import LeakyReLU
from answers.layers.convolution import Conv2DTranspose
from answers.network.graph import Tensor
from answers.network.shapes import input_shapes, output_shapes
from checkers.model_file.graph_config import read_model_config
from checkers.model_file.layer_config import read_activation, read_layer
from checkers.model_file.old_meaning import as_keras2_meant

Config = dict[str, Any]


def tensor(name: str, call: int = 0, shape: Any = None) -> Config:
    """A tensor as Keras 3 writes it in a call."""
    config = {"shape": shape, "dtype": "float32", "keras_history": [name, call, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


def layer(kind: str, name: str, *taken: Any, **config: Any) -> Config:
    """A layer of a Keras 3 graph, called once on tensors or on a list of them."""
    calls = [{"args": list(taken), "kwargs": {}}] if taken else []
    entry = {"class_name": kind, "config": {"name": name, **config}, "name": name}
    return entry | {"inbound_nodes": calls, "module": "keras.layers", "registered_name": None}


def functional(*layers: Config, end: str, name: str = "net") -> Config:
    config = {"name": name, "layers": list(layers), "input_layers": ["x", 0, 0]}
    return {"class_name": "Functional", "config": config | {"output_layers": [end, 0, 0]}}


def sequential(*layers: Config) -> Config:
    return {"class_name": "Sequential", "config": {"name": "net", "layers": list(layers)}}


def picture(*shape: int | None) -> Config:
    return layer("InputLayer", "x", batch_shape=[None, *shape])


DENSE = layer("Dense", "dense", tensor("x"), units=2)
SMALL = functional(picture(4), DENSE, end="dense")


def with_dense(**changes: Any) -> Config:
    """The small model with another entry for its Dense layer."""
    model = copy.deepcopy(SMALL)
    model["config"]["layers"][1] |= changes
    return model


def with_setting(**settings: Any) -> Config:
    return with_dense(config=DENSE["config"] | settings)


def called(node: Any) -> Config:
    return with_dense(inbound_nodes=[node])


def named(name: Any) -> Config:
    return with_dense(name=name)


def nested(depth: int) -> Config:
    model = copy.deepcopy(SMALL)
    for _ in range(depth):
        inner = model | {"name": "inner", "inbound_nodes": [{"args": [tensor("x")], "kwargs": {}}]}
        model = functional(picture(4), inner, end="inner")
    return model


FOREIGN = {"module": "builtins", "class_name": "exec", "config": {"source": "…"}}
LAMBDA = {"class_name": "__lambda__", "config": {"code": "…"}}

REFUSED: list[tuple[str, Any, type[CompanionError], str, str]] = [
    ("no model", {"a": 1}, ModelFileError, "json-structure", "describes no model"),
    ("a list", [], ModelFileError, "json-structure", "describes no model"),
    (
        "a subclass",
        {"class_name": "Net", "config": {}},
        RefusedError,
        "layer-not-allowed",
        "of the class 'Net'",
    ),
    (
        "no layers",
        {"class_name": "Sequential", "config": {}},
        ModelFileError,
        "json-structure",
        "'model' has no list of layers",
    ),
    (
        "2,001 layers",
        sequential(*[DENSE] * 2001),
        RefusedError,
        "too-many-layers",
        "2,001 layers; the limit is 2,000",
    ),
    ("nine levels", nested(9), RefusedError, "model-too-deep", "more than 8 levels"),
    ("a Lambda", with_dense(class_name="Lambda"), RefusedError, "code-lambda", "never run"),
    (
        "a Lambda among the settings",
        with_setting(kernel_initializer=[{"x": LAMBDA}]),
        RefusedError,
        "code-lambda",
        "never run",
    ),
    (
        "a function for a layer",
        with_dense(module="os", class_name="function", config="system"),
        RefusedError,
        "code-module",
        "A function of 'os' stands for a layer",
    ),
    (
        "a layer of one's own",
        with_dense(class_name="pkg>Dense"),
        RefusedError,
        "layer-not-allowed",
        "'pkg>Dense' is not Keras's own",
    ),
    (
        "a known name in a foreign module",
        with_dense(module="evil.layers"),
        RefusedError,
        "code-module",
        "Python code from 'evil.layers'",
    ),
    (
        "a module that only begins like Keras",
        with_dense(module="keras_evil.layers"),
        RefusedError,
        "code-module",
        "'keras_evil.layers'",
    ),
    (
        "a module of Keras that holds no layers",
        with_dense(module="keras.utils"),
        RefusedError,
        "code-module",
        "'Dense' of the module 'keras.utils' stands for a layer",
    ),
    (
        "a model of a foreign module",
        {"class_name": "Functional", "module": "student", "config": {"layers": []}},
        RefusedError,
        "layer-not-allowed",
        "of the class 'Functional'",
    ),
    (
        "a Lambda behind something that is refused, too",
        sequential(DENSE | {"module": "evil"}, DENSE | {"class_name": "Lambda"}),
        RefusedError,
        "code-lambda",
        "never run",
    ),
    (
        "another folder's SavedModel",
        with_dense(class_name="TFSMLayer", config={"name": "a", "filepath": "x"}),
        RefusedError,
        "file-reference",
        "A TFSMLayer loads the SavedModel of another folder",
    ),
    (
        "another file's words",
        with_dense(class_name="StringLookup", config={"name": "a", "vocabulary": "words.txt"}),
        RefusedError,
        "file-reference",
        "A StringLookup loads the words of another file",
    ),
    (
        "words of its own",
        with_dense(class_name="StringLookup", config={"name": "a", "vocabulary": ["cat"]}),
        RefusedError,
        "layer-not-allowed",
        "A StringLookup takes texts",
    ),
    (
        "a pickle",
        with_dense(class_name="TorchModuleWrapper", config={"name": "a", "module": "gASV"}),
        RefusedError,
        "code-pickle",
        "A TorchModuleWrapper loads a Python pickle",
    ),
    (
        "a misspelt layer",
        with_dense(class_name="Dens"),
        RefusedError,
        "layer-not-allowed",
        "class 'Dens' can't be graded yet",
    ),
    (
        "a foreign initializer",
        with_setting(kernel_initializer=FOREIGN),
        RefusedError,
        "code-module",
        "'exec' of the module 'builtins'",
    ),
    (
        "a constraint of one's own",
        with_setting(
            kernel_constraint={"class_name": "Clip", "config": {}, "registered_name": "pkg>Clip"}
        ),
        RefusedError,
        "code-module",
        "'Clip' of the module None",
    ),
    (
        "an array in place of a number",
        with_setting(units={"class_name": "__numpy__", "config": {"value": [2]}}),
        RefusedError,
        "config-object",
        "holds a '__numpy__'",
    ),
    (
        "a setting that we don't know",
        with_setting(sorcery=3),
        RefusedError,
        "config-value",
        "'sorcery' = 3, which can't be graded yet",
    ),
    (
        "quantised weights",
        with_setting(quantization_config={"mode": "int8"}),
        RefusedError,
        "config-value",
        "'quantization_config'",
    ),
    (
        "minus two units",
        with_setting(units=-2),
        ModelFileError,
        "config-value",
        "at least 1, but it is -2",
    ),
    (
        "true units",
        with_setting(units=True),
        ModelFileError,
        "config-value",
        "at least 1, but it is True",
    ),
    (
        "no units",
        with_dense(config={"name": "dense"}),
        ModelFileError,
        "config-value",
        "lacks a setting that it needs",
    ),
    (
        "channels first",
        functional(
            picture(4, 4, 3),
            layer("Flatten", "flat", tensor("x"), data_format="channels_first"),
            end="flat",
        ),
        RefusedError,
        "channels-first",
        "only channels_last",
    ),
    (
        "dropout at prediction",
        called({"args": [tensor("x")], "kwargs": {"training": True}}),
        RefusedError,
        "call-argument",
        "'training' = True",
    ),
    (
        "a number as input",
        called({"args": [3], "kwargs": {}}),
        RefusedError,
        "call-argument",
        "called on 3",
    ),
    (
        "dropout at prediction, Keras 2",
        called([["x", 0, 0, {"training": True}]]),
        RefusedError,
        "call-argument",
        "'training' = True",
    ),
    ("a text as call", called("x"), ModelFileError, "json-structure", "is no object"),
    (
        "4,001 calls",
        with_dense(inbound_nodes=[{"args": [tensor("x")]}] * 4001),
        RefusedError,
        "too-many-calls",
        "4,002 layers; the limit is 4,000",
    ),
    (
        "a layer that feeds itself",
        called({"args": [tensor("dense")], "kwargs": {}}),
        RefusedError,
        "graph-cycle",
        "wait for one another",
    ),
    (
        "an input from nowhere",
        called({"args": [tensor("y")], "kwargs": {}}),
        RefusedError,
        "graph-missing-layer",
        "'y', which it doesn't hold",
    ),
    ("a cleared screen", named("a\x1b[2Jb"), RefusedError, "unsafe-text", r"\\x1b"),
    ("a name from right to left", named("a\u202eb"), RefusedError, "unsafe-text", r"\\u202e"),
    ("half a character", named("a\ud83d"), RefusedError, "unsafe-text", r"\\ud83d"),
    ("a name of 9,000 letters", named("n" * 9000), RefusedError, "unsafe-text", "too long"),
    ("a number as name", named(5), ModelFileError, "config-value", "should be a text, not 5"),
    (
        "a model's name",
        functional(picture(4), DENSE, end="dense", name="a\u202eb"),
        RefusedError,
        "unsafe-text",
        r"\\u202e",
    ),
]


@pytest.mark.parametrize(
    ("document", "kind", "code", "words"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_would_be_another_model_is_refused(
    document: Any, kind: type[CompanionError], code: str, words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        read_model_config(document)
    assert caught.value.code == code


def test_the_refusal_names_the_layer() -> None:
    with pytest.raises(CompanionError) as caught:
        read_model_config(with_setting(units=0))
    assert caught.value.where == "layer dense"


def keras2() -> Config:
    """A model in a model, called twice, as Keras 2 counts its calls: from 1."""
    model = nested(1)
    inner = model["config"]["layers"][1]
    inner["inbound_nodes"] = [[["x", 0, 0, {}]], [["inner", 1, 0, {"training": False}]]]
    inner["config"]["layers"][0]["inbound_nodes"] = []
    inner["config"]["layers"][1] |= {"inbound_nodes": [[["x", 0, 0, {}]]]}
    inner["config"]["layers"][1]["config"]["units"] = 4
    model["config"]["output_layers"] = [["inner", 2, 0]]
    return model


def test_keras_2_counts_the_calls_of_a_model_from_one() -> None:
    network = read_model_config(keras2())
    assert network.by_name["inner"].calls == ((Tensor("x"),), (Tensor("inner", 0),))
    assert network.outputs == (Tensor("inner", 1),)


@pytest.mark.parametrize("number", [0, 1])
def test_keras_3_may_count_a_model_that_is_an_output_one_too_high(number: int) -> None:
    model = nested(1)
    model["config"]["output_layers"] = ["inner", number, 0]
    assert read_model_config(model).outputs == (Tensor("inner", 0),)


@pytest.mark.parametrize(
    ("ends", "names"),
    [
        (["dense", 0, 0], ("dense",)),
        ([["dense", 0, 0]], ("dense",)),
        ([["dense", 0, 0], ["x", 0, 0]], ("dense", "x")),
        ({"label": ["dense", 0, 0]}, ("label",)),
    ],
    ids=["flat", "a list", "two", "by name"],
)
def test_outputs_are_read_in_every_form(ends: Any, names: tuple[str, ...]) -> None:
    model = copy.deepcopy(SMALL)
    model["config"]["output_layers"] = ends
    assert read_model_config(model).output_names == names


def upwards(recorded: list[int | None] | None, **settings: Any) -> Config:
    """A transposed convolution from 5x6 to 15x18, or 16x20 with an output_padding of (1, 2)."""
    up = {"filters": 2, "kernel_size": [3, 3], "strides": [3, 3], "padding": "valid", **settings}
    return functional(
        picture(5, 6, 1),
        layer("Conv2DTranspose", "up", tensor("x", shape=[None, 5, 6, 1]), **up),
        layer("Flatten", "flat", tensor("up", shape=recorded)),
        end="flat",
    )


def test_the_output_padding_that_keras_3_6_loses_is_found_by_the_recorded_shape() -> None:
    layer = read_model_config(upwards([None, 16, 20, 2])).by_name["up"].layer
    assert isinstance(layer, Conv2DTranspose)
    assert layer.output_padding == (1, 2)


def test_a_recorded_shape_that_no_output_padding_makes_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"was 18x20x2 when .* settings give 15x18x2") as caught:
        read_model_config(upwards([None, 18, 20, 2]))
    assert (caught.value.code, caught.value.where) == ("shape-differs", "layer up")


@pytest.mark.parametrize(
    "document",
    [
        upwards([None, 15, 18, 2]),
        upwards([None, 16, 20, 2], output_padding=[1, 2]),
        upwards([None, None, None, 2]),
        upwards(None),
    ],
    ids=["no padding", "padding that is written", "open sizes", "nothing recorded"],
)
def test_a_recorded_shape_that_fits_is_no_reason_to_refuse(document: Config) -> None:
    assert read_model_config(document).by_name["up"].layer.kind == "Conv2DTranspose"


def test_sizes_that_are_left_open_need_no_recorded_shape() -> None:
    model = functional(
        picture(None, None, 3),
        layer(
            "Conv2D",
            "conv",
            tensor("x", shape=[None, None, None, 3]),
            filters=2,
            kernel_size=[3, 3],
        ),
        layer("GlobalAveragePooling2D", "mean", tensor("conv", shape=[None, None, None, 2])),
        end="mean",
    )
    assert output_shapes(read_model_config(model)) == ((2,),)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("swish", "silu"),
        ("relu", "relu"),
        ({"module": "builtins", "class_name": "function", "config": "softmax_v2"}, "softmax"),
        ({"class_name": "function", "config": "relu", "registered_name": "function"}, "relu"),
    ],
)
def test_an_activation_has_one_name_however_it_is_written(value: Any, name: str) -> None:
    assert read_activation(value) == name


@pytest.mark.parametrize("key", ["alpha", "negative_slope"])
def test_a_layer_may_be_an_activation(key: str) -> None:
    value = {"class_name": "LeakyReLU", "config": {"name": "l", key: 0.25}}
    assert read_activation(value) == LeakyReLU(negative_slope=0.25)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("system", RefusedError),
        ({"module": "os", "class_name": "function", "config": "system"}, RefusedError),
        ({"module": "keras.layers", "class_name": "Dense", "config": {"units": 1}}, RefusedError),
        ({"class_name": "Lambda", "config": {}}, RefusedError),
        (["relu"], ModelFileError),
    ],
    ids=["unknown", "a function of the system", "a Dense", "a Lambda", "a list"],
)
def test_an_activation_is_one_of_keras_s_own(value: Any, kind: type[CompanionError]) -> None:
    with pytest.raises(kind):
        read_activation(value)


@pytest.mark.parametrize(
    ("value", "policy"),
    [
        (None, "float32"),
        ("mixed_float16", "mixed_float16"),
        ({"class_name": "Policy", "config": {"name": "mixed_float16"}}, "mixed_float16"),
        (
            {
                "module": "keras",
                "class_name": "DTypePolicy",
                "config": {"name": "float16"},
                "shared_object_id": 140_000,
            },
            "float16",
        ),
        ("uint8", "float32"),
    ],
)
def test_the_policy_is_read_as_every_keras_writes_it(value: Any, policy: str) -> None:
    assert read_layer("Flatten", {"dtype": value}).dtype == policy


def test_an_interpolation_that_keras_has_and_we_have_not_is_no_damage() -> None:
    with pytest.raises(RefusedError, match="'mitchellcubic', which can't be graded yet"):
        read_layer("UpSampling2D", {"interpolation": "mitchellcubic"})


def test_the_least_length_of_a_vector_is_that_of_the_keras_that_wrote_it() -> None:
    """TensorFlow bounds the sum of squares by 1e-12, Keras 3 the length: 1e-8 counts for both."""
    document = functional(
        picture(4, 3), layer("UnitNormalization", "unit", tensor("x")), end="unit"
    )
    network = read_model_config(document)
    now, then = network.by_name["unit"].layer, as_keras2_meant(network).by_name["unit"].layer
    assert (getattr(now, "least", 0), getattr(then, "least", 0)) == (1e-12, 1e-6)
    with pytest.raises(RefusedError, match="'least' = "):
        read_layer("UnitNormalization", {"least": 0.5})


def test_the_hard_sigmoid_of_keras_2_is_read_as_the_function_that_it_was() -> None:
    for setting in ("hard_sigmoid", {"class_name": "function", "config": "hard_sigmoid"}):
        network = as_keras2_meant(read_model_config(with_setting(activation=setting)))
        dense: Any = network.by_name["dense"].layer
        assert dense.activation == "hard_sigmoid_keras2"
    inner = {"class_name": "GRU", "config": {"units": 2, "recurrent_activation": "hard_sigmoid"}}
    wrapped = functional(
        picture(4, 3), layer("Bidirectional", "both", tensor("x"), layer=inner), end="both"
    )
    both: Any = as_keras2_meant(read_model_config(wrapped)).by_name["both"].layer
    assert both.layer.recurrent_activation == "hard_sigmoid_keras2"


def test_no_file_may_ask_for_a_function_by_our_own_word() -> None:
    with pytest.raises(RefusedError, match="'hard_sigmoid_keras2' is not one of Keras's"):
        read_activation("hard_sigmoid_keras2")


@pytest.mark.parametrize("kind", ["RandomCrop", "Unknown"])
def test_a_class_that_has_a_record_but_no_engine_is_refused(kind: str) -> None:
    with pytest.raises(RefusedError, match=f"class '{kind}' can't be graded yet"):
        read_layer(kind, {"class_name": "x", "height": 2, "width": 2})


@pytest.mark.parametrize(
    ("kind", "settings", "told"),
    [
        ("MagnitudeToDecibel", {}, "its code is not in the file.$"),
        ("AttentionLayer", {}, "The nearest class that can is Attention.$"),
        ("Dense", {"units": 1, "sorcery": 3}, "^Build the layer without sorcery.$"),
    ],
)
def test_a_layer_that_cannot_be_graded_comes_with_what_to_do(
    kind: str, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        read_layer(kind, settings)
    assert re.search(told, refused.value.hint)


SETTINGS: list[tuple[str, Config, Config]] = [
    ("Conv1D", {"filters": 2, "kernel_size": [3]}, {"kernel_size": (3,)}),
    ("Conv3D", {"filters": 2, "kernel_size": 3}, {"kernel_size": (3, 3, 3)}),
    ("MaxPooling1D", {"pool_size": [2], "strides": None}, {"pool_size": (2,), "strides": None}),
    ("UpSampling1D", {"size": 3}, {"size": 3}),
    ("ZeroPadding1D", {"padding": 2}, {"padding": (2, 2)}),
    ("ZeroPadding2D", {"padding": [1, 2]}, {"padding": ((1, 1), (2, 2))}),
    ("Cropping3D", {"cropping": [[1, 0], [2, 2], [0, 0]]}, {"cropping": ((1, 0), (2, 2), (0, 0))}),
    ("PReLU", {"shared_axes": [1, 2], "alpha_initializer": {}}, {"shared_axes": (1, 2)}),
    ("ELU", {"alpha": 0.5}, {"alpha": 0.5}),
    ("LeakyReLU", {"alpha": 0.5}, {"negative_slope": 0.5}),
    ("ThresholdedReLU", {"theta": 0.5}, {"theta": 0.5}),
    ("Softmax", {"axis": [1, 2]}, {"axis": (1, 2)}),
    ("Dot", {"axes": [1, 2], "normalize": True}, {"axes": (1, 2), "normalize": True}),
    ("Normalization", {"axis": [3], "mean": None, "variance": None}, {"axis": 3, "mean": None}),
    (
        "Normalization",
        {"axis": [-1], "mean": [[[0.5, 1]]], "variance": [[[1, 2.0]]]},
        {"axis": -1, "mean": (0.5, 1.0), "variance": (1.0, 2.0)},
    ),
    ("Normalization", {"axis": []}, {"axis": ()}),
    (
        "LocallyConnected1D",
        {"filters": 2, "kernel_size": [3], "implementation": 3, "data_format": "channels_last"},
        {"kernel_size": (3,), "implementation": 3},
    ),
    ("SpatialDropout2D", {"rate": 0.5, "trainable": True, "noise_shape": None}, {"rate": 0.5}),
    ("LayerScale", {"init_values": 1e-6, "projection_dim": 4}, {"projection_dim": 4}),
]


def test_numbers_of_several_axes_are_refused_and_not_called_damaged() -> None:
    numbers = {"axis": [1, 3], "mean": [[[[0.5, 1.0]], [[1.0, 2.0]]]], "variance": 1.0}
    with pytest.raises(RefusedError, match="numbers along several axes") as caught:
        read_layer("Normalization", numbers)
    assert caught.value.code == "config-value"


@pytest.mark.parametrize(("kind", "config", "fields"), SETTINGS, ids=lambda v: str(v)[:40])
def test_settings_as_keras_writes_them_become_the_fields_of_the_record(
    kind: str, config: Config, fields: Config
) -> None:
    record = read_layer(kind, config)
    assert {name: getattr(record, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("settings", "cast"),
    [
        ({}, "float32"),
        ({"dtype": "uint8"}, "uint8"),
        ({"dtype": "int32", "sparse": False}, "int32"),
        ({"input_dtype": "int32"}, "int32"),  # Keras 1
        ({"dtype": {"class_name": "DTypePolicy", "config": {"name": "float16"}}}, "float16"),
    ],
)
def test_an_input_keeps_the_type_that_keras_casts_to(settings: Config, cast: str) -> None:
    found = read_layer("InputLayer", {"batch_input_shape": [None, 4]} | settings)
    assert found.cast == cast  # type: ignore[attr-defined]  # an InputLayer


def test_an_input_of_strings_is_refused_by_its_value() -> None:
    with pytest.raises(ModelFileError, match=r"InputLayer\.cast must be .* but it is 'string'"):
        read_layer("InputLayer", {"batch_shape": [None, 1], "dtype": "string"})


def test_a_sequential_without_an_input_takes_the_shape_that_it_was_built_for() -> None:
    model = sequential(layer("Dense", "input", units=2))
    model["config"]["build_input_shape"] = [None, 4]
    network = read_model_config(model)
    assert [node.name for node in network.nodes] == ["input_1", "input"]
    assert output_shapes(network) == ((2,),)


def test_a_sequential_whose_first_model_is_a_list_takes_the_shape_of_its_first_layer() -> None:
    dense = {"class_name": "Dense", "config": {"name": "d", "units": 2}}
    dense["config"] |= {"batch_input_shape": [None, 4]}  # type: ignore[operator]  # a dictionary
    network = read_model_config(
        {"class_name": "Sequential", "config": [{"class_name": "Sequential", "config": [dense]}]}
    )
    assert [node.name for node in network.nodes] == ["input", "layer_0"]


def test_a_merge_that_begins_a_sequential_of_keras_1_has_a_branch_for_each_model() -> None:
    def branch(size: int) -> Config:
        settings = {"name": f"d{size}", "output_dim": 2, "batch_input_shape": [None, size]}
        return {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": settings}]}

    merge = {"name": "m", "mode": "concat", "layers": [branch(4), branch(5)]}
    network = read_model_config(
        {"class_name": "Sequential", "config": [{"class_name": "Merge", "config": merge}]}
    )
    assert input_shapes(network) == ((4,), (5,))
    assert output_shapes(network) == ((4,),)

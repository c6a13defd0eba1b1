"""What an output means, which feed a network asks for, what is a fault and what a remark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from answers.data.input_contract import InputContract, Scale
from answers.data.split import Sample
from answers.errors import InputError, RefusedError
from answers.layers.activation import Activation
from answers.layers.arithmetic import Arithmetic
from answers.layers.base import Layer
from answers.layers.convolution import Conv2D
from answers.layers.core import Dense, Flatten, GaussianNoise, Identity, InputLayer, Reshape
from answers.layers.pooling import MaxPooling2D
from answers.layers.preprocessing import Normalization, RandomFlip, Rescaling
from answers.layers.resampling import ZeroPadding2D
from answers.layers.selection import Extreme
from answers.metrics.segmentation import Overlap
from answers.network.cost import cost
from answers.network.graph import Network, Node, Tensor
from answers.network.parameters import parameters
from checkers.assignment.assignment import Limits, Masks
from checkers.engine.predicting import Statistics
from checkers.measuring.answer import Answer, choose, depends_on_classes
from checkers.measuring.classification import Classified, Unmeasured, measure_classes
from checkers.measuring.feed import preprocessing, settle_feed
from checkers.measuring.fitting import check_limits, fed
from checkers.measuring.input_scale import merged
from checkers.measuring.segmentation import Segmented, measure_masks
from checkers.measuring.stream import Predicted
from checkers.model_file.record import ModelFile
from checkers.model_file.stored_loss import LossTakes


def chain(*layers: Layer | Network, size: int = 8, channels: int = 3) -> Network:
    """Layers one after the other."""
    every = (InputLayer(shape=(size, size, channels)), *layers)
    names = [f"layer_{number}" for number in range(len(every))]
    calls = [((),), *(((Tensor(name),),) for name in names[:-1])]
    nodes = tuple(Node(n, layer, c) for n, layer, c in zip(names, every, calls, strict=True))
    ends = (Tensor(names[0]),), (Tensor(names[-1]),)
    return Network("chain", "Sequential", nodes, *ends, (names[-1],))


AUGMENTATION = chain(RandomFlip(), RandomFlip())
# what Keras's preprocess_input takes off for ResNet: the mean colours of ImageNet, on 0–255
COLOURS = Arithmetic(operation="subtract", number=(103.939, 116.779, 123.68))
IMAGENET = Normalization(mean=(123.7, 116.3, 103.5), variance=(3409.0, 3262.0, 3291.0))


def model(network: Network, *, takes: LossTakes | None = None) -> ModelFile:
    return ModelFile(dialect="keras-3-hdf5", writer="a test", network=network, loss_takes=takes)


def mask_head(filters: int, activation: Any) -> Network:
    return chain(Conv2D(filters=filters, kernel_size=(1, 1), activation=activation))


def behind(layer: Layer, filters: int = 1) -> Network:
    """Something behind a sigmoid."""
    return chain(Conv2D(filters=filters, kernel_size=(1, 1), activation="sigmoid"), layer)


@pytest.mark.parametrize(
    ("network", "takes", "is_logits", "codes"),
    [
        (mask_head(1, "sigmoid"), None, False, []),
        (mask_head(1, "sigmoid"), "logits", False, ["from-logits-mismatch"]),
        (mask_head(1, "linear"), "logits", True, ["logits"]),
        (mask_head(1, "linear"), None, True, ["logits"]),
        (mask_head(1, "linear"), "probabilities", False, ["from-logits-mismatch"]),
        (mask_head(1, "tanh"), "probabilities", False, ["from-logits-mismatch"]),
        (mask_head(1, "relu"), None, False, []),
        (mask_head(1, "relu"), "logits", True, ["logits"]),
        (mask_head(2, "softmax"), None, False, ["object-channel"]),
        (behind(Activation(activation="linear")), None, False, []),
        (behind(MaxPooling2D(pool_size=(2, 2))), None, False, []),
        (behind(Rescaling(scale=-1.0, offset=1.0)), None, False, []),
        (behind(Rescaling(scale=255.0)), None, False, []),
        (behind(Rescaling(scale=2.0, offset=-1.0)), None, True, ["logits"]),
        (behind(Rescaling(scale=0.5)), "logits", True, ["logits"]),
        (behind(Extreme(axis=-1, keepdims=True), filters=2), None, False, []),
    ],
    ids=[
        "sigmoid",
        "sigmoid twice",
        "said",
        "seen",
        "said not",
        "said not of a tanh",
        "never below 0",
        "said of it",
        "two channels",
        "a type behind a sigmoid",
        "a pool behind a sigmoid",
        "1 - sigmoid",
        "255 sigmoid",
        "2 sigmoid - 1",
        "said of half a sigmoid",
        "the larger of two",
    ],
)
def test_the_end_of_a_network_says_what_its_numbers_are(
    network: Network, takes: LossTakes | None, is_logits: bool, codes: list[str]
) -> None:
    answer, findings = choose(model(network, takes=takes), "segmentation")
    assert answer is not None
    assert answer.is_logits is is_logits
    assert [finding.code for finding in findings] == codes


@pytest.mark.parametrize(
    ("layers", "hint"),
    [
        ((Reshape(target_shape=(64, 1)),), "Reshape((8, 8, 1)) at the end"),
        ((Reshape(target_shape=(64,)),), "Reshape((8, 8, 1)) at the end"),
        ((Reshape(target_shape=(8, 8)),), "Reshape((8, 8, 1)) at the end"),
        ((Reshape(target_shape=(4, 16)),), ""),
        ((Flatten(), Dense(units=10)), ""),
        ((Flatten(), Dense(units=128)), "Reshape((8, 8, 2)) at the end"),
    ],
)
def test_a_map_in_a_row_is_told_what_makes_a_map_of_it(
    layers: tuple[Layer, ...], hint: str
) -> None:
    network = chain(Conv2D(filters=1, kernel_size=(1, 1), activation="sigmoid"), *layers)
    _, findings = choose(model(network), "segmentation")
    assert ("Reshape" in findings[-1].message) == bool(hint)
    assert hint in findings[-1].message


@pytest.mark.parametrize(
    ("network", "task"),
    [
        (mask_head(3, "softmax"), "segmentation"),
        (mask_head(4, "sigmoid"), "segmentation"),
        (chain(Flatten(), Dense(units=10)), "segmentation"),
        (mask_head(1, "sigmoid"), "classification"),
        (chain(Flatten(), Dense(units=1, activation="sigmoid")), "classification"),
    ],
    ids=["three classes", "four channels", "scores", "a map", "one score"],
)
def test_an_output_that_does_not_fit_the_task_is_a_finding(network: Network, task: Any) -> None:
    answer, findings = choose(model(network), task)
    assert answer is None
    assert [finding.code for finding in findings][-1] == "wrong-output-shape"


@pytest.mark.parametrize("takes", [None, "logits", "probabilities", "numbers"])
def test_the_largest_of_a_classifiers_scores_is_the_answer_whatever_the_loss_says(
    takes: LossTakes | None,
) -> None:
    network = chain(Flatten(), Dense(units=3))
    answer, findings = choose(model(network, takes=takes), "classification")
    assert answer is not None
    code = "from-logits-mismatch" if takes == "probabilities" else "logits"
    assert [finding.code for finding in findings] == [code]
    result, _ = measure_classes(answered([-3.0, 7.0, 2.0], labels=[1]), answer, ())
    assert isinstance(result, Classified)
    assert result.confusion.correct == 1


@pytest.mark.parametrize("activation", ["linear", "relu", "tanh"])
def test_what_was_compared_with_the_masks_as_it_stands_is_read_so(activation: str) -> None:
    answer, findings = choose(model(mask_head(1, activation), takes="numbers"), "segmentation")
    assert answer is not None
    assert [finding.code for finding in findings] == ["mask-of-numbers"]
    values = np.full((4, 4, 1), 0.3, np.float32)
    values[0], values[1], values[2] = -0.2, 0.51, 1.4
    mask = np.zeros((4, 4), np.uint8)
    mask[1:3] = 1
    result, _ = measure_masks(answered(values, masks=[mask]), answer, "model")
    assert isinstance(result, Segmented)
    pooled = result.overlaps.pooled
    assert (pooled.intersection, pooled.predicted, pooled.truth) == (8, 8, 8)


def test_two_softmax_channels_of_logits_are_the_softmax() -> None:
    answer, _ = choose(model(mask_head(2, "linear")), "segmentation")
    assert answer is not None
    logits = np.random.default_rng(1).normal(size=(5, 5, 2)).astype(np.float32)
    softmax = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    assert answer.chances(logits) == pytest.approx(softmax[..., 1], abs=1e-6)


@pytest.mark.parametrize(
    ("layers", "word", "kind", "codes"),
    [
        ((), "assignment", "unit", []),
        ((Rescaling(scale=1 / 255),), "assignment", "unit", ["rescaling-inside"]),
        ((Rescaling(scale=1 / 255),), "auto", "raw", []),
        ((Rescaling(scale=1 / 127.5, offset=-1.0),), "auto", "raw", []),
        ((RandomFlip(), Rescaling(scale=2.0, offset=-1.0)), "auto", "unit", []),
        ((Rescaling(scale=0.5), Rescaling(scale=1 / 127.5)), "auto", "raw", []),
        ((), "auto", "unit", []),
        ((), "symmetric", "symmetric", []),
        ((GaussianNoise(stddev=0.1), Rescaling(scale=1 / 255)), "auto", "raw", []),
        ((ZeroPadding2D(padding=((2, 2), (2, 2))), Rescaling(scale=1 / 255)), "auto", "raw", []),
        ((Identity(), Rescaling(scale=1 / 255)), "auto", "raw", []),
        ((IMAGENET,), "auto", "raw", []),
        (
            (Normalization(mean=(0.49, 0.48, 0.45), variance=(0.06, 0.06, 0.07)),),
            "auto",
            "unit",
            [],
        ),
        ((Normalization(mean=(0.5,), variance=(0.0,)),), "auto", "unit", []),
        ((Normalization(),), "auto", "unit", []),
        ((COLOURS,), "auto", "raw", []),
        ((Rescaling(scale=(1 / 255, 1 / 255, 1.0)),), "auto", "unit", []),
        ((Rescaling(scale=(1.0, 2.0), offset=(1.0, 2.0, 3.0)),), "auto", "unit", []),
        (
            (Rescaling(scale=1e300), Rescaling(scale=1e300), Rescaling(scale=0.0)),
            "auto",
            "unit",
            [],
        ),
        ((Rescaling(),), "auto", "unit", []),
        ((AUGMENTATION, Rescaling(scale=1 / 255)), "auto", "raw", []),
        ((Rescaling(scale=0.5, offset=0.5),), "auto", "symmetric", []),
        ((Arithmetic(operation="add", number=7.0),), "auto", "unit", []),
        ((Rescaling(scale=255.0),), "assignment", "unit", []),
        ((AUGMENTATION, MaxPooling2D(), Rescaling(scale=1 / 255)), "auto", "unit", []),
    ],
)
def test_the_feed_is_settled(
    layers: tuple[Layer | Network, ...], word: str, kind: str, codes: list[str]
) -> None:
    network = chain(*layers, Conv2D(filters=1, kernel_size=(1, 1)))
    feed = settle_feed(word, Scale("unit"), network)
    assert feed.scale.kind == kind
    assert [finding.code for finding in feed.findings] == codes


def test_of_many_numbers_some_are_shown() -> None:
    means = tuple(float(place) for place in range(192))
    normal = Normalization(mean=means, variance=(1.0,) * 192)
    found = preprocessing(chain(Flatten(), normal))
    assert found is not None
    assert found.words == "what amounts to Rescaling((1, 1, 1, 1, …), (0, -1, -2, -3, …))"


def test_an_input_of_whole_numbers_asks_for_what_they_hold() -> None:
    whole = chain(Conv2D(filters=1, kernel_size=(1, 1)))
    source = Node("layer_0", InputLayer(shape=(8, 8, 3), cast="uint8"), ((),))
    network = replace(whole, nodes=(source, *whole.nodes[1:]))
    assert settle_feed("auto", Scale("unit"), network).scale.kind == "raw"


def test_only_what_a_part_hands_on_scales_what_comes_behind_it() -> None:
    part = replace(chain(RandomFlip(), Rescaling(scale=1 / 255)), outputs=(Tensor("layer_1"),))
    found = preprocessing(chain(part, Rescaling(scale=2.0, offset=-1.0), Flatten()))
    assert found is not None
    assert (found.kind, found.words) == ("unit", "Rescaling(2, -1)")


def test_a_size_that_the_assignment_leaves_open_is_the_models() -> None:
    contract, misfits = fed(chain(Flatten()), InputContract(size=None))
    assert (contract.size, misfits) == ((8, 8), ())


@pytest.mark.parametrize(("size", "channels"), [((9, 8), "rgb"), ((8, 8), "grey")])
def test_pictures_that_the_model_does_not_take_are_a_finding(size: Any, channels: Any) -> None:
    _, misfits = fed(chain(Flatten()), InputContract(size=size, channels=channels))
    assert [finding.code for finding in misfits] == ["input-shape"]


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(parameters=1_929), "too-many-parameters"),
        (Limits(macs=1_919), "too-much-compute"),
        (Limits(activations=1_000), "too-much-activation-memory"),
    ],
)
def test_a_network_beyond_a_limit_is_refused(limits: Limits, code: str) -> None:
    network = chain(Flatten(), Dense(units=10))  # 192 x 10 weights and 10 biases
    with pytest.raises(RefusedError) as caught:
        check_limits(network, cost(network), limits, file_bytes=10_000)
    assert caught.value.code == code


def test_more_parameters_than_a_file_can_hold_are_refused() -> None:
    # float16 takes 2 bytes, and no archive packs more than 200 : 1
    network = chain(Flatten(), Dense(units=5_000))
    assert parameters(network).total == 193 * 5_000
    check_limits(network, None, Limits(), file_bytes=9_650)
    with pytest.raises(RefusedError, match=r"965,000 parameters; a file of 9,649 bytes can't"):
        check_limits(network, None, Limits(), file_bytes=9_649)


def answered(*values: Any, masks: Any = None, labels: Any = None) -> Iterator[list[Predicted]]:
    """Batches of one prediction each."""
    for number, value in enumerate(values):
        sample = Sample(
            name=str(number),
            image=np.zeros((4, 4, 3), np.uint8),
            label=None if labels is None else labels[number],
            mask=None if masks is None else np.asarray(masks[number], np.uint8),
        )
        yield [Predicted(sample, np.asarray(value, np.float32))]


SCORES = Answer(output=0, name="a", shape=(3,), activation="softmax", is_logits=False)
MAP = Answer(output=0, name="a", shape=(4, 4, 1), activation="sigmoid", is_logits=False, channel=0)
THREE = Answer(output=0, name="a", shape=(4, 4, 3), activation="sigmoid", is_logits=False)


def test_answers_are_counted() -> None:
    batches = answered([0.1, 0.8, 0.1], [0.4, 0.3, 0.3], labels=[1, 2])
    result, remarks = measure_classes(batches, SCORES, ("x", "y", "z"))
    assert isinstance(result, Classified)
    assert result.confusion.counts == ((0, 0, 0), (0, 1, 0), (1, 0, 0))
    assert remarks == ()


@pytest.mark.parametrize(
    ("bad", "code"), [(np.nan, "outputs-not-finite"), (1.5, "outputs-out-of-range")]
)
def test_answers_that_are_no_probabilities_are_never_a_score(bad: float, code: str) -> None:
    batches = answered([0.5, 0.5, bad], [0.2, 0.3, 0.5], labels=[0, 0])
    result, _ = measure_classes(batches, SCORES, ())
    assert isinstance(result, Unmeasured)
    assert [fault.code for fault in result.faults] == [code]
    assert "1 of the 6 numbers" in result.faults[0].message


def test_the_same_scores_everywhere_are_remarked() -> None:
    batches = answered([0.2, 0.3, 0.5], [0.2, 0.3, 0.5], labels=[0, 2])
    _, remarks = measure_classes(batches, SCORES, ())
    assert [remark.code for remark in remarks] == ["constant-output"]


def guesses(*pairs: tuple[int, int, int]) -> Iterator[list[Predicted]]:
    """So many pictures of a class that are answered as another one: (how many, truth, answer)."""
    each = [(truth, said) for count, truth, said in pairs for _ in range(count)]
    return answered(*(np.eye(3)[said] for _, said in each), labels=[truth for truth, _ in each])


def test_classes_that_are_numbered_otherwise_are_told() -> None:
    turned = guesses((8, 0, 1), (2, 0, 0), (9, 1, 2), (1, 1, 0), (10, 2, 0))
    _, remarks = measure_classes(turned, SCORES, ("cat", "dog", "owl"))
    (remark,) = remarks
    assert remark.code == "classes-in-another-order"
    assert "cat as dog, dog as owl, owl as cat." in remark.message
    assert f"would be {27 / 30:.3f}" in remark.message


@pytest.mark.parametrize(
    "pairs",
    [
        [(10, 0, 0), (10, 1, 1), (10, 2, 2)],
        [(5, 0, 1), (5, 0, 2), (10, 1, 0), (10, 2, 0)],
        [(10, 0, 1), (10, 1, 1), (10, 2, 1)],
        [(4, 0, 1), (3, 0, 0), (3, 0, 2), (4, 1, 0), (3, 1, 1), (3, 1, 2), (10, 2, 2)],
    ],
    ids=["right", "two for one", "one for all", "hardly"],
)
def test_other_mistakes_are_no_other_order(pairs: list[tuple[int, int, int]]) -> None:
    _, remarks = measure_classes(guesses(*pairs), SCORES, ())
    assert "classes-in-another-order" not in [remark.code for remark in remarks]


def test_a_model_that_marks_the_background_is_told() -> None:
    mask = np.zeros((4, 4), np.uint8)
    mask[:2] = 1
    chances = np.where(mask[..., np.newaxis], 0.1, 0.9).astype(np.float32)
    chances[0, 0] = 0.9
    _, remarks = measure_masks(answered(chances, masks=[mask]), MAP, "model")
    (remark,) = remarks
    assert remark.code == "answer-inverted"
    # the other way round: 7 of the 8 pixels of the object, and nothing else
    assert f"would be {2 * 7 / (7 + 8):.3f} instead of {2 * 1 / (9 + 8):.3f}" in remark.message


@pytest.mark.parametrize("marked", [0, 8, 16])
def test_one_answer_everywhere_and_a_right_one_are_not_inverted(marked: int) -> None:
    mask = np.zeros((4, 4), np.uint8)
    mask[:2] = 1
    chances = np.full(16, 0.1, np.float32)
    chances[:marked] = 0.9
    _, remarks = measure_masks(answered(chances.reshape(4, 4, 1), masks=[mask]), MAP, "model")
    assert "answer-inverted" not in [remark.code for remark in remarks]


def test_a_softmax_of_one_channel_is_told() -> None:
    _, findings = choose(model(mask_head(1, "softmax")), "segmentation")
    assert [finding.code for finding in findings] == ["softmax-of-one-channel"]


def test_a_mask_is_compared_at_the_models_size_or_its_own() -> None:
    chances = np.zeros((4, 4, 1), np.float32)
    chances[:2] = 1.0
    mask = np.zeros((8, 8), np.uint8)
    mask[:4] = 1
    for resolution, pixels in (("model", 16), ("native", 64)):
        result, _ = measure_masks(answered(chances, masks=[mask]), MAP, resolution)  # type: ignore[arg-type]  # the two words are right
        assert isinstance(result, Segmented)
        assert result.overlaps.pooled == Overlap(
            intersection=pixels // 2,
            predicted=pixels // 2,
            truth=pixels // 2,
            pixels=pixels,
            near_cut=result.overlaps.pooled.near_cut,
        )


def test_three_equal_channels_are_read_as_one_and_others_must_be_named() -> None:
    one = np.zeros((4, 4, 1), np.float32)
    one[1:3, 1:3] = 0.9
    mask = one[..., 0] > 0.5
    result, remarks = measure_masks(answered(one.repeat(3, -1), masks=[mask]), THREE, "model")
    assert isinstance(result, Segmented)
    assert [remark.code for remark in remarks] == ["mask-decoded-as-rgb"]
    other = np.concatenate([one, 1 - one, one], -1)
    result, _ = measure_masks(answered(other, masks=[mask]), THREE, "model")
    assert isinstance(result, Unmeasured)
    assert [fault.code for fault in result.faults] == ["channels-differ"]


def test_a_rare_object_does_not_make_channels_copies() -> None:
    wide = Answer(output=0, name="a", shape=(64, 64, 3), activation="sigmoid", is_logits=False)
    values = np.zeros((64, 64, 3), np.float32)
    for channel in range(3):
        values[channel, channel, channel] = 1.0
    result, _ = measure_masks(answered(values, masks=[np.zeros((64, 64))]), wide, "model")
    assert isinstance(result, Unmeasured)


def test_an_activation_layer_is_the_end_too() -> None:
    network = chain(Conv2D(filters=1, kernel_size=(1, 1)), Activation(activation="sigmoid"))
    answer, _ = choose(model(network), "segmentation")
    assert answer is not None
    assert answer.activation == "sigmoid"


def test_statistics_of_batches_are_those_of_all_pictures_together() -> None:
    values = np.random.default_rng(2).normal(3, 2, (12, 5, 4)).astype(np.float32)
    stored = np.zeros(4, np.float32)
    parts = [
        Statistics("bn", part.mean((0, 1)), part.var((0, 1)), stored, stored)
        for part in (values[:8], values[8:])
    ]
    together = merged(parts, np.array([8.0, 4.0]))
    assert together.mean == pytest.approx(values.mean((0, 1)), rel=1e-5)
    assert together.variance == pytest.approx(values.var((0, 1)), rel=1e-5)


def test_the_output_that_is_asked_for_by_name_is_graded() -> None:
    network = two_masks()
    answer, findings = choose(model(network), "segmentation", named="second")
    assert answer is not None
    assert (answer.output, answer.name) == (1, "second")
    assert "second (4x4x1) is graded: as asked" in findings[-1].message
    undecided, said = choose(model(network), "segmentation")
    assert undecided is None
    assert said[0].code == "several-outputs"
    assert "--head NAME" in said[0].message


def test_a_name_that_no_output_has_is_refused_with_the_names() -> None:
    with pytest.raises(InputError, match="no output called 'third'") as caught:
        choose(model(two_masks()), "segmentation", named="third")
    assert caught.value.code == "head-unknown"
    assert "first, second" in caught.value.hint


Row = tuple[str, int, int]  # an output: its name, the side of its map (0: none), its channels


def several(*rows: Row) -> Network:
    """A network of a 4x4 picture with these outputs."""
    x = (Tensor("x"),)
    nodes = [Node("x", InputLayer(shape=(4, 4, 3)), ((),)), Node("flat", Flatten(), (x,))]
    for name, side, channels in rows:
        if side:
            step = 4 // side
            head: Layer = Conv2D(filters=channels, kernel_size=(step, step), strides=(step, step))
        else:
            head = Dense(units=channels)
        nodes.append(Node(name, head, (x if side else (Tensor("flat"),),)))
    names = tuple(name for name, _, _ in rows)
    return Network("several", "Functional", tuple(nodes), x, tuple(map(Tensor, names)), names)


@pytest.mark.parametrize(
    ("rows", "task", "classes", "name", "why"),
    [
        (
            [("coarse", 0, 2), ("fine", 0, 10)],
            "classification",
            10,
            "fine",
            "the one for 10 classes",
        ),
        ([("a", 0, 10), ("aux", 0, 10)], "classification", 10, "a", "the others are called aux"),
        ([("a", 0, 10), ("MAIN_b", 0, 10)], "classification", 10, "MAIN_b", "is called main"),
        ([("a", 4, 1), ("b", 0, 10)], "classification", None, "b", "can answer the task"),
        ([("small", 2, 1), ("whole", 4, 1)], "segmentation", None, "whole", "the picture's size"),
        ([("mask", 4, 1), ("again", 4, 3)], "segmentation", None, "mask", "a single channel"),
        ([("a", 4, 5), ("b", 4, 7)], "segmentation", 7, "b", "the one for 7 classes"),
    ],
    ids=["classes", "auxiliary", "main", "one fits", "size", "channel", "class maps"],
)
def test_of_several_outputs_the_one_that_suits_the_data_is_graded(
    rows: list[Row], task: Any, classes: int | None, name: str, why: str
) -> None:
    masks = Masks(coding="class-ids") if name == "b" and task == "segmentation" else Masks()
    answer, said = choose(model(several(*rows)), task, masks=masks, classes=classes)
    assert answer is not None
    assert answer.name == name
    finding = next(finding for finding in said if finding.code == "output-chosen")
    assert why in finding.message


def test_outputs_that_nothing_tells_apart_are_not_guessed() -> None:
    rows = several(("a", 0, 10), ("b", 0, 10))
    answer, said = choose(model(rows), "classification", classes=10)
    assert answer is None
    assert said[0].code == "several-outputs"
    assert "--head NAME" in said[0].message
    answer, _ = choose(model(rows), "classification", named="a", classes=10)
    assert answer is not None
    assert answer.name == "a"


@pytest.mark.parametrize(
    ("rows", "task", "masks", "depends"),
    [
        ([("a", 0, 2), ("b", 0, 10)], "classification", Masks(), True),
        ([("a", 0, 10), ("b", 0, 10)], "classification", Masks(), False),
        ([("a", 0, 10), ("b", 4, 10)], "classification", Masks(), False),
        ([("a", 4, 1), ("b", 4, 3)], "segmentation", Masks(), False),
        ([("a", 4, 5), ("b", 4, 7)], "segmentation", Masks(coding="class-ids"), True),
    ],
    ids=["other counts", "one count", "one fits", "one object", "class maps"],
)
def test_the_data_is_only_asked_where_its_classes_decide(
    rows: list[Row], task: Any, masks: Masks, *, depends: bool
) -> None:
    assert depends_on_classes(several(*rows), task, masks) is depends


def two_masks() -> Network:
    head = Conv2D(filters=1, kernel_size=(1, 1), activation="sigmoid")
    return Network(
        name="two",
        kind="Functional",
        nodes=(
            Node("x", InputLayer(shape=(4, 4, 3)), ((),)),
            Node("first", head, ((Tensor("x"),),)),
            Node("second", head, ((Tensor("x"),),)),
        ),
        inputs=(Tensor("x"),),
        outputs=(Tensor("first"), Tensor("second")),
        output_names=("first", "second"),
    )


def minus(number: float, *, first: bool = False) -> Layer:
    return Arithmetic(operation="subtract", number=number, number_first=first)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (
            [Arithmetic(operation="divide", number=127.5), minus(1.0)],
            "what amounts to Rescaling(0.00784314, -1)",
        ),
        (
            [Arithmetic(operation="multiply", number=0.5), minus(1.0, first=True)],
            "what amounts to Rescaling(-0.5, 1)",
        ),
        ([Arithmetic(operation="add", number=3.0)], "what amounts to Rescaling(1, 3)"),
    ],
    ids=["MobileNet's", "turned round", "moved"],
)
def test_arithmetic_at_the_front_is_a_rescaling(layers: list[Layer], words: str) -> None:
    found = preprocessing(chain(*layers, Flatten()))
    assert found is not None
    assert found.words == words

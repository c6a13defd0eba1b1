"""Maps with a channel a class: which output answers, what is counted, what a check gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from answers.data.split import Sample, Split
from answers.errors import InputError
from answers.layers.convolution import Conv2D
from answers.layers.core import InputLayer
from answers.network.graph import Network, Node, Tensor
from checkers.assignment.assignment import Check, Masks
from checkers.measuring.answer import Answer, choose, meet
from checkers.measuring.class_maps import ClassConventions, ClassMapped, measure_class_maps
from checkers.measuring.classification import Unmeasured
from checkers.measuring.scores import measured, scores, undecided
from checkers.measuring.segmentation import Segmented, measure_masks
from checkers.measuring.stream import Predicted
from checkers.model_file.record import ModelFile
from checkers.model_file.stored_loss import LossTakes

CLASS_IDS = Masks(coding="class-ids")
NAMED = Masks(coding="class-ids", classes=("sky", "road", "car", "tree"))
Head = tuple[int, Any]  # channels, activation


def model(*heads: Head, takes: LossTakes | None = None) -> ModelFile:
    """A model with an output of 1x1 convolution for each head."""
    nodes = [Node("in", InputLayer(shape=(8, 8, 3)), ((),))]
    for number, (filters, activation) in enumerate(heads):
        layer = Conv2D(filters=filters, kernel_size=(1, 1), activation=activation)
        nodes.append(Node(f"out_{number}", layer, ((Tensor("in"),),)))
    names = tuple(f"out_{number}" for number in range(len(heads)))
    outputs = tuple(Tensor(name) for name in names)
    network = Network("net", "Functional", tuple(nodes), (Tensor("in"),), outputs, names)
    return ModelFile(dialect="keras-3-hdf5", writer="a test", network=network, loss_takes=takes)


def split_of(*classes: str) -> Split:
    return Split(
        name="test",
        source="a test",
        task="segmentation",
        count=0,
        classes=classes,
        read=lambda: iter(()),
    )


def chosen(masks: Masks, *heads: Head, channel: int | None = None) -> tuple[Any, list[str], str]:
    answer, findings = choose(model(*heads), "segmentation", channel, None, masks)
    return answer, [finding.code for finding in findings], " ".join(f.message for f in findings)


@pytest.mark.parametrize(
    ("masks", "heads", "output", "by_class"),
    [
        (CLASS_IDS, [(4, "softmax")], 0, True),
        (CLASS_IDS, [(3, "softmax")], 0, True),
        (NAMED, [(4, "sigmoid")], 0, True),
        (CLASS_IDS, [(4, "linear")], 0, True),
        (CLASS_IDS, [(2, "softmax")], 0, False),
        (CLASS_IDS, [(1, "sigmoid")], 0, False),
        (CLASS_IDS, [(1, "sigmoid"), (5, "softmax")], 1, True),
        (NAMED, [(6, "softmax"), (4, "softmax")], 1, True),
        (Masks(coding="class-ids", classes=("no", "yes")), [(2, "softmax")], 0, False),
    ],
    ids=str,
)
def test_the_output_with_a_channel_a_class_answers(
    masks: Masks, heads: list[Head], output: int, by_class: bool
) -> None:
    answer, codes, _ = chosen(masks, *heads)
    assert (answer.output, answer.by_class) == (output, by_class)
    assert ("output-chosen" in codes) == (len(heads) > 1)


@pytest.mark.parametrize(
    ("masks", "heads", "says"),
    [
        (NAMED, [(1, "sigmoid")], "must be a map of 4 channels, one for each class of the masks"),
        (NAMED, [(1, "sigmoid")], "One channel can only tell one object from its background"),
        (NAMED, [(3, "softmax")], "a map of 4 channels"),
        (CLASS_IDS, [(300, "softmax")], "a map of 1 to 256 channels"),
        (Masks(), [(4, "softmax")], "a map of 1 to 3 channels"),
        (Masks(), [(4, "softmax")], "coding = 'class-ids'"),
        (Masks(), [(3, "softmax")], "coding = 'class-ids'"),
        (Masks(coding="class-ids", classes=("a", "b")), [(3, "softmax")], "a mask of two classes"),
    ],
    ids=str,
)
def test_a_model_and_masks_that_do_not_meet_are_said(
    masks: Masks, heads: list[Head], says: str
) -> None:
    answer, codes, message = chosen(masks, *heads)
    assert answer is None
    assert codes[-1] == "wrong-output-shape"
    assert says in message


def test_two_maps_that_nothing_tells_apart_are_not_guessed() -> None:
    answer, codes, message = chosen(CLASS_IDS, (4, "softmax"), (4, "softmax"))
    assert answer is None
    assert codes[-1] == "several-outputs"
    assert "several are" in message


def test_the_classes_of_the_channels_are_said() -> None:
    answer, _, _ = chosen(NAMED, (4, "softmax"))
    met, (finding,) = meet(answer, split_of(*NAMED.classes))
    assert met is answer
    assert finding.code == "class-channels"
    assert "the classes sky, road, car, tree in this order" in finding.message
    assert "sigmoid" not in finding.message
    answer, _, _ = chosen(NAMED, (4, "sigmoid"))
    _, (finding,) = meet(answer, split_of(*NAMED.classes))
    assert "a softmax is usual" in finding.message


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ((1, "sigmoid"), "1 channel, which can only tell one object from its background, but"),
        ((2, "softmax"), "2 channels, for the classes 0 to 1, but the masks hold the classes 0 to 4"),
        ((4, "softmax"), "4 channels, for the classes 0 to 3, but the masks hold the classes 0 to 4"),
    ],
)  # fmt: skip
def test_more_classes_in_the_masks_than_the_model_has_are_a_finding(head: Head, says: str) -> None:
    answer, _, _ = chosen(CLASS_IDS, head)
    met, (finding,) = meet(answer, split_of("0", "1", "2", "3", "4"))
    assert met is None
    assert finding.code == "wrong-output-shape"
    assert says in finding.message


def test_one_channel_of_several_classes_cannot_be_asked_for() -> None:
    answer, _, _ = chosen(CLASS_IDS, (4, "softmax"), channel=1)
    with pytest.raises(InputError, match="Channel 1 is to be graded as the one object"):
        meet(answer, split_of("0", "1", "2"), channel=1)
    assert meet(answer, split_of("0", "1"), channel=1) == (answer, [])


def test_three_sigmoid_channels_and_masks_of_0_and_1_may_still_be_copies_of_one_mask() -> None:
    answer, _, _ = chosen(CLASS_IDS, (3, "sigmoid"))
    met, findings = meet(answer, split_of("0", "1"))
    assert (met, findings) == (replace(answer, by_class=False), [])
    kept, _ = meet(answer, split_of("0", "1", "2"))
    assert kept == answer


# --- counting -----------------------------------------------------------------------------------

SOFTMAX = Answer(
    output=0, name="a", shape=(6, 6, 4), activation="softmax", is_logits=False, by_class=True
)
CONVENTIONS = ClassConventions(classes=("sky", "road", "car"))


def answered(values: Any, masks: Any) -> Iterator[list[Predicted]]:
    for number, (value, mask) in enumerate(zip(values, masks, strict=True)):
        image = np.zeros((6, 6, 3), np.uint8)
        sample = Sample(name=str(number), image=image, mask=np.asarray(mask, np.uint8))
        yield [Predicted(sample, np.asarray(value, np.float32))]


def softmax_of(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(scores)
    chances: NDArray[np.float64] = powers / powers.sum(-1, keepdims=True)
    return chances


def drawn(count: int = 12, side: int = 6, seed: int = 1) -> tuple[Any, Any]:
    """Probabilities (count, side, side, 4), and masks of 0 to 3 with some 255."""
    random = np.random.default_rng(seed)
    chances = softmax_of(random.normal(size=(count, side, side, 4))).astype(np.float32)
    masks = random.choice([0, 1, 2, 3, 255], (count, side, side), p=[0.4, 0.2, 0.2, 0.1, 0.1])
    return chances, masks


def first_largest(row: Any) -> int:
    best = 0
    for index in range(1, len(row)):
        if row[index] > row[best]:
            best = index
    return best


def naive_counts(chances: Any, masks: Any, ignore: int | None) -> list[list[int]]:
    counts = [[0] * 4 for _ in range(4)]
    for values, mask in zip(chances, masks, strict=True):
        for row in range(mask.shape[0]):
            for column in range(mask.shape[1]):
                truth = int(mask[row, column])
                if truth != ignore:
                    counts[truth][first_largest(values[row, column])] += 1
    return counts


def mapped(values: Any, masks: Any, answer: Answer = SOFTMAX, **more: Any) -> ClassMapped:
    batches = answered(values, masks)
    result, _ = measure_class_maps(batches, answer, replace(CONVENTIONS, **more))
    assert isinstance(result, ClassMapped)
    return result


def test_pixels_are_counted_as_loops_count_them() -> None:
    chances, masks = drawn()
    result = mapped(chances, masks, ignore=255)
    assert [list(row) for row in result.overlaps.confusion.counts] == naive_counts(
        chances, masks, 255
    )
    assert result.ignored == int((masks == 255).sum())
    assert result.classes == ("sky", "road", "car", "3")
    assert result.overlaps.count == 12


def test_logits_answer_as_their_softmax_does() -> None:
    scores_, masks = np.random.default_rng(3).normal(size=(2, 6, 6, 4)), drawn(2)[1]
    logits = replace(SOFTMAX, activation="linear", is_logits=True)
    one = mapped(1000 * scores_, masks, logits, ignore=255)
    two = mapped(softmax_of(scores_), masks, ignore=255)
    assert one.overlaps == two.overlaps


def test_the_first_of_equal_values_is_the_answer_and_ties_are_given_in_the_best_case() -> None:
    chances = np.zeros((1, 6, 6, 4), np.float32)
    chances[..., 0], chances[..., 1] = 0.1, 0.9
    chances[0, 0, 0] = [0.4, 0.4, 0.1, 0.1]  # answered 0, and it is 1: given
    chances[0, 0, 1] = [0.4, 0.399999, 0.2, 0.000001]  # answered 0, and it is 1: given
    chances[0, 0, 2] = [0.4, 0.4, 0.1, 0.1]  # answered 0, and it is 2: not near
    chances[0, 0, 3] = [0.4, 0.4, 0.1, 0.1]  # answered 0, and it is 0: right already
    chances[0, 0, 4] = [0.4, 0.4, 0.1, 0.1]  # ignored
    mask = np.ones((1, 6, 6))
    mask[0, 0, 2:5] = [2, 0, 255]
    result = mapped(chances, mask, ignore=255)
    assert result.overlaps.confusion.counts[1][:2] == (2, 31)
    assert result.at_best.confusion.counts[1][:2] == (0, 33)
    assert result.at_best.confusion.counts[2] == result.overlaps.confusion.counts[2]
    assert result.near_ties == 4


def test_probabilities_come_to_the_size_of_the_mask_before_they_are_compared() -> None:
    tensorflow = pytest.importorskip("tensorflow")
    chances, _ = drawn(3)
    masks = np.random.default_rng(8).integers(0, 4, (3, 9, 13))
    large = tensorflow.image.resize(chances, (9, 13)).numpy()
    result = mapped(chances, masks, resolution="native")
    assert [list(row) for row in result.overlaps.confusion.counts] == naive_counts(
        large, masks, None
    )
    small = tensorflow.image.resize(masks[..., None], (6, 6), "nearest").numpy()[..., 0]
    result = mapped(chances, masks, resolution="model")
    assert [list(row) for row in result.overlaps.confusion.counts] == naive_counts(
        chances, small, None
    )


@pytest.mark.parametrize(
    ("bad", "code"), [(np.nan, "outputs-not-finite"), (1.5, "outputs-out-of-range")]
)
def test_answers_that_are_no_probabilities_are_never_a_score(bad: float, code: str) -> None:
    chances, masks = drawn(2)
    chances[1, 2, 3, 0] = bad
    result, _ = measure_class_maps(
        answered(chances, masks), SOFTMAX, replace(CONVENTIONS, ignore=255)
    )
    assert isinstance(result, Unmeasured)
    assert [fault.code for fault in result.faults] == [code]
    assert "1 of the 288 numbers" in result.faults[0].message


def test_a_class_at_every_pixel_is_remarked_and_so_are_ignored_pictures() -> None:
    chances, masks = drawn(3)
    chances[..., 2] = 1
    masks[1] = 255
    result, remarks = measure_class_maps(
        answered(chances, masks), SOFTMAX, replace(CONVENTIONS, ignore=255)
    )
    assert isinstance(result, ClassMapped)
    assert result.names == ("0", "2")
    assert [remark.code for remark in remarks] == ["pictures-ignored", "constant-output"]
    assert "1 pictures holds the label 255" in remarks[0].message
    assert "the class car at every pixel" in remarks[1].message


def test_the_worst_six_pictures_are_kept_the_worst_first() -> None:
    chances, masks = drawn(20)
    result = mapped(chances, masks, ignore=255)
    dice = [float(v) for v in result.overlaps.values(result.dice, "per-image-all")]
    order = sorted(range(20), key=lambda number: (dice[number], number))
    assert [picture.name for picture in result.worst] == [str(n) for n in order[:6]]
    worst = result.worst[0]
    said = [[first_largest(v) for v in row] for row in chances[order[0]]]
    assert worst.predicted.tolist() == said
    assert worst.truth.tolist() == masks[order[0]].tolist()


def test_one_object_has_an_ignore_label_too() -> None:
    chances, masks = drawn(12)
    masks = np.where(masks == 255, 255, masks > 0)
    one = Answer(output=0, name="a", shape=(6, 6, 2), activation="softmax", is_logits=False, channel=1)  # fmt: skip
    both = np.stack([1 - chances[..., 1], chances[..., 1]], -1)
    result, _ = measure_masks(answered(both, masks), one, "model", 255)
    assert isinstance(result, Segmented)
    said, kept = both[..., 1] > 0.5, masks != 255
    pooled = result.overlaps.pooled
    assert pooled.pixels == kept.sum()
    assert pooled.intersection == (said & (masks == 1)).sum()
    assert pooled.predicted == (said & kept).sum()
    assert result.ignored == (~kept).sum()


# --- scores and checks --------------------------------------------------------------------------


def check(measure: Literal["dice", "iou", "gain", "accuracy"], average: Any) -> Check:
    return Check(name="c", measure=measure, average=average, at_least=Fraction(1, 2))


@pytest.mark.parametrize("background", [True, False])
@pytest.mark.parametrize("average", ["pooled", "per-image", "per-image-all"])
def test_a_check_uses_the_mean_that_the_assignment_names(background: bool, average: Any) -> None:
    result = mapped(*drawn(), ignore=255, background=background)
    found = scores(result, ())
    assert len(found) == 13
    by_name = {(s.measure, s.average, s.background): s for s in found}
    for measure in ("dice", "iou"):
        score = by_name[measure, average, background]
        value = measured(result, check(measure, average), found)
        assert value is not None
        assert value.value == score.value == value.best
        assert score.interval is not None
        assert (value.low, value.high) == (score.interval.low, score.interval.high)
    dice = by_name["dice", average, background]
    gain = measured(result, check("gain", average), found)
    assert gain is not None
    assert dice.value is not None
    assert dice.constant is not None
    assert gain.value == dice.value - dice.constant.value
    assert found[0].background is background


def test_the_accuracy_of_pixels_stands_beside_the_most_frequent_class() -> None:
    chances, masks = drawn()
    result = mapped(chances, masks, ignore=255)
    found = scores(result, ())
    value = measured(result, check("accuracy", "pooled"), found)
    counts = naive_counts(chances, masks, 255)
    total = sum(map(sum, counts))
    assert value is not None
    assert value.value == Fraction(sum(counts[k][k] for k in range(4)), total)
    assert value.low is not None
    constant = found[-1].constant
    assert constant is not None
    assert (constant.answer, constant.value) == ("sky", Fraction(sum(counts[0]), total))


def ties(count: int) -> ClassMapped:
    """Pictures of 1,000 pixels of class 1, answered so, but for the first pixels: they tie.

    1,000 more pixels are background in truth and answer.
    """
    chances = np.zeros((2, 10, 100, 4), np.float32)
    chances[0, ..., 1] = 1
    chances[1, ..., 0] = 1
    chances[0].reshape(-1, 4)[:count] = 0.25
    masks = np.zeros((2, 10, 100))
    masks[0] = 1
    return mapped(chances, masks)


@pytest.mark.parametrize("count", [1, 9, 10])
def test_ties_count_for_the_student(count: int) -> None:
    result = ties(count)
    value = measured(result, check("accuracy", "pooled"), ())
    assert value is not None
    assert (value.value, value.best) == (1 - Fraction(count, 2000), 1)
    assert undecided(result) == ()


def test_a_model_that_ties_on_over_a_hundredth_of_the_object_gets_none_of_them() -> None:
    result = ties(11)
    value = measured(result, check("accuracy", "pooled"), ())
    assert value is not None
    assert value.value == value.best == 1 - Fraction(11, 2000)
    assert [finding.code for finding in undecided(result)] == ["undecided"]


def test_an_untrained_mask_of_one_half_gets_nothing() -> None:
    one = Answer(output=0, name="a", shape=(6, 6, 1), activation="sigmoid", is_logits=False, channel=0)  # fmt: skip
    half = np.full((2, 6, 6, 1), 0.5, np.float32)
    result, _ = measure_masks(answered(half, np.ones((2, 6, 6))), one, "model")
    assert isinstance(result, Segmented)
    value = measured(result, check("dice", "pooled"), ())
    assert value is not None
    assert (value.value, value.best) == (0, 0)


def test_many_pictures_have_the_intervals_that_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("checkers.measuring.scores._FEW_PICTURES", 11)
    result = mapped(*drawn(), ignore=255)
    found = scores(result, [check("iou", "per-image")])
    held = [(s.measure, s.average, s.background) for s in found if s.interval]
    assert held == [("iou", "per-image", True)]


def test_one_object_has_an_accuracy_where_it_is_asked_for() -> None:
    chances, masks = drawn(12)
    masks = (masks > 0).astype(np.uint8)
    one = Answer(output=0, name="a", shape=(6, 6, 1), activation="sigmoid", is_logits=False, channel=0)  # fmt: skip
    result, _ = measure_masks(answered(chances[..., :1], masks), one, "model")
    assert isinstance(result, Segmented)
    assert "accuracy" not in {score.measure for score in scores(result, ())}
    wanted = check("accuracy", "pooled")
    found = scores(result, [wanted])
    value = measured(result, wanted, found)
    right = ((chances[..., 0] > 0.5) == (masks == 1)).sum()
    assert value is not None
    assert value.value == Fraction(int(right), masks.size)
    assert value.low is not None
    constant = found[-1].constant
    assert constant is not None
    assert constant.value == max(Fraction(int(masks.sum()), masks.size), 1 - Fraction(int(masks.sum()), masks.size))  # fmt: skip

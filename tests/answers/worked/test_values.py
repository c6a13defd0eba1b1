"""The values of topics are the right numbers: those of the homework's reference, and of others."""

from __future__ import annotations

import re
from fractions import Fraction
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from small_textbook import SMALL, changed, copied

from answers.derivation.derivation import chain
from answers.errors import InputError
from answers.expressions.text import to_text
from answers.textbook.fault import Fault
from answers.textbook.library import Textbook
from answers.textbook.requests import GradientFlow, Gradients, Loss, NetworkText, OfNetwork
from answers.worked import gradients, losses, networks
from answers.worked.lesson import Lesson
from answers.worked.values import Values
from answers.worked.writing import as_text

NETWORKS = Textbook().folder / "networks"


def take(notation: str, what: str, layer: str = "", **at: int) -> Any:
    request = OfNetwork(
        network=NetworkText(notation=notation), take=what, layer=layer, at=tuple(at.items())
    )
    return networks.take(request, NETWORKS).figure


def take_file(file: str, what: str, layer: str = "") -> Any:
    request = OfNetwork(network=NetworkText(file=file), take=what, layer=layer, at=())
    return networks.take(request, NETWORKS).figure


# --- networks, against the homework's facts and Keras's own numbers -----------------------------


@pytest.mark.corpus
def test_the_unet_of_the_book_is_the_homework_s() -> None:
    known = load_json("reference/homework-facts.json")["mobilenetv2_unet"]
    counts, macs = known["by_output_channels"]["1"], known["macs"]
    assert take_file("unet", "parameters") == counts["total"] == 6_501_345
    assert take_file("unet", "trainable") == counts["trainable"] == 4_657_441
    assert take_file("unet", "output") == tuple(counts["output"])
    assert take_file("unet", "macs") == macs["encoder"] + macs["decoder"]
    names = ("block_1_expand_relu", "block_3_expand_relu", "block_6_expand_relu",
             "block_13_expand_relu", "block_16_project")  # fmt: skip
    shapes = [take_file("unet", "output", name) for name in names]
    assert shapes == list(map(tuple, known["encoder_outputs"]))


@pytest.mark.corpus
def test_the_cifar_network_of_the_book_is_the_homework_s() -> None:
    known = load_json("reference/homework-facts.json")["cifar_cnn"]
    assert take_file("cifar", "parameters") == sum(known["params"].values()) == 156_074
    assert take_file("cifar", "macs") == known["macs_sum"]


TAKES: list[tuple[str, str, str, dict[str, int], object]] = [
    ("in 32x32x16: conv3-32", "parameters", "", {}, 4_640),
    ("in 32x32x16: a=conv3-32, b=conv3-32", "parameters", "b", {}, 9 * 32 * 32 + 32),
    ("in 32x32x3: local3-16", "parameters", "", {}, 403_200),
    ("in {n}x{n}x3: local3-16", "parameters", "", {"n": 32}, 403_200),
    ("in 8x8x4: conv3-8, bn", "trainable", "", {}, 9 * 4 * 8 + 8 + 16),
    ("in 8x8x4: conv3-8/frozen, bn", "trainable", "", {}, 16),
    ("in 8x8x4: c=conv3-8/frozen, b=bn", "trainable", "b", {}, 16),
    ("in 32x32x3: conv3-16", "macs", "", {}, 30 * 30 * 27 * 16),
    ("in 32x32x3: conv3-16", "flops", "", {}, 2 * 30 * 30 * 27 * 16),
    ("in 32x32x3: a=conv3-16, b=conv3-4", "flops", "a", {}, 2 * 30 * 30 * 27 * 16),
    ("in 32x32x3: conv3-16", "memory", "", {}, 4 * 448),
    ("in 8x8x3: conv3-4/same", "activations", "", {}, 4 * (8 * 8 * 3 + 8 * 8 * 4)),
    ("in 8x8x3: conv3-4/same", "live", "", {}, 4 * (8 * 8 * 3 + 8 * 8 * 4)),
    ("in 32x32x3: conv3-16, maxpool2", "output", "", {}, (15, 15, 16)),
    ("in 32x32x3: c=conv3-16, maxpool2", "output", "c", {}, (30, 30, 16)),
    ("conv3-16, conv3-32", "field", "", {}, 5),
    ("c=conv3-16, conv3-32", "field", "c", {}, 3),
    ("conv1x7-4", "field", "", {}, (1, 7)),
    ("in 32x32x3: conv3-4, flatten, d=dense-4", "field", "d", {}, 32),
    ("conv3-16/s2, maxpool2", "jump", "", {}, 4),
    ("in 8x8x1: convT3-4/s2/same", "jump", "", {}, Fraction(1, 2)),
]


@pytest.mark.parametrize(
    ("notation", "what", "layer", "at", "figure"),
    TAKES,
    ids=[f"{case[1]} of {case[2] or 'all'}: {case[0]}" for case in TAKES],
)
def test_what_is_taken_of_a_network_is_right(
    notation: str, what: str, layer: str, at: dict[str, int], figure: object
) -> None:
    assert take(notation, what, layer, **at) == figure


WRONG_TAKES = [
    ("an unknown layer", "in 8x8x3: conv3-4", "parameters", "conv2", "no layer 'conv2'"),
    ("the field of an unknown layer", "in 8x8x3: conv3-4", "field", "conv2", "no layer 'conv2'"),
    ("the memory of a layer", "in 8x8x3: c=conv3-4", "memory", "c", "of a whole network"),
    ("no notation", "in 8x8x3: convv3-4", "parameters", "", "convv"),
    ("no places", "in 8: dense-4", "field", "", "no places"),
]


@pytest.mark.parametrize(
    ("notation", "what", "layer", "words"),
    [case[1:] for case in WRONG_TAKES],
    ids=[case[0] for case in WRONG_TAKES],
)
def test_what_can_t_be_taken_is_said(notation: str, what: str, layer: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        take(notation, what, layer)


@pytest.mark.parametrize("name", ["nothing", "../sources", "UNET", ""])
def test_a_network_that_is_not_there_is_said_with_those_that_are(name: str) -> None:
    with pytest.raises(InputError, match=r"Either|no network") as caught:
        networks.read(NetworkText(file=name or "x"), NETWORKS)
    assert "unet" in caught.value.hint


# --- the other kinds ------------------------------------------------------------------------------


def small(folder: Path, old: str, new: str) -> Values:
    """The values of the small topic, one table changed."""
    copy = copied(folder)
    changed(copy, "topics/small/topic.toml", old, new)
    return Lesson.of(Textbook(copy), "small").values


FORMULAS = [
    ("6 * 7", "42"),
    ("layer / 2", "2,320"),
    ("7 / 2", "7/2"),
    ("1 / 3 + recall", "11/9"),
    ("recall * 9", "8"),
    ("0 - layer", "−4,640"),
    ("pictures * 224^2 * 3 * 4", "30,105,600,000"),
    ("27*16*(n - 2)^2", "432·(n − 2)²"),
    ("local + 1", "448·(n − 2)² + 1"),
]


@pytest.mark.parametrize(("formula", "text"), FORMULAS, ids=[formula for formula, _ in FORMULAS])
def test_a_formula_of_numbers_and_values_is_exact(tmp_path: Path, formula: str, text: str) -> None:
    values = small(tmp_path, "pictures * 224^2 * 3 * 4", formula)
    assert as_text(values.of("memory").figure) == text


FORMULA_FAULTS = [
    ("an unknown value", "pictres * 2", "names 'pictres', which is no value", "Did you mean 'pictures'"),
    ("itself", "memory + 1", "needs itself", ""),
    ("a shape", "shape + 1", "a shape", ""),
    ("a measured number", "cost + 1", "measured, not exact", ""),
    ("a division by zero", "1 / (layer - layer)", "divides by zero", ""),
    ("no formula", "2 +", "ends", ""),
    ("something huge", "(9^64)^64", "exceeds", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "words", "hint"),
    [case[1:] for case in FORMULA_FAULTS],
    ids=[case[0] for case in FORMULA_FAULTS],
)
def test_a_formula_that_can_t_be_worked_out_is_said_with_its_line(
    tmp_path: Path, formula: str, words: str, hint: str
) -> None:
    values = small(tmp_path, "pictures * 224^2 * 3 * 4", formula)
    with pytest.raises(Fault, match=words) as caught:
        values.of("memory")
    lines = caught.value.file.read_text("utf-8").split("\n")
    assert lines[caught.value.line - 1] == "[values.memory]"
    assert hint in caught.value.hint


def test_values_that_need_each_other_are_no_endless_loop(tmp_path: Path) -> None:
    values = small(
        tmp_path, "pictures * 224^2 * 3 * 4", 'one + 1"\n[values.one]\nformula = "memory + 1'
    )
    with pytest.raises(Fault, match="needs itself"):
        values.of("one")


def test_an_unknown_value_gets_the_nearest_name() -> None:
    values = Lesson.of(Textbook(SMALL), "small").values
    with pytest.raises(InputError, match="no value 'recal'") as caught:
        values.of("recal")
    assert caught.value.hint == "Did you mean 'recall'?"


RATES = [
    ("accuracy", Fraction(97, 100)),
    ("precision", Fraction(8, 10)),
    ("recall", Fraction(8, 9)),
    ("f1", Fraction(16, 19)),
    ("dice", Fraction(16, 19)),
    ("iou", Fraction(8, 11)),
    ("specificity", Fraction(89, 91)),
]
"""Worked by hand from 8 found, 2 false alarms, 1 missed, 89 rightly left."""


@pytest.mark.parametrize(("measure", "figure"), RATES, ids=[name for name, _ in RATES])
def test_a_rate_is_exact_and_shows_its_formula(
    tmp_path: Path, measure: str, figure: Fraction
) -> None:
    worked = small(tmp_path, 'measure = "recall"', f'measure = "{measure}"').of("recall")
    assert worked.figure == figure
    (step,) = worked.derivations[0].steps
    letters, *_, last = [to_text(part) for part in chain(step)]
    assert re.search("T[PN]", letters)
    assert last == f"{figure.numerator}/{figure.denominator}"


def test_a_rate_that_is_none_is_said(tmp_path: Path) -> None:
    values = small(tmp_path, 'measure = "recall"', 'measure = "recal"')
    with pytest.raises(Fault, match="'recal' is no rate") as caught:
        values.of("recall")
    assert caught.value.hint == "Did you mean 'recall'?"


def test_a_rate_of_nothing_is_said(tmp_path: Path) -> None:
    values = small(tmp_path, "tp = 8, fp = 2, fn = 1", "tp = 0, fp = 2, fn = 0")
    with pytest.raises(Fault, match="0/0"):
        values.of("recall")


MASK = np.array([[0, 1], [1, 1]], dtype=float)
CHANCES = np.array([[0.1, 0.8], [0.7, 0.9]])
HARD = (CHANCES > 0.5).astype(float)


def overlap(p: Any, t: Any) -> tuple[float, float]:
    """Dice and IoU as NumPy adds them up."""
    common = float((p * t).sum())
    both = float(p.sum() + t.sum())
    return 2 * common / both, common / (both - common)


LOSSES = [
    ("bce", -(log(0.9) + log(0.8) + log(0.7) + log(0.9)) / 4),
    ("soft-dice", 1 - overlap(CHANCES, MASK)[0]),
    ("soft-iou", 1 - overlap(CHANCES, MASK)[1]),
    ("dice", 1 - overlap(HARD, MASK)[0]),
    ("iou", 1 - overlap(HARD, MASK)[1]),
]


def loss(name: str, *, score: bool = False) -> Any:
    rows = ((Fraction(0), Fraction(1)), (Fraction(1), Fraction(1)))
    chances = ((Fraction(1, 10), Fraction(4, 5)), (Fraction(7, 10), Fraction(9, 10)))
    return losses.work_out(Loss(loss=name, score=score, mask=rows, probabilities=chances))


@pytest.mark.parametrize(("name", "figure"), LOSSES, ids=[name for name, _ in LOSSES])
def test_a_loss_of_a_small_mask_is_right(name: str, figure: float) -> None:
    assert float(loss(name)) == pytest.approx(figure, abs=1e-15)


def test_overlaps_are_exact_and_their_scores_are_the_rest() -> None:
    assert loss("soft-dice") == Fraction(7, 55)
    assert loss("soft-dice", score=True) == Fraction(48, 55)
    assert loss("iou") == 0


def test_the_loss_of_two_empty_masks_is_said() -> None:
    nothing = ((Fraction(0),),)
    with pytest.raises(InputError, match="0/0"):
        losses.work_out(Loss(loss="dice", score=False, mask=nothing, probabilities=nothing))


def test_a_measured_gradient_is_what_the_network_says() -> None:
    from answers.gradient_flow.activations import activation_of
    from answers.gradient_flow.flow import measure
    from answers.gradient_flow.initialisation import initialisation_of
    from answers.gradient_flow.network import Design

    chain_ = Gradients(depth=20, activation="sigmoid", init="glorot")
    flow = measure(
        Design(
            depth=20,
            width=64,
            activation=activation_of("sigmoid"),
            initialisation=initialisation_of("glorot"),
        )
    )
    assert gradients.work_out(GradientFlow(gradients=chain_, take="ratio")) == flow.ratio
    powers = gradients.powers(chain_)
    assert len(powers) == 20
    assert powers[0] < powers[-1]
    with pytest.raises(InputError, match="nothing that is taken"):
        gradients.work_out(GradientFlow(gradients=chain_, take="ratios"))


@pytest.mark.parametrize("slug", Textbook().slugs)
def test_every_value_of_the_book_is_worked_out(slug: str) -> None:
    values = Lesson.of(Textbook(), slug).values
    for name in values.names:
        values.of(name)


FACTS = [
    ("conv-parameters", "both", "5,088"),
    ("locally-connected", "first", "448·(n − 2)²"),
    ("receptive-field", "two", "5"),
    ("cifar-cnn", None, "156,074"),
    ("unet", None, "6,501,345"),
    ("unet", None, "4,657,441"),
    ("transfer-learning", None, "30,105,600,000"),
]
"""Numbers of the homework's page, and the topic whose values hold them."""


@pytest.mark.parametrize(("slug", "name", "text"), FACTS, ids=[f"{s}: {t}" for s, _, t in FACTS])
def test_the_homework_s_number_is_a_value_of_its_topic(
    slug: str, name: str | None, text: str
) -> None:
    values = Lesson.of(Textbook(), slug).values
    names = values.names if name is None else (name,)
    figures = [values.of(item).figure for item in names]
    assert text in [as_text(figure) for figure in figures if not isinstance(figure, float)]


def test_given_facts_keep_their_source() -> None:
    assert Lesson.of(Textbook(SMALL), "small").values.of("pictures").source == "pair1999"

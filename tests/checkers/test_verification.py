"""What `--verify` says of two engines: every decision that turns, and how far it lies from a tie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from answers.data.input_contract import InputContract
from answers.data.split import Sample
from answers.errors import MissingError
from answers.samples.shipped import shipped_models
from checkers.assignment.catalogue import load_built_in
from checkers.engine.choice import choose
from checkers.grading import _Grading, grade
from checkers.measuring.answer import Answer
from checkers.measuring.stream import Predicted
from checkers.measuring.verification import Verification, Verifying
from checkers.model_file.reader import open_model
from checkers.request import Request, Unwatched
from checkers.round import Round

SAMPLES = {model.name: model.path for model in shipped_models()}
CLASSES = Answer(output=0, name="out", shape=(4,), activation="softmax", is_logits=False)
MASK = Answer(
    output=0, name="out", shape=(5, 5, 1), activation="sigmoid", is_logits=False, channel=0
)
LOGITS = Answer(
    output=0, name="out", shape=(5, 5, 1), activation="linear", is_logits=True, channel=0
)
MAP = Answer(
    output=0, name="out", shape=(5, 5, 3), activation="softmax", is_logits=False, by_class=True
)


def block(values: NDArray[np.float32]) -> list[Predicted]:
    image = np.zeros((5, 5, 3), np.uint8)
    return [
        Predicted(Sample(name=f"picture {number}", image=image, label=0), row)
        for number, row in enumerate(values)
    ]


def compared(answer: Answer, one: Any, two: Any) -> Verification:
    verifying = Verifying(answer)
    first, second = block(np.asarray(one, np.float32)), block(np.asarray(two, np.float32))
    passed = list(verifying.beside(iter([first[:2], first[2:]]), iter([second[:2], second[2:]])))
    assert [item.values.tolist() for part in passed for item in part] == [
        item.values.tolist() for item in first
    ]
    return verifying.found("another engine")


def test_equal_answers_turn_nowhere() -> None:
    rows = np.random.default_rng(1).random((7, 4))
    found = compared(CLASSES, rows, rows)
    assert (found.decisions, found.largest, found.flips, found.findings) == (7, 0, (), ())


def test_a_class_that_turns_is_named_with_its_margin() -> None:
    one = [[0.5, 0.2, 0.2, 0.1], [0.4, 0.375, 0.125, 0.1]]
    two = [[0.5, 0.2, 0.2, 0.1], [0.375, 0.4375, 0.125, 0.0625]]
    found = compared(CLASSES, one, two)
    (flip,) = found.flips
    assert (flip.name, flip.places) == ("picture 1", 1)
    assert flip.margin == pytest.approx(0.0625)  # of the second, which is surer
    assert found.largest == pytest.approx(0.0625)
    assert "1 picture is answered otherwise by another engine" in found.findings[0].message


def turned(one: Any, two: Any, decide: Any) -> dict[str, int]:
    """Pixel by pixel, with Python's own numbers."""
    found = {}
    for number, (first, second) in enumerate(zip(one, two, strict=True)):
        pixels = [(a, b) for a in range(5) for b in range(5)]
        count = sum(decide(first[a][b]) != decide(second[a][b]) for a, b in pixels)
        if count:
            found[f"picture {number}"] = count
    return found


@pytest.mark.parametrize(
    ("answer", "shape", "decide"),
    [
        (MASK, (6, 5, 5, 1), lambda pixel: pixel[0] > 0.5),
        (LOGITS, (6, 5, 5, 1), lambda pixel: pixel[0] > 0),
        (MAP, (6, 5, 5, 3), lambda pixel: max(range(3), key=lambda c: pixel[c])),
    ],
    ids=["probabilities", "logits", "a channel a class"],
)
def test_pixels_that_turn_are_counted(answer: Answer, shape: Any, decide: Any) -> None:
    chance = np.random.default_rng(2)
    one = chance.random(shape).astype(np.float32) - (0.5 if answer is LOGITS else 0)
    two = np.where(chance.random(shape) < 0.03, 1 - one if answer is not LOGITS else -one, one)
    found = compared(answer, one, two)
    assert found.decisions == 6 * 25
    assert {flip.name: flip.places for flip in found.flips} == turned(
        one.tolist(), two.tolist(), decide
    )
    assert found.flips


def test_only_the_first_thousand_pictures_are_listed_and_all_are_counted() -> None:
    one = np.tile([1.0, 0, 0, 0], (1_200, 1))
    found = compared(CLASSES, one, one[:, ::-1])
    assert (len(found.flips), found.pictures) == (1_000, 1_200)


@pytest.mark.slow
def test_both_engines_agree_on_a_sample() -> None:
    report = grade(
        Request(path=SAMPLES["sample-cnn"], assignment=load_built_in("sample-cnn"), verify=True)
    )
    found = report.verification
    assert found is not None
    assert report.engine is not None
    assert (report.engine.name, found.engine) == ("onnx", "keras on tensorflow")
    assert report.data is not None
    assert found.decisions == report.data.count
    assert 0 < found.largest < 1e-4  # two engines add in two orders
    assert not found.flips
    assert report.products is not None
    assert report.macs_per_second is None  # the other engine predicted in the same time


def test_where_the_other_engine_is_missing_the_first_still_grades(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without_keras(engine: Any, *given: Any, **more: Any) -> Any:
        if engine == "keras":
            raise MissingError("engine-missing", "Keras is not here.")
        return choose(engine, *given, **more)

    monkeypatch.setattr("checkers.grading.choose", without_keras)
    report = grade(
        Request(path=SAMPLES["sample-cnn"], assignment=load_built_in("sample-cnn"), verify=True)
    )
    assert [error.code for error in report.missing] == ["engine-missing"]
    assert report.passed
    assert report.verification is None


def verifying() -> _Grading:
    """A grade that has read its file, and is to ask both engines."""
    path, assignment = SAMPLES["sample-cnn"], load_built_in("sample-cnn")
    request = Request(path=path, assignment=assignment, verify=True)
    grading = _Grading(request, Unwatched(), Round())
    with path.open("rb") as file:
        grading.model = open_model(file).model
    grading.assignment, grading.contract = assignment, InputContract(size=(32, 32))
    return grading


def test_beside_a_gpu_the_other_engine_runs_on_the_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("checkers.engine.choice.gpu_is_there", lambda: True)
    grading = verifying()
    with grading._second("keras") as second:
        assert second is not None
    assert grading.second.name == "onnx"


def test_what_onnx_can_not_say_is_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checkers.engine.onnx.coverage.uncovered", lambda *_: "a layer")
    grading = verifying()
    with grading._second("keras") as second:
        assert second is None
    (error,) = grading.report.missing
    assert (error.code, error.hint) == ("engine-not-covering", "Grade it without --verify.")

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disc_folder import write_discs
from PIL import Image

from answers.errors import InputError, RunError
from answers.solutions.events import EpochStarted, Event, Measured, Remark
from answers.solutions.training_state import StateFile
from answers.solutions.unet_training import MaskData, UnetOptions, read_data, train_unet

# TensorFlow's own warnings are not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")

SMALL = UnetOptions(small=True, width=1, size=32, epochs=1, validation=0.2)


def folders(names: tuple[str, ...]) -> set[int]:
    """The raw folders that `write_discs` took these pictures from."""
    return {int(name.rpartition("-")[2]) // 4 for name in names}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MaskData:
    return read_data(write_discs(tmp_path_factory.mktemp("discs")), SMALL)


def test_whole_folders_of_the_train_split_are_held_out(data: MaskData) -> None:
    assert len(data.training) + len(data.validation) == 24
    assert len(data.validation) == 4
    assert not folders(data.training.names) & folders(data.validation.names)


def test_the_test_split_is_not_read(tmp_path: Path) -> None:
    root = write_discs(tmp_path)
    for picture in (root / "test").iterdir():
        picture.write_bytes(b"not a picture")
    names = (*(found := read_data(root, SMALL)).training.names, *found.validation.names)
    assert all(name.startswith("train/") for name in names)


def test_empty_masks_are_said_before_training(tmp_path: Path, data: MaskData) -> None:
    root, told = write_discs(tmp_path), list[Event]()
    name = Path(data.training.names[0]).name
    Image.new("L", (40, 40)).save(root / "train_masks" / f"{name}.png")
    read_data(root, SMALL, told.append)
    assert "empty-masks" in [event.code for event in told if isinstance(event, Remark)]


def blacken(root: Path, folder: str) -> None:
    for mask in (root / folder).iterdir():
        Image.new("L", (40, 40)).save(mask)


def only_a_few(root: Path) -> None:
    table = (root / "pairs.csv").read_text("utf-8").splitlines()
    (root / "pairs.csv").write_text("\n".join(table[:9]), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        pytest.param(only_a_few, "too-few-pictures", r"There are \d pictures", id="few"),
        pytest.param(
            lambda root: blacken(root, "train_masks"), "all-masks-empty", "None of the", id="empty"
        ),
    ],
)
def test_data_that_teach_nothing_are_refused_before_the_engine_starts(
    tmp_path: Path, spoil: Any, code: str, words: str
) -> None:
    root = write_discs(tmp_path / "data")
    spoil(root)
    with pytest.raises(InputError, match=words) as raised:
        train_unet(root, tmp_path / "m.keras", SMALL)
    assert raised.value.code == code
    assert not (tmp_path / "m.keras").exists()


def test_data_without_a_train_split_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "data"
    for name in ("images", "masks"):
        (root / name).mkdir(parents=True)
        for number in range(12):
            Image.new("L", (40, 40), 255 * (number % 2)).save(root / name / f"{number}.png")
    with pytest.raises(InputError, match="has no split 'train'") as raised:
        train_unet(root, tmp_path / "m.keras", SMALL)
    assert "companion data prepare" in raised.value.hint


def test_validation_without_an_object_is_refused(tmp_path: Path, data: MaskData) -> None:
    root = write_discs(tmp_path)
    for name in data.validation.names:
        Image.new("L", (40, 40)).save(root / "train_masks" / f"{Path(name).name}.png")
    with pytest.raises(InputError, match="None of the 4 masks held out") as raised:
        read_data(root, SMALL)
    assert "--seed 1" in raised.value.hint


@pytest.mark.parametrize(
    ("options", "code"),
    [
        pytest.param(replace(SMALL, loss="bcedice"), "loss-unknown", id="loss"),
        pytest.param(replace(SMALL, size=100), "size-unfit", id="size"),
        pytest.param(replace(SMALL, fine_tune=3), "option-value", id="nothing to unfreeze"),
        pytest.param(replace(SMALL, width=99), "width-unfit", id="width"),
        pytest.param(replace(SMALL, small=False, size=64), "size-unfit", id="no weights for it"),
    ],
)
def test_what_can_not_be_built_is_refused_before_anything_is_read(
    tmp_path: Path, options: UnetOptions, code: str
) -> None:
    with pytest.raises(InputError) as raised:
        train_unet(tmp_path / "no such folder", tmp_path / "m.keras", options)
    assert raised.value.code == code


def test_where_the_dice_is_equal_the_loss_decides_which_epoch_is_better() -> None:
    from answers.solutions.training import Plan

    plan = Plan(phase="masks", epochs=9, patience=1, scores=("iou", "dice"), watched="dice")
    nothing_found = Measured(loss=1.4, scores=(0.9, 0.0))
    learning = Measured(loss=1.3, scores=(0.1, 0.0))
    found = Measured(loss=1.5, scores=(0.0, 0.2))
    ordered = sorted([found, nothing_found, learning], key=plan.value)
    assert ordered == [nothing_found, learning, found]


# --- phases -------------------------------------------------------------------------------------------


class Numbers:
    """Two batches of one number each."""

    def __new__(cls) -> Any:
        from keras.utils import PyDataset

        class Source(PyDataset):  # type: ignore[misc]  # keras has no types
            def __len__(self) -> int:
                return 2

            def __getitem__(self, number: int) -> Any:
                return np.ones((1, 1), np.float32), np.full((1, 1), 100, np.float32)

            def start_epoch(self, epoch: int) -> None:
                pass

        return Source()


def phases_of(
    model: Any,
    scores: list[list[float]],
    states: Sequence[StateFile | None] = (None, None),
    done: int = 0,
) -> tuple[Any, list[Any]]:
    """Phases whose validation gives these scores, and the weight after each of their epochs.

    A score that is no number has a loss that is none. done: so many were given before.
    """
    from answers.solutions.fine_tuning import Phase
    from answers.solutions.training import Judges, Plan

    weights, left = list[Any](), [score for phase in scores for score in phase][done:]

    def validation(now: Any) -> Measured:
        weights.append(now.get_weights()[0].item())
        score = left.pop(0)
        return Measured(loss=score * 0 + 1, scores=(score,))

    judges = Judges(training=lambda _: Measured(loss=1.0, scores=(0.0,)), validation=validation)
    return [
        Phase(
            plan=Plan(
                phase=str(number),
                epochs=len(phase),
                patience=None,
                scores=("dice",),
                watched="dice",
            ),
            prepare=lambda: model.compile("sgd", "mse"),
            judges=judges,
            state=state,
        )
        for number, (phase, state) in enumerate(zip(scores, states, strict=False))
    ], weights


def one_weight() -> Any:
    from keras import Sequential, layers

    return Sequential(
        [layers.Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        pytest.param([[0.1, 0.3], [0.2, 0.5, 0.4]], 4, id="the second phase helps"),
        pytest.param([[0.1, 0.6], [0.2, 0.5]], 2, id="the second phase does harm"),
        pytest.param([[0.6, 0.1], [0.6, 0.2]], 1, id="as good as before is no better"),
        pytest.param([[0.2, 0.1]], 1, id="one phase"),
    ],
)
def test_the_best_epoch_of_all_phases_is_kept(scores: list[list[float]], best: int) -> None:
    from answers.solutions.fine_tuning import train_phases

    model = one_weight()
    phases, weights = phases_of(model, scores)
    done = train_phases(model, Numbers(), phases)
    assert done.best_epoch == best
    assert [epoch.epoch for epoch in done.history] == list(range(1, len(weights) + 1))
    assert [each.epoch for each in done.history if each.best][-1] == best
    assert model.get_weights()[0].item() == weights[best - 1]


def two_states(folder: Path) -> list[StateFile]:
    return [StateFile(folder / "run" / f"{name}.npz", "print") for name in ("first", "second")]


def test_a_loss_that_is_no_number_in_the_second_phase_leaves_no_state(tmp_path: Path) -> None:
    """The state of the first phase would only come to the same step again."""
    from answers.solutions.fine_tuning import train_phases

    model = one_weight()
    phases, _ = phases_of(model, [[0.1], [0.2, math.nan]], two_states(tmp_path))
    with pytest.raises(RunError, match="after epoch 2") as caught:
        train_phases(model, Numbers(), phases)
    assert caught.value.code == "loss-not-finite"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("killed_at", [2, 3, 5], ids="in epoch {}".format)
def test_a_run_of_two_phases_that_was_killed_ends_as_if_it_had_not_been(
    tmp_path: Path, killed_at: int
) -> None:
    from answers.solutions.fine_tuning import train_phases

    scores = [[0.1, 0.3], [0.2, 0.5, 0.4]]
    whole = one_weight()
    expected = train_phases(whole, Numbers(), phases_of(whole, scores)[0])
    started = list[int]()

    def kill(event: Event) -> None:
        if isinstance(event, EpochStarted):
            started.append(event.epoch)
            if len(started) == killed_at:
                raise KeyboardInterrupt

    cut = one_weight()
    phases, _ = phases_of(cut, scores, two_states(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        train_phases(cut, Numbers(), phases, tell=kill)
    again = one_weight()
    phases, _ = phases_of(again, scores, two_states(tmp_path), done=killed_at - 1)
    found = train_phases(again, Numbers(), phases)
    seen = [[(e.epoch, e.validation, e.best) for e in t.history] for t in (found, expected)]
    assert seen[0] == seen[1]
    assert again.get_weights()[0].item() == whole.get_weights()[0].item()

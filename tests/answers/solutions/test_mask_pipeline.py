from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from answers.data.open import open_split
from answers.data.pairs import Pair
from answers.errors import InputError, MissingError
from answers.solutions import memory
from answers.solutions.flips import FLIPS, flip_batch, flipped, shuffled, throw_coins
from answers.solutions.held_out import folders_of, held_out
from answers.solutions.mask_losses import soft_dice
from answers.solutions.mask_pairs import MaskPairs, emptiness, read_mask_pairs, require_teachable
from answers.solutions.mask_scores import SCORES, measured, overlaps, predicted_masks

# TensorFlow's own warnings are not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")

ALL_COINS = list(itertools.product([False, True], repeat=3))


def some_pairs(count: int = 10, side: int = 8) -> MaskPairs:
    """Each picture's red is its mask; no two are alike, and none is symmetric."""
    random = np.random.default_rng(5)
    pictures = random.random((count, side, side, 3)).astype(np.float32)
    masks = (random.random((count, side, side, 1)) < 0.4).astype(np.uint8)
    pictures[..., :1] = masks
    return MaskPairs(names=tuple(f"{i}/p{i}" for i in range(count)), pictures=pictures, masks=masks)


def folder(root: Path, count: int = 10, side: int = 24) -> Path:
    """A prepared folder: train/ and train_masks/, PNG, 0 and 255; every third picture is grey."""
    random = np.random.default_rng(7)
    for name in ("train", "train_masks"):
        (root / name).mkdir(parents=True)
    for i in range(count):
        photo = random.integers(0, 256, (side, side, 3), dtype=np.uint8)
        mask = np.where(random.random((side, side)) < 0.3, 255, 0).astype(np.uint8)
        Image.fromarray(photo if i % 3 else photo[..., 0]).save(root / "train" / f"p{i}.png")
        Image.fromarray(mask).save(root / "train_masks" / f"p{i}.png")
    return root


def read(root: Path, side: int) -> MaskPairs:
    return read_mask_pairs(open_split(root, task="segmentation", split="train"), side)[0]


def files(root: Path, count: int = 10) -> list[Pair]:
    return [
        Pair(
            name=f"p{i}",
            image=root / "train" / f"p{i}.png",
            mask=root / "train_masks" / f"p{i}.png",
        )
        for i in range(count)
    ]


# --- reading --------------------------------------------------------------------------------------


def test_pictures_are_read_scaled_to_one_and_masks_stay_whole_numbers(tmp_path: Path) -> None:
    pairs = read(folder(tmp_path), 24)
    first = np.asarray(Image.open(tmp_path / "train" / "p1.png"))
    mask = np.asarray(Image.open(tmp_path / "train_masks" / "p1.png"))
    place = [Path(name).name for name in pairs.names].index("p1")
    np.testing.assert_array_equal(pairs.pictures[place], first.astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(pairs.masks[place, ..., 0], mask // 255)


def test_a_resized_mask_holds_only_values_that_were_there(tmp_path: Path) -> None:
    pairs = read(folder(tmp_path), 17)
    assert pairs.pictures.shape == (10, 17, 17, 3)
    assert set(np.unique(pairs.masks)) == {0, 1}


def test_what_does_not_fit_into_memory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 99 kB\nMemAvailable: 1 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", meminfo)
    split = open_split(folder(tmp_path / "data"), task="segmentation", split="train")
    with pytest.raises(MissingError, match=r"pictures: 10 · 24 · 24 · 3 · 4 bytes = 69.1 kB"):
        read_mask_pairs(split, 24)


def test_a_machine_that_does_not_say_its_memory_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "nothing")
    memory.require_room(memory.Holding(what="all", shape=(10**9, 10**9), number=8))


@pytest.mark.parametrize(
    ("shape", "number", "words"),
    [
        pytest.param((50_000, 224, 224, 3), 4, "30.1 GB", id="resized as float32"),
        pytest.param((50_000, 224, 224, 3), 1, "7.5 GB", id="resized as uint8"),
        pytest.param((50_000, 32, 32, 3), 1, "153.6 MB", id="as they are"),
        pytest.param((32, 224, 224, 3), 4, "19.3 MB", id="a batch"),
        pytest.param((9,), 1, "9 bytes", id="bytes"),
    ],
)
def test_memory_is_the_product_of_the_sides(
    shape: tuple[int, ...], number: int, words: str
) -> None:
    assert memory.Holding(what="pictures", shape=shape, number=number).formula.endswith(words)


@pytest.mark.parametrize(
    ("count", "masks", "code"),
    [
        pytest.param(7, None, "too-few-pictures", id="seven pictures"),
        pytest.param(10, 0, "all-masks-empty", id="no object"),
        pytest.param(10, 1, "all-masks-full", id="no background"),
        pytest.param(10, None, None, id="fine"),
    ],
)
def test_pairs_that_teach_nothing_are_refused(
    count: int, masks: int | None, code: str | None
) -> None:
    pairs = some_pairs(count)
    if masks is not None:
        pairs.masks[:] = masks
    if code is None:
        require_teachable(pairs)
        return
    with pytest.raises(InputError, match=rf"\b{count}\b") as raised:
        require_teachable(pairs)
    assert raised.value.code == code


def test_empty_masks_are_said() -> None:
    pairs = some_pairs(10)
    assert emptiness(pairs) == ()
    pairs.masks[3] = 0
    assert [note.message[:18] for note in emptiness(pairs)] == ["1 of 10 masks to t"]


# --- holding out ----------------------------------------------------------------------------------


def test_pictures_of_one_folder_stay_on_one_side() -> None:
    folders = tuple(str(i % 20) for i in range(200))
    kept_apart = held_out(folders, 0.15, seed=1)
    assert 20 <= kept_apart.sum() <= 40
    for name in set(folders):
        assert (
            len({bool(out) for out, own in zip(kept_apart, folders, strict=True) if own == name})
            == 1
        )


def test_pictures_of_a_single_folder_are_held_out_one_by_one() -> None:
    kept_apart = held_out(("train",) * 40, 0.15, seed=1)
    assert kept_apart.sum() == 6
    np.testing.assert_array_equal(kept_apart, held_out(("train",) * 40, 0.15, seed=1))
    assert (kept_apart != held_out(("train",) * 40, 0.15, seed=2)).any()


def test_the_table_of_data_prepare_says_which_folder_a_picture_came_from(tmp_path: Path) -> None:
    table = "image_path,mask_path,split,foreground_share,source\n"
    table += "train/a.png,train_masks/a.png,train,0.1,12/a.bmp\n"
    (tmp_path / "pairs.csv").write_text(table)
    assert folders_of(tmp_path, ("train/a", "3/b")) == ("12", "3")


# --- flips ----------------------------------------------------------------------------------------


def test_the_three_coins_are_the_eight_positions_of_a_square() -> None:
    values = np.arange(16).reshape(4, 4, 1)
    seen = {flipped(values, np.array(coins)).tobytes() for coins in ALL_COINS}
    turns = [np.rot90(side, k) for side in (values, values[:, ::-1]) for k in range(4)]
    assert seen == {turn.tobytes() for turn in turns}


@pytest.mark.parametrize("flips", FLIPS)
def test_a_mask_is_turned_with_its_picture(flips: Any) -> None:
    pairs = some_pairs(40)
    coins = throw_coins(flips, len(pairs), seed=3, epoch=2)
    turned = flip_batch(pairs.pictures, coins), flip_batch(pairs.masks, coins)
    np.testing.assert_array_equal(turned[0][..., :1], turned[1])
    changed = int((turned[1] != pairs.masks).any(axis=(1, 2, 3)).sum())
    assert {"none": changed == 0, "sideways": 10 < changed < 30, "all": changed > 25}[flips]


def test_sideways_keeps_up_up() -> None:
    coins = throw_coins("sideways", 100, seed=3, epoch=0)
    assert coins[:, 0].any()
    assert not coins[:, 1:].any()


def test_coins_and_order_are_new_in_each_epoch_and_the_same_in_a_second_run() -> None:
    epochs = [throw_coins("all", 50, seed=4, epoch=e).tobytes() for e in (0, 1, 0)]
    orders = [shuffled(50, seed=4, epoch=e).tolist() for e in (0, 1, 0)]
    assert epochs[0] == epochs[2] != epochs[1]
    assert orders[0] == orders[2] != orders[1]


# --- batches, and the textbook's pipeline ---------------------------------------------------------


def batches(pairs: MaskPairs, epoch: int = 1) -> Any:
    from answers.solutions.mask_batches import MaskBatches

    source = MaskBatches(pairs, batch=4, flips="all", seed=1)
    source.start_epoch(epoch)
    return source


def content(source: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    pictures, masks = zip(*((np.asarray(p), np.asarray(m)) for p, m in source), strict=True)
    return np.concatenate(pictures), np.concatenate(masks)


def test_an_epoch_has_a_whole_number_of_steps_and_every_pair_once() -> None:
    pairs = some_pairs(10)
    source = batches(pairs)
    sizes = [len(source[i][0]) for i in range(len(source))]
    pictures, masks = content(source[i] for i in range(len(source)))
    assert sizes == [4, 4, 2]
    assert sorted(pictures.sum(axis=(1, 2, 3))) == pytest.approx(
        sorted(pairs.pictures.sum(axis=(1, 2, 3))), rel=1e-5
    )
    np.testing.assert_array_equal(pictures[..., :1], masks)


def test_a_run_that_goes_on_sees_the_flips_of_the_epoch_it_goes_on_with() -> None:
    pairs = some_pairs(10)
    first, later = batches(pairs), batches(pairs, epoch=2)
    assert not np.array_equal(first[0][0], later[0][0])
    first.start_epoch(2)
    np.testing.assert_array_equal(first[0][0], later[0][0])


def test_fit_takes_the_batches_of_each_epoch_in_its_turn(monkeypatch: Any) -> None:
    """What Keras fetches ahead must not mix the coins of two epochs."""
    from keras import Input, Model, layers
    from keras.callbacks import LambdaCallback

    from answers.solutions.mask_batches import MaskBatches

    pairs, seen = some_pairs(8), []
    expected = [batches(pairs, epoch)[i][0].tobytes() for epoch in (1, 2, 3) for i in (0, 1)]
    plain = MaskBatches.__getitem__

    def noted(source: Any, number: int) -> Any:
        batch = plain(source, number)
        seen.append(batch[0].tobytes())
        return batch

    monkeypatch.setattr(MaskBatches, "__getitem__", noted)
    image = Input((8, 8, 3))
    model = Model(image, layers.Conv2D(1, 1, activation="sigmoid")(image))
    model.compile("sgd", "binary_crossentropy")
    source = batches(pairs)
    begin = LambdaCallback(on_epoch_begin=lambda epoch, _: source.start_epoch(epoch + 1))
    model.fit(source, epochs=3, verbose=0, shuffle=False, callbacks=[begin])
    # Keras looks at the first batch once more, before it begins.
    assert seen[-6:] == expected


def test_the_textbook_pipeline_reads_the_same_pixels(tmp_path: Path) -> None:
    from answers.solutions.mask_batches import read_pair

    root = folder(tmp_path)
    pairs = read(root, 17)
    by_name = {Path(name).name: place for place, name in enumerate(pairs.names)}
    for file in files(root):
        image, mask = read_pair(str(file.image), str(file.mask), 17)
        np.testing.assert_array_equal(image.numpy(), pairs.pictures[by_name[file.name]])
        np.testing.assert_array_equal(mask.numpy(), pairs.masks[by_name[file.name]])


@pytest.mark.parametrize("coins", ALL_COINS, ids=str)
def test_the_textbook_pipeline_turns_by_the_same_coins(coins: Any) -> None:
    from answers.solutions.mask_batches import flip_together

    pairs = some_pairs(1)
    image, mask = flip_together(pairs.pictures[0], pairs.masks[0], coins)
    np.testing.assert_array_equal(image.numpy(), flipped(pairs.pictures[0], np.array(coins)))
    np.testing.assert_array_equal(mask.numpy(), flipped(pairs.masks[0], np.array(coins)))


def test_both_sources_serve_the_same_pairs_in_equal_batches_turned_anew_in_each_epoch(
    tmp_path: Path,
) -> None:
    from answers.solutions.mask_batches import textbook_pipeline

    root = folder(tmp_path)
    pairs = read(root, 16)
    pipeline = textbook_pipeline(files(root), 16, batch=4, flips="all", seed=1)
    source = batches(pairs)
    assert [len(image) for image, _ in pipeline] == [len(source[i][0]) for i in range(len(source))]
    positions = {
        (flipped(p, np.array(c)).tobytes(), flipped(m, np.array(c)).tobytes()): place
        for place, (p, m) in enumerate(zip(pairs.pictures, pairs.masks, strict=True))
        for c in ALL_COINS
    }
    epochs = []
    for _ in range(2):
        served = list(zip(*content(pipeline), strict=True))
        assert sorted(positions[p.tobytes(), m.tobytes()] for p, m in served) == list(range(10))
        epochs.append([p.tobytes() for p, _ in served])
    assert sorted(epochs[0]) != sorted(epochs[1])


# --- scores ---------------------------------------------------------------------------------------


class Answers:
    """A network that says what it was given to say."""

    def __init__(self, said: NDArray[np.float32]) -> None:
        self.said = said

    def predict(self, pictures: Any, **_: Any) -> NDArray[np.float32]:
        return self.said[: len(pictures)]


def test_scores_are_those_of_the_grader_a_half_is_background_and_both_empty_is_one() -> None:
    pairs = some_pairs(3, side=2)
    pairs.masks[0, ..., 0] = [[1, 1], [0, 0]]
    pairs.masks[1:] = 0
    said = np.full((3, 2, 2, 1), 0.5, np.float32)
    said[0, 0, 0], said[2, 0, 0] = 0.6, 0.9
    found = overlaps(predicted_masks(Answers(said), pairs, 2), pairs)
    assert [str(value) for value in found.values("dice", "per-image-all")] == ["2/3", "1", "0"]
    assert str(found.value("dice", "pooled")) == "1/2"
    assert (found.both_empty, found.false_alarms) == (1, 1)


@pytest.mark.filterwarnings("default")  # TensorFlow's own are not ours to mend
def test_a_network_that_answers_nan_has_no_loss_and_no_score() -> None:
    said = np.full((3, 2, 2, 1), 0.5, np.float32)
    said[1, 0, 0] = np.nan
    found = measured(Answers(said), some_pairs(3, side=2), soft_dice, 2)
    assert math.isnan(found.loss)
    assert found.scores == (0.0,) * len(SCORES)

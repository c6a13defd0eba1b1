"""Which pixels are object: the files of every trap, and the words that settle a coding."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import load_json
from PIL import Image

from answers.data.masks import (
    ClassLabels,
    MaskCoding,
    MaskSurvey,
    RawMask,
    check_word,
    coding_notes,
    raw_mask,
    settle,
)
from answers.data.pictures import Pixels, read_pixels
from answers.errors import CompanionError, InputError

FILES = (load_json("reference/masks/expected.json") or {"files": []})["files"]
RULED = [case for case in FILES if "positives" in case.get("rule", {})]
REFUSED = [case for case in FILES if "error" in case.get("rule", {})]
# The reference was measured without the guard against Pillow's reading of this file.
WITH_GUARD = {"palette_bw.bmp": 116}
# The others have lost pixels, or are inverted.
WHOLE = [case for case in RULED if case["rule"]["iou"] == 1 or case["file"] in WITH_GUARD]


def survey_of(*masks: list[int]) -> MaskSurvey:
    survey = MaskSurvey()
    for number, values in enumerate(masks):
        survey.add(f"mask {number}", RawMask(values=np.array([values], np.uint16)))
    return survey


def objects_of(path: Path, word: str = "auto") -> int:
    mask, survey = raw_mask(read_pixels(path)), MaskSurvey()
    survey.add(path.name, mask)
    return int(settle(word, survey).apply(mask.values).sum())


@pytest.mark.corpus
@pytest.mark.parametrize("case", RULED, ids=lambda case: case["file"])
def test_each_file_has_the_object_of_the_rule(case: dict[str, Any], corpus: Path) -> None:
    expected = WITH_GUARD.get(case["file"], case["rule"]["positives"])
    assert objects_of(corpus / "reference/masks" / case["file"]) == expected


@pytest.mark.corpus
@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case["file"])
def test_each_whole_file_has_its_object_where_the_truth_has_it(
    case: dict[str, Any], corpus: Path
) -> None:
    folder = corpus / "reference/masks"
    mask = raw_mask(read_pixels(folder / case["file"])).values
    survey = MaskSurvey()
    survey.add("", RawMask(values=mask))
    truth = np.asarray(Image.open(folder / "truth.png").convert("L")) > 127
    assert np.array_equal(settle("auto", survey).apply(mask) == 1, truth)


@pytest.mark.corpus
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["file"])
def test_what_the_rule_refuses_is_refused(case: dict[str, Any], corpus: Path) -> None:
    with pytest.raises(CompanionError) as raised:
        objects_of(corpus / "reference/masks" / case["file"])
    codes = {"mask-coding-unclear", "picture-unreadable", "picture-animated"}
    assert raised.value.code in codes


@pytest.mark.corpus
def test_an_inverted_mask_is_put_right_by_its_word(corpus: Path) -> None:
    assert objects_of(corpus / "reference/masks/inverted255.png", "inverted") == 116
    assert objects_of(corpus / "reference/masks/inverted255.png", "255/0") == 116


def two_colour_bmp(index: np.ndarray[Any, Any], bits: int, *, top_down: bool = False) -> bytes:
    height, width = index.shape
    padded = np.zeros((height, (width * bits + 31) // 32 * 32 // bits), np.uint8)
    padded[:, :width] = index
    rows = padded if bits == 8 else padded[:, ::2] << 4 | padded[:, 1::2]
    data = np.ascontiguousarray(rows if top_down else rows[::-1]).tobytes()
    start = 14 + 40 + 8
    signed = -height if top_down else height
    return (
        struct.pack("<2sIII", b"BM", start + len(data), 0, start)
        + struct.pack("<IiiHHIIiiII", 40, width, signed, 1, bits, 0, len(data), 0, 0, 2, 0)
        + bytes([0, 0, 0, 0, 255, 255, 255, 0])
        + data
    )


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("top_down", [False, True])
def test_a_bmp_with_a_palette_of_black_and_white_is_read_right(
    bits: int, *, top_down: bool, tmp_path: Path
) -> None:
    index = (np.random.default_rng(2).random((5, 7)) < 0.4).astype(np.uint8)
    path = tmp_path / "mask.bmp"
    path.write_bytes(two_colour_bmp(index, bits, top_down=top_down))
    assert np.array_equal(raw_mask(read_pixels(path)).values, index * 255)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[:-9], "the file is cut"),
        (lambda data: data[:62] + b"\x07" + data[63:], "a pixel has number 7"),
        (lambda data: data[:30] + b"\x01" + data[31:], "cannot be read"),
    ],
    ids=["cut", "number without a colour", "compressed"],
)
def test_a_wrong_bmp_of_two_colours_is_refused(change: Any, words: str, tmp_path: Path) -> None:
    path = tmp_path / "mask.bmp"
    path.write_bytes(change(two_colour_bmp(np.zeros((5, 7), np.uint8), 8)))
    with pytest.raises(InputError, match=words):
        read_pixels(path)


@pytest.mark.parametrize(
    ("word", "masks", "expected"),
    [
        ("auto", [[0, 1]], [0, 1]),
        ("auto", [[0, 123]], [0, 1]),
        ("auto", [[0, 0], [255, 0]], [0, 1]),
        ("auto", [[0, 0]], [0]),
        ("auto", [[255, 255]], [1]),
        ("auto", [[7, 9]], [0, 1]),
        ("auto", [[0, 10, 127, 128, 255]], [0, 0, 0, 1, 1]),
        ("auto", [[0, 1000, 65535]], [0, 0, 1]),
        ("0/123", [[0, 123]], [0, 1]),
        ("255/0", [[0, 255]], [1, 0]),
        ("0/1", [[0, 0]], [0]),
        ("threshold:100", [[0, 100, 101]], [0, 0, 1]),
        ("inverted", [[0, 255]], [1, 0]),
        ("class-ids", [[0, 1, 2, 3]], [0, 1, 2, 3]),
    ],
    ids=lambda value: str(value).replace("], [", " | "),
)
def test_a_word_and_the_values_settle_the_coding(
    word: str, masks: list[list[int]], expected: list[int]
) -> None:
    survey = survey_of(*masks)
    assert settle(word, survey).apply(np.array(survey.values)).tolist() == expected


@pytest.mark.parametrize(
    ("word", "masks", "code", "words"),
    [
        (
            "auto",
            [[0, 1, 2]],
            "mask-coding-unclear",
            "values 0, 1, 2: are these numbers of classes",
        ),
        ("auto", [[0, 1], [0, 2]], "mask-coding-unclear", "0, 1, 2"),
        ("auto", [[0, 255], [0, 1]], "mask-coding-unclear", "'mask 1' holds 0 and 1, others"),
        ("0/255", [[0, 1]], "mask-coding-mismatch", "says 0/255, but the masks also hold 1"),
        ("class-ids", [[0, 300]], "mask-coding-mismatch", "hold 300"),
        ("class-ids", [[0, 1], [2, 255]], "mask-coding-unclear", "0, 1, 2, 255: is 255 a class"),
        ("binary", [[0, 1]], "mask-coding-unknown", "'binary' is no known coding"),
        ("1/1", [[0, 1]], "mask-coding-unknown", "'1/1'"),
        ("threshold:-1", [[0, 1]], "mask-coding-unknown", "'threshold:-1'"),
        ("threshold:²", [[0, 1]], "mask-coding-unknown", "no known coding"),
        ("0/70000", [[0, 1]], "mask-coding-unknown", "no known coding"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_known_is_asked_for(
    word: str, masks: list[list[int]], code: str, words: str
) -> None:
    with pytest.raises(InputError, match=words) as raised:
        settle(word, survey_of(*masks))
    assert raised.value.code == code
    assert "threshold:127" in raised.value.hint or "threshold:0" in raised.value.hint


def test_a_word_is_checked_before_any_mask_is_read() -> None:
    check_word("class-ids")
    with pytest.raises(InputError, match="no known coding"):
        check_word("otto")


def test_a_mask_that_is_mostly_object_is_said() -> None:
    survey = survey_of([255, 255, 0])
    codes = [note.code for note in coding_notes(settle("auto", survey), survey)]
    assert codes == ["mask-coding", "mask-mostly-object"]
    assert survey.share(settle("auto", survey)) == pytest.approx(2 / 3)


def test_masks_of_one_value_are_said() -> None:
    survey = survey_of([0, 0], [0])
    notes = coding_notes(settle("auto", survey), survey)
    assert [note.code for note in notes] == ["mask-coding", "mask-one-value"]
    assert "taken as empty" in notes[1].message


@pytest.mark.parametrize(
    ("alpha", "white", "use"),
    [([0, 255], True, "is-the-mask"), ([0, 255], False, "ignored"), ([255, 255], False, "none")],
)
def test_alpha_is_the_mask_only_where_the_colours_say_nothing(
    alpha: list[int], *, white: bool, use: str
) -> None:
    values = np.array([[[255] * 3, [255 if white else 0] * 3]], np.uint8)
    mask = raw_mask(Pixels(values=values, alpha=np.array([alpha], np.uint8)))
    assert mask.alpha == use
    assert mask.values.tolist() == [alpha if use == "is-the-mask" else [255, 255 if white else 0]]
    survey = MaskSurvey()
    survey.add("", mask)
    codes = {note.code for note in coding_notes(MaskCoding(0), survey)}
    said = {"is-the-mask": "mask-from-alpha", "ignored": "mask-alpha-ignored", "none": ""}[use]
    assert not said or said in codes


def test_class_numbers_are_a_palettes_numbers_not_its_colours() -> None:
    values = np.array([[[128, 0, 0], [0, 128, 0]]], np.uint8)
    pixels = Pixels(values=values, indices=np.array([[1, 2]], np.uint8))
    assert raw_mask(pixels, class_ids=True).values.tolist() == [[1, 2]]
    assert raw_mask(pixels).values.tolist() == [[128, 128]]


def test_classes_are_named_by_the_coding() -> None:
    survey = survey_of([0, 1, 3])
    assert MaskCoding(0).classes(survey) == ("background", "object")
    assert settle("class-ids", survey).classes(survey) == ("0", "1", "2", "3")


def test_a_label_to_ignore_is_no_class_and_stays_in_the_mask() -> None:
    survey = survey_of([0, 1, 255, 255])
    coding = settle("class-ids", survey, ClassLabels(ignore=255))
    assert coding.classes(survey) == ("0", "1")
    assert coding.apply(np.array([0, 1, 255])).tolist() == [0, 1, 255]
    (note,) = coding_notes(coding, survey)
    assert note.message == (
        "The masks hold 0, 1, 255; values are class numbers, and pixels of 255 don't count "
        "(50.0% of all pixels)."
    )


def test_classes_have_the_names_that_are_said() -> None:
    survey = survey_of([0, 2])
    names = ("sky", "road", "car", "tree")
    assert settle("class-ids", survey, ClassLabels(names=names)).classes(survey) == names
    every = ClassLabels(names=tuple(map(str, range(256))))
    assert len(settle("class-ids", survey_of([0, 255]), every).classes(survey)) == 256


def test_a_label_beyond_the_named_classes_is_an_error_with_the_way_out() -> None:
    labels = ClassLabels(names=("sky", "road", "car"))
    with pytest.raises(InputError, match="hold 3, 21, but the 3 classes") as raised:
        settle("class-ids", survey_of([0, 3, 21]), labels)
    assert raised.value.code == "mask-coding-mismatch"
    assert "ignore = 21" in raised.value.hint


def test_masks_of_one_class_are_neither_empty_nor_full() -> None:
    survey = survey_of([2, 2])
    notes = coding_notes(settle("class-ids", survey), survey)
    assert notes[1].message == "Every pixel of every mask is 2."

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from answers.errors import InputError
from answers.solutions.events import Panel, PanelPicture
from companion.views.panel_view import PanelView, as_png, lines, panel_path


def half_found(name: str = "a\x1b[31m") -> Panel:
    """One grey picture: the object is its upper half, and the left of that is found."""
    truth = np.zeros((8, 8), bool)
    truth[:4] = True
    answer = truth.copy()
    answer[:, 4:] = False
    photo = np.full((8, 8, 3), 100, np.uint8)
    return Panel(
        epoch=5, pictures=(PanelPicture(name=name, photo=photo, truth=truth, answer=answer),)
    )


def test_truth_stands_left_and_the_answer_right() -> None:
    *drawn, caption = lines(half_found(), coloured=False)
    assert len(drawn) == 15
    left, right = drawn[2][:30], drawn[2][32:]
    assert left == "#" * 30
    assert right[:14] == "#" * 14
    assert "#" not in right[16:]
    assert "#" not in drawn[-1]
    assert caption.endswith("Dice 0.667")


def test_a_name_from_a_file_can_not_colour_the_terminal() -> None:
    *_, caption = lines(half_found(), coloured=True)
    assert "\x1b" not in caption


def test_the_png_has_photo_truth_and_answer_side_by_side() -> None:
    pixels = np.asarray(Image.open(io.BytesIO(as_png(half_found()))))
    assert pixels.shape == (16, 48, 3)
    photo, truth, answer = (pixels[4:12, 16 * n + 4 : 16 * n + 12] for n in range(3))
    assert (photo == 100).all()
    changed = [(part != photo).any(axis=2) for part in (truth, answer)]
    (shown,) = half_found().pictures
    np.testing.assert_array_equal(changed[0], shown.truth)
    np.testing.assert_array_equal(changed[1], shown.answer)


def test_a_panel_is_written_beside_the_model_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "unet.keras"
    PanelView(model, shown=False).tell(half_found())
    assert (tmp_path / "unet.panel-005.png").read_bytes() == as_png(half_found())
    assert str(panel_path(model, 5)) in capsys.readouterr().err


def test_on_a_terminal_a_panel_is_drawn_without_colour_where_none_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    PanelView(tmp_path / "unet.keras", shown=True).tell(half_found("train/p1"))
    shown = capsys.readouterr().err
    assert "#" * 30 in shown
    assert "train/p1: the true mask, and the network's; Dice 0.667" in " ".join(shown.split())


def test_a_panel_that_can_not_be_written_is_an_error_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"panel-005\.png can't be written"):
        PanelView(tmp_path / "nowhere" / "unet.keras", shown=False).tell(half_found())

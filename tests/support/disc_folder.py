"""A folder as `companion data prepare` writes it: bright discs on dark noise, small and quick to learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

HEADER = "image_path,mask_path,split,foreground_share,source\n"


def write_discs(root: Path, *, train: int = 24, test: int = 6, side: int = 40) -> Path:
    """Write train/, train_masks/, test/, test_masks/ and pairs.csv; four pictures a raw folder."""
    rows = [HEADER]
    for split, count in (("train", train), ("test", test)):
        for kind in (split, f"{split}_masks"):
            (root / kind).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            photo, mask = disc(number if split == "train" else 1000 + number, side)
            name = f"{split}-{number}.png"
            Image.fromarray(photo).save(root / split / name)
            Image.fromarray(mask).save(root / f"{split}_masks" / name)
            source = f"{split}-{number // 4}/{number}.bmp"
            rows.append(f"{split}/{name},{split}_masks/{name},{split},0.1,{source}\n")
    (root / "pairs.csv").write_text("".join(rows), "utf-8")
    return root


def disc(seed: int, side: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """A photo (side, side, 3) and its mask (side, side) of 0 and 255."""
    random = np.random.default_rng(seed)
    x, y, radius = *random.uniform(0.3, 0.7, 2) * side, random.uniform(0.15, 0.3) * side
    rows, columns = np.mgrid[:side, :side]
    inside = (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
    grey = random.integers(0, 80, (side, side)) + np.where(inside, 150, 0)
    photo = np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)
    return photo, np.where(inside, 255, 0).astype(np.uint8)

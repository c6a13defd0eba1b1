"""The input contract: how a sample becomes the tensor that a model was trained on.

It travels to a child process as JSON, so this module imports nothing heavier than NumPy.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from answers.data.resize import Method, resize, resize_nearest
from answers.errors import InputError

Channels = Literal["rgb", "bgr", "grey"]
ScaleKind = Literal["unit", "raw", "symmetric", "standardize", "mean-std"]
Step = Literal["divisor", "mean", "std"]

CHANNELS: tuple[Channels, ...] = get_args(Channels)
METHODS: tuple[Method, ...] = get_args(Method)
SCALE_WORDS: tuple[ScaleKind, ...] = ("unit", "raw", "symmetric", "standardize")
MAX_SIDE = 16_384

_Word = TypeVar("_Word", bound=str)


def _word(value: object, known: Sequence[_Word], *, code: str, noun: str) -> _Word:
    """The known word, or an InputError with the nearest one."""
    for word in known:
        if value == word:
            return word
    near = difflib.get_close_matches(str(value).lower(), known, n=1)
    meant = f"Did you mean '{near[0]}'? " if near else ""
    raise InputError(
        code,
        f"{value!r} is no known {noun}.",
        hint=f"{meant}Known are: {', '.join(known)}.",
    )


@dataclass(frozen=True)
class Steps:
    """(x / divisor − mean) / std, step by step in float32; one mean and std, or one a channel."""

    divisor: float = 1
    mean: tuple[float, ...] = (0,)
    std: tuple[float, ...] = (1,)

    @property
    def taken(self) -> tuple[Step, ...]:
        """Those that change a number, in their order."""
        changing = {
            "divisor": self.divisor != 1,
            "mean": any(self.mean),
            "std": any(number != 1 for number in self.std),
        }
        return tuple(step for step in get_args(Step) if changing[step])


_TAKE: dict[Step, np.ufunc] = {"divisor": np.divide, "mean": np.subtract, "std": np.divide}
_STEPS = {"unit": Steps(255), "raw": Steps(), "symmetric": Steps(127.5, (1,))}


@dataclass(frozen=True)
class Scale:
    """How values of 0–255 become what the model is fed; every step is taken in float32.

    unit: x / 255. raw: x. symmetric: x / 127.5 − 1.
    standardize: per picture, as `tf.image.per_image_standardization`:
        (x − mean) / max(standard deviation, 1 / √(number of values)).
    mean-std: (x / 255 − mean) / std, with one number or one a channel, in the order in which
        the model gets the channels.
    """

    kind: ScaleKind
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(ScaleKind):
            _word(self.kind, get_args(ScaleKind), code="scale-unknown", noun="scale")
        if self.kind == "mean-std":
            self._check_mean_and_std()

    def _check_mean_and_std(self) -> None:
        fits = len(self.mean) == len(self.std) and len(self.mean) in {1, 3}
        if not (fits and all(map(math.isfinite, self.mean + self.std)) and min(self.std) > 0):
            raise InputError(
                "scale-mean-std",
                f"The mean {list(self.mean)} and the std {list(self.std)} do not make a scale.",
                hint="Give one number each, or three; finite, each std above 0, in units of 0–1.",
            )

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a scale: a word ('unit'), or a table with `mean` and `std`.

        Raises InputError: scale-unknown with the nearest word, scale-mean-std.
        """
        if isinstance(value, Mapping):
            return cls._from_table(value)
        return cls(_word(value, SCALE_WORDS, code="scale-unknown", noun="scale"))

    @classmethod
    def _from_table(cls, table: Mapping[Any, Any]) -> Self:
        if set(table) != {"mean", "std"}:
            raise InputError(
                "scale-mean-std",
                f"A scale as a table has the keys mean and std, not {sorted(map(str, table))}.",
                hint="Write {mean = [0.5], std = [0.25]}, or a word such as 'unit'.",
            )
        return cls("mean-std", _numbers(table["mean"]), _numbers(table["std"]))

    def to_json(self) -> str | dict[str, list[float]]:
        """The form that `parse` reads."""
        if self.kind == "mean-std":
            return {"mean": list(self.mean), "std": list(self.std)}
        return self.kind

    def steps(self, channels: int) -> Steps | None:
        """The numbers of (x / divisor − mean) / std; None where each picture has its own.

        Raises InputError: scale-mean-std, where there are other channels than means.
        """
        if self.kind == "standardize":
            return None
        if self.kind == "mean-std":
            self._check_channels(channels)
            return Steps(255, self.mean, self.std)
        return _STEPS[self.kind]

    def apply(self, batch: NDArray[Any]) -> NDArray[np.float32]:
        """Scale a batch (N, H, W, C) of uint8 or floating-point numbers 0–255 to float32."""
        steps = self.steps(batch.shape[-1])
        return _standardize(batch) if steps is None else _taken(steps, batch)

    def _check_channels(self, channels: int) -> None:
        if len(self.mean) not in {1, channels}:
            raise InputError(
                "scale-mean-std",
                f"The scale has {len(self.mean)} means, but a picture has {channels} channel(s).",
                hint="Give one mean and std, or one for each channel.",
            )


def _numbers(value: object) -> tuple[float, ...]:
    items: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(item, int | float) and not isinstance(item, bool) for item in items):
        raise InputError(
            "scale-mean-std",
            f"{value!r} is no list of numbers.",
            hint="Write mean and std as numbers, for example mean = [0.485, 0.456, 0.406].",
        )
    return tuple(float(item) for item in items)


def _taken(steps: Steps, batch: NDArray[Any]) -> NDArray[np.float32]:
    # Converted first: uint8 / float32 rounds once, and so does float32(x) / float32(divisor),
    # while a float64 batch would otherwise be divided in float64.
    scaled = batch.astype(np.float32)
    for step in steps.taken:
        _TAKE[step](scaled, np.asarray(getattr(steps, step), np.float32), out=scaled)
    return scaled


def _standardize(batch: NDArray[Any]) -> NDArray[np.float32]:
    axes = tuple(range(1, batch.ndim))
    values = batch.astype(np.float32)
    least = 1 / math.sqrt(math.prod(batch.shape[1:]))
    mean = values.mean(axis=axes, keepdims=True, dtype=np.float64)
    deviation = np.maximum(values.std(axis=axes, keepdims=True, dtype=np.float64), least)
    values -= mean.astype(np.float32)
    values /= deviation.astype(np.float32)
    return values


@dataclass(frozen=True, kw_only=True)
class InputContract:
    """What a model is fed: size, resize, channels, scale.

    size: (height, width), or None where the model takes any size.
    resize: how a picture of another size is brought to `size`.
    channels: 'rgb' and 'bgr' give three channels, 'grey' gives one.
    scale: from 0–255 to the numbers the model was trained on.

    Raises InputError: input-size, resize-unknown, channels-unknown.
    """

    size: tuple[int, int] | None
    resize: Method = "bilinear"
    channels: Channels = "rgb"
    scale: Scale = Scale("unit")

    def __post_init__(self) -> None:
        _word(self.resize, METHODS, code="resize-unknown", noun="resize method")
        _word(self.channels, CHANNELS, code="channels-unknown", noun="order of channels")
        if self.size is not None and not _is_size(self.size):
            raise InputError(
                "input-size",
                f"The size {self.size!r} is not a height and a width.",
                hint=f"Give two whole numbers from 1 to {MAX_SIDE:,}, for example [128, 128].",
            )

    @property
    def depth(self) -> int:
        """How many channels the model gets."""
        return 1 if self.channels == "grey" else 3

    def prepare(self, image: NDArray[Any]) -> NDArray[Any]:
        """Bring one picture to the channels and the size of the contract, still on 0–255.

        image: (height, width) or (height, width, 1 to 4 channels), the channels being grey,
            grey + alpha, RGB or RGB + alpha; alpha is dropped, not blended.

        Returns (height, width, channels): uint8 stays uint8 where nothing is resized bilinearly,
        else float32. Grey is repeated for 'rgb'. Colour becomes grey by ITU-R 601 luma with the
        integer weights of Pillow's mode L: (19595·R + 38470·G + 7471·B + 32768) >> 16.
        Raises InputError (picture-channels).
        """
        ready = _to_channels(image, self.channels)
        if self.size is None or ready.shape[:2] == self.size:
            return ready
        return resize(ready, self.size, self.resize)

    def prepare_mask(self, mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Bring a mask (height, width) to the size, always to the nearest pixel (same centres)."""
        if self.size is None or mask.shape == self.size:
            return mask
        return resize_nearest(mask, self.size)

    def to_json(self) -> dict[str, Any]:
        """The form that `from_json` reads."""
        return {
            "size": None if self.size is None else list(self.size),
            "resize": self.resize,
            "channels": self.channels,
            "scale": self.scale.to_json(),
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what `to_json` wrote. Raises InputError (input-contract, and those of the parts)."""
        keys = {"size", "resize", "channels", "scale"}
        if not isinstance(value, Mapping) or set(value) != keys:
            raise InputError(
                "input-contract",
                f"{value!r} is no input contract.",
                hint=f"It needs the keys {', '.join(sorted(keys))}, and no others.",
            )
        size = value["size"]
        return cls(
            size=tuple(size) if isinstance(size, list) else size,
            resize=value["resize"],
            channels=value["channels"],
            scale=Scale.parse(value["scale"]),
        )


def _is_size(size: object) -> bool:
    return (
        isinstance(size, tuple)
        and len(size) == 2
        and all(type(side) is int and 1 <= side <= MAX_SIDE for side in size)
    )


def _to_channels(image: NDArray[Any], channels: Channels) -> NDArray[Any]:
    pixels = image[..., None] if image.ndim == 2 else image
    if pixels.ndim != 3 or not 1 <= pixels.shape[2] <= 4:
        raise InputError(
            "picture-channels",
            f"A picture of shape {image.shape} is neither grey nor RGB.",
            hint="A picture is (height, width) or (height, width, 1 to 4 channels).",
        )
    colour = pixels[..., :3] if pixels.shape[2] >= 3 else pixels[..., :1]
    if channels == "grey":
        return colour if colour.shape[2] == 1 else _luma(colour)
    if colour.shape[2] == 1:
        return np.repeat(colour, 3, axis=2)
    return colour if channels == "rgb" else colour[..., ::-1]


def _luma(colour: NDArray[Any]) -> NDArray[Any]:
    if np.issubdtype(colour.dtype, np.floating):
        return (colour @ (np.array([19595, 38470, 7471]) / 65536))[..., None].astype(np.float32)
    weighted = colour.astype(np.uint32) @ np.array([19595, 38470, 7471], np.uint32)
    return ((weighted + 0x8000) >> 16)[..., None].astype(np.uint8)

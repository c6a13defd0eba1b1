"""Pictures and their masks, found by name in the layouts that people use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from answers.data.class_folders import natural
from answers.data.pictures import is_picture_name
from answers.errors import InputError, RefusedError

MAX_FILES = 200_000
SHOWN = 10
MASK_ENDINGS = ("_label", "_mask", "_labels", "_masks")
# Folder of pictures, folder of masks; '{}' is the split.
_FOLDERS = (
    ("{}", "{}_masks"),
    ("{}", "{}_mask"),
    ("{}", "{}_labels"),
    ("{}/images", "{}/masks"),
    ("{}/images", "{}/labels"),
    ("images/{}", "masks/{}"),
)
_WHOLE_FOLDERS = (("images", "masks"), ("images", "labels"), ("image", "label"), ("image", "mask"))
_SPLITS = ("test", "train", "val")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One picture and its mask; `name` is the path below the data folder, without its ending."""

    name: str
    image: Path
    mask: Path


@dataclass(frozen=True, kw_only=True)
class FoundPairs:
    """The pairs of a split in order, and what is wrong with the rest, one sentence each."""

    split: str
    pairs: tuple[Pair, ...]
    faults: tuple[str, ...]


def faulty(faults: Sequence[str], where: Path) -> InputError:
    """One error for all faults: the first ten, and how many there are."""
    more = len(faults) - SHOWN
    lines = "".join(f"\n- {fault}" for fault in faults[:SHOWN])
    rest = f"\n- … and {more:,} more" if more > 0 else ""
    noun = "fault" if len(faults) == 1 else "faults"
    return InputError(
        "pairs-faulty",
        f"The pictures and masks have {len(faults):,} {noun}:{lines}{rest}",
        hint="Each picture needs one readable mask of its own name and size.",
        where=str(where),
    )


def splits_in(root: Path) -> tuple[str, ...]:
    """The splits that the folder has folders of pictures and masks for."""
    return tuple(name for name in _SPLITS if _two_folders(root, name) is not None)


def find_pairs(root: Path, split: str | None) -> FoundPairs | None:
    """The pairs below the folder, or None where there is no known layout.

    Layouts, in this order: two folders of a split with the same names (test/ and test_masks/,
    test/images/ and test/masks/); two folders for all (images/ and masks/); NAME.bmp beside
    NAME_label.bmp, in the folder itself or in its (numbered) folders.
    Raises InputError (split-unknown) where there are splits, but not the asked one.
    """
    splits = splits_in(root)
    if splits:
        name = _choose(root, splits, split)
        folders = _two_folders(root, name)
        return None if folders is None else _from_two(root, *folders, split=name)
    for images, masks in _WHOLE_FOLDERS:
        if (root / images).is_dir() and (root / masks).is_dir():
            return _from_two(root, root / images, root / masks, split="all")
    return _side_by_side(root)


def _choose(root: Path, splits: tuple[str, ...], asked: str | None) -> str:
    if asked is None:
        return splits[0]
    if asked in splits or _two_folders(root, asked) is not None:
        return asked
    raise unknown_split(asked, splits, root)


def unknown_split(asked: str, known: Sequence[str], where: Path) -> InputError:
    """The asked split is not there; says which are."""
    return InputError(
        "split-unknown",
        f"There is no split '{asked}'.",
        hint=f"Splits here: {', '.join(known)}.",
        where=str(where),
    )


def _two_folders(root: Path, split: str) -> tuple[Path, Path] | None:
    for images, masks in _FOLDERS:
        pair = root / images.format(split), root / masks.format(split)
        if pair[0].is_dir() and pair[1].is_dir():
            return pair
    return None


def _name_of(path: Path, root: Path) -> str:
    return path.relative_to(root).with_suffix("").as_posix()


def _without_ending(stem: str) -> str:
    ending = next((end for end in MASK_ENDINGS if stem.endswith(end)), "")
    return stem.removesuffix(ending)


def pictures_in(folder: Path) -> list[Path]:
    """The picture files of a folder, by their names. Raises RefusedError (too-many-files)."""
    files = sorted(path for path in folder.iterdir() if is_picture_name(path))
    if len(files) > MAX_FILES:
        raise RefusedError(
            "too-many-files",
            f"'{folder}' holds {len(files):,} pictures, at most {MAX_FILES:,} are read.",
            hint="Grade on a smaller split.",
        )
    return files


def _by_name(
    files: Sequence[Path], names: Sequence[str], kind: str, faults: list[str]
) -> dict[str, Path]:
    """Files by their name; a second file of one name is a fault."""
    found: dict[str, Path] = {}
    for path, name in zip(files, names, strict=True):
        if name in found:
            faults.append(f"two {kind} have the name '{name}': {found[name].name} and {path.name}")
        else:
            found[name] = path
    return found


def _from_two(root: Path, images: Path, masks: Path, *, split: str) -> FoundPairs:
    faults: list[str] = []
    pictures, labels = pictures_in(images), pictures_in(masks)
    image_of = _by_name(pictures, [path.stem for path in pictures], "pictures", faults)
    names = [_mask_name(path.stem, image_of) for path in labels]
    mask_of = _by_name(labels, names, "masks", faults)
    return _matched(root, image_of, mask_of, split=split, faults=faults)


def _mask_name(stem: str, images: dict[str, Path]) -> str:
    return stem if stem in images else _without_ending(stem)


def _in_order(paths: list[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: natural(path.as_posix()))


def _matched(
    root: Path,
    image_of: dict[str, Path],
    mask_of: dict[str, Path],
    *,
    split: str,
    faults: list[str],
) -> FoundPairs:
    both = sorted(image_of.keys() & mask_of.keys(), key=natural)
    alone = [image_of[name].relative_to(root) for name in image_of.keys() - mask_of.keys()]
    faults += [f"'{path}' has no mask" for path in _in_order(alone)]
    alone = [mask_of[name].relative_to(root) for name in mask_of.keys() - image_of.keys()]
    faults += [f"the mask '{path}' has no picture" for path in _in_order(alone)]
    pairs = (
        Pair(name=_name_of(image_of[name], root), image=image_of[name], mask=mask_of[name])
        for name in both
    )
    return FoundPairs(split=split, pairs=tuple(pairs), faults=tuple(faults))


def _side_by_side(root: Path) -> FoundPairs | None:
    files = [path for folder in _folders(root) for path in pictures_in(folder)]
    masks = [path for path in files if _without_ending(path.stem) != path.stem]
    if not masks:
        return None
    images = [path for path in files if _without_ending(path.stem) == path.stem]
    faults: list[str] = []
    image_of = _by_name(images, [_name_of(path, root) for path in images], "pictures", faults)
    names = [_without_ending(_name_of(path, root)) for path in masks]
    mask_of = _by_name(masks, names, "masks", faults)
    return _matched(root, image_of, mask_of, split="all", faults=faults)


def _folders(root: Path) -> Iterator[Path]:
    yield root
    inner = [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    yield from sorted(inner, key=lambda path: natural(path.name))

"""Look at every picture and mask of a folder once, and say all that is wrong or odd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Literal

from answers.data.check.fingerprint import Fingerprint, exact_pairs, near_pairs
from answers.data.check.mask_facts import MaskFacts
from answers.data.masks import raw_mask
from answers.data.notes import counted, listed
from answers.data.pairs import Pair
from answers.data.pictures import as_photo, read_pixels
from answers.data.prepare.in_parallel import in_parallel
from answers.data.prepare.raw_pairs import every_split
from answers.errors import CompanionError

MOST_COMPARED = 30_000
Weight = Literal["fault", "note"]
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something about the data.

    code: stable words. weight: a 'fault' is to be mended, a 'note' to be known.
    message: a whole sentence. hint: what to do. names: of the pictures it is about, all of them.
    """

    code: str
    weight: Weight
    message: str
    hint: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SplitFacts:
    """One split: pairs that are whole, empty masks among them, object pixels and all pixels."""

    name: str
    pairs: int
    empty: int
    object: int
    pixels: int

    @property
    def share(self) -> Fraction:
        """Object pixels / all pixels."""
        return Fraction(self.object, max(self.pixels, 1))


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check found: facts of the splits, and findings, faults first."""

    splits: tuple[SplitFacts, ...]
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is to be mended."""
        return all(finding.weight != "fault" for finding in self.findings)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """A pair that could be decoded."""

    name: str
    split: str
    size: tuple[int, int]
    turned: bool
    mask: MaskFacts
    print: Fingerprint


def check(root: Path, tell: Tell | None = None, jobs: int = 0) -> Checked:
    """Check a folder of pictures and masks: all splits that it has.

    tell: is told the stage, how many are done, and of how many.
    Raises InputError: path-missing, pairs-missing, and those of the table.
    """
    splits = every_split(root)
    faults = [fault for split in splits for fault in split.faults]
    total, seen = sum(len(split.pairs) for split in splits), list[_Seen]()
    done = 0
    for split in splits:
        look = partial(_look, split=split.split, root=root)
        for each in in_parallel(look, split.pairs, jobs):
            done += 1
            if tell is not None:
                tell("looking", done, total)
            if isinstance(each, str):
                faults.append(each)
            else:
                seen.append(each)
    findings = [*_broken(faults), *_of_masks(seen), *_of_pictures(seen), *_of_copies(seen)]
    findings.sort(key=lambda finding: finding.weight != "fault")
    facts = tuple(_facts(split.split, seen) for split in splits)
    return Checked(splits=facts, findings=tuple(findings))


def _look(pair: Pair, *, split: str, root: Path) -> _Seen | str:
    try:
        image, mask = read_pixels(pair.image), read_pixels(pair.mask)
    except CompanionError as error:
        return error.message.replace(f"{root}/", "").rstrip(".")
    if image.size != mask.size:
        sides = [f"{height} × {width}" for height, width in (image.size, mask.size)]
        return f"'{pair.name}' is {sides[0]} pixels, but its mask is {sides[1]}"
    return _Seen(
        name=pair.name,
        split=split,
        size=image.size,
        turned=image.orientation != 1,
        mask=MaskFacts.of(raw_mask(mask).values),
        print=Fingerprint.of(as_photo(image)),
    )


def _facts(name: str, seen: Sequence[_Seen]) -> SplitFacts:
    held = [each.mask for each in seen if each.split == name]
    return SplitFacts(
        name=name,
        pairs=len(held),
        empty=sum(mask.is_empty for mask in held),
        object=sum(mask.object for mask in held),
        pixels=sum(mask.pixels for mask in held),
    )


def _broken(faults: Sequence[str]) -> Iterator[Finding]:
    if faults:
        yield Finding(
            code="pairs-faulty",
            weight="fault",
            message=f"{counted(len(faults), 'pair')} can't be used: {faults[0]}.",
            hint="Each picture needs one readable mask of its own name and size.",
            names=tuple(faults),
        )


@dataclass(frozen=True)
class _Oddity:
    """A kind of odd mask: which masks it holds for, and what is said and to be done."""

    code: str
    weight: Weight
    holds: Callable[[MaskFacts], bool]
    said: str
    hint: str


_ODDITIES = (
    _Oddity(
        "mask-below-half",
        "fault",
        lambda mask: mask.vanishes and not mask.is_class_numbers,
        "no value above 127: divided by 255 and cut at 0.5, they are empty",
        "Write the object as 255: companion data prepare does that.",
    ),
    _Oddity(
        "mask-grey",
        "fault",
        lambda mask: mask.is_grey,
        "values between background and object: they were resized with a filter, or saved as JPEG",
        "Resize masks by nearest, and save them as PNG, from the original ones.",
    ),
    _Oddity(
        "mask-class-numbers",
        "note",
        lambda mask: mask.is_class_numbers,
        "several small values, which look like numbers of classes",
        'If they are, write coding = "class-ids" under [masks] of the assignment.',
    ),
    _Oddity(
        "mask-inverted",
        "fault",
        lambda mask: mask.seems_inverted,
        "object over most of the picture and nearly all of its border: are they inverted?",
        "Look at them: companion data show. Where it is so, exchange object and background.",
    ),
    _Oddity(
        "mask-full",
        "note",
        lambda mask: mask.is_full,
        "nothing but object",
        "Look at them: companion data show.",
    ),
    _Oddity(
        "mask-empty",
        "note",
        lambda mask: mask.is_empty,
        "no object",
        "That may be right. Their Dice is 1 or 0, so say whether a mean holds them.",
    ),
)


def _of_masks(seen: Sequence[_Seen]) -> Iterator[Finding]:
    if seen and all(each.mask.is_empty for each in seen):
        yield Finding(
            code="mask-all-empty",
            weight="fault",
            message="Every mask is empty: there is nothing to learn.",
            hint="Look at the raw masks: were they read with the wrong values?",
        )
        return
    for oddity in _ODDITIES:
        names = tuple(each.name for each in seen if oddity.holds(each.mask))
        if names:
            have = "mask has" if len(names) == 1 else "masks have"
            yield Finding(
                code=oddity.code,
                weight=oddity.weight,
                message=f"{len(names):,} {have} {oddity.said}.",
                hint=oddity.hint,
                names=names,
            )
    yield from _codings(seen)


def _codings(seen: Sequence[_Seen]) -> Iterator[Finding]:
    found = Counter(each.mask.largest for each in seen if each.mask.object)
    if len(found) > 1 and not any(each.mask.is_class_numbers for each in seen):
        usual = found.most_common(1)[0][0]
        odd = tuple(e.name for e in seen if e.mask.object and e.mask.largest != usual)
        yield Finding(
            code="mask-codings-differ",
            weight="fault",
            message=f"The object is {usual} in most masks, but {listed(sorted(found.keys() - {usual}))} "
            f"in {len(odd):,}.",
            hint='Write them all in one coding: companion data prepare … --masks "threshold:0".',
            names=odd,
        )


def _of_pictures(seen: Sequence[_Seen]) -> Iterator[Finding]:
    sizes = Counter(each.size for each in seen)
    if len(sizes) > 1:
        (height, width), often = sizes.most_common(1)[0]
        yield Finding(
            code="sizes-differ",
            weight="note",
            message=f"Pictures have {len(sizes):,} sizes; {height} × {width} is the commonest "
            f"({often:,} of {len(seen):,}).",
            hint="Resize once, when preparing: companion data prepare … --size 256.",
        )
    turned = tuple(each.name for each in seen if each.turned)
    if turned:
        yield Finding(
            code="exif-orientation",
            weight="note",
            message=f"An EXIF tag says of {counted(len(turned), 'picture')} that the camera was turned.",
            hint="Keras and TensorFlow ignore the tag: look whether the masks lie right.",
            names=turned,
        )
    yield from _balance(seen)


def _balance(seen: Sequence[_Seen]) -> Iterator[Finding]:
    whole = _facts_of_all(seen)
    if whole.pixels and 0 < whole.share < Fraction(1, 100):
        yield Finding(
            code="object-rare",
            weight="note",
            message=f"Only {float(whole.share):.2%} of all pixels are object: answering background "
            f"everywhere is right in {float(1 - whole.share):.1%} of them.",
            hint="Judge by Dice or IoU, not by accuracy; a Dice loss helps.",
        )


def _facts_of_all(seen: Sequence[_Seen]) -> SplitFacts:
    return SplitFacts(
        name="all",
        pairs=len(seen),
        empty=0,
        object=sum(each.mask.object for each in seen),
        pixels=sum(each.mask.pixels for each in seen),
    )


def _of_copies(seen: Sequence[_Seen]) -> Iterator[Finding]:
    prints = [each.print for each in seen]
    yield from _copies("exact", "equal", list(exact_pairs(prints)), seen)
    if len(seen) <= MOST_COMPARED:
        yield from _copies("near", "nearly equal", list(near_pairs(prints)), seen)
    else:
        yield Finding(
            code="near-duplicates-not-looked-for",
            weight="note",
            message=f"With more than {MOST_COMPARED:,} pictures, each is not compared with each: "
            "only equal ones were looked for.",
        )


def _copies(
    kind: str, how: str, pairs: list[tuple[int, int]], seen: Sequence[_Seen]
) -> Iterator[Finding]:
    across = [pair for pair in pairs if seen[pair[0]].split != seen[pair[1]].split]
    within = [pair for pair in pairs if seen[pair[0]].split == seen[pair[1]].split]
    if across:
        yield Finding(
            code=f"{kind}-duplicates-between-splits",
            weight="fault",
            message=f"{counted(len(across), 'pair')} of pictures of different splits are {how}: what is "
            "tested was learned by heart.",
            hint="Keep both in one split: companion data prepare … --test 0.2 --group folder.",
            names=_names(across, seen),
        )
    if within:
        yield Finding(
            code=f"{kind}-duplicates",
            weight="note",
            message=f"{counted(len(within), 'pair')} of pictures of one split are {how}.",
            hint="Where they are split further (validation), keep them together.",
            names=_names(within, seen),
        )


def _names(pairs: list[tuple[int, int]], seen: Sequence[_Seen]) -> tuple[str, ...]:
    return tuple(f"{seen[one].name} = {seen[other].name}" for one, other in pairs)

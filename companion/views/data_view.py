"""What was prepared, checked and shown, as lines and as documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from answers.data.check.checking import Checked, Finding
from answers.data.check.shown import Shown
from answers.data.notes import counted
from answers.data.prepare.preparing import Prepared
from companion.views.columns import Column, write
from companion.views.paper import Paper

_SHOWN = 8


def prepared(paper: Paper, done: Prepared, out: Path, sheet: Path) -> None:
    """What was written, by split, and what was left out."""
    new = f"{counted(done.written, 'pair')} written" if done.written else "nothing to write"
    kept = len(done.rows) - done.written
    there = f", {kept:,} already there" if kept else ""
    gone = f", {counted(done.removed, 'old file')} removed" if done.removed else ""
    paper.line(f"{counted(len(done.rows), 'pair')} in {out}: {new}{there}{gone}.", bold=True)
    paper.line()
    columns = [Column("split"), Column("pairs", right=True), Column("object", right=True)]
    write(paper, columns, [[name, f"{n:,}", share] for name, n, share in _by_split(done)])
    paper.line()
    for note in done.notes:
        paper.line(note.message)
    _left_out(paper, done.left_out)
    paper.line(f"The table is {out / 'pairs.csv'}, some of the pictures are in {sheet}.")


def _by_split(done: Prepared) -> list[tuple[str, int, str]]:
    counts = Counter(row.split for row in done.rows)
    return [(name, counts[name], f"{float(_share(done, name)):.1%}") for name in counts]


def _share(done: Prepared, split: str) -> Fraction:
    """The mean share of object; all pictures of a split count alike."""
    shares = [row.share for row in done.rows if row.split == split]
    return sum(shares, Fraction(0)) / len(shares)


def _left_out(paper: Paper, faults: Sequence[str]) -> None:
    if not faults:
        return
    paper.line()
    paper.line(f"{counted(len(faults), 'fault')}, left out:", bold=True)
    _list(paper, faults)
    paper.line()


def _list(paper: Paper, lines: Sequence[str]) -> None:
    for line in lines[:_SHOWN]:
        paper.line(f"- {line}", indent=2)
    if len(lines) > _SHOWN:
        paper.line(f"… and {len(lines) - _SHOWN:,} more (all of them with --json)", indent=2)


def prepared_document(done: Prepared, out: Path, sheet: Path) -> dict[str, Any]:
    """The same as a document."""
    splits = Counter(row.split for row in done.rows)
    return {
        "out": str(out),
        "table": str(out / "pairs.csv"),
        "contact_sheet": str(sheet),
        "pairs": len(done.rows),
        "written": done.written,
        "removed": done.removed,
        "splits": [
            {"name": name, "pairs": count, "foreground_share": float(_share(done, name))}
            for name, count in splits.items()
        ],
        "left_out": list(done.left_out),
        "notes": [{"code": note.code, "message": note.message} for note in done.notes],
    }


def checked(paper: Paper, found: Checked) -> None:
    """The splits as a table, then every finding with what to do."""
    columns = [
        Column("split"),
        Column("pairs", right=True),
        Column("empty masks", right=True, spare=1),
        Column("object", right=True),
    ]
    rows = [
        [split.name, f"{split.pairs:,}", f"{split.empty:,}", f"{float(split.share):.2%}"]
        for split in found.splits
    ]
    write(paper, columns, rows)
    for finding in found.findings:
        paper.line()
        _finding(paper, finding)
    paper.line()
    faults = sum(finding.weight == "fault" for finding in found.findings)
    paper.line(f"{counted(faults, 'fault')} to mend." if faults else "No fault found.", bold=True)


def _finding(paper: Paper, finding: Finding) -> None:
    word = "To mend" if finding.weight == "fault" else "To know"
    paper.line(f"{word}: {finding.message}", bold=finding.weight == "fault")
    if finding.names:
        _list(paper, finding.names)
    if finding.hint:
        paper.line(finding.hint, indent=2)
    paper.line(f"Code: {finding.code}", indent=2, dim=True)


def checked_document(found: Checked) -> dict[str, Any]:
    """The same as a document."""
    return {
        "clean": found.is_clean,
        "splits": [
            {
                "name": split.name,
                "pairs": split.pairs,
                "empty_masks": split.empty,
                "object_pixels": split.object,
                "pixels": split.pixels,
            }
            for split in found.splits
        ],
        "findings": [
            {
                "code": finding.code,
                "weight": finding.weight,
                "message": finding.message,
                "hint": finding.hint,
                "names": list(finding.names),
            }
            for finding in found.findings
        ],
    }


def shown_document(pictures: Sequence[Shown], written: Sequence[Path]) -> dict[str, Any]:
    """What was shown, and the files that were written."""
    return {
        "pictures": [
            {
                "name": shown.name,
                "split": shown.split,
                "height": shown.photo.shape[0],
                "width": shown.photo.shape[1],
                "foreground_share": float(shown.share),
            }
            for shown in pictures
        ],
        "written": [str(path) for path in written],
    }

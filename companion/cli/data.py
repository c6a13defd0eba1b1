"""`companion data prepare|check|show`: pictures and their masks, before anybody trains on them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from companion.options import Everywhere
from companion.views.terminal import say

if TYPE_CHECKING:
    from answers.data.check.shown import Shown
    from answers.data.prepare.grouped_split import GroupedSplit

SHEET = "contact-sheet.png"
_ON_SHEET = 48

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    help="Prepare, check or show pictures and their masks.",
    epilog="""\b
Examples:
  companion data prepare "raw.zip" "prepared" --size 256 --test 0.2
  companion data check "prepared"
  companion data show "prepared"
""",
)


@app.command(
    "prepare",
    epilog="""\b
Examples:
  companion data prepare "raw" "prepared" --size 256
  companion data prepare "raw.tar.xz" "prepared" --size 256 --test 0.2 --group folder
  companion data prepare "raw" "prepared" --test 0.2 --group "name:1" --masks "threshold:0"
""",
)
def prepare(
    ctx: typer.Context,
    raw: Annotated[Path, typer.Argument(help="The raw folder, or the .zip or .tar it came in.")],
    out: Annotated[Path, typer.Argument(help="The folder that is written.")],
    *,
    size: Annotated[
        int | None, typer.Option(help="Height and width in pixels; none: sizes are kept.")
    ] = None,
    test: Annotated[
        float | None, typer.Option(help="Split anew: the share of pictures for test, as 0.2.")
    ] = None,
    group: Annotated[
        str, typer.Option(help="What stays together in --test: folder, or name:N (its N-th part).")
    ] = "folder",
    seed: Annotated[int, typer.Option(help="Another seed, another choice for test.")] = 0,
    masks: Annotated[
        str,
        typer.Option(help="Which value is the object: auto, 0/255, threshold:T, inverted, …"),
    ] = "auto",
    jobs: Annotated[int, typer.Option(min=0, max=256, help="Threads; 0: one a core.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Write train/ and train_masks/ as PNG under the same names, and pairs.csv.

    Pairs NAME.bmp with NAME_label.bmp (or two folders of equal names) in folders of any depth.
    Masks are resized by nearest, pictures once by Lanczos. A second run writes nothing, and a run
    that was stopped goes on. What can't be used is listed. A split that the raw folder has
    (its pairs.csv, test/ and train/) is kept unless --test makes another.
    """
    from answers.data.prepare.preparing import Request
    from answers.data.prepare.preparing import prepare as made
    from companion.views import data_view, json_document
    from companion.views.data_progress import picture_progress
    from companion.views.paper import Paper

    request = Request(
        raw=raw,
        out=out,
        size=None if size is None else (size, size),
        masks=masks,
        grouped=_grouped(test, group, seed),
        jobs=jobs,
    )
    with picture_progress() as progress:
        done = made(request, progress.tell)
    sheet = _contact_sheet(out)
    if json:
        say(json_document.result("data", data_view.prepared_document(done, out, sheet)))
    else:
        everywhere: Everywhere = ctx.obj
        data_view.prepared(Paper.of(everywhere), done, out, sheet)


def _grouped(test: float | None, group: str, seed: int) -> GroupedSplit | None:
    from answers.data.prepare.grouped_split import GroupedSplit

    return None if test is None else GroupedSplit(share=test, group=group, seed=seed)


def _contact_sheet(out: Path) -> Path:
    """Write the sheet, unless the very same one is there."""
    from answers.data.check.shown import some_pairs
    from companion.output_file import written
    from companion.views.data_pictures import contact_sheet

    data, path = contact_sheet(some_pairs(out, _ON_SHEET)), out / SHEET
    if not path.is_file() or path.read_bytes() != data:
        with written(path) as file:
            file.write(data)
    return path


@app.command(
    "check",
    epilog="""\b
Examples:
  companion data check "prepared"
  companion data check "raw" --json
""",
)
def check(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Pictures and their masks.")],
    *,
    jobs: Annotated[int, typer.Option(min=0, max=256, help="Threads; 0: one a core.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> int:
    """Look for what spoils a training: pairs, sizes, mask values, copies across splits.

    Exit code 1 where something is to be mended; what is only to be known gives 0.
    """
    from answers.data.check.checking import check as look
    from companion import exit_codes
    from companion.views import data_view, json_document
    from companion.views.data_progress import picture_progress
    from companion.views.paper import Paper

    with picture_progress() as progress:
        found = look(folder, progress.tell, jobs)
    if json:
        say(json_document.result("data", data_view.checked_document(found)))
    else:
        everywhere: Everywhere = ctx.obj
        data_view.checked(Paper.of(everywhere), found)
    return exit_codes.DONE if found.is_clean else exit_codes.ANSWER_IS_NO


@app.command(
    "show",
    epilog="""\b
Examples:
  companion data show "prepared"
  companion data show "prepared" --split test --count 12 --output "pictures.html"
  companion data show "raw" --name "1/" --output "pictures.png"
""",
)
def show(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Pictures and their masks.")],
    *,
    count: Annotated[int, typer.Option(min=1, max=200, help="How many pictures.")] = 3,
    split: Annotated[str | None, typer.Option(help="Of this split only.")] = None,
    name: Annotated[str, typer.Option(help="Only names that hold this text.")] = "",
    output: Annotated[
        list[Path] | None, typer.Option(help="Write a .png or .html instead of drawing here.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Draw pictures with their masks over them, here or into a file."""
    from answers.data.check.shown import some_pairs
    from answers.data.notes import counted
    from companion.output_file import check_output
    from companion.views import data_view, json_document
    from companion.views.data_blocks import draw
    from companion.views.paper import Paper

    places = output or []
    for path in places:
        check_output(path, (".png", ".html"))
    pictures = some_pairs(folder, count, split=split, name=name)
    for path in places:
        _write(path, pictures, f"Pictures of {folder}")
    if json:
        say(json_document.result("data", data_view.shown_document(pictures, places)))
        return
    paper = Paper.of(ctx.obj)
    for shown in () if places else pictures:
        draw(paper, shown)
    for path in places:
        paper.line(f"{counted(len(pictures), 'picture')} written to {path}.")


def _write(path: Path, pictures: tuple[Shown, ...], title: str) -> None:
    from companion.output_file import written
    from companion.views.data_pictures import contact_sheet, page

    is_page = path.suffix.lower() == ".html"
    data = page(pictures, title).encode() if is_page else contact_sheet(pictures, side=256)
    with written(path) as file:
        file.write(data)

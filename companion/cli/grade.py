"""`companion grade MODEL…`: grade saved models against an assignment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """\b
Examples:
  companion grade "sample-unet"
  companion grade "cifar.h5" --data "cifar-10-batches-py"
  companion grade "unet.h5" --assignment "unet" --data "nuclei" --output "report.html"
  companion grade "a.keras" "b.keras" --assignment "cifar10" --json
  companion grade "submissions" --all --assignment "cifar10" --output "marks.csv"
"""


@app.command(epilog=EPILOG)
def grade(
    ctx: typer.Context,
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...", help="Files that Keras saved, folders of them, or a sample."
        ),
    ],
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Open zip files that hold many models, and grade each.")
    ] = False,
    assignment: Annotated[
        str | None,
        typer.Option(help="An assignment file, or the name of a built-in one (cifar10, unet, …)."),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The pictures: folder, archive, .npz.")] = None,
    split: Annotated[
        str | None, typer.Option(metavar="[FILE:]NAME", help="The split, and the table it is in.")
    ] = None,
    feed: Annotated[
        str,
        typer.Option(help="Scale: assignment, auto, unit, raw, symmetric or standardize."),
    ] = "assignment",
    channel: Annotated[
        int | None, typer.Option(min=0, help="The channel of a mask that holds the object.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(metavar="NAME", help="The output to grade, where there are more.")
    ] = None,
    order_seed: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            max=(1 << 48) - 1,
            help="Repeat the order of an earlier report (same engine).",
        ),
    ] = None,
    engine: Annotated[
        Literal["auto", "keras", "onnx"],
        typer.Option(help="What runs the rebuilt model: ONNX Runtime where it can, or Keras."),
    ] = "auto",
    verify: Annotated[
        bool, typer.Option("--verify", help="Ask the other engine too, and compare the answers.")
    ] = False,
    backend: Annotated[
        Literal["tensorflow", "jax", "torch"] | None,
        typer.Option(help="What Keras runs on, tensorflow unless said; asks for Keras."),
    ] = None,
    device: Annotated[
        str,
        typer.Option(metavar="[auto|cpu|gpu|gpu:N]", help="Where it runs; gpu is never replaced."),
    ] = "auto",
    download: Annotated[
        bool, typer.Option("--download", help="Fetch CIFAR-10 into Keras's cache first.")
    ] = False,
    output: Annotated[
        list[Path] | None, typer.Option(help="Also write the report: .json, .html, .md or .csv.")
    ] = None,
    require_isolation: Annotated[
        Literal["none", "partial", "strong"],
        typer.Option(help="Refuse to grade where the children are locked away less."),
    ] = "none",
    predictions: Annotated[
        Path | None, typer.Option(metavar="FILE.npz", help="Keep what the model said.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> int:
    """Grade saved Keras models: parameters, accuracy, Dice and IoU against targets.

    Without --assignment, the nearest assignment.toml counts; without one, the built-in
    assignment that fits the model. A model file is read as data: nothing in it is run. Weights
    without a model are graded where the assignment holds the network ([model] network).
    """
    from companion.cli import grade_session as session

    handed_in = session.handed_in(models, archives=every)
    session.check_outputs(handed_in, output or [], predictions)
    named, source = session.assignment_of(assignment), session.data_request(data, split)
    if download:
        session.download_data()
    requests = [
        session.request(
            model,
            named,
            source,
            feed=feed,
            channel=channel,
            head=head,
            order_seed=order_seed,
            verify=verify,
            engine=engine,
            backend=backend,
            device=device,
        )
        for model in handed_in
    ]
    requests = session.isolated(requests, require_isolation)
    keep = session.predictions_file(predictions)
    reports = session.grade_all(requests, keep)
    asked = len(requests)
    with session.kept(reports, output or [], keep, asked=asked) as ended:
        return ended(session.show(reports, ctx.obj, asked=asked, as_json=json))

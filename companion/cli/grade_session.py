"""One call of `companion grade`: what was asked, every model in turn, and where the report goes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from answers.errors import CompanionError, InputError, StoppedError
from checkers.assignment.assignment import Assignment
from checkers.assignment.catalogue import find_assignment, load, load_built_in
from checkers.engine.choice import Backend, Engine, device_named
from checkers.handed_in import HandedIn, models_at
from checkers.isolation.level import Level, reaches
from checkers.measuring.data_source import DataRequest
from checkers.report import Report
from checkers.request import Request
from checkers.several import grade_several
from companion import exit_codes
from companion.boundary import AnsweredInterruptError, in_words
from companion.cli.sample_model import model_place, sample_models
from companion.options import Everywhere
from companion.output_file import check_output, say_written, written
from companion.predictions_file import PredictionsFile
from companion.views import grade_json, grade_overview, json_document
from companion.views.progress import GradeProgress, wanted
from companion.views.terminal import say

_KINDS = (".json", ".html", ".md", ".csv")


def check_outputs(models: list[HandedIn], outputs: list[Path], predictions: Path | None) -> None:
    """Refuse places and kinds of output before minutes of work are spent."""
    for path in outputs:
        check_output(path, _KINDS)
    if predictions is not None:
        if len(models) > 1:
            raise InputError(
                "predictions-of-several",
                "--predictions keeps what one model said, and several are given.",
                hint="Grade one model at a time.",
            )
        check_output(predictions, (".npz",), where="--predictions")


def assignment_of(named: str | None) -> Assignment | None:
    """The assignment that was named, else the nearest assignment.toml, else None."""
    if named is not None:
        return load(named)
    found = find_assignment(Path.cwd())
    return load(str(found)) if found is not None else None


def data_request(path: Path | None, split: str | None) -> DataRequest:
    """What `--data` and `--split [FILE:]NAME` say."""
    table, _, name = (split or "").rpartition(":")
    return DataRequest(path=path, table=Path(table) if table else None, split=name or None)


def handed_in(named: list[str], *, archives: bool) -> list[HandedIn]:
    """The models that files, folders and samples stand for; archives: and zip files of many.

    Raises: ModelFileError no-models; RefusedError too-many-files.
    """
    found = [models_at(model_place(name), archives=archives) for name in named]
    others = sum(each.others for each in found)
    if others:
        sys.stderr.write(
            f"Left alone: {others:,} {'file' if others == 1 else 'files'} that can be no model.\n"
        )
    return [model for each in found for model in each.models]


def request(
    model: HandedIn,
    assignment: Assignment | None,
    data: DataRequest,
    *,
    feed: str,
    channel: int | None,
    head: str | None = None,
    order_seed: int | None = None,
    verify: bool = False,
    engine: Engine = "auto",
    backend: Backend | None,
    device: str,
) -> Request:
    """What to grade; a sample by its own assignment. Raises: InputError device-unknown."""
    where, gpu = device_named(device)
    sample = next((name for name, path in sample_models().items() if path == model.path), None)
    if sample is not None:
        assignment = assignment or load_built_in(sample)
    return Request(
        path=model.path,
        member=model.member,
        assignment=assignment,
        data=data,
        feed=feed,
        channel=channel,
        head=head,
        order_seed=order_seed,
        verify=verify,
        engine=engine,
        backend=backend,
        device=where,
        gpu=gpu,
    )


def isolated(requests: list[Request], required: Level) -> list[Request]:
    """The requests with the level that is proven here; a warning where many meet a low one."""
    from checkers.isolation.proven import proven_level
    from companion.places import state_folder

    level = proven_level(state_folder())
    if len(requests) > 1 and not reaches(level, "partial"):
        sys.stderr.write(
            f"Warning: {len(requests)} files are graded at isolation level '{level}'.\n"
            "What to do: companion doctor --isolation says what is missing.\n"
        )
    return [replace(request, proven=level, required=required) for request in requests]


def download_data() -> None:
    """Fetch CIFAR-10 into Keras's cache, with progress on stderr."""
    from answers.data.cifar_download import download_cifar10
    from companion.views.progress import DownloadProgress

    with DownloadProgress(shown=wanted()) as progress:
        download_cifar10(progress.tell)


def predictions_file(path: Path | None) -> PredictionsFile | None:
    """Where the model's answers are gathered, if they were asked for."""
    return None if path is None else PredictionsFile(path)


def grade_all(requests: list[Request], keep: PredictionsFile | None) -> list[Report]:
    """Grade one after the other; what is wrong with one file does not stop the others.

    keep: takes what the model answers. Whoever interrupts it gets the reports that are there.
    """
    reports: list[Report] = []
    try:
        with GradeProgress(shown=wanted(), predictions=keep, files=len(requests)) as progress:
            for report in grade_several(requests, progress):
                reports.append(report)
                progress.next_file()
    except KeyboardInterrupt:
        if len(requests) > 1:
            sys.stderr.write(f"\n{grade_overview.so_far(reports, len(requests))}\n")
    return reports


@contextmanager
def kept(
    reports: list[Report], outputs: list[Path], keep: PredictionsFile | None, *, asked: int
) -> Iterator[Callable[[int], int]]:
    """Write what was asked for, each file whole or not at all; a grade is shown all the same.

    Gives what makes an exit code of the grade's own. What could not be written is said at the end.
    """
    failure: CompanionError | None = None
    done: list[Path] = []
    try:
        for path in outputs if reports else ():
            _write(reports, path, asked)
            done.append(path)
        if keep is not None and reports and reports[0].result is not None:
            keep.save()
            done.append(keep.path)
    except CompanionError as error:
        failure = error
    try:
        yield lambda code: code if failure is None else exit_codes.of_error(failure)
    finally:
        sys.stdout.flush()
        for path in done:
            say_written(path)
        if failure is not None:
            sys.stderr.write(in_words(failure) + "\n")


def _write(reports: list[Report], path: Path, asked: int) -> None:
    kind = path.suffix.lower()
    # without a mark at the front a spreadsheet reads names of other alphabets as nonsense
    encoding = "utf-8-sig" if kind == ".csv" else "utf-8"
    with written(path) as file:
        file.write(_rendered(reports, kind, asked).encode(encoding))


def _rendered(reports: list[Report], kind: str, asked: int) -> str:
    if kind == ".csv":
        from companion.views import grade_csv

        return grade_csv.table(reports)
    if kind == ".html":
        from companion.views import grade_html

        return grade_html.page(reports, asked=asked)
    if kind == ".md":
        from companion.views import grade_markdown

        return grade_markdown.document(reports, asked=asked)
    return _document(reports, asked) + "\n"


def _document(reports: list[Report], asked: int) -> str:
    """A result; ok is false where it was interrupted, or the only model could not be graded."""
    error: CompanionError | None = None
    if len(reports) < asked:
        error = StoppedError(
            "interrupted",
            grade_overview.cut_short(reports, asked),
            hint="Run the command again, for all files or for the others.",
        )
    elif asked == 1:
        error = reports[0].error
    return json_document.result("grade", grade_json.result(reports, asked=asked), error=error)


def show(reports: list[Report], everywhere: Everywhere, *, asked: int, as_json: bool) -> int:
    """Print the reports, and return the exit code. asked: how many files were to be graded.

    Raises: AnsweredInterruptError where not all of them are there.
    """
    if as_json:
        say(_document(reports, asked))
    elif reports:
        _draw(reports, everywhere, asked)
    if len(reports) < asked:
        raise AnsweredInterruptError
    return max(exit_code(report) for report in reports)


def _draw(reports: list[Report], everywhere: Everywhere, asked: int) -> None:
    """Reports on stdout. That the only file is none at all is an error, and goes to stderr."""
    from companion.views import grade_terminal

    if asked == 1 and reports[0].error is not None and reports[0].model is None:
        raise reports[0].error
    grade_terminal.draw(reports, everywhere.color)


def exit_code(report: Report) -> int:
    """What one report means to a script."""
    if report.error is not None:
        return exit_codes.of_error(report.error)
    codes = [exit_codes.of_error(error) for error in report.missing]
    codes.append(exit_codes.ANSWER_IS_NO if report.failed else exit_codes.DONE)
    return max(codes)

"""Many files in one call: each gets the report that it gets alone, and no file stops the rest."""

from __future__ import annotations

import gc
import os
import weakref
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from answers.data.input_contract import InputContract, Scale
from answers.errors import InputError, ModelFileError, RunError
from answers.samples.shipped import shipped_models
from checkers.assignment.catalogue import load_built_in
from checkers.engine import predicting as predicting_module
from checkers.engine import reading as reading_module
from checkers.engine import sealed_memory
from checkers.engine.predicting import Launch
from checkers.engine.ready import Ready
from checkers.engine.submission import submission
from checkers.grading import grade
from checkers.handed_in import HandedIn, models_at
from checkers.measuring.data_source import DataRequest, open_data
from checkers.measuring.source import Source
from checkers.model_file import limits
from checkers.model_file.archive import Member
from checkers.report import Report
from checkers.request import Request
from checkers.several import grade_several

SAMPLES = {model.name: model.path for model in shipped_models()}
CNN = SAMPLES["sample-cnn"]
ASSIGNMENT = load_built_in("sample-cnn")
ONNX = Launch(engine="onnx", memory=4 << 30)


def request(path: Path, **more: Any) -> Request:
    return Request(path=path, assignment=ASSIGNMENT, order_seed=1, **more)


def without_time(report: Report) -> Report:
    engine = report.engine and replace(report.engine, seconds=0)
    return replace(report, seconds=0, predicting=0, products=None, engine=engine, error=None)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.h5"
    path.write_bytes(CNN.read_bytes()[:5_000])
    return path


@pytest.mark.slow
def test_each_gets_the_report_that_it_gets_alone(broken: Path) -> None:
    together = list(grade_several([request(path) for path in (CNN, broken, CNN)]))
    alone = [grade(request(path)) for path in (CNN, broken)]
    alone.append(alone[0])
    assert list(map(without_time, together)) == list(map(without_time, alone))
    assert [report.error and report.error.code for report in together] == [
        report.error and report.error.code for report in alone
    ]
    assert together[0].result is not None


def test_the_data_are_opened_once_and_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, passes = 0, 0
    real = open_data

    def counted(*given: Any) -> Any:
        nonlocal opened
        opened += 1
        split = real(*given)

        def read() -> Any:
            nonlocal passes
            passes += 1
            return split.read()

        return replace(split, read=read)

    monkeypatch.setattr("checkers.measuring.source.open_data", counted)
    reports = list(grade_several([request(CNN)] * 2))
    assert (opened, passes) == (1, 1)
    assert len({report.data and report.data.sha256 for report in reports}) == 1


def test_a_split_that_is_too_large_to_keep_is_read_again() -> None:
    contract = InputContract(size=(32, 32))
    for keep, same in ((1 << 30, True), (1_000, False)):
        source = Source(keep)
        split = source.split(DataRequest(), ASSIGNMENT)
        rows = source.rows(split, contract)
        first, again = list(rows), list(rows)
        assert (first[0] is again[0]) is same
        assert [fed.sample.name for fed in first] == [fed.sample.name for fed in again]


def test_rows_are_shared_by_scales_and_not_by_sizes() -> None:
    source = Source(1 << 30)
    split = source.split(DataRequest(), ASSIGNMENT)
    contract = InputContract(size=(32, 32))
    rows = source.rows(split, contract)
    assert source.rows(split, replace(contract, scale=Scale("raw"))) is rows
    assert source.rows(split, replace(contract, size=(16, 16))) is not rows


def test_a_bug_of_ours_with_one_file_does_not_stop_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = grade

    def sometimes(given: Request, *more: Any) -> Report:
        if given.order_seed == 7:
            raise ZeroDivisionError("by nought")
        return real(given, *more)

    monkeypatch.setattr("checkers.several.grade", sometimes)
    reports = list(grade_several([request(CNN), replace(request(CNN), order_seed=7)]))
    assert reports[0].error is None
    assert reports[1].error is not None
    assert reports[1].error.code == "bug"
    with pytest.raises(ZeroDivisionError):  # alone, the command's own boundary says it
        list(grade_several([replace(request(CNN), order_seed=7)]))


def test_data_that_suit_all_but_one_do_not_stop_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(given: Request, *_: Any) -> Report:
        if given.order_seed == 7:
            raise InputError("pairs-missing", "No masks here.")
        return Report(file=given.path)

    monkeypatch.setattr("checkers.several.grade", wrong)
    fine, other = request(CNN), replace(request(CNN), order_seed=7)
    by_itself = replace(other, assignment=None)  # it is the file that chose what it is graded by
    for order in ((fine, other), (by_itself, fine)):
        reports = list(grade_several(order))
        assert sorted(bool(report.error) for report in reports) == [False, True]
    with pytest.raises(InputError, match="No masks here"):  # what is wrong for all is said at once
        list(grade_several([other, fine]))
    with pytest.raises(InputError, match="no known scale"):
        list(grade_several([replace(by_itself, feed="loud"), fine]))


def test_a_run_that_failed_keeps_no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(*_: Any) -> None:
        pictures = np.zeros(10)
        kept.append(weakref.ref(pictures))
        raise RunError("time-limit", f"The predictor did not finish {len(pictures)}.")

    kept: list[Any] = []
    monkeypatch.setattr("checkers.grading._Grading.run", failed)
    reports = list(grade_several([request(CNN)] * 2))
    assert [report.error and report.error.code for report in reports] == ["time-limit"] * 2
    gc.collect()
    assert [kept_one() for kept_one in kept] == [None, None]


# --- children that wait ---------------------------------------------------------------------


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every child that is started."""
    started: list[Any] = []
    for module in (reading_module, predicting_module):
        real = module.Child

        def child(*given: Any, real: Any = real, **more: Any) -> Any:
            started.append(real(*given, **more))
            return started[-1]

        monkeypatch.setattr(module, "Child", child)
    return started


def test_each_file_has_children_of_its_own_and_none_is_left(children: list[Any]) -> None:
    list(grade_several([request(CNN)] * 2))
    assert len({child.pid for child in children}) == len(children) == 4
    assert all(child._process.returncode is not None for child in children)


def test_the_reader_is_gone_while_pictures_are_predicted(
    children: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: list[list[str]] = []

    def build(predictor: Any, *given: Any) -> None:
        alive.append([child.name for child in children if child.alive])
        real(predictor, *given)

    real = predicting_module.Predictor.build
    monkeypatch.setattr(predicting_module.Predictor, "build", build)
    assert grade(request(CNN)).error is None
    assert alive == [["predictor"]]


@pytest.mark.slow
def test_a_refused_file_takes_no_predictor(children: list[Any], broken: Path) -> None:
    list(grade_several([request(CNN), request(broken), request(broken), request(CNN)]))
    kinds = [child.name for child in children]
    assert kinds.count("predictor") == 2  # the one that waited serves the last file
    assert kinds.count("reader") == 4


def test_a_child_that_waits_for_another_engine_is_ended(children: list[Any]) -> None:
    with closing(Ready()) as ready:
        ready.prepare(ONNX)
        assert ready.predictor(replace(ONNX, memory=3 << 30)) is None
        assert children[1]._process.returncode is not None
        ready.prepare(ONNX)
        taken = ready.predictor(ONNX)
        assert ready.predictor(ONNX) is None
        assert taken is not None
        assert taken is children[2]
        taken.close()
    assert all(child._process.returncode is not None for child in children)


def test_a_child_that_died_while_it_waited_is_replaced(children: list[Any]) -> None:
    with closing(Ready()) as ready:
        ready.prepare(ONNX)
        for child in children:
            child._process.kill()
            child._process.wait()
        assert ready.reader() is None
        assert ready.predictor(ONNX) is None


def test_a_child_that_can_not_be_started_yet_is_no_fault_of_this_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(*_: Any, **__: Any) -> None:
        raise RunError("child-not-started", "No more processes.")

    monkeypatch.setattr(reading_module, "Child", none)
    opened: list[int] = []
    real = sealed_memory.create

    def counted(name: str) -> int:
        opened.append(real(name))
        return opened[-1]

    monkeypatch.setattr(sealed_memory, "create", counted)
    with closing(Ready()) as ready:
        ready.prepare(ONNX)
        assert ready.reader() is None
    (memory,) = opened
    with pytest.raises(OSError, match="descriptor"):  # it is closed
        os.fstat(memory)


# --- what was handed in ---------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two students' folders, a model that was unpacked, and files that are none."""
    place = tmp_path / "class"
    for name in ("anna/net.h5", "bob/x/net.keras", "bob/torch.pt"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(b"no matter what")
    for name in ("config.json", "model.weights.h5"):
        (place / "eve" / "model").mkdir(parents=True, exist_ok=True)
        (place / "eve" / "model" / name).write_bytes(b"")
    (place / "saved").mkdir()
    (place / "saved" / "saved_model.pb").write_bytes(b"")
    for name in ("readme.txt", ".hidden.h5"):
        (place / name).write_bytes(b"")
    (place / "round").symlink_to(place)
    with zipfile.ZipFile(place / "many.zip", "w") as archive:
        for name in ("a/1.h5", "b/2.keras", "__MACOSX/a/._1.h5", "notes.txt"):
            archive.writestr(name, b"no matter what")
    return place


def test_a_folder_stands_for_the_models_in_it(folder: Path) -> None:
    found = models_at(folder, archives=False)
    names = [str(model.path.relative_to(folder)) for model in found.models]
    assert names == [
        "anna/net.h5",
        "bob/torch.pt",
        "bob/x/net.keras",
        "eve/model",
        "many.zip",
        "saved",
    ]
    assert found.others == 2  # the text, and the link that leads back


def test_no_model_is_passed_over_in_silence(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"123456789", "net.h5")
    too_deep = tmp_path.joinpath(*"abcdefghijklmnopqrstuvwxyz", "net.h5")
    own = tmp_path / "__final" / "__net.h5"
    for path in (deep, too_deep, own, tmp_path / "__MACOSX" / "._net.h5"):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
    found = [model.path for model in models_at(tmp_path, archives=False).models]
    assert found == [deep, own, tmp_path.joinpath(*"abcdefghijklmnop")]
    with pytest.raises(ModelFileError, match="is a folder"), submission(found[-1]):
        pass


def test_a_folder_that_may_not_be_read_is_a_line_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("anna", "bob"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.h5").write_bytes(b"")
    real = os.scandir

    def closed(path: Any) -> Any:
        if Path(path).name == "anna":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", closed)
    found = [model.path for model in models_at(tmp_path, archives=True).models]
    assert found == [tmp_path / "anna", tmp_path / "bob" / "net.h5"]
    with pytest.raises(ModelFileError, match="may not be read"), submission(found[0]):
        pass


def test_a_member_is_called_by_a_name_below_its_archive(tmp_path: Path) -> None:
    for name in ("/etc/net.h5", "../../bob/net.h5", "a//./net.h5"):
        found = request(tmp_path / "many.zip", member=Member(name, 0)).name
        assert found.is_relative_to(tmp_path / "many.zip")
        assert ".." not in found.parts


def test_an_archive_stands_for_the_models_in_it_when_asked(folder: Path) -> None:
    archive = folder / "many.zip"
    assert models_at(archive, archives=False).models == (HandedIn(archive),)
    members = [
        model.member and model.member.name for model in models_at(archive, archives=True).models
    ]
    assert members == ["a/1.h5", "b/2.keras"]
    assert len(models_at(folder, archives=True).models) == 7


def test_a_file_is_itself_whatever_it_is(tmp_path: Path) -> None:
    path = tmp_path / "not there.zip"
    for archives in (False, True):
        assert models_at(path, archives=archives).models == (HandedIn(path),)


def test_a_folder_without_models_is_said(tmp_path: Path) -> None:
    (tmp_path / "essay.pdf").write_bytes(b"")
    with pytest.raises(ModelFileError, match="holds no file that could be a model") as caught:
        models_at(tmp_path, archives=False)
    assert caught.value.code == "no-models"


def zipped(path: Path, names: list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, name.encode())
    return path


def test_nothing_that_was_handed_in_is_dropped_without_a_word(tmp_path: Path) -> None:
    unpacked = ["eve/config.json", "eve/metadata.json", "eve/model.weights.h5"]
    names = ["anna/anna.zip", "bob/net.h5", "carl/net.pt", "notes.txt", "__MACOSX/x.h5", *unpacked]
    found = models_at(zipped(tmp_path / "class.zip", names), archives=True)
    assert [model.member and model.member.name for model in found.models] == [
        "anna/anna.zip",
        "bob/net.h5",
        "carl/net.pt",
        "eve",
    ]
    assert found.others == 1  # the text


def test_one_model_beside_many_files_is_found(tmp_path: Path) -> None:
    names = ["net.h5", *(f"notes {number}.txt" for number in range(40))]
    (found,) = models_at(zipped(tmp_path / "one.zip", names), archives=True).models
    assert found.member is not None
    assert found.member.name == "net.h5"


def test_one_unpacked_model_beside_a_report_is_found(tmp_path: Path) -> None:
    names = ["alice/config.json", "alice/model.weights.h5", "bob/report.pdf"]
    found = models_at(zipped(tmp_path / "class.zip", names), archives=True)
    assert [model.member and model.member.name for model in found.models] == ["alice"]
    assert found.others == 1


def test_an_archive_that_is_one_model_is_one_model(tmp_path: Path) -> None:
    names = ["config.json", "metadata.json", "model.weights.h5"]
    for place in ("", "folder/"):
        path = zipped(tmp_path / "model.keras.zip", [place + name for name in names])
        assert models_at(path, archives=True).models == (HandedIn(path),)


def test_an_archive_of_many_may_be_larger_than_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class's archive is read where it lies; what is graded is copied, one after the other."""
    path = zipped(tmp_path / "class.zip", ["a.h5", "b.h5", "c.h5"])
    monkeypatch.setattr(limits, "FILE_BYTES", path.stat().st_size // 2)
    monkeypatch.setattr(limits, "COLLECTION_BYTES", path.stat().st_size)
    models = models_at(path, archives=True).models
    before = psutil.Process().num_fds()
    reports = list(grade_several([request(m.path, member=m.member) for m in models]))
    assert [report.error and report.error.code for report in reports] == ["not-a-model"] * 3
    assert psutil.Process().num_fds() == before
    monkeypatch.setattr(limits, "COLLECTION_BYTES", path.stat().st_size - 1)
    report = grade(request(path, member=models[0].member))
    assert report.error is not None
    assert report.error.code == "file-too-large"


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        (lambda data: data[:-30], "zip-damaged", "damaged or cut off"),
        (lambda data: data + b"behind", "trailing-data", "behind the end"),
        (lambda data: data, "file-too-large", "the limit is"),
    ],
    ids=["cut off", "something behind it", "whole"],
)
def test_a_large_archive_is_not_called_too_large_for_what_is_wrong_with_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[bytes], bytes],
    code: str,
    words: str,
) -> None:
    path = zipped(tmp_path / "class.zip", ["a.h5", "b.h5", "c.h5"])
    path.write_bytes(spoil(path.read_bytes()))
    monkeypatch.setattr(limits, "FILE_BYTES", path.stat().st_size // 2)
    before = psutil.Process().num_fds()
    error = grade(request(path)).error
    assert error is not None
    assert error.code == code
    assert words in error.message
    assert psutil.Process().num_fds() == before
    if code != "file-too-large":  # a whole one is opened with --all, and its hint says so
        assert models_at(path, archives=True).models == (HandedIn(path),)


def test_a_folder_that_was_a_model_is_one_in_an_archive_too(tmp_path: Path) -> None:
    """It has the hash of the folder that it becomes, and the faults."""
    names = ["config.json", "metadata.json", "model.weights.h5"]
    path = zipped(tmp_path / "class.zip", ["bob/net.h5", *(f"eve/net/{name}" for name in names)])
    (folder, _) = [m for m in models_at(path, archives=True).models if m.member][::-1]
    assert folder.member is not None
    assert folder.member.name == "eve/net"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    with submission(path, folder.member) as one, submission(tmp_path / "eve" / "net") as other:
        assert (one.sha256, one.size) == (other.sha256, other.size)
    report = grade(request(path, member=folder.member))
    assert report.error is not None
    assert report.error.code == "json-syntax"


@pytest.mark.slow
def test_a_member_is_graded_as_the_file_that_it_is(tmp_path: Path) -> None:
    archive = tmp_path / "many.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(CNN, "anna/net.h5")
        file.writestr("bob/bomb.h5", bytes(8 << 20))
        file.writestr("eve/broken.h5", CNN.read_bytes()[:5_000])
    models = models_at(archive, archives=True).models
    reports = [grade(request(m.path, member=m.member)) for m in models]
    assert without_time(replace(reports[0], file=CNN)) == without_time(grade(request(CNN)))
    assert [str(report.file.relative_to(tmp_path)) for report in reports] == [
        "many.zip/anna/net.h5",
        "many.zip/bob/bomb.h5",
        "many.zip/eve/broken.h5",
    ]
    codes = [report.error and report.error.code for report in reports]
    assert codes == [None, "zip-bomb", "hdf5-damaged"]


def test_a_member_that_is_too_large_is_never_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "many.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.h5", b"")
        file.writestr("b.h5", b"")
    member = models_at(archive, archives=True).models[0].member
    assert member is not None
    report = grade(request(archive, member=replace(member, size=(1 << 30) + 1)))
    assert report.error is not None
    assert report.error.code == "file-too-large"

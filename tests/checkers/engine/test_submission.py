"""What is handed in is looked at without following it anywhere, and copied once."""

from __future__ import annotations

import hashlib
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from answers.errors import CompanionError, InputError, ModelFileError, RefusedError
from checkers.engine import submission as module
from checkers.engine.submission import submission
from checkers.model_file import limits
from checkers.model_file.reader import open_model

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "models"


def link(path: Path) -> None:
    target = path.with_name("other.h5")
    target.write_bytes(b"a neighbour's model")
    path.symlink_to(target)


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


def link_to_zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def saved_model(path: Path) -> None:
    path.mkdir()
    (path / "saved_model.pb").write_bytes(b"")


def sparse(path: Path) -> None:
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    os.truncate(path, 4 << 30)


Make = Callable[[Path], None]
CASES: list[tuple[Make, type[CompanionError], str, str]] = [
    (link, RefusedError, "not-a-regular-file", "model.h5 is a link"),
    (link_to_itself, RefusedError, "not-a-regular-file", "is a link"),
    (link_to_nothing, RefusedError, "not-a-regular-file", "is a link"),
    (link_to_zeros, RefusedError, "not-a-regular-file", "is a link"),
    (pipe, RefusedError, "not-a-regular-file", "a device, a pipe or a socket"),
    (unix_socket, RefusedError, "not-a-regular-file", "a device, a pipe or a socket"),
    (Path.mkdir, ModelFileError, "is-a-directory", "is a folder, not a model file"),
    (saved_model, RefusedError, "savedmodel", "is a SavedModel folder"),
    (sparse, RefusedError, "file-too-large", "4,294,967,296 bytes; the limit is 1,073,741,824"),
    (lambda _: None, InputError, "path-missing", "There is no file"),
]


@pytest.mark.parametrize(
    ("make", "kind", "code", "words"), CASES, ids=[row[0].__name__ for row in CASES]
)
def test_what_is_no_plain_file_is_refused_without_being_read(
    tmp_path: Path, make: Make, kind: type[CompanionError], code: str, words: str
) -> None:
    path = tmp_path / "model.h5"
    make(path)
    with pytest.raises(kind, match=words) as caught, submission(path):
        pytest.fail("it was opened")
    assert caught.value.code == code


def test_a_path_with_a_zero_byte_does_not_exist() -> None:
    with pytest.raises(InputError, match="There is no file"), submission(Path("a\0b")):
        pytest.fail("it was opened")


def test_a_file_that_may_not_be_read_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(b"x")

    def forbidden(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbidden)
    with pytest.raises(ModelFileError, match="may not be read") as caught, submission(path):
        pytest.fail("it was opened")
    assert caught.value.code == "cannot-read"


def test_a_file_that_became_a_pipe_meanwhile_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(b"x")
    really = os.open

    def swapped(*arguments: object) -> int:
        path.unlink()
        os.mkfifo(path)
        return really(*arguments)  # type: ignore[arg-type]  # whatever open is given

    monkeypatch.setattr(os, "open", swapped)
    before = psutil.Process().num_fds()
    with pytest.raises(RefusedError, match="a pipe"), submission(path):
        pytest.fail("it was opened")
    assert psutil.Process().num_fds() == before


def test_the_copy_holds_the_bytes_and_their_hash(tmp_path: Path) -> None:
    path, data = tmp_path / "model.h5", os.urandom((3 << 20) + 17)
    path.write_bytes(data)
    with submission(path) as copy:
        path.write_bytes(b"changed while it is graded")
        assert os.pread(copy.descriptor, len(data) + 1, 0) == data
        assert (copy.size, copy.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        with pytest.raises(PermissionError):
            os.pwrite(copy.descriptor, b"x", 0)


def test_of_a_file_that_shrinks_while_it_is_copied_the_rest_is_the_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, data = tmp_path / "model.h5", os.urandom(3 << 20)
    path.write_bytes(data)
    really = module._piece

    def shrinking(source: int, where: Path) -> bytes:
        piece = really(source, where)
        os.truncate(path, 1 << 20)
        return piece

    monkeypatch.setattr(module, "_piece", shrinking)
    with submission(path) as copy:
        kept = data[: 1 << 20]
        assert os.pread(copy.descriptor, len(data), 0) == kept
        assert (copy.size, copy.sha256) == (len(kept), hashlib.sha256(kept).hexdigest())


def test_a_file_that_grows_without_end_is_cut_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(b"x")
    monkeypatch.setattr(limits, "FILE_BYTES", 10 << 20)
    monkeypatch.setattr(module, "_piece", lambda *_: bytes(1 << 20))
    with pytest.raises(RefusedError, match="11,534,336 bytes") as caught, submission(path):
        pytest.fail("it was opened")
    assert caught.value.code == "file-too-large"


def unpacked(folder: Path) -> Path:
    folder.mkdir()
    with zipfile.ZipFile(FIXTURES / "cnn.keras") as archive:
        archive.extractall(folder)
    return folder


def test_an_unpacked_archive_is_packed_again_and_opened(tmp_path: Path) -> None:
    with (
        submission(unpacked(tmp_path / "model")) as copy,
        open(copy.descriptor, "rb", closefd=False) as file,
        (FIXTURES / "cnn.keras").open("rb") as original,
    ):
        found, wanted = open_model(file), open_model(original)
        assert found.model == wanted.model
        assert [a.tobytes() for a in found.weights()] == [a.tobytes() for a in wanted.weights()]


def test_an_unpacked_archive_has_the_same_hash_every_time(tmp_path: Path) -> None:
    with (
        submission(unpacked(tmp_path / "a")) as first,
        submission(unpacked(tmp_path / "b")) as other,
    ):
        assert first.sha256 == other.sha256


def test_a_link_in_an_unpacked_archive_is_not_followed(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "model")
    (folder / "config.json").rename(tmp_path / "elsewhere.json")
    (folder / "config.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(RefusedError, match=r"config\.json is a link"), submission(folder):
        pass

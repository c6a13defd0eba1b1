"""Archives are unpacked as data: what would leave the folder, or never end, is refused."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from answers.data.prepare.unpacking import Limits, is_archive, unpack
from answers.errors import CompanionError, InputError, RefusedError

FILES = {"raw/1/a.bmp": b"picture", "raw/1/a_label.bmp": b"mask", "raw/pairs.csv": b"x,y\n"}


def make_tar(path: Path, members: list[tuple[tarfile.TarInfo, bytes]], mode: str) -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # a computed mode
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def make_zip(path: Path, members: list[tuple[zipfile.ZipInfo, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members:
            archive.writestr(member, data)
    return path


def tar_of(path: Path, files: dict[str, bytes], mode: str = "w") -> Path:
    return make_tar(path, [(tarfile.TarInfo(name), data) for name, data in files.items()], mode)


def zip_of(path: Path, files: dict[str, bytes]) -> Path:
    return make_zip(path, [(zipfile.ZipInfo(name), data) for name, data in files.items()])


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_gives_its_pictures_and_tables(tmp_path: Path, mode: str) -> None:
    more = {"raw/notes.txt": b"no", "raw/.hidden.png": b"no", "run.sh": b"no"}
    path = tar_of(tmp_path / "a.tar", FILES | more, mode)
    assert is_archive(path)
    assert unpack(path, tmp_path / "out") == 3
    assert content(tmp_path / "out") == FILES


def test_a_zip_gives_its_pictures_and_tables(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", FILES | {"__MACOSX/raw/1/._a.bmp": b"no"})
    assert unpack(path, tmp_path / "out") == 3
    assert content(tmp_path / "out") == FILES


BAD_NAMES = {
    "up": "../a.png",
    "up in the middle": "raw/../../a.png",
    "absolute": "/tmp/a.png",  # noqa: S108  # a name inside an archive
    "drive": "C:a.png",
    "backslash": "..\\a.png",
    "control character": "a\x1b[2J.png",
    "too long": "a" * 300 + ".png",
    "too deep": "d/" * 40 + "a.png",
}


@pytest.mark.parametrize("write", [tar_of, zip_of])
@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES.keys())
def test_a_hostile_name_refuses_the_archive(
    tmp_path: Path, write: Callable[[Path, dict[str, bytes]], Path], name: str
) -> None:
    path = write(tmp_path / "archive", {"ok.png": b"1", name: b"2"})
    out = tmp_path / "deep" / "out"
    with pytest.raises(RefusedError) as caught:
        unpack(path, out)
    assert caught.value.code == "archive-member"
    assert set(content(tmp_path)) <= {"archive", "deep/out/ok.png"}


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE]
)
def test_links_and_devices_refuse_a_tar(tmp_path: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("a.png")
    member.type, member.linkname = kind, "/etc/hostname"
    path = make_tar(tmp_path / "a.tar", [(member, b"")], "w")
    with pytest.raises(RefusedError, match="is a link or a device"):
        unpack(path, tmp_path / "out")
    assert content(tmp_path / "out") == {}


def test_a_link_refuses_a_zip(tmp_path: Path) -> None:
    member = zipfile.ZipInfo("a.png")
    member.create_system, member.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    path = make_zip(tmp_path / "a.zip", [(member, b"/etc/hostname")])
    with pytest.raises(RefusedError, match="is a link or a device"):
        unpack(path, tmp_path / "out")


def test_a_folder_link_can_not_carry_a_later_file_outside(tmp_path: Path) -> None:
    link = tarfile.TarInfo("inner")
    link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
    path = make_tar(tmp_path / "a.tar", [(link, b""), (tarfile.TarInfo("inner/a.png"), b"1")], "w")
    with pytest.raises(RefusedError):
        unpack(path, tmp_path / "out")
    assert not (tmp_path / "a.png").exists()


def test_a_name_that_is_there_twice_refuses_the_archive(tmp_path: Path) -> None:
    twice = [(tarfile.TarInfo("a.png"), b"1"), (tarfile.TarInfo("./a.png"), b"2")]
    path = make_tar(tmp_path / "a.tar", twice, "w")
    with pytest.raises(RefusedError, match="is there twice"):
        unpack(path, tmp_path / "out")


LIMITS = {
    "entries": (Limits(members=2), "more than 2 entries"),
    "bytes of a file": (Limits(each=999), "more than 999 bytes"),
    "bytes of all": (Limits(total=1_500), "too many bytes"),
}


@pytest.mark.parametrize("write", [tar_of, zip_of])
@pytest.mark.parametrize(("limits", "words"), LIMITS.values(), ids=LIMITS.keys())
def test_a_limit_stops_the_unpacking(
    tmp_path: Path, write: Callable[[Path, dict[str, bytes]], Path], limits: Limits, words: str
) -> None:
    path = write(tmp_path / "archive", {f"{n}.png": bytes(1_000) for n in range(3)})
    with pytest.raises(RefusedError, match=words) as caught:
        unpack(path, tmp_path / "out", limits)
    assert caught.value.code == "archive-limit"


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_a_cut_archive_is_damaged(tmp_path: Path, mode: str) -> None:
    import numpy as np

    noise = np.random.default_rng(1).bytes(200_000)
    path = tar_of(tmp_path / "a.tar", {"a.png": noise, "b.png": noise}, mode)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="cannot be read") as caught:
        unpack(path, tmp_path / "out")
    assert caught.value.code == "archive-damaged"


def test_a_zip_whose_content_is_changed_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", b"x" * 1_000)
    path.write_bytes(path.read_bytes().replace(b"xxxx", b"yyyy", 1))
    with pytest.raises(CompanionError, match="cannot be read"):
        unpack(path, tmp_path / "out")


def test_a_long_name_that_claims_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    member = tarfile.TarInfo("a.png")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 4_000_000_000
    path = tmp_path / "a.tar"
    path.write_bytes(member.tobuf(tarfile.GNU_FORMAT) + bytes(10_240))
    with pytest.raises(RefusedError, match="header in it is too long"):
        unpack(path, tmp_path / "out")


def test_a_skipped_file_that_claims_terabytes_is_refused(tmp_path: Path) -> None:
    member = tarfile.TarInfo("notes.txt")
    member.size = 10**13
    path = tmp_path / "a.tar"
    path.write_bytes(member.tobuf(tarfile.GNU_FORMAT) + bytes(10_240))
    with pytest.raises(RefusedError, match="too many bytes"):
        unpack(path, tmp_path / "out")

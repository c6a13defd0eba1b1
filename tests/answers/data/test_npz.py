"""Arrays read as a stream are NumPy's arrays; hostile and damaged files are refused."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answers.data.npz import NpzArray, is_npz, member_names
from answers.errors import CompanionError, InputError, RefusedError

DTYPES = ["|u1", "<u2", ">u2", "<i8", "<f2", "<f4", ">f8", "|b1"]


def npy_bytes(array: np.ndarray[Any, Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def write_zip(path: Path, data: bytes, name: str = "x.npy", **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        archive.writestr(name, data)
    return path


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None
)
@given(
    st.sampled_from(DTYPES),
    st.lists(st.integers(1, 5), min_size=0, max_size=3),
    st.integers(0, 9),
    st.sampled_from([np.savez, np.savez_compressed]),
)
def test_rows_are_those_of_numpy(
    tmp_path: Path, dtype: str, shape: list[int], rows: int, save: Any
) -> None:
    array = np.random.default_rng(rows).integers(0, 2, (rows, *shape)).astype(dtype)
    save(tmp_path / "a.npz", x=array, other=np.zeros(3))
    member = NpzArray.open(tmp_path / "a.npz", "x")
    assert member.shape == array.shape
    assert [row.tolist() for row in member.rows()] == array.tolist()
    assert [row.tolist() for row in member.rows()] == array.tolist()
    assert all(row.dtype.isnative for row in member.rows())


def test_names_are_those_of_the_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros(2), y=np.zeros(2))
    assert member_names(tmp_path / "a.npz") == ("x", "y")
    assert is_npz(tmp_path / "a.npz")


def test_memory_does_not_grow_with_the_array(tmp_path: Path) -> None:
    big = np.zeros((4_000, 128, 128), np.uint8)
    np.savez_compressed(tmp_path / "big.npz", x=big)
    size = big.nbytes
    del big
    tracemalloc.start()
    rows = sum(1 for _ in NpzArray.open(tmp_path / "big.npz", "x").rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 4_000
    assert peak < size / 10


def hostile_header(shape: str, *, dtype: str = "|u1", fortran: str = "False") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': {fortran}, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + b"\0" * 16


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (npy_bytes(np.array([{}], object), allow_pickle=True), "npz-objects"),
        (npy_bytes(np.array(["a"])), "npz-objects"),
        (npy_bytes(np.zeros(2, "c16")), "npz-objects"),
        (npy_bytes(np.zeros(2, [("a", "u1")])), "npz-objects"),
        (npy_bytes(np.asfortranarray(np.zeros((3, 4)))), "npz-fortran"),
        (npy_bytes(np.zeros(())), "npz-shape"),
        (npy_bytes(np.zeros((4, 0))), "npz-shape"),
        (hostile_header("(100000000000,)"), "npz-limit"),
        (hostile_header("(2, 10000000000)"), "npz-limit"),
        (hostile_header("(17,)"), "npz-damaged"),
        (hostile_header("(-16,)"), "npz-damaged"),
        (hostile_header("__import__('os').getpid()"), "npz-damaged"),
        (npy_bytes(np.zeros(100))[:-1], "npz-damaged"),
        (npy_bytes(np.zeros(100)) + b"x", "npz-damaged"),
        (b"", "npz-damaged"),
        (b"\x93NUMPY\x09\x00", "npz-damaged"),
    ],
    ids=[
        "objects",
        "text",
        "complex",
        "records",
        "fortran order",
        "no axis",
        "empty rows",
        "endless rows",
        "endless row",
        "too short",
        "negative",
        "a call",
        "cut",
        "too long",
        "empty",
        "unknown version",
    ],
)
def test_what_is_no_array_of_numbers_is_refused(data: bytes, code: str, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.npz", data)
    with pytest.raises(CompanionError, match=r"a\.npz") as raised:
        NpzArray.open(path, "x")
    assert raised.value.code == code


def test_a_cut_file_is_damaged(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros(1000))
    whole = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"cut\.npz' cannot be read"):
        member_names(tmp_path / "cut.npz")


def test_a_changed_byte_is_found_while_reading(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.npz", npy_bytes(np.arange(1000, dtype=np.uint8)))
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="cannot be read"):
        list(NpzArray.open(path, "x").rows())


def test_another_packing_than_numpys_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.npz", npy_bytes(np.zeros(3)), compression=zipfile.ZIP_LZMA)
    with pytest.raises(RefusedError, match="packed in a way"):
        NpzArray.open(path, "x")

"""A batch is read out of its pickle, and nothing that the pickle names is ever run."""

from __future__ import annotations

import os
import pickle
import pickletools
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from answers.data.cifar_pickle import MAX_BYTES, read_cifar_batch
from answers.errors import CompanionError, InputError, RefusedError

READ = [
    "py27_numpy1.16_protocol2",
    "py27_numpy1.16_protocol2_fortran",
    "py3_numpy1.26_protocol2",
    "py3_numpy2.4_protocol2_bytes_keys",
]
NOT_READ = [
    "py27_batches.meta",
    "py27_numpy1.16_protocol2_array_labels",
    "py27_numpy1.16_protocol2_scalar_labels",
    "py3_numpy2.4_protocol4",
    "py3_numpy2.4_protocol5",
]


def lcg(seed: int, count: int) -> list[int]:
    values, state = [], seed
    for _ in range(count):
        state = (1664525 * state + 1013904223) & 0xFFFFFFFF
        values.append(state >> 24)
    return values


@pytest.mark.corpus
@pytest.mark.parametrize("name", READ)
def test_batches_of_both_pythons_hold_the_same_pictures(name: str, corpus: Path) -> None:
    batch = read_cifar_batch((corpus / "reference/cifar_samples" / name).read_bytes())
    assert batch.rows.tolist() == np.array(lcg(31, 4 * 3072)).reshape(4, 3072).tolist()
    assert batch.labels.tolist() == [(value * 10) >> 8 for value in lcg(32, 4)]


@pytest.mark.corpus
@pytest.mark.parametrize("name", NOT_READ)
def test_other_forms_are_refused_politely(name: str, corpus: Path) -> None:
    data = (corpus / "reference/cifar_samples" / name).read_bytes()
    with pytest.raises(CompanionError) as raised:
        read_cifar_batch(data)
    assert raised.value.code in {"cifar-batch-foreign", "cifar-batch-damaged"}
    assert "numpy.savez" in raised.value.hint


@pytest.mark.parametrize("protocol", [2, 3])
def test_pickles_of_this_python_are_read(protocol: int, tiny: Any) -> None:
    batch = read_cifar_batch(tiny.pickled(protocol))
    assert np.array_equal(batch.rows, tiny.rows)
    assert np.array_equal(batch.labels, tiny.labels)


def test_a_picture_has_its_planes_as_channels_and_is_no_noise(tiny: Any) -> None:
    batch = read_cifar_batch(tiny.pickled())
    assert np.array_equal(batch.image(3), tiny.images[3])
    assert not np.array_equal(batch.rows[3].reshape(32, 32, 3), tiny.images[3])


class _Runs:
    def __init__(self, *call: Any) -> None:
        self._call = call

    def __reduce__(self) -> Any:
        return self._call


MARKER = "companion-test-was-run"


def content(**changes: Any) -> bytes:
    batch = {"data": np.zeros((2, 3072), np.uint8), "labels": [0, 9], **changes}
    return pickle.dumps(batch, protocol=3)


def nested_key(depth: int) -> bytes:
    """A dictionary whose key is a tuple of itself twice, `depth` times: hashing takes 2^depth."""
    doubled = b"".join(b"q\x00h\x00\x86" for _ in range(depth))
    return b"\x80\x02}K\x01" + doubled + b"K\x01s."


HOSTILE = {
    "os.system": pickle.dumps(_Runs(os.system, (f"touch {MARKER}",)), 2),
    "eval": pickle.dumps(_Runs(eval, ("1+1",)), 2),
    "os.system as the pixels": content(data=_Runs(os.system, (f"touch {MARKER}",))),
    "a label that runs": content(labels=[0, _Runs(os.system, (f"touch {MARKER}",))]),
    "a huge array": pickle.dumps(_Runs(np.ndarray, ((10**11,), "u1")), 2),
    "another codec": pickle.dumps({"data": _Runs(__import__("codecs").encode, ("x", "zlib"))}, 2),
    "an instance": b"(ios\nsystem\n.",
    "a persistent name": b"\x80\x02Pabc\n.",
    "an extension": b"\x80\x02\x82\x01.",
    "a new object": b"\x80\x02cnumpy\nndarray\n)\x81.",
    "many lists": b"\x80\x02" + b"]" * 500_000 + b".",
    "a key that takes for ever to hash": nested_key(60),
    "a text that claims four gigabytes": b"\x80\x02T" + struct.pack("<I", 2**32 - 1) + b"x.",
    "a missing memo": b"\x80\x02h\x07.",
    "no mark": b"\x80\x02t.",
    "an empty stack": b"\x80\x02.",
    "a tuple of nothing": b"\x80\x02\x87.",
    "a list that is none": b"\x80\x02}K\x01a.",
    "an endless name": b"\x80\x02c" + b"a" * 1_000_000,
    "empty": b"",
    "text": b"labels,data\n1,2\n",
    "a number": pickle.dumps(7, 2),
    "too many labels": content(labels=[0] * 3),
    "a label of 10": content(labels=[0, 10]),
    "a label below 0": content(labels=[0, -1]),
    "a label that is true": content(labels=[0, True]),
    "a label that is text": content(labels=[0, "1"]),
    "no labels": content(labels=None),
    "signed pixels": content(data=np.zeros((2, 3072), np.int8)),
    "wide pixels": content(data=np.zeros((2, 3072), np.uint16)),
    "another shape": content(data=np.zeros((2, 32, 96), np.uint8)),
    "another width": content(data=np.zeros((2, 3071), np.uint8)),
    "no pictures": content(data=np.zeros((0, 3072), np.uint8), labels=[]),
    "objects as pixels": content(data=np.array([[None] * 3072] * 2, object)),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_anything_else_is_refused_and_nothing_is_run(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tracemalloc.start()
    with pytest.raises((InputError, RefusedError)) as raised:
        read_cifar_batch(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert raised.value.code in {"cifar-batch-damaged", "cifar-batch-foreign"}
    assert not (tmp_path / MARKER).exists()
    assert peak < 100_000_000


@pytest.mark.parametrize("part", range(0, 100, 9))
def test_a_batch_cut_anywhere_is_refused(part: int, tiny: Any) -> None:
    data = tiny.pickled()
    with pytest.raises(CompanionError):
        read_cifar_batch(data[: len(data) * part // 100])


def test_every_changed_byte_of_the_structure_gives_a_batch_or_our_error(tiny: Any) -> None:
    data = tiny.pickled()
    places = [place for _, _, place in pickletools.genops(data) if place is not None]
    for place in places:
        for value in (0, 0x28, 0x52, 0x62, 0xFF):
            changed = bytearray(data)
            changed[place] = value
            try:
                batch = read_cifar_batch(bytes(changed))
            except CompanionError:
                continue
            assert batch.labels.max() <= 9
            assert batch.rows.shape == (len(batch.labels), 3072)


def test_a_file_larger_than_any_batch_is_not_walked() -> None:
    with pytest.raises(RefusedError, match="at most 96,000,000"):
        read_cifar_batch(bytes(MAX_BYTES + 1))

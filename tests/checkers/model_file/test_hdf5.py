"""HDF5 files written here with h5py: what lies where, and what is refused unread."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest

from answers.errors import CompanionError, ModelFileError, RefusedError
from checkers.model_file.hdf5 import Tree, open_tree

Fill = Callable[[Any], object]


def written(fill: Fill, **options: Any) -> io.BytesIO:
    made = io.BytesIO()
    with h5py.File(made, "w", **options) as file:
        fill(file)
    return made


def opened(fill: Fill, **options: Any) -> Tree:
    return open_tree(written(fill, **options))


def deep(file: Any) -> None:
    group = file
    for _ in range(40):
        group = group.create_group("g")


def linked_upwards(file: Any) -> None:
    inner = file.create_group("a/b")
    inner["up"] = file["a"]


def twice_filtered(file: Any) -> None:
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk((1000,))
    plan.set_deflate(9)
    plan.set_deflate(9)
    space = h5py.h5s.create_simple((1000,))
    h5py.h5d.create(file.id, b"x", h5py.h5t.IEEE_F32LE, space, plan)


def stitched(file: Any) -> None:
    layout = h5py.VirtualLayout(shape=(4,), dtype="f4")
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", shape=(4,))
    file.create_virtual_dataset("x", layout)


def by_windows(file: Any) -> None:
    file.create_group("a/b")
    file.create_group("a\\b")


REFUSED: list[tuple[str, Fill, str]] = [
    ("a link to another file", lambda f: f.update(x=h5py.ExternalLink("b.h5", "/")), "hdf5-external-link"),
    ("a soft link", lambda f: f.update(x=h5py.SoftLink("/y")), "hdf5-soft-link"),
    ("a group below itself", linked_upwards, "hdf5-link-cycle"),
    ("40 groups in each other", deep, "hdf5-too-deep"),
    ("20,001 groups", lambda f: [f.create_group(str(n)) for n in range(20_001)], "hdf5-too-many-objects"),
    (
        "an array in another file",
        lambda f: f.create_dataset("x", (4,), "f4", external=[("data.bin", 0, 16)]),
        "hdf5-external-storage",
    ),
    ("an array stitched from another file", stitched, "hdf5-virtual-dataset"),
    ("a compression that Keras does not use", lambda f: f.create_dataset("x", (99,), compression="lzf"), "hdf5-filter"),
    ("gzip in gzip", twice_filtered, "hdf5-filter"),
    ("two paths that are one on Windows", by_windows, "hdf5-path"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fill", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_points_elsewhere_or_grows_is_refused_when_it_is_walked(fill: Fill, code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        opened(fill)
    assert caught.value.code == code


@pytest.mark.parametrize("version", ["earliest", "v108", "latest"])
def test_bytes_behind_the_end_are_refused_in_every_version_of_the_format(version: str) -> None:
    made = written(lambda f: f.create_dataset("x", data=[1.0]), libver=version)
    assert open_tree(made).shape("x") == (1,)
    made.seek(0, io.SEEK_END)
    for more, said in ((b"P", "1 byte behind the end"), (b"K\x03\x04", "4 bytes behind the end")):
        made.write(more)
        with pytest.raises(RefusedError, match=said) as caught:
            open_tree(made)
        assert caught.value.code == "trailing-data"


@pytest.mark.parametrize("kept", [20, 100, 1000])
def test_a_file_that_is_cut_off_is_damaged(kept: int) -> None:
    made = written(lambda f: f.create_dataset("x", data=np.ones(1000)))
    with pytest.raises(ModelFileError, match="damaged or cut off") as caught:
        open_tree(io.BytesIO(made.getvalue()[:kept]))
    assert caught.value.code == "hdf5-damaged"


def test_an_optimizer_slot_of_zeros_may_pack_to_nothing_but_a_wanted_array_may_not() -> None:
    tree = opened(lambda f: f.create_dataset("slot", (1 << 20,), "f4", compression="gzip"))
    assert "slot" in tree.datasets
    with pytest.raises(RefusedError, match="would take 4,194,304 in memory") as caught:
        tree.shape("slot")
    assert caught.value.code == "hdf5-bomb"


ARRAYS = np.arange(-6, 6).reshape(3, 4)


@pytest.mark.parametrize("kind", ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"])
def test_floats_of_every_size_and_order_are_read_as_float32(kind: str) -> None:
    tree = opened(lambda f: f.create_dataset("x", data=(ARRAYS / 4).astype(kind)))
    assert tree.shape("x") == (3, 4)
    assert tree.array("x").dtype == np.dtype("<f4")
    assert tree.array("x").tolist() == (ARRAYS / 4).tolist()


@pytest.mark.parametrize(
    "value",
    [
        np.array([1 + 2j]),
        np.array([b"0.5"]),
        np.array([1]),
        h5py.Empty("f4"),
        np.array([(1.0,)], dtype=[("x", "f4")]),
        np.array([1.0], dtype=np.longdouble),
    ],
    ids=["complex", "text", "whole numbers", "no array", "records", "long double"],
)
def test_what_is_no_plain_float_is_no_weight(value: Any) -> None:
    tree = opened(lambda f: f.create_dataset("x", data=value))
    with pytest.raises(ModelFileError, match="The weights have the type") as caught:
        tree.shape("x")
    assert caught.value.code == "weights-dtype"


def test_bfloat16_is_read_as_the_numbers_that_it_holds() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")  # TensorFlow brings it
    values = np.linspace(-3, 5, 6).reshape(2, 3).astype(ml_dtypes.bfloat16)
    tree = opened(lambda file: file.create_dataset("a", data=values))
    assert tree.shape("a") == (2, 3)
    np.testing.assert_array_equal(tree.array("a"), values.astype(np.float32))


def test_weights_that_are_not_finite_are_counted() -> None:
    values = [1.0, np.nan, np.inf, 1e300]  # the last one is infinite as float32
    tree = opened(lambda f: f.create_dataset("x", data=values))
    with pytest.raises(ModelFileError, match="3 of 4 weights are not finite") as caught:
        tree.array("x")
    assert caught.value.code == "weights-not-finite"


TEXTS = ["conv", "dichte_ü", "層"]


@pytest.mark.parametrize(
    "value",
    [TEXTS, [text.encode() for text in TEXTS], np.array([t.encode() for t in TEXTS])],
    ids=["texts", "bytes", "fixed length"],
)
def test_a_list_of_names_is_read_however_it_was_written(value: Any) -> None:
    assert opened(lambda f: f.attrs.update(names=value)).texts("", "names") == TEXTS


def test_a_long_list_that_keras_cut_into_parts_is_joined_in_order() -> None:
    parts = {f"names{n}": [f"{n}_a", f"{n}_b"] for n in range(12)}
    names = opened(lambda f: f.attrs.update(parts)).texts("", "names")
    assert names == [f"{n}_{letter}" for n in range(12) for letter in "ab"]


def test_an_empty_list_and_a_missing_one_are_told_apart() -> None:
    tree = opened(lambda f: f.attrs.update(empty=np.zeros(0)))
    assert tree.texts("", "empty") == []
    assert tree.texts("", "missing") is None


BAD_TEXT: list[tuple[str, Any, type[CompanionError], str]] = [
    ("a number", 3.5, ModelFileError, "should hold text"),
    ("two texts", ["a", "b"], ModelFileError, "should be one text"),
    ("no UTF-8", np.bytes_(b"\xff\xfe"), ModelFileError, "is no UTF-8 text"),
    ("nothing", h5py.Empty("S4"), ModelFileError, "damaged"),
    ("70,000 texts", np.zeros(70_000, "S1"), RefusedError, "holds 70,000 values"),
    ("9 MB in one text", np.bytes_(b"x" * (9 << 20)), RefusedError, "holds 1 values"),
]


@pytest.mark.parametrize(
    ("value", "kind", "words"), [row[1:] for row in BAD_TEXT], ids=[row[0] for row in BAD_TEXT]
)
def test_a_text_attribute_holds_one_text(
    value: Any, kind: type[CompanionError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        # only the newest format has attributes of more than 64 kB
        opened(lambda f: f.attrs.update(model_config=value), libver="latest").text(
            "", "model_config"
        )

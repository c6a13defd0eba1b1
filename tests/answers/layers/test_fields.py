"""What a field accepts and refuses, and the words of a refusal."""

from __future__ import annotations

import math
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.errors import InputError
from answers.layers.activation import LeakyReLU, ReLU, Softmax
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS
from answers.layers.convolution import Conv2D
from answers.layers.core import InputLayer, Reshape
from answers.layers.fields import Count, Margin, checked, describe, schema, shown
from answers.layers.pooling import MaxPooling2D
from answers.layers.preprocessing import Rescaling

Pair = tuple[Count, Count]
HUGE = 10**400

ACCEPTED: list[tuple[str, Any, Any, Any]] = [
    ("count", Count, 1, 1),
    ("margin of zero", Margin, 0, 0),
    ("whole number below zero", int, -1, -1),
    ("largest whole number", int, 2**63 - 1, 2**63 - 1),
    ("float", float, 0.5, 0.5),
    ("whole number for a float", float, 3, 3.0),
    ("bool", bool, False, False),
    ("text", str, "a", "a"),
    ("null", None, None, None),
    ("word", Literal["valid", "same"], "same", "same"),
    ("pair as a list", Pair, [2, 3], (2, 3)),
    ("pair as a tuple", Pair, (2, 3), (2, 3)),
    ("one number for a pair of equal ones", Pair, 3, (3, 3)),
    ("one number for a pair of pairs", tuple[Pair, Pair], 3, ((3, 3), (3, 3))),
    ("a pair for a pair of pairs", tuple[Pair, Pair], [1, 2], ((1, 1), (2, 2))),
    ("pairs in a pair", tuple[Pair, Pair], [[1, 2], [3, 4]], ((1, 2), (3, 4))),
    ("list of any length", tuple[Count, ...], [1, 2, 3], (1, 2, 3)),
    ("empty list", tuple[Count, ...], [], ()),
    ("one of two: the first", float | tuple[float, ...], 2, 2.0),
    ("one of two: the second", float | tuple[float, ...], [1, 2], (1.0, 2.0)),
    ("or null", Pair | None, None, None),
    ("sizes, some open", tuple[Count | None, ...], [None, 4], (None, 4)),
    ("a record", ReLU | LeakyReLU, LeakyReLU(), LeakyReLU()),
    ("mixed list", tuple[str, int], ["a", 1], ("a", 1)),
]

REFUSED: list[tuple[str, Any, Any, str]] = [
    ("zero for a count", Count, 0, "a whole number of at least 1, but it is 0"),
    ("negative margin", Margin, -1, "a whole number of at least 0, but it is -1"),
    ("bool for a count", Count, True, "a whole number of at least 1, but it is True"),
    ("bool for an int", int, False, "a whole number, but it is False"),
    ("bool for a float", float, True, "a finite number, but it is True"),
    ("float for an int", int, 2.0, "a whole number, but it is 2.0"),
    ("text for an int", int, "2", "a whole number, but it is '2'"),
    ("int for a bool", bool, 1, "true or false, but it is 1"),
    ("NaN", float, math.nan, "a finite number, but it is nan"),
    ("infinity", float, -math.inf, "a finite number, but it is -inf"),
    ("text for a float", float, "0.5", "a finite number, but it is '0.5'"),
    ("too large for any array", Count, 2**63, "smaller than 2\\^63, but it is 9223372036854775808"),
    ("too large below zero", int, -(2**63), "smaller than 2\\^63"),
    ("too large for a float", float, HUGE, "smaller than 2\\^63, but it is 1000"),
    ("too large inside", Pair | None, [1, HUGE], "smaller than 2\\^63, but it is \\[1, 1000"),
    ("unwritable", int, 10**5000, "smaller than 2\\^63, but it is too long to be shown .int."),
    ("number for a text", str, 1, "a text, but it is 1"),
    ("bytes for a text", str, b"a", "a text, but it is b'a'"),
    ("null for a text", str, None, "a text, but it is None"),
    ("something for null", None, 0, "null, but it is 0"),
    ("unknown word", Literal["valid", "same"], "full", "one of valid, same, but it is 'full'"),
    ("list for a word", Literal["valid", "same"], ["same"], "one of valid, same"),
    ("three for a pair", Pair, [1, 2, 3], "a list of 2, each a whole number of at least 1"),
    ("zero for a pair", Pair, 0, "a list of 2, each a whole number of at least 1, but it is 0"),
    ("bool for a pair", Pair, True, "a list of 2, each a whole number of at least 1, .* True"),
    ("text for a pair", Pair, "12", "a list of 2, each .*, but it is '12'"),
    ("zero in a pair", Pair, [1, 0], r"a list of 2, .*, but it is \[1, 0\]"),
    ("number for a list", tuple[Count, ...], 3, "a list, each a whole number of at least 1"),
    ("bool in a list", tuple[Count, ...], [True], r"a list, .*, but it is \[True\]"),
    ("neither of two", Pair | None, "x", "a list of 2, each a whole number of at least 1 or null"),
    ("another record", ReLU | LeakyReLU, Softmax(), "ReLU or LeakyReLU, but it is Softmax"),
    ("object for a record", ReLU, {"class": "ReLU"}, "ReLU, but it is {'class': 'ReLU'}"),
    ("mixed list", tuple[str, int, int], [1, 2, 3], "a list of a text, a whole number, a whole"),
]


@pytest.mark.parametrize(
    ("name", "hint", "value", "result"), ACCEPTED, ids=[c[0] for c in ACCEPTED]
)
def test_a_fitting_value_becomes_what_the_annotation_says(
    name: str, hint: Any, value: Any, result: Any
) -> None:
    made = checked(value, hint, name)
    assert made == result
    assert type(made) is type(result)


@pytest.mark.parametrize(("name", "hint", "value", "words"), REFUSED, ids=[c[0] for c in REFUSED])
def test_a_refusal_names_the_place_what_must_stand_there_and_the_value(
    name: str, hint: Any, value: Any, words: str
) -> None:
    with pytest.raises(InputError, match=f"^{name} must be {words}") as caught:
        checked(value, hint, name)
    assert caught.value.code == "config-value"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(value=JSON, place=st.sampled_from([(k, f) for k in LAYERS for f in schema(LAYERS[k])]))
def test_any_value_is_taken_or_refused_and_taking_it_twice_changes_nothing(
    value: Any, place: tuple[str, str]
) -> None:
    hint = schema(LAYERS[place[0]])[place[1]]
    try:
        made = checked(value, hint, "here")
    except InputError as error:
        message = error.message
    else:
        assert checked(made, hint, "here") == made
        return
    assert message.startswith("here must be ")
    assert len(message) < 700


def test_a_long_value_is_cut_to_a_line() -> None:
    assert shown("x" * 500) == "'" + "x" * 56 + "…"


def test_a_value_that_nests_too_deep_is_named_by_its_type() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(deep) == "too long to be shown (list)"
    while deep:  # an interpreter that frees it in one go would run out of stack
        deep = deep.pop()


def test_the_fields_of_a_record_are_its_schema() -> None:
    assert schema(MaxPooling2D) == {
        "dtype": schema(Layer)["dtype"],
        "pool_size": Pair,
        "strides": Pair | None,
        "padding": Literal["valid", "same"],
    }


def test_an_annotation_in_words_repeats_what_lies_inside() -> None:
    words = "a list of 2, each a list of 2, each a whole number of at least 0"
    assert describe(tuple[tuple[Margin, Margin], tuple[Margin, Margin]]) == words


RECORDS: list[tuple[str, Any, str]] = [
    ("no filters", lambda: Conv2D(filters=0, kernel_size=(3, 3)), "Conv2D.filters must be a whole"),
    ("bool", lambda: Conv2D(filters=True, kernel_size=(3, 3)), "but it is True"),
    ("activation", lambda: Conv2D(filters=1, kernel_size=(1, 1), activation=_any("swush")),
     "Conv2D.activation must be one of linear, relu, .* or ReLU or LeakyReLU or Softmax"),
    ("padding", lambda: MaxPooling2D(padding=_any("causal")), "must be one of valid, same"),
    ("dtype", lambda: MaxPooling2D(dtype=_any("int8")), "MaxPooling2D.dtype must be one of float16"),
    ("scale", lambda: Rescaling(scale=math.nan), "Rescaling.scale must be a finite number or a list"),
    ("size of zero", lambda: InputLayer(shape=(0, 3)), r"list, each .* null, but it is \(0, 3\)"),
    ("two open sizes", lambda: Reshape(target_shape=(-1, -1)), "and -1 once at the most"),
    ("size below -1", lambda: Reshape(target_shape=(-2, 3)), "must hold sizes of at least 1"),
    ("too many axes", lambda: Reshape(target_shape=(1,) * 33), "Reshape makes at most 32 axes"),
]  # fmt: skip


def _any(value: Any) -> Any:
    """A value that the annotation forbids, as a file would bring it."""
    return value


@pytest.mark.parametrize(("name", "make", "words"), RECORDS, ids=[case[0] for case in RECORDS])
def test_a_record_refuses_what_can_not_be(name: str, make: Any, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        make()
    assert caught.value.code == "config-value", name


def test_lists_in_a_record_become_tuples_so_that_equal_layers_are_equal() -> None:
    assert Conv2D(filters=2, kernel_size=_any([3, 3])) == Conv2D(filters=2, kernel_size=(3, 3))
    assert hash(Conv2D(filters=2, kernel_size=_any([3, 3]))) is not None


def test_the_catalogue_names_each_layer_as_the_layer_names_itself() -> None:
    assert {name: record.__name__ for name, record in LAYERS.items()} == {k: k for k in LAYERS}

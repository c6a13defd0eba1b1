"""What calls say of a layer, where they don't say the same."""

from __future__ import annotations

from typing import Any

import pytest

from answers.errors import RefusedError
from answers.layers.recurrent import GRU
from checkers.model_file.call_settings import as_called

STATE, MASK = {"class_name": "__keras_tensor__"}, {"class_name": "__keras_tensor__"}


def call(**arguments: Any) -> dict[str, Any]:
    return {"args": [], "kwargs": arguments}


BEGUN, MASKED = call(initial_state=STATE), call(initial_state=STATE, mask=MASK)


@pytest.mark.parametrize(
    ("calls", "masked"),
    [
        pytest.param([BEGUN, BEGUN], False, id="forgotten each time"),
        pytest.param([MASKED, MASKED], True, id="said each time"),
        pytest.param([call(mask=MASK), BEGUN], False, id="one call without a state"),
        pytest.param([call(mask=MASK)], True, id="no state"),
    ],
)
def test_a_mask_beside_states_holds_where_the_calls_say_it(calls: list[Any], masked: bool) -> None:
    assert as_called(GRU(units=3), calls) == GRU(units=3, masked_with_states=masked)


def test_a_mask_beside_states_in_some_calls_only_is_refused() -> None:
    with pytest.raises(RefusedError, match="has a mask only in some of its calls"):
        as_called(GRU(units=3), [BEGUN, MASKED])

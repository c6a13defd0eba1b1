"""Keras itself as the oracle of a test: which Keras that has to be.

Companion runs with older ones (pyproject.toml says which); what they answer is compared with
numbers that were recorded. Where a test opens a file with Keras, or asks it for a layer's sizes, an
older one can't tell: 3.15 wrote the files (`input_axes` of an initializer is new in it), and the
strides with dilations that it takes differ from those that 3.14 took.
"""

from __future__ import annotations

from importlib.metadata import version

import pytest

_OLDEST = (3, 15)
_HERE = version("keras")

needs_keras_of_today = pytest.mark.skipif(
    tuple(map(int, _HERE.split(".")[:2])) < _OLDEST,
    reason=f"the oracle is Keras {_OLDEST[0]}.{_OLDEST[1]} or later, and {_HERE} is here",
)

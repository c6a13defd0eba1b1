"""The drawing uses whole numbers alone: floating point differs between machines."""

from __future__ import annotations

import ast
import inspect
from types import ModuleType

import numpy as np
import pytest

from answers.samples import pictures, random_integers, surfaces

MODULES = [pictures, surfaces, random_integers]
FLOATING_NAMES = {
    *("float", "float16", "float32", "float64", "floating", "sqrt", "sin", "cos", "exp", "log"),
    *("hypot", "mean", "std", "linspace", "round", "random", "true_divide", "divide"),
}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.split(".")[-1])
def test_the_drawing_code_holds_no_floating_point(module: ModuleType) -> None:
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        assert not isinstance(node, ast.Div)
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Attribute) and is_floating(node))


def is_floating(node: ast.Attribute) -> bool:
    of_numpy = isinstance(node.value, ast.Name) and node.value.id in {"np", "math"}
    return of_numpy and node.attr in FLOATING_NAMES


def test_every_step_of_a_picture_is_in_whole_numbers() -> None:
    streams = random_integers.Streams.named("pictures/test", range(10))
    pose = pictures._pose(streams)
    steps = [
        streams.keys,
        pictures._ground(streams),
        pictures._figure_colour(streams),
        pictures._noise(streams),
        pose.across,
        pose.down,
        pose.radius,
        pose.hole,
        pose.stripe,
    ]
    assert {np.issubdtype(step.dtype, np.integer) for step in steps} == {True}
    masks = [
        pictures._figure(pose, np.arange(10)),
        pictures._speck(streams, 0),
        pictures._cable(streams),
    ]
    assert {mask.dtype for mask in masks} == {np.dtype(np.bool_)}


def test_every_step_of_a_surface_is_in_whole_numbers() -> None:
    streams = random_integers.Streams.named("surfaces/test", [0])
    steps = [surfaces._surface(streams), surfaces._light(streams)]
    for defect in surfaces.DEFECTS:
        where, change = defect(streams, "defect")
        assert where.dtype == np.bool_
        steps.append(change)
    assert {np.issubdtype(step.dtype, np.integer) for step in steps} == {True}

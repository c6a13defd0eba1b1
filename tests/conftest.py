"""What every test may ask for: the reference corpus, and where it lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import corpus_path
from hypothesis import settings

# The same examples in every run: what is green stays green. Other ones: --hypothesis-seed and
# --hypothesis-profile=default.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if corpus_path() is not None:
        return
    skip = pytest.mark.skip(reason="no reference corpus here: set COMPANION_CORPUS")
    for item in items:
        if "corpus" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The reference corpus; tests that use it carry the marker `corpus`."""
    path = corpus_path()
    if path is None:
        pytest.skip("no reference corpus here: set COMPANION_CORPUS")
    return path

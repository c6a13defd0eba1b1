"""What works where TensorFlow and Keras are not installed: all but training and Keras's engine."""

from __future__ import annotations

import site
import subprocess
import venv
from importlib.metadata import requires
from pathlib import Path
from textwrap import dedent

import pytest

from answers.installing import GPU, TENSORFLOW
from answers.samples.shipped import shipped_models

SAMPLE = next(model.path for model in shipped_models() if model.name == "sample-unet")

# An environment of its own, which sees the packages of this one but two: the children start their
# interpreter without any variable, so that nothing less would hold for them.
_WITHOUT = """
from importlib.machinery import PathFinder

found = PathFinder.find_spec

def find_spec(cls, name, path=None, target=None):
    without = name.partition(".")[0] in ("keras", "tensorflow")
    return None if without else found(name, path, target)

PathFinder.find_spec = classmethod(find_spec)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has neither Keras nor TensorFlow."""
    place = tmp_path_factory.mktemp("without") / "venv"
    venv.create(place, symlinks=True, with_pip=False)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "without.py").write_text(dedent(_WITHOUT))
    lines = ["import without", *(f"import site; site.addsitedir({p!r})" for p in _outer())]
    (packages / "without.pth").write_text("\n".join(lines) + "\n")
    return place / "bin" / "python"


def _outer() -> list[str]:
    return [path for path in site.getsitepackages() if Path(path).is_dir()]


def said(python: Path, environment: dict[str, str], *words: str) -> tuple[int, str]:
    """The exit code, and all that was printed."""
    done = subprocess.run(
        [python, "-m", "companion", *words],
        env=environment,
        cwd=python.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_neither_can_be_imported_there(python: Path) -> None:
    for name in ("keras", "tensorflow"):
        done = subprocess.run(
            [python, "-I", "-c", f"import {name}"], capture_output=True, check=False
        )
        assert b"No module named" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("params", "--kernel", "3", "--in", "16", "--out", "32"),
        ("explain", "receptive-field"),
        ("check", "transfer-learning/gigabytes"),
        ("metrics", "--tp", "8", "--fp", "2", "--fn", "1", "--tn", "89"),
        ("inspect", str(SAMPLE)),
        ("doctor",),
    ],
    ids=lambda words: words[0],
)
def test_what_needs_no_engine_works(
    python: Path, environment: dict[str, str], words: tuple[str, ...]
) -> None:
    code, text = said(python, environment, *words)
    assert code == 0, text


@pytest.mark.parametrize("sample", ["sample-cnn", "sample-unet"])
def test_a_model_is_graded(python: Path, environment: dict[str, str], sample: str) -> None:
    code, text = said(python, environment, "grade", sample)
    assert code == 0, text
    assert "onnx" in text


@pytest.mark.parametrize(
    "words",
    [
        ("grade", "sample-cnn", "--engine", "keras"),
        ("grade", "sample-cnn", "--verify"),
        ("train", "cifar", "--data", "nowhere", "--out", "m.keras"),
    ],
    ids=["the engine keras", "both engines", "training"],
)
def test_what_needs_it_says_the_line_to_paste(
    python: Path, environment: dict[str, str], words: tuple[str, ...]
) -> None:
    code, text = said(python, environment, *words)
    assert code == 6, text
    shown = " ".join(text.split())
    assert f"{python} -m pip install 'keras>=3.10' 'tensorflow>=2.16'" in shown


def test_the_extra_asks_for_what_the_line_installs() -> None:
    found = [line.partition(";") for line in requires("companion") or []]
    for extra, names in (("tensorflow", TENSORFLOW), ("gpu", GPU)):
        wanted = {name.strip() for name, _, when in found if f"extra == '{extra}'" in when}
        assert wanted == set(names)

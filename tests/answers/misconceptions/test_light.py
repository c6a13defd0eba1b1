"""Numbers without letters are answered without SymPy, NumPy or an engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from layer_chain import chain, conv
from answers.misconceptions.recognise import recognise
from answers.solving.compare import compare
from answers.solving.depth import layers_for_field
from answers.solving.padding import padding_that_keeps
from answers.solving.parameters import setting_for_parameters
from answers.solving.smallest_input import smallest_input
from answers.solving.stride import stride_for

net = chain((9, 9, 3), conv(16), conv(32))
for quantity in ("parameters", "macs", "flops", "memory", "shape", "receptive-field"):
    recognise(quantity, net, 7)
compare(net, net)
layers_for_field(9, 3)
padding_that_keeps(3)
setting_for_parameters(4640, "kernel", conv(32, 1), (None, None, 16))
smallest_input(net)
stride_for(32, 16)
heavy = {"sympy", "numpy", "tensorflow", "keras", "h5py"} & set(sys.modules)
print(sorted(heavy))
"""


def test_numbers_alone_import_nothing_heavy() -> None:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.stdout.strip(), run.stderr) == ("[]", "")

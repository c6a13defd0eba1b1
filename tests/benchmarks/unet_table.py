"""The table of U-Nets in `answers/solutions/README.md`, from the records of trainings that are over.

    python tests/benchmarks/unet_table.py nuclei.keras tiles.keras

Trains nothing. Keeps what the records say in the file beside this one, from which a test makes the
table of the README.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from answers.solutions.run_record import RunRecord, read_record

FOUND = Path(__file__).with_suffix(".json")


def row(record: RunRecord) -> dict[str, Any]:
    """What a run was asked for, and what it came to."""
    options = dict(record.options)
    return {
        "data": record.data[0].source,
        **{name: options[name] for name in ("size", "width", "seed")},
        "epochs": len(record.history),
        "best_epoch": record.best_epoch,
        "training_dice": record.history[-1].training.scores[record.scores.index("dice_pooled")],
        "counts": dict(record.counts),
    }


def main() -> None:
    """Read the records, and keep what they say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", help="models, their records beside them")
    rows = [row(read_record(model)) for model in parser.parse_args().models]
    FOUND.write_text(json.dumps({"rows": rows}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

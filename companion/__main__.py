"""`python -m companion`, and the `companion` script."""

from __future__ import annotations

import gc
import os
import sys

from answers.idle_threads import let_them_sleep
from companion.boundary import run

# Imports make many objects and drop few: with Python's 700 a fifth of a short command is spent on
# looking for garbage, half of it at the end.
_OBJECTS_BEFORE_A_SEARCH = 10_000


def main() -> None:
    """Run the command line of this process."""
    let_them_sleep(os.environ)
    gc.set_threshold(_OBJECTS_BEFORE_A_SEARCH)
    code = run(sys.argv[1:])
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()

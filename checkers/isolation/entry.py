"""Where every child begins: the first lock, then the module that does the work.

Run as `python -m checkers.isolation.entry MODULE MEMORY NUMBER…`. Nothing else is imported before
the lock: a library that starts a thread would leave it free.
"""

from __future__ import annotations

import sys

from checkers.isolation import lock, rlimits


def main() -> None:
    """Lock this process, and go on with the module named first on the command line."""
    module = sys.argv.pop(1)
    lock.die_with_the_parent()
    rlimits.take(int(sys.argv[1]))
    lock.first()
    from importlib import import_module

    import_module(module).main()


if __name__ == "__main__":
    main()

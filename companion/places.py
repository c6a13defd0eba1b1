"""Where companion keeps things on this machine."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """For what can be made again; COMPANION_CACHE overrides it."""
    import platformdirs

    named = os.environ.get("COMPANION_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("companion"))


def state_folder() -> Path:
    """For what can't be made again; COMPANION_STATE overrides it."""
    import platformdirs

    named = os.environ.get("COMPANION_STATE")
    return Path(named) if named else Path(platformdirs.user_state_dir("companion"))

"""Properties here have no deadline: the machine that runs them may be busy with other work."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

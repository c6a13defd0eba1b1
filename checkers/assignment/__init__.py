"""Targets as TOML, the checks in them, and the verdicts they give."""

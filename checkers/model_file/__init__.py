"""A submitted file as data: sniffed, opened, and read without running any of it."""

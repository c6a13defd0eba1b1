"""The linter of the textbook: what an author has to mend, with file and line."""

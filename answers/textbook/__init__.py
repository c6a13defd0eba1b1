"""The textbook: topics as files, read into records. README.md says how one is written."""

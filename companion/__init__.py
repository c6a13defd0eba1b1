"""The conversation: the command line, its views, and the one error boundary."""

__version__ = "0.1.0"

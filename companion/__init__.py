"""The conversation: the command line, its views, and the one error boundary."""

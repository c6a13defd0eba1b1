"""The child processes, their protocol, and what turns a network into a running model."""

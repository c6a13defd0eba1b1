"""The locks that the child processes put on themselves, and the probes that prove them."""

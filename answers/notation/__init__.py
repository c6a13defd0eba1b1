"""The notation: a network in one line, as a textbook writes it. `grammar` has the rules."""

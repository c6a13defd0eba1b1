"""What is right, and what it is asked of: layers, networks, metrics, data."""

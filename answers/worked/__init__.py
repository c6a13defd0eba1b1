"""The numbers of the textbook, worked out: what topic.toml asks for becomes exact values."""

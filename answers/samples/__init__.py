"""The sample data that our own code draws, and the models trained on it."""

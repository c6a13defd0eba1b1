"""The judges: model files, engines, targets."""

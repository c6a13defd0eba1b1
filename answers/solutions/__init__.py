"""Programs as they should be; the one room here that imports Keras."""

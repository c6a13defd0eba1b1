"""A frozen record for each Keras layer, a file for each family."""

"""How gradients travel through a deep network: a real one, in NumPy, with its real Jacobians."""

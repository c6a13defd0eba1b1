"""How far a unit sees: receptive fields by sets of positions, symbolic where a symbol stands."""

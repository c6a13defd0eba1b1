"""Layers as a graph: shapes, parameters and costs of a whole network."""

"""Formulas as data: written, evaluated, substituted and printed from one record."""

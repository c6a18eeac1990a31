"""Strategies that return a range instead of a point."""

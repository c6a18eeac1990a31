"""Strategies that return a range in place of a number."""

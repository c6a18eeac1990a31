"""Strategies that hold or weight observed columns."""

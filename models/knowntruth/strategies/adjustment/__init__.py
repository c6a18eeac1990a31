"""Strategies that adjust for, or weight by, observed columns."""

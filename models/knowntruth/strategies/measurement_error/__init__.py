"""Strategies against the error of the rating."""

"""Estimates that somebody hands in, graded against the truth that was kept apart."""

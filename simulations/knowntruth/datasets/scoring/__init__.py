"""Submitted estimates, graded against the hidden truth."""

"""Attempts to refute an estimate, and tests of the graph against the rows."""

"""Refuters of an estimate, one per file, and tests of the graph against the rows."""

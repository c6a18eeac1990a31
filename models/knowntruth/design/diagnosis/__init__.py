"""Diagnosing a table of replicates: diagnosands with Monte Carlo errors, rankings, faults."""

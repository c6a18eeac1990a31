"""Stored results: everything that depends on a world or on the code and lies in the repository, one row each."""

"""Strategies that use variation that nobody chose: instruments, releases, the same person twice."""

"""Identification strategies, one per file: assumptions, the columns needed, and one function that estimates.

    from knowntruth import strategies

    strategies.estimate_one("weighting", observed, "verified_difference", seed=1)
    strategies.estimate_all(observed, seed=1)          # all that these rows allow, and why the others fail

Every strategy is right in some worlds and wrong in others. `registry` lists them with their assumptions in words and
as a graph. The tests have, for each, a world in which its interval covers the truth and one in which it misses. No
strategy sees the world that made its rows, so they apply to real sessions as well.
"""

from knowntruth.strategies.estimate_all import estimate_all, estimate_one

__all__ = ["estimate_all", "estimate_one"]

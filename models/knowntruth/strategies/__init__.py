"""One identification strategy a file: its assumptions, the columns it needs, and one function to an estimate.

    from knowntruth import strategies

    strategies.estimate_one("weighting", observed, "verified_difference", seed=1)
    strategies.estimate_all(observed, seed=1)          # all that these rows allow, and why not the others

Every strategy is right in some worlds and wrong in others: `catalogue` lists them with their assumptions in words
and as a graph, and the tests show for each a world in which its interval covers the truth, and one in which it
misses. None of them knows the world that made its rows, so anyone's sessions will do.
"""

from knowntruth.strategies.estimate_all import estimate_all, estimate_one

__all__ = ["estimate_all", "estimate_one"]

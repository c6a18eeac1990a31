"""Invariants: properties that every world, a user's own included, must have for its truth to be valid.

The truth of a world comes from replaying the same people with the same noise. This is valid only if the world has
some properties: consistency (who is given the level that they had has the same outcome), interventions change
descendants only, the same seed gives the same bytes in any order, exported probabilities are those of the draws, and
the graph agrees with the code. Each invariant is tested in the world itself. A mechanism of your own breaks one if it
draws random numbers from elsewhere, uses other people's rows, or exports a wrong probability::

    from knowntruth.world.invariants import frame, run
    frame(run(load("published")))

`invariant` defines the result of a test, `trial` the simulations that all tests share, and `suite` runs all tests;
every other module tests one invariant or a few of one kind. The world's own interventions are removed first.
"""

from knowntruth.world.invariants.invariant import Invariant
from knowntruth.world.invariants.suite import frame, run

__all__ = ["Invariant", "frame", "run"]

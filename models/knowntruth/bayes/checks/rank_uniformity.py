"""Whether ranks are uniform: how far their ECDF strays, and how far that of uniform ranks does by chance.

At each of the possible ranks the number of ranks below it is binomial if all are uniform. The smallest tail
probability over all of them is what is looked at; how small that gets by chance is known exactly, since the counts
are a Markov chain (Säilynoja, Bürkner and Vehtari 2022, doi:10.1007/s11222-022-10090-6). Both are told as standard
deviations of a normal with that much in one tail.
"""

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special, stats

from knowntruth.common.arrays import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

THINNED: Final = 49
"""Draws that a true value is ranked among, so that there are 50 possible ranks."""

AT: Final = np.arange(1, THINNED + 1) / (THINNED + 1)
"""What the ECDF of uniform ranks is at each of them but the last."""

PROBABILITY: Final = 0.99

FARTHEST: Final = 12.0
"""Standard deviations beyond which no limit lies."""

HALVINGS: Final = 20
"""Of the interval in which the limit is sought."""


def verdicts(ranks: "pd.DataFrame", probability: float = PROBABILITY, family: int | None = None) -> "pd.DataFrame":
    """Return one row a quantity: how far its ranks stray from uniform, the limit, and whether they pass.

    Parameters
    ----------
    ranks
        From 0 to `THINNED`; one row a replicate, one column a quantity, missing where it has fewer replicates.
    probability
        Under ``limit`` stay uniform ranks of ``family`` quantities, all of them, with at least this probability,
        however they hang together (Bonferroni).
    family
        Quantities that are judged together, by default those of ``ranks``.
    """
    import pandas as pd

    each = 1.0 - (1.0 - probability) / (family or ranks.shape[1])
    known = {name: ranks[name].dropna().to_numpy(np.int64) for name in ranks}
    rows = [(name, len(own), distance(own), limit(len(own), each)) for name, own in known.items()]
    found = pd.DataFrame(rows, columns=["quantity", "replicates", "distance", "limit"])
    return found.assign(verdict=np.where(found["distance"] <= found["limit"], "pass", "fail"))


def distance(ranks: Ints) -> float:
    """Return the largest gap between the ECDF of ranks and that of uniform ones, in standard deviations."""
    below = np.cumsum(np.bincount(ranks, minlength=THINNED + 1))[:-1]
    return float(-stats.norm.ppf(_tails(len(ranks))[below, np.arange(THINNED)].min()))


@cache
def _tails(replicates: int) -> Floats:
    """Return the smaller tail probability of each count of ranks below each possible rank, shape (counts, ranks)."""
    counts = np.arange(replicates + 1)[:, None]
    found: Floats = np.minimum(stats.binom.cdf(counts, replicates, AT), stats.binom.sf(counts - 1, replicates, AT))
    return found


@cache
def limit(replicates: int, probability: float) -> float:
    """Return the distance under which as many uniform ranks stay with at least the given probability."""
    low, high = 0.0, FARTHEST
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if inside(replicates, middle) >= probability else (middle, high)
    return high


def inside(replicates: int, limit: float) -> float:
    """Return the chance that the distance of as many uniform ranks is at most ``limit``."""
    lowest, highest = allowed(replicates, limit)
    counts, chances = np.array([0]), np.ones(1)
    for place, (low, high) in enumerate(zip(lowest, highest, strict=True)):
        reached = np.arange(low, high + 1)
        chances = chances @ _moves(replicates - counts, reached - counts[:, None], 1.0 / (THINNED + 1 - place))
        counts = reached
    return float(chances.sum())


def allowed(replicates: int, limit: float) -> tuple[Ints, Ints]:
    """Return the lowest and the highest count of ranks below each possible one whose distance is within ``limit``."""
    tail = stats.norm.cdf(-limit)
    lowest, fewest_above = (np.asarray(stats.binom.ppf(tail, replicates, at), int) for at in (AT, 1.0 - AT))
    return lowest, replicates - fewest_above


def _moves(left: Ints, more: Ints, share: float) -> Floats:
    """Return the chance of ``more``, shape (n, m), of ``left`` ranks, shape (n,), each with chance ``share``."""
    rest = left[:, None] - more
    within = (more >= 0) & (rest >= 0)
    more, rest = np.where(within, more, 0), np.where(within, rest, 0)
    ways = special.gammaln(more + rest + 1) - special.gammaln(more + 1) - special.gammaln(rest + 1)
    found: Floats = np.where(within, np.exp(ways + more * np.log(share) + rest * np.log1p(-share)), 0.0)
    return found

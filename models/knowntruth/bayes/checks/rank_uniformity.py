"""Rank uniformity: the distance of the ECDF of ranks from uniform, and its exact limit under uniformity.

If ranks are uniform, the number of ranks below each possible rank is binomial. The test statistic is the smallest
tail probability over all possible ranks. Its distribution is known exactly, since the counts are a Markov chain
(Säilynoja, Bürkner and Vehtari 2022, doi:10.1007/s11222-022-10090-6). Both the statistic and its limit are given as
normal quantiles. Not from ArviZ: it simulates the band (1 s for 10,000 draws), which differs by seed, and by up to 4
of 200 ranks at the levels needed for hundreds of quantities; the exact limit takes 0.3 s.
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

MAX_LIMIT: Final = 12.0
"""Upper end of the search for the limit, in standard deviations."""

N_BISECTIONS: Final = 20
"""Bisection steps of the search for the limit."""


def verdicts(ranks: "pd.DataFrame", probability: float = PROBABILITY, family: int | None = None) -> "pd.DataFrame":
    """Return one row per quantity: distance of its ranks from uniform, the limit, and whether they pass.

    Parameters
    ----------
    ranks
        From 0 to `THINNED`; one row per replicate, one column per quantity, missing where it has fewer replicates.
    probability
        Probability that uniform ranks of all ``family`` quantities stay within ``limit``, at least, whatever their
        dependence (Bonferroni).
    family
        Number of quantities that are tested together, by default those of ``ranks``.
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
    low, high = 0.0, MAX_LIMIT
    for _ in range(N_BISECTIONS):
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

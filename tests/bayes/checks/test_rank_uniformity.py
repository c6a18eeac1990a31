"""Whether ranks are uniform: the limit is what it says it is, uniform ranks pass, bent ones fail."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from knowntruth.bayes.checks import rank_uniformity
from knowntruth.bayes.checks.rank_uniformity import THINNED
from knowntruth.workbench.plots.bayes import ranks as plots

REPLICATES = 200


def ranks(change, replicates=REPLICATES):
    share = np.random.default_rng(1).uniform(size=(replicates, 3))
    bent = np.clip(np.floor(change(share) * (THINNED + 1)), 0, THINNED).astype(int)
    return pd.DataFrame(bent, columns=["a", "b", "c"])


BENT = {
    "too narrow": lambda u: np.where(u < 0.5, u**2 * 2, 1 - (1 - u) ** 2 * 2),
    "too wide": lambda u: 0.25 + u / 2,
    "too high": lambda u: u**1.5,
}


def test_uniform_ranks_pass():
    assert set(rank_uniformity.verdicts(ranks(lambda u: u))["verdict"]) == {"pass"}


@pytest.mark.parametrize("change", BENT.values(), ids=BENT.keys())
def test_bent_ranks_fail(change):
    assert set(rank_uniformity.verdicts(ranks(change))["verdict"]) == {"fail"}


@pytest.mark.parametrize("change", BENT.values(), ids=BENT.keys())
def test_bent_ranks_fail_among_hundreds_of_quantities(change):
    assert set(rank_uniformity.verdicts(ranks(change), family=400)["verdict"]) == {"fail"}


@pytest.mark.parametrize(("replicates", "probability"), [(20, 0.9), (REPLICATES, 0.99)])
def test_the_limit_is_passed_by_chance_as_often_as_it_says(replicates, probability):
    """Inside the binomial band of 1,000 runs of uniform ranks, on both sides: the chance is exact but for steps."""
    rng, runs = np.random.default_rng(2), 1000
    limit = rank_uniformity.limit(replicates, probability)
    exact = rank_uniformity.inside(replicates, limit)
    kept = sum(rank_uniformity.distance(rng.integers(0, THINNED + 1, replicates)) <= limit for _ in range(runs))
    low, high = stats.binom.interval(0.999, runs, exact)
    assert low <= kept <= high
    assert probability <= exact < probability + (1 - probability) / 2


def test_two_ranks_are_inside_as_often_as_counting_them_says():
    """All pairs, counted."""
    every = np.stack(np.meshgrid(*[np.arange(THINNED + 1)] * 2), axis=-1).reshape(-1, 2)
    distances = np.array([rank_uniformity.distance(pair) for pair in every])
    own = np.unique(distances)
    limit = 0.5 * (own[len(own) // 2] + own[len(own) // 2 + 1])
    assert rank_uniformity.inside(2, limit) == pytest.approx(np.mean(distances <= limit), abs=1e-12)


def test_a_larger_family_has_a_wider_limit():
    alone, together = (rank_uniformity.verdicts(ranks(lambda u: u), family=n)["limit"].iloc[0] for n in (1, 400))
    assert together > alone


def test_each_quantity_is_judged_by_as_many_replicates_as_it_has():
    whole = ranks(lambda u: u)
    found = rank_uniformity.verdicts(whole.assign(b=whole["b"].where(whole.index < 20))).set_index("quantity")
    alone = rank_uniformity.verdicts(whole.iloc[:20], family=3).set_index("quantity")
    assert found["replicates"].tolist() == [200, 20, 200]
    assert found.loc["b"].equals(alone.loc["b"]) and found.loc["a", "limit"] > found.loc["b", "limit"]


@pytest.mark.parametrize("change", [lambda u: u, *BENT.values()], ids=["uniform", *BENT.keys()])
def test_a_curve_leaves_the_picture_s_band_exactly_where_its_quantity_fails(change):
    made = plots.draw({"first": ranks(change), "second": ranks(lambda u: u)})
    for axes, own in zip(made.axes, (ranks(change), ranks(lambda u: u)), strict=True):
        limit = rank_uniformity.verdicts(own, family=6)["limit"].iloc[0]
        band = np.stack(rank_uniformity.allowed(REPLICATES, limit)) / REPLICATES - rank_uniformity.AT
        passes = [np.all((y >= band[0] - 1e-9) & (y <= band[1] + 1e-9)) for y in (c.get_ydata() for c in axes.lines)]
        assert passes == rank_uniformity.verdicts(own, family=6)["verdict"].eq("pass").tolist()

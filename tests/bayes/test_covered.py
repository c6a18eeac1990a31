"""What the long proof of coverage found, as it is stored: right where assumptions hold, wrong where they do not.

`tests/benchmarks/covered.py` drew the replicates from agent-based worlds. A share of holding intervals is judged by
the binomial band of 90% intervals for as many replicates, on both sides.
"""

from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

STORED = Path(__file__).parents[1] / "benchmarks"
LEVEL, BAND = 0.9, 0.99
FEWEST = 8
"""Replicates; with fewer, no share at all would be below the band."""

MANY = 40
"""Replicates of what is to be shown to hold, and not only to fail."""


@pytest.fixture(scope="module", params=["covered", "covered_laplace"])
def name(request):
    """Draws of nutpie, and of the normal approximation: what must hold is the same."""
    return request.param


@pytest.fixture(scope="module")
def replicates(name):
    return pd.read_csv(STORED / f"{name}_replicates.csv")


@pytest.fixture(scope="module")
def coverage(replicates):
    """The share of holding intervals and its band, from the replicates themselves."""
    found = replicates.groupby(["world", "model", "estimand"])["holds"].agg(["mean", "size"])
    low, high = stats.binom.interval(BAND, found["size"], LEVEL)
    return found.assign(low=low / found["size"], high=high / found["size"])


def test_the_table_is_what_the_replicates_say(coverage, name):
    table = pd.read_csv(STORED / f"{name}.csv").set_index(["world", "model", "estimand"])
    assert table.loc[coverage.index, "coverage"].to_numpy() == pytest.approx(coverage["mean"].to_numpy(), rel=1e-3)
    assert table.loc[coverage.index, "replicates"].tolist() == coverage["size"].tolist()
    assert coverage["size"].min() >= FEWEST


def inside(rows):
    return rows["mean"].between(rows["low"], rows["high"])


def test_where_assumptions_hold_intervals_hold_as_often_as_they_say(coverage):
    own = coverage.loc["randomized"]
    assert len(own) == 2 and inside(own).all(), own.to_string()


@pytest.mark.parametrize(
    ("world", "model", "estimand"),
    [
        ("randomized, misrated", "activity", "activity_ratio"),
        ("randomized, misrated", "verified_success", "verified_difference"),
        ("confounded", "activity", "activity_ratio"),
    ],
)
def test_where_they_do_not_hold_intervals_miss(coverage, world, model, estimand):
    """The negative controls."""
    row = coverage.loc[world, model, estimand]
    assert row["mean"] < row["low"], row.to_string()


def test_priors_on_a_hidden_cause_regain_coverage(coverage):
    """Not below the band; above it where a prior on what nobody saw is wider than it need be."""
    own = coverage.loc["confounded", "hidden_confounder"]
    assert len(own) == 2 and (own["mean"] >= own["low"]).all(), own.to_string()


def test_an_audit_regains_coverage(coverage):
    """On both sides of the band, in replicates enough to tell."""
    own = coverage.loc["randomized, misrated", "measurement"]
    assert len(own) == 2 and inside(own).all() and (own["size"] >= MANY).all(), own.to_string()


@pytest.mark.parametrize(
    ("estimand", "plain"), [("activity_ratio", "activity"), ("verified_difference", "verified_success")]
)
def test_what_the_priors_take_more_data_give_back(replicates, estimand, plain):
    """With a tenth of the sessions they draw effects in by most of a posterior sd; that falls faster than the sd."""
    own = replicates[replicates["estimand"].eq(estimand)].assign(error=replicates["mean"] - replicates["value"])
    means = own.groupby(["world", "model"])[["error", "sd"]].mean()
    few, many = means.loc["randomized, misrated, few sessions", "measurement"], means.loc["randomized, misrated"]
    mended = many.loc["measurement"]
    assert few["error"] < 0 and abs(mended["error"]) < min(abs(few["error"]) / 2, mended["sd"])
    assert abs(mended["error"]) < abs(many.loc[plain, "error"]) / 10, "the negative control: nothing gives that back"

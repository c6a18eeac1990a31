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


@pytest.fixture(scope="module")
def replicates():
    return pd.read_csv(STORED / "covered_replicates.csv")


@pytest.fixture(scope="module")
def coverage(replicates):
    """The share of holding intervals and its band, from the replicates themselves."""
    found = replicates.groupby(["world", "model", "estimand"])["holds"].agg(["mean", "size"])
    low, high = stats.binom.interval(BAND, found["size"], LEVEL)
    return found.assign(low=low / found["size"], high=high / found["size"])


def test_the_table_is_what_the_replicates_say(coverage):
    table = pd.read_csv(STORED / "covered.csv").set_index(["world", "model", "estimand"])
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
    own = coverage.loc["confounded", "bias"]
    assert len(own) == 2 and (own["mean"] >= own["low"]).all(), own.to_string()


def test_an_audit_takes_most_of_the_error_back(coverage, replicates):
    """Not all of it: coverage rises, and is not asserted to be nominal."""
    own = replicates[replicates["world"].eq("randomized, misrated")]
    error = (own["mean"] - own["value"]).groupby([own["estimand"], own["model"]]).mean().abs()
    for estimand, plain in (("activity_ratio", "activity"), ("verified_difference", "verified_success")):
        assert error[estimand, "measurement"] < error[estimand, plain] / 2
        shares = coverage.loc["randomized, misrated"]["mean"]
        assert shares["measurement", estimand] > shares[plain, estimand]

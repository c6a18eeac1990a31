"""Bayesian strategies take part like any other: rows, truths, and failures that are told."""

import numpy as np
import pytest

from knowntruth.common.errors import InputError
from knowntruth.design.diagnose import diagnose
from knowntruth.design.replication.bayesian_strategies import BAYESIAN_STRATEGIES, estimate_posterior
from knowntruth.design.replication.registry import ANALYSES, find_analysis
from knowntruth.strategies.base.question import make_question
from knowntruth.strategies.registry import STRATEGIES

SIZE = {"sessions": 1500, "truth_sessions": 4000, "workers": 1, "estimands": ["verified_difference"]}


def test_they_are_found_by_name_beside_the_others():
    assert set(ANALYSES) == set(STRATEGIES) | set(BAYESIAN_STRATEGIES)
    with pytest.raises(InputError, match=r"no strategy 'bayes_week'; allowed: .*did you mean 'bayes_weak'"):
        find_analysis("bayes_week")


def test_another_level_than_novice_is_refused():
    with pytest.raises(InputError, match="compares with novice"):
        estimate_posterior(
            None, make_question("verified_difference", contrast="4 vs 2"), name="bayes_weak", priors="weak"
        )


@pytest.mark.slow
def test_a_posterior_stands_beside_the_other_answers():
    table = diagnose(["randomized"], ["naive", "bayes_weak"], 1, **SIZE).table.set_index("strategy")
    assert table["error"].tolist() == ["", ""]
    naive, bayes = (table.loc[name] for name in ("naive", "bayes_weak"))
    assert (bayes["n"], bayes["users"], bayes["truth"]) == (naive["n"], naive["users"], naive["truth"])
    assert bayes["lower"] < bayes["estimate"] < bayes["upper"]
    # In a randomised world both aim at the same effect from the same sessions: apart by no more than chance.
    assert abs(bayes["estimate"] - naive["estimate"]) < 4 * np.hypot(bayes["standard_error"], naive["standard_error"])

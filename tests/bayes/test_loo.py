"""The better model predicts better, and fits of different things are not compared."""

import numpy as np
import pytest

from knowntruth.bayes import loo
from knowntruth.bayes.fit import fit
from knowntruth.datasets.errors import InputError
from knowntruth.priors.load import load


def test_elpd_is_below_the_fit_and_by_about_the_parameters(fits):
    row = loo.loo(fits["verified_success"]).iloc[0]
    parameters = 1 + 4 + 8 + 3 + 8
    assert row["users"] == fits["verified_success"].attrs["users"]
    assert 2 < row["p_loo"] < parameters and row["unsure"] == 0


def test_it_is_what_leaving_a_user_out_says(fits):
    """Against the definition, by plain importance weights, which few users need smoothing of."""
    tree = fits["verified_success"]
    chances = loo.by_user(tree)
    plain = -np.log(np.mean(np.exp(-chances), axis=0)).sum()
    assert loo.loo(tree)["elpd"].iloc[0] == pytest.approx(plain, abs=1.0)


@pytest.mark.slow
def test_an_effect_that_differs_between_modes_is_worth_its_parameters(draw, quick):
    frame = draw(4000, seed=53, interaction=1.0, odds_effect=2.5).frame
    one, other = (
        fit("verified_success", frame, load("weak"), seed=1, **{**quick, "by": by}) for by in ("mode", None)
    )
    found = loo.compare({"varies": one, "the same": other})
    assert found["model"].tolist() == ["varies", "the same"]
    assert found["behind"][1] > 2 * found["behind_se"][1] and found["behind"][0] == 0


def test_fits_of_other_sessions_or_outcomes_are_refused(fits, drawn, quick):
    with pytest.raises(InputError, match="at least one"):
        loo.compare({})
    few = {**quick, "draws": 50, "tune": 100}
    less = fit("verified_success", drawn.frame.iloc[:-1], load("weak"), seed=1, **few)
    with pytest.raises(InputError, match="different sessions"):
        loo.compare({"all": fits["verified_success"], "less": less})

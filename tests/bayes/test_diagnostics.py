"""A sound fit passes, and each way of being unsound is caught by its own row."""

import numpy as np
import pandas as pd
import pytest

from knowntruth.bayes.diagnostics import (
    ADVICE,
    GROUP,
    UnsoundPosterior,
    compute_diagnostics,
    diagnostics,
    require_sound,
)
from knowntruth.bayes.fit import fit
from knowntruth.priors.load import load

MODELS = ("verified_success", pytest.param("activity", marks=pytest.mark.proof))


def changed(tree, group, name, change):
    copy = tree.copy(deep=True)
    copy[group][name] = copy[group][name].copy(data=change(copy[group][name].to_numpy().copy()))
    del copy[GROUP]
    return copy


@pytest.mark.parametrize("name", MODELS)
def test_a_sound_fit_passes(fits, name):
    rows = diagnostics(fits[name])
    assert set(rows["verdict"]) == {"pass"}, rows.to_string()
    assert (rows["advice"] == "").all()


def test_a_fit_has_its_diagnostics_with_it(fits):
    """Kept rows are those that the draws give; and they are read, not worked out again."""
    tree = fits["verified_success"]
    pd.testing.assert_frame_equal(diagnostics(tree), compute_diagnostics(tree))
    copy = tree.copy(deep=True)
    del copy["sample_stats"]
    assert diagnostics(copy).equals(diagnostics(tree))


def moved_chain(draws):
    draws[0] += 3 * draws.std()
    return draws


def stuck(draws):
    return np.repeat(draws[:, ::50], 50, axis=1)


def walking(energy):
    return np.cumsum(np.random.default_rng(0).normal(size=energy.shape), axis=1)


def one_divergence(flags):
    flags[2, 5] = True
    return flags


UNSOUND = {
    "r_hat": ("posterior", "effect", moved_chain),
    "ess_bulk": ("posterior", "intercept", stuck),
    "ess_tail": ("posterior", "intercept", stuck),
    "divergences": ("sample_stats", "diverging", one_divergence),
    "e_bfmi": ("sample_stats", "energy", walking),
}


@pytest.mark.parametrize(("quantity", "where"), UNSOUND.items(), ids=UNSOUND.keys())
def test_each_way_of_being_unsound_is_caught(fits, quantity, where):
    rows = diagnostics(changed(fits["verified_success"], *where)).set_index("quantity")
    assert rows.loc[quantity, "verdict"] == "fail"
    assert rows.loc[quantity, "advice"] == ADVICE[quantity]


def test_the_worst_parameter_is_named(fits):
    rows = diagnostics(changed(fits["verified_success"], "posterior", "effect", moved_chain)).set_index("quantity")
    assert rows.loc["r_hat", "parameter"] == "effect"


def test_a_parameter_that_never_moves_fails(fits):
    rows = diagnostics(changed(fits["verified_success"], "posterior", "effect", np.ones_like)).set_index("quantity")
    assert (rows.loc[["r_hat"], "verdict"] == "fail").all()


def test_an_unsound_fit_is_an_error_that_says_what_to_do_and_hands_over_the_draws(fits):
    bad = changed(fits["verified_success"], "posterior", "effect", moved_chain)
    require_sound(fits["verified_success"])
    with pytest.raises(UnsoundPosterior, match=r"r_hat of effect is .* \(limit 1.01\): the chains disagree") as error:
        require_sound(bad)
    assert error.value.tree is bad


def test_fit_refuses_unless_asked_otherwise(drawn, small):
    """Fifty draws a chain cannot hold four hundred effective ones in each tail."""
    short = {**small, "seed": 1, "draws": 50, "tune": 100, "chains": 2}
    with pytest.raises(UnsoundPosterior, match="raise draws"):
        fit("verified_success", drawn.frame, load("weak"), **short)
    kept = fit("verified_success", drawn.frame, load("weak"), **short, unsound="keep")
    assert "fail" in set(diagnostics(kept)["verdict"])

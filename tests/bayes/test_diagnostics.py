"""A sound fit passes, and each way of being unsound is caught by its own row."""

import numpy as np
import pytest

from knowntruth.bayes.diagnostics import ADVICE, diagnostics


def verdicts(tree):
    return diagnostics(tree).set_index("quantity")["verdict"].to_dict()


def changed(tree, group, name, change):
    copy = tree.copy(deep=True)
    copy[group][name] = copy[group][name].copy(data=change(copy[group][name].to_numpy().copy()))
    return copy


@pytest.mark.parametrize("name", ["activity", "verified_success"])
def test_a_sound_fit_passes(fits, name):
    rows = diagnostics(fits[name])
    assert set(rows["verdict"]) == {"pass"}, rows.to_string()
    assert (rows["advice"] == "").all()


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
    rows = diagnostics(changed(fits["activity"], *where)).set_index("quantity")
    assert rows.loc[quantity, "verdict"] == "fail"
    assert rows.loc[quantity, "advice"] == ADVICE[quantity]


def test_the_worst_parameter_is_named(fits):
    rows = diagnostics(changed(fits["activity"], "posterior", "effect", moved_chain)).set_index("quantity")
    assert rows.loc["r_hat", "parameter"] == "effect"


def test_a_parameter_that_never_moves_fails(fits):
    rows = diagnostics(changed(fits["activity"], "posterior", "effect", np.ones_like)).set_index("quantity")
    assert (rows.loc[["r_hat"], "verdict"] == "fail").all()

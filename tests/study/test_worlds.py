"""The study's analysis in worlds whose truth is known: right where nothing is wrong, wrong where something is."""

import numpy as np
import pandas as pd
import pytest

from knowntruth.study.claims.claims import claims
from knowntruth.study.compare import compare
from knowntruth.study.tables.registry import TABLES, compute
from knowntruth.world.definition.world import World, load
from knowntruth.world.simulate import simulate
from knowntruth.world.truths.estimands import truth

SESSIONS = 14_000


def _rows(world: World, seed: int, sessions: int = SESSIONS) -> pd.DataFrame:
    return simulate(world, sessions, seed=seed).observed.to_pandas()


def _off(world: World, seed: int, sessions: int = SESSIONS) -> "pd.Series[float]":
    """Distance of what is seen from the truth, in combined errors, for the claims that have a truth."""
    rows = claims(_rows(world, seed, sessions), truth(world, sessions, seed=seed + 100))
    rows = rows[rows["estimand"].ne("")].set_index("contrast")
    return (rows["seen"] - rows["true"]) / np.hypot(rows["seen_error"], rows["true_error"])


def test_the_published_world_fills_every_table() -> None:
    tables = compute(_rows(load("published"), seed=3))
    compared = compare(tables)
    holes = compared[compared["role"].ne("context") & compared["simulated"].isna()]
    assert set(tables) == set(TABLES)
    assert holes.empty, list(holes["key"])


def test_random_expertise_seen_perfectly_gives_every_claim_its_truth() -> None:
    assert _off(load("randomized"), seed=4).abs().max() < 4


def test_no_effect_is_found_where_there_is_none_and_instruments_are_perfect() -> None:
    assert _off(load("null").with_perfect_instruments(), seed=5).abs().max() < 4


def test_the_published_instruments_make_effects_out_of_nothing() -> None:
    off = _off(load("null"), seed=5)
    assert off.min() > 0
    assert off.loc[["per level"]].min() > 5  # the two claims that use every level, not the few novices alone


@pytest.mark.slow
def test_hidden_ability_makes_every_regression_miss_the_truth() -> None:
    """The raw contrast of verified success has few novices to go by, so it takes more sessions."""
    off = _off(load("confounded").with_perfect_instruments(), seed=6, sessions=40_000)
    assert off.min() > 4

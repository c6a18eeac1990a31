"""The fast twins are the study's own tables: same figures, same numbers, in worlds large and small."""

import time

import numpy as np
import pandas as pd
import pytest

from knowntruth.calibration.fitting.world_problem import WorldProblem
from knowntruth.calibration.moments.simulated_moments import simulated_moments
from knowntruth.calibration.problem.problem import Moment
from knowntruth.calibration.simulation.moment_columns import COLUMNS, UNRATED, from_observed
from knowntruth.study.compare import compare
from knowntruth.study.figures import by_key
from knowntruth.study.tables.registry import compute
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate

TOLERANCE = 1e-6
"""Relative, or absolute where a figure is near zero."""


def tables_of(observed: pd.DataFrame) -> dict[str, float]:
    rows = compare(compute(observed))
    usable = rows[rows["role"].ne("context")]
    return dict(zip(usable["key"], usable["simulated"], strict=True))


@pytest.mark.parametrize(("world", "sessions"), [("published", 12_000), ("null", 3_000)])
def test_twins_are_the_numbers_of_the_tables(world, sessions):
    observed = simulate(load(world), sessions, seed=5).observed.to_pandas()
    expected, found = tables_of(observed), simulated_moments(from_observed(observed))
    assert set(found) == {key for key, figure in by_key().items() if figure.usable}
    wrong = {k: (found[k], v) for k, v in expected.items() if not _same(found[k], v)}
    assert wrong == {}


def _same(found, expected):
    both_missing = np.isnan(found) and np.isnan(expected)
    return both_missing or abs(found - expected) <= TOLERANCE * max(1.0, abs(expected))


@pytest.mark.slow
def test_twins_are_the_numbers_of_the_tables_where_cells_are_suppressed_as_in_the_study():
    observed = simulate(load("published"), 150_000, seed=6).observed.to_pandas()
    expected, found = tables_of(observed), simulated_moments(from_observed(observed))
    assert {k: (found[k], v) for k, v in expected.items() if not _same(found[k], v)} == {}


def test_the_order_of_rows_does_not_matter():
    observed = simulate(load("published"), 4_000, seed=5).observed.to_pandas()
    shuffled = observed.sample(frac=1.0, random_state=1)
    first, second = simulated_moments(from_observed(observed)), simulated_moments(from_observed(shuffled))
    assert all(_same(second[key], value) for key, value in first.items())


def test_codes_taken_from_a_frame_are_those_of_the_world():
    names = ("a1_coef_col5", "actions_per_level_adjusted", "value_growth_build")
    problem = WorldProblem(load("published"), (), [Moment(name, 0.0, 1.0) for name in names], 8_000)
    found = simulated_moments(from_observed(simulate(load("published"), 8_000, seed=1).observed.to_pandas()))
    assert problem.simulate(np.empty(0)).moments == pytest.approx([found[name] for name in names], rel=1e-12)


def test_a_sample_keeps_people_together_and_marks_the_unrated():
    observed = simulate(load("published"), 2_000, seed=5).observed.to_pandas()
    sample = from_observed(observed.sample(frac=1.0, random_state=2))
    assert (np.diff(sample.user) >= 0).all()
    assert (sample["rated_expertise"] == UNRATED).sum() == observed["rated_expertise"].isna().sum()
    assert set(sample.columns) == {*COLUMNS, "user_group", "length_band"}


@pytest.mark.slow
def test_twins_are_cheap_at_the_published_size():
    observed = simulate(load("published"), 398_198, seed=1).observed.to_pandas()
    sample = from_observed(observed)
    simulated_moments(sample)
    begun = time.thread_time()
    simulated_moments(sample)
    assert time.thread_time() - begun < 2.0  # 0.5 s on a quiet machine

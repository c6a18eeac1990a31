"""The calibrated world: near the published figures at their own size, with the published shape, and on record."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from knowntruth.calibration.fitting.goodness_of_fit import count_within, goodness_of_fit
from knowntruth.calibration.fitting.parameters import load as free_dials
from knowntruth.calibration.simulation.dial_paths import read_dial
from knowntruth.study.compare import compare
from knowntruth.study.tables.registry import compute
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate

RECORD = files("knowntruth.world") / "worlds/published.calibration.json"


def record():
    return json.loads(RECORD.read_text(encoding="utf-8"))


def test_the_record_is_of_the_world_as_it_stands():
    tree, kept = load("published").values(), record()["parameters"]
    assert set(kept) == {row.dial for row in free_dials()}
    for path, row in kept.items():
        assert read_dial(tree, path) == pytest.approx(row["value"], rel=1e-3, abs=1e-4)
        assert 0 <= row["standard_error"] <= row["unknown"] * 1.0001


def test_the_world_says_that_it_was_calibrated():
    assert "by hand" not in load("published").description
    assert "One of many" in load("published").description


def test_the_readme_counts_by_one_rule():
    """Both counts are of figures within two errors or half their rounding, as the calibration's record has them."""
    text = " ".join((Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").split())
    fitted, apart = (record()["within"][role] for role in ("calibrate", "validate"))
    assert f"it meets {fitted['within']} of the {fitted['figures']} figures that were fitted" in text
    assert f"and {apart['within']} of the {apart['figures']} that were kept apart" in text


@pytest.fixture(scope="module")
def at_full_size():
    observed = simulate(load("published"), 398_198, seed=1, users=234_751).observed.to_pandas()
    return goodness_of_fit(compare(compute(observed)), 398_198)


@pytest.mark.slow
def test_nine_in_ten_of_the_figures_that_may_be_fitted_are_met(at_full_size):
    fitted = count_within(at_full_size).set_index("role").loc["calibrate"]
    assert fitted["share"] >= 0.9


@pytest.mark.slow
def test_table_a1_falls_and_rises_as_published(at_full_size):
    slope = at_full_size.set_index("key").simulated
    assert slope["a1_coef_col2"] > slope["a1_coef_col1"] > slope["a1_coef_col5"]
    assert slope["a1_coef_col2"] > slope["a1_coef_col6"]

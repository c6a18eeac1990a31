"""The stored scorecard: made by this program, around this calibrated world, and large enough to say something."""

import pytest

from knowntruth.calibration.bounds.world_bounds_result import world_hash
from knowntruth.design.scorecard.bias import classify_bias
from knowntruth.design.scorecard.examine import ScorecardSettings, examine_one
from knowntruth.design.scorecard.stored import load_stored
from knowntruth.world.definition.world import load


@pytest.mark.slow
def test_the_stored_rows_are_made_by_this_program():
    """One world of the stored result again: the same numbers, to the digits that are kept; newer checks aside."""
    table, record = load_stored()
    assert record["world_hash"] == world_hash(load("published"))
    number = int(table["world"].min())
    kept = table[table["world"].eq(number)].reset_index(drop=True)
    again = examine_one(number, ScorecardSettings(**record["settings"]))
    again = again[again["name"].isin(kept["name"])]
    assert again["name"].tolist() == kept["name"].tolist()
    assert again["verdict"].tolist() == kept["verdict"].tolist()
    assert again["bias"].to_numpy() == pytest.approx(kept["bias"].to_numpy(), rel=1e-5)
    assert again["value"].to_numpy() == pytest.approx(kept["value"].to_numpy(), rel=1e-4, abs=1e-9, nan_ok=True)


def test_the_stored_result_is_large_enough():
    """The worlds that are promised, and enough biased and sound estimates among them to tell a check from a coin."""
    table, record = load_stored()
    assert table["world"].nunique() == record["worlds"] >= 200
    told = classify_bias(table.drop_duplicates(["world", "outcome"]))
    assert told.groupby(["outcome", "biased"]).size().min() >= 20

"""The verdict on each cell, the faults that are found and those that are not, and who ranks first."""

import numpy as np
import pandas as pd
import pytest

from knowntruth.common.errors import InputError
from knowntruth.design.diagnosis.faults import FAILS, FAULTS, OPEN, SURVIVES, diagnose_cells
from knowntruth.design.diagnosis.ranking import rank_strategies

ERROR, TRUTH = 0.1, 0.5


def rows(strategy="s", world="w", n=400, seed=1, *, bias=0.0, stated=1.0, truth=TRUTH, none=0.0):
    """Replicates of normal estimates with a known bias and a stated error so many times the real one."""
    estimate = truth + bias + ERROR * np.random.default_rng(seed).standard_normal(n)
    reach = 1.96 * stated * ERROR
    return pd.DataFrame({
        "world": world, "replicate": np.arange(n), "strategy": strategy, "estimand": "e", "contrast": "5 vs 1",
        "subgroup": "everyone", "estimate": estimate, "lower": estimate - reach, "upper": estimate + reach,
        "standard_error": stated * ERROR, "truth": truth, "truth_error": 0.0, "no_effect": none, "error": "",
        "seconds": 0.01,
    })  # fmt: skip


def cell(frame):
    (found,) = diagnose_cells(frame)
    return found


def faults(frame):
    return {fault.name for fault in cell(frame).faults}


def test_a_sound_strategy_survives_without_a_fault():
    found = cell(rows())
    assert (found.verdict, found.faults) == (SURVIVES, ())
    assert found.truth == TRUTH


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        ({"bias": -0.2}, {"bias", "too few hits"}),
        ({"stated": 0.4}, {"too few hits", "errors too small"}),
        ({"stated": 2.0}, {"errors too large"}),
        ({"truth": 0.0, "bias": 0.3}, {"bias", "too few hits", "false alarms"}),
        ({"truth": 0.1}, {"weak", "exaggeration"}),
        ({"truth": 0.1, "bias": -0.6}, {"bias", "too few hits", "wrong signs", "exaggeration"}),
    ],
)
def test_each_fault_is_found_where_it_was_put(made, wanted):
    assert faults(rows(n=1500, **made)) == wanted


def test_every_fault_of_the_list_can_be_found():
    broken = rows(n=40)
    broken.loc[:3, "error"] = "it broke"
    named = {"no answer"} & faults(broken)
    for made in ({"bias": -0.2}, {"stated": 0.4}, {"stated": 2.0}, {"truth": 0.0, "bias": 0.3}, {"truth": 0.1},
                 {"truth": 0.1, "bias": -0.6}):  # fmt: skip
        named |= faults(rows(n=1500, **made))
    assert named == {fault.name for fault in FAULTS}


def test_a_few_replicates_leave_it_open_and_a_biased_strategy_fails():
    assert cell(rows(n=12)).verdict == OPEN
    assert cell(rows(bias=0.5)).verdict == FAILS


def test_without_answers_a_strategy_fails():
    frame = rows(n=30)
    frame.loc[:20, ["estimate", "lower", "upper", "standard_error", "truth"]] = np.nan
    frame.loc[:20, "error"] = "it broke"
    assert cell(frame).verdict == FAILS


def test_the_ranking_puts_the_honest_and_narrow_first():
    table = pd.concat([
        rows("sound"), rows("biased", bias=0.4), rows("wide", stated=3.0),
        rows("sound", "v"), rows("biased", "v", bias=0.4), rows("wide", "v", stated=3.0),
    ])  # fmt: skip
    found = rank_strategies(table).set_index("strategy")
    assert list(found.index) == ["sound", "wide", "biased"]
    assert found["rank"].tolist() == [1, 2, 3]
    assert found.loc["sound", "first"] == 1.0
    assert found.loc["sound", "score"] == 1.0
    assert found.loc["wide", "score"] == pytest.approx(2.6, abs=0.4)  # 3 times as wide, less the honest one's misses


def test_two_of_a_kind_are_not_told_apart():
    """The negative control: with nothing between them, each comes first about as often, and both ranks are open."""
    found = rank_strategies(pd.concat([rows("a", n=200, seed=1), rows("b", n=200, seed=2)])).set_index("strategy")
    assert (found["rank_lower"].min(), found["rank_upper"].max()) == (1, 2)
    assert 0.02 < found["first"].min() < 0.5


def test_no_answer_counts_as_the_worst_to_those_data():
    broken = rows("broken")
    gone = broken["replicate"] % 2 == 0
    broken.loc[gone, ["estimate", "lower", "upper"]] = np.nan
    found = rank_strategies(pd.concat([rows("sound"), broken, rows("wide", stated=3.0)])).set_index("strategy")
    assert found.loc["broken", "answered"] == pytest.approx(0.5)
    assert list(found.index) == ["sound", "broken", "wide"]
    with pytest.raises(InputError, match="no strategy has an answer"):
        rank_strategies(rows().assign(lower=np.nan, upper=np.nan))


def test_ratios_are_ranked_as_logarithms():
    scaled = rows("a", truth=2.0, none=1.0)
    times = scaled.assign(**{name: scaled[name] * 10 for name in ("estimate", "lower", "upper", "truth")})
    one, other = (rank_strategies(pd.concat([each, each.assign(strategy="b")])) for each in (scaled, times))
    assert one["score"].tolist() == pytest.approx(other["score"].tolist())

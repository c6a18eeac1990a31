"""Diagnosands against what is known in closed form, and against leaving out replicates one by one."""

import math

import numpy as np
import pandas as pd
import pytest

from knowntruth.common.errors import InputError
from knowntruth.design.diagnosis.diagnosands import DIAGNOSANDS, Diagnosand, replicate_arrays
from knowntruth.design.diagnosis.diagnose_table import COLUMNS, diagnose_table, estimate_diagnosand, wilson
from knowntruth.design.diagnosis.monte_carlo_precision import UNREACHABLE, replicates_for_share, replicates_needed

R = 400
TRUTH, ERROR = 0.3, 0.1


def table(n=R, seed=3, truth=TRUTH, none=0.0, truth_error=0.0):
    rng = np.random.default_rng(seed)
    estimate = truth + ERROR * rng.standard_normal(n) + 0.02
    numbers = {
        "estimate": estimate, "lower": estimate - 1.96 * ERROR, "upper": estimate + 1.96 * ERROR,
        "standard_error": np.full(n, ERROR), "truth": truth, "truth_error": truth_error, "no_effect": none,
        "error": "", "seconds": 0.01,
    }  # fmt: skip
    names = {"strategy": "s", "estimand": "e", "contrast": "5 vs 1"}
    return pd.DataFrame({"world": "w", "replicate": np.arange(n), **names, **numbers})


def one(frame, name):
    return diagnose_table(frame, diagnosands=[name]).iloc[0]


def test_bias_and_its_error_are_those_of_a_mean():
    frame = table()
    off = frame["estimate"] - TRUTH
    found = one(frame, "bias")
    assert found["value"] == pytest.approx(off.mean(), rel=1e-12)
    assert found["mcse"] == pytest.approx(off.std(ddof=1) / math.sqrt(R), rel=1e-9)  # Morris and others 2019, table 6
    assert found["replicates"] == R


def test_coverage_and_power_have_the_error_of_a_share():
    frame = table()
    for name, share in (
        ("coverage", ((frame.lower <= TRUTH) & (frame.upper >= TRUTH)).mean()),
        ("power", ((frame.lower > 0) | (frame.upper < 0)).mean()),
    ):
        found = one(frame, name)
        assert 0 < share < 1
        assert found["value"] == pytest.approx(share, rel=1e-12)
        assert found["mcse"] == pytest.approx(math.sqrt(share * (1 - share) / (R - 1)), rel=1e-9)
        assert (found["lower"], found["upper"]) == pytest.approx(wilson(share, R))


def test_spread_and_its_error_are_those_of_normal_replicates():
    frame = table(4000)
    found = one(frame, "sd")
    assert found["value"] == pytest.approx(frame["estimate"].std(ddof=1), rel=1e-9)
    # Morris and others: sd / sqrt(2 (n - 1)); the jackknife's own error is about a share of sqrt(5 / n) of it.
    assert found["mcse"] == pytest.approx(found["value"] / math.sqrt(2 * 3999), rel=4 * math.sqrt(5 / 4000))


def test_root_mean_squared_error_holds_bias_and_spread():
    frame = table()
    off = frame["estimate"] - TRUTH
    assert one(frame, "rmse")["value"] == pytest.approx(math.hypot(off.mean(), off.std(ddof=0)), rel=1e-12)


@pytest.mark.parametrize("name", [name for name in DIAGNOSANDS if name not in ("type_s", "failure_rate")])
def test_the_error_is_the_jackknife_of_whole_replicates(name):
    frame, named = table(60), DIAGNOSANDS[name]
    left = np.array([estimate_diagnosand(named, frame.drop(index=k))[0] for k in range(60)])
    by_hand = math.sqrt(59 / 60 * ((left - left.mean()) ** 2).sum())
    close = 0.02 if name == "sd" else 1e-9  # the divisor n - 1 is not that of the replicates that are left
    assert estimate_diagnosand(named, frame)[1] == pytest.approx(by_hand, rel=close, abs=1e-15)


def test_signs_and_exaggeration_are_those_of_a_weak_study():
    """A z statistic of mean 0.5: closed forms of Gelman and Carlin 2014 (doi:10.1177/1745691614551642)."""
    from scipy.stats import norm

    n, truth = 40_000, 0.05
    frame = table(n, truth=truth).assign(estimate=lambda f: f.estimate - 0.02)
    frame = frame.assign(lower=frame.estimate - 1.96 * ERROR, upper=frame.estimate + 1.96 * ERROR)
    z = truth / ERROR
    above, below = norm.sf(1.96 - z), norm.cdf(-1.96 - z)
    magnitude = (norm.pdf(1.96 - z) + norm.pdf(-1.96 - z) + z * (above - below)) / (above + below) / z
    for name, expected in (("power", above + below), ("type_s", below / (above + below)), ("type_m", magnitude)):
        found = one(frame, name)
        assert abs(found["value"] - expected) < 4 * found["mcse"], name


def test_ratios_are_compared_as_logarithms():
    frame = table(10, truth=2.0, none=1.0).assign(estimate=4.0, lower=3.0, upper=5.0)
    assert one(frame, "type_m")["value"] == pytest.approx(2.0)  # log 4 is twice log 2


def test_without_an_effect_power_is_false_alarms_and_signs_mean_nothing():
    frame = table(2000, truth=0.0).assign(estimate=lambda f: f.estimate - 0.02)
    frame = frame.assign(lower=frame.estimate - 1.96 * ERROR, upper=frame.estimate + 1.96 * ERROR)
    alarms = one(frame, "power")
    assert abs(alarms["value"] - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 2000)
    assert np.isnan(one(frame, "type_s")["value"])
    assert np.isnan(one(frame, "type_m")["value"])


def test_failures_are_counted_and_nowhere_else():
    frame = table(100)
    broken = frame.copy()
    broken.loc[:9, ["estimate", "lower", "upper", "standard_error"]] = np.nan
    broken.loc[:9, "error"] = "it broke"
    assert one(broken, "failure_rate")["value"] == pytest.approx(0.1)
    rest = one(frame.iloc[10:], "bias")
    assert one(broken, "bias")[["value", "mcse"]].tolist() == pytest.approx(rest[["value", "mcse"]].tolist())
    assert one(broken, "coverage")["replicates"] == 90


def test_a_range_without_a_point_has_coverage_but_no_bias():
    frame = table(50).assign(estimate=np.nan, standard_error=np.nan)
    assert np.isnan(one(frame, "bias")["value"])
    assert one(frame, "bias")["replicates"] == 0
    assert one(frame, "coverage")["replicates"] == 50


def test_the_error_of_the_truth_is_in_the_error_of_bias():
    exact, rough = one(table(), "bias"), one(table(truth_error=0.05), "bias")
    assert rough["mcse"] == pytest.approx(math.hypot(exact["mcse"], 0.05))


def test_groups_can_be_columns_and_expressions():
    frame = pd.concat([table(), table(seed=4).assign(world="v")])
    found = diagnose_table(frame, diagnosands=["bias"], significant=lambda rows: rows["lower"] > rows["no_effect"])
    assert list(found.columns) == ["world", "significant", "strategy", "estimand", "contrast", "subgroup", *COLUMNS]
    assert len(found) == 4
    assert found["replicates"].sum() == 2 * R
    assert len(diagnose_table(frame, by=[], diagnosands=["bias"])) == 1


def test_a_diagnosand_of_ones_own_is_one_row():
    own = Diagnosand("worst", "share far off", lambda r: (np.abs(r.deviation) > 0.2,), lambda mean: mean, share=True)
    frame = table()
    assert one(frame, own)["value"] == pytest.approx((abs(frame.estimate - TRUTH) > 0.2).mean())


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"diagnosands": ["bais"]}, "no diagnosand 'bais'; allowed: bias"),
        ({"by": ["colour"]}, "no column 'colour' to group by"),
    ],
)
def test_what_there_is_not_is_refused(asked, message):
    with pytest.raises(InputError, match=message):
        diagnose_table(table(10), **asked)


def test_replicates_needed_reach_the_error():
    assert replicates_for_share(0.01, share=0.95) == 475
    found = replicates_needed(table(), {"bias": 0.002, "coverage": 0.01})
    bias = found[found.diagnosand == "bias"].iloc[0]
    again = one(table(int(bias["needed"]), seed=11), "bias")
    # The spread is known from 400 replicates, to a share of about sqrt(1 / (2 * 400)) = 3.5%; the check has its own.
    assert again["mcse"] == pytest.approx(0.002, rel=4 * 0.035)


def test_no_replicates_are_enough_where_the_truth_is_less_exact():
    found = replicates_needed(table(truth_error=0.05), {"bias": 0.01})
    assert found["needed"].tolist() == [UNREACHABLE]
    with pytest.raises(InputError, match="must be above 0"):
        replicates_for_share(0.0)


def test_all_or_none_so_far_still_asks_for_more():
    frame = table(20).assign(lower=-10.0, upper=10.0)
    found = replicates_needed(frame, {"coverage": 0.01}).iloc[0]
    assert found["value"] == 1.0
    assert found["needed"] > 20


def test_arrays_are_those_of_the_table():
    frame = table(5)
    assert (
        replicate_arrays(frame).covers.tolist()
        == ((frame.lower <= TRUTH) & (frame.upper >= TRUTH)).astype(float).tolist()
    )

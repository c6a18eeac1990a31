"""Estimates that somebody hands in, and how they are graded."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from knowntruth.common.errors import InputError
from knowntruth.datasets.scoring import answers
from knowntruth.datasets.scoring import scores as scoring

TRUE = pd.DataFrame(
    [("activity_ratio", "5 vs 1", "ratio", 2.0, 0.01), ("success_difference", "5 vs 1", "difference", 0.3, 0.002)],
    columns=["estimand", "contrast", "scale", "value", "mcse"],
)
GOOD = pd.DataFrame(
    [("activity_ratio", "5 vs 1", 2.2, 1.5, 3.0), ("success_difference", "5 vs 1", 0.1, 0.0, 0.2)],
    columns=["estimand", "contrast", "value", "lower", "upper"],
)


def test_a_hit_and_a_miss():
    rows = scoring.grade(answers.check_estimates(GOOD, TRUE, "mine.csv"), TRUE)
    assert rows["holds"].tolist() == [True, False]
    assert rows["error"].tolist() == pytest.approx([np.log(1.1), -0.2])
    assert rows["interval_score"].tolist() == pytest.approx([np.log(2.0), 0.2 + 40 * 0.1])
    assert rows["unit"].tolist() == ["log ratio", "probability"]


def test_too_large_and_too_small_by_the_same_factor_count_the_same():
    twice, half = (
        scoring.grade(answers.check_estimates(GOOD.assign(value=[v, 0.1]), TRUE, "mine"), TRUE)["error"][0]
        for v in (4.0, 1.0)
    )
    assert twice == pytest.approx(-half)


def test_an_honest_interval_scores_best_on_average():
    """The interval score is proper: neither boasting nor hedging pays."""
    rng = np.random.default_rng(20260616)
    truth = rng.normal(size=20_000)
    scores = {
        width: scoring.interval_score(-width * z, width * z, truth, 0.9)
        for z in [norm.ppf(0.95)]
        for width in (0.5, 1.0, 2.0)
    }
    for width in (0.5, 2.0):
        worse = scores[width] - scores[1.0]
        assert worse.mean() > 4 * worse.std() / np.sqrt(len(worse))


def test_what_is_left_empty():
    found = GOOD.assign(value=[np.nan, 0.3], lower=[1.5, np.nan], upper=[3.0, np.nan])
    rows = scoring.grade(answers.check_estimates(found, TRUE, "mine"), TRUE)
    assert rows["holds"].tolist() == [True, None]
    summed = scoring.summarize(rows).set_index("estimand")
    assert summed.loc["activity_ratio", ["asked", "points", "intervals"]].tolist() == [1, 0, 1]
    assert summed.loc["success_difference", ["points", "intervals"]].tolist() == [1, 0]


def test_monte_carlo_errors_come_from_replicates_alone():
    """Worlds differ for good: only how replicates of one world vary is chance. Held against a long run."""
    rng = np.random.default_rng(7)

    def replicates() -> pd.DataFrame:
        strata = np.repeat(["a", "b", "c", "d"], 3)
        errors = np.repeat([-5.0, 0.0, 3.0, 9.0], 3) + rng.normal(size=12)
        return pd.DataFrame(
            {
                "strategy": "mine",
                "estimand": "e",
                "unit": "u",
                "stratum": strata,
                "error": errors,
                "holds": True,
                "interval_score": 1.0,
            }
        )

    summed = pd.concat([scoring.summarize(replicates()) for _ in range(100)])
    said = np.sqrt((summed["bias_error"] ** 2).mean())
    seen = summed["bias"].std()
    assert seen / said == pytest.approx(1, abs=4 / np.sqrt(2 * 100))
    naive = 5.2 / np.sqrt(12)  # over all twelve, as if worlds were drawn by lot
    assert said < naive / 3


def test_contrasts_of_one_dataset_are_no_replicates():
    two = pd.concat([TRUE, TRUE.assign(contrast="4 vs 1")])
    found = pd.concat([GOOD, GOOD.assign(contrast="4 vs 1")])
    summed = scoring.summarize(scoring.grade(answers.check_estimates(found, two, "mine"), two))
    assert summed["bias_error"].isna().all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"estimand": ["activity_ratoi", "success_difference"]}, "did you mean 'activity_ratio'"),
        ({"contrast": ["5 vs 1", "3 vs 1"]}, "'3 vs 1' was not asked for; allowed: 5 vs 1"),
        ({"value": ["a lot", 0.1]}, "column value, row 1: 'a lot' is not a finite number"),
        ({"upper": [np.inf, 0.2]}, "leave it empty where there is none"),
        ({"lower": [np.nan, 0.0]}, "has one limit only; give both, or neither"),
        ({"lower": [3.5, 0.0]}, "lower limit above its upper one; swap them"),
        ({"lower": [0.0, 0.0]}, "is a ratio, and its lower is not above 0; no effect is 1, not 0"),
        ({"confidence": [95, 95]}, "confidence outside 0-1; 0.95 is usual"),
        ({"estimand": ["success_difference"] * 2}, "is in more than one row; give each estimate once"),
    ],
)
def test_what_is_refused(change, said):
    with pytest.raises(InputError, match=r"mine\.csv") as refused:
        answers.check_estimates(GOOD.assign(**change), TRUE, "mine.csv")
    assert said in str(refused.value)


def test_files_that_are_not_there_or_lack_columns(tmp_path):
    with pytest.raises(InputError, match=r"no true effects in .*--hide-truth"):
        answers.true_effects(tmp_path)
    GOOD.drop(columns="upper").to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(InputError, match="lacks the columns upper"):
        answers.estimates(tmp_path / "mine.csv", TRUE)
    GOOD.iloc[:0].to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(InputError, match="holds no estimates"):
        answers.estimates(tmp_path / "mine.csv", TRUE)


def test_the_form_can_be_handed_in_as_it_is():
    """Nothing filled in is no error, but no answer."""
    rows = scoring.grade(answers.check_estimates(answers.template(TRUE), TRUE, "form"), TRUE)
    assert scoring.summarize(rows)[["points", "intervals"]].to_numpy().sum() == 0

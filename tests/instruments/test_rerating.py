"""A second reading: the first reader again, the ranges that the study gives, and a mood that labels share."""

import numpy as np
import pandas as pd
import pytest

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.observed import observed_columns
from knowntruth.engine.noise import Noise
from knowntruth.instruments.rater_noise import OtherReader, read_happens, read_normal, read_uniform
from knowntruth.study.figures import figure
from knowntruth.world.audits.agreement import CLASSIFIERS, agreement
from knowntruth.world.audits.rerating import READ, rerate, second_reader
from knowntruth.world.audits.validation import validation_sample
from knowntruth.world.definition.world import load
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import sample
from knowntruth.world.simulate import simulate

WORLD = load("published")
ROWS = 40_000
SESSION = ("domain_expertise", "true_success", "progress", "caught", "hidden_defects", "specificity",
           "evidence_kinds", "checks", "corrected", "open_trouble", "gave_up")  # fmt: skip
"""What the rating and the judgement of a session have in common besides their readers."""

ALIKE = [name for name, dials in WORLD.dials.items() if "alike" in type(dials).model_fields]


@pytest.fixture(scope="module")
def again(published):
    return rerate(published, 10_000, seed=3)


def same(left, right):
    return left.astype(object).where(left.notna(), "?").eq(right.astype(object).where(right.notna(), "?"))


def test_the_first_reader_reads_the_same_again(published):
    pairs = rerate(published, 2000, seed=3, reader=1)
    assert all(same(pairs[name], pairs[f"{name}_again"]).all() for name in READ)


def test_readers_who_read_alike_agree_and_others_do_not(published):
    every = WORLD.turn(**{name: {"alike": 1.0} for name in ALIKE})
    data = simulate(every, 2000, seed=4)
    pairs = rerate(data, 2000, seed=3)
    assert all(same(pairs[name], pairs[f"{name}_again"]).all() for name in READ)


def test_reading_alike_moves_agreement_monotonically():
    exact = []
    for alike in (0.0, 0.5, 1.0):
        data = simulate(WORLD.turn(**{name: {"alike": alike} for name in ALIKE}), 4000, seed=4)
        table = agreement(rerate(data, 4000, seed=3)).query("statistic == 'exact'").set_index("label")["value"]
        exact.append(table[list(CLASSIFIERS)])
    assert (exact[0] < exact[1]).all()
    assert (exact[1] < exact[2]).all()
    assert (exact[2] == 1.0).all()


OUTSIDE = {("failure_signal", "exact")}
"""Most sessions of the calibrated world show no failure at all, and on those any two readers agree."""


def test_agreement_lies_in_the_published_ranges(again):
    """Each classifier's share inside the range printed for its kind, give or take four of its own errors."""
    found = agreement(again)
    published = found[found["figure"] != ""]
    assert set(published["label"]) == set(CLASSIFIERS)
    told = [figure(key) for key in published["figure"]]
    lower, upper = (np.array([getattr(f, end) / 100 for f in told]) for end in ("lower", "upper"))
    beyond = np.maximum(lower - published["value"], published["value"] - upper) > 4 * published["error"]
    assert set(zip(published["label"][beyond], published["statistic"][beyond], strict=True)) == OUTSIDE


def test_the_range_of_agreement_is_not_kept_by_chance(published):
    """The negative control: readers with nothing in common leave the range."""
    strangers = WORLD.turn(**{name: {"alike": 0.0} for name in ALIKE})
    found = agreement(rerate(simulate(strangers, 10_000, seed=4), 10_000, seed=3)).query("statistic == 'exact'")
    for label in ("rated_expertise", "user_occupation", "outcome"):
        row = found[found["label"] == label].iloc[0]
        assert row["value"] + 4 * row["error"] < figure(row["figure"]).lower / 100


def test_agreement_counts_by_hand():
    pairs = pd.DataFrame({"user_id": [1, 2, 3, 4]})
    for name in READ:
        categories = observed_columns()[name].categories
        pairs[name] = pairs[f"{name}_again"] = categories[0] if categories else 0
    pairs["rated_expertise"] = [1.0, 2.0, 3.0, np.nan]
    pairs["rated_expertise_again"] = [1.0, 3.0, 5.0, 2.0]
    found = agreement(pairs).query("label == 'rated_expertise'").set_index("statistic")
    assert found.loc["exact", "value"] == pytest.approx(1 / 3)
    assert found.loc["adjacent", "value"] == pytest.approx(2 / 3)
    assert (found["n"] == 3).all()
    assert found.loc["exact", "error"] == pytest.approx(np.sqrt((1 / 3) * (2 / 3) / 3))


def test_sessions_and_people_are_the_same_for_another_reader():
    frame = sample(WORLD, 3000, seed=4)
    first, second = run(WORLD, frame), run(second_reader(WORLD), frame)
    facts = [o.name for m in WORLD.mechanisms if m.level != "label" for o in m.outputs]
    assert all(np.array_equal(first[name], second[name]) for name in facts)
    other = run(second_reader(WORLD, 3), frame)["rated_expertise"]
    assert not np.array_equal(second["rated_expertise"], other)
    assert not np.array_equal(first["rated_expertise"], other)


def test_a_better_reader_may_read_instead(published):
    pairs = rerate(published, 2000, seed=3, by=WORLD.with_perfect_instruments())
    truth = published.truth.select(["session_id", "domain_expertise"]).to_pandas()
    joined = pairs.merge(truth, on="session_id")
    assert (joined["rated_expertise_again"] == joined["domain_expertise"]).all()
    first_prompt = rerate(published, 2000, seed=3, reader=1, by=WORLD.do(rating="first_prompt_only"))
    assert not same(first_prompt["rated_expertise"], first_prompt["rated_expertise_again"]).all()
    assert same(first_prompt["outcome"], first_prompt["outcome_again"]).all()


def test_reading_luck_is_uniform_and_shared_as_often_as_it_says():
    n = 200_000
    who = np.arange(n, dtype=np.int64)
    first = Noise(5, "outcome", who, np.ones_like(who))
    second = OtherReader(5, "outcome", who, np.ones_like(who))
    for alike in (0.0, 0.3, 0.8, 1.0):
        a, b = read_uniform(first, alike, "x"), read_uniform(second, alike, "x")
        assert a.min() > 0
        assert a.max() < 1
        for luck in (a, b):
            counts = np.bincount((luck * 20).astype(int), minlength=20)
            chi_square = ((counts - n / 20) ** 2 / (n / 20)).sum()
            assert chi_square < 19 + 5 * np.sqrt(38)
        shared = alike**2
        assert abs((a == b).mean() - shared) <= 5 * np.sqrt(shared * (1 - shared) / n)
    assert abs(read_normal(first, 0.3).std() - 1) < 5 / np.sqrt(2 * n)
    assert abs(read_happens(first, np.full(n, 0.2), 0.3).mean() - 0.2) < 5 * np.sqrt(0.16 / n)


def residual_correlation(world):
    """How rating and judgement hang together among sessions that are alike in truth."""
    values = run(world, sample(world, 20_000, seed=4))
    rated, succeeded = values["rated_expertise"], values["outcome"] == 0
    there = (rated > 0) & values["goal"]
    truth = np.column_stack([values[k][there] for k in SESSION]).astype(float)
    design = np.column_stack([np.ones(len(truth)), truth])
    labels = np.column_stack([rated[there], succeeded[there]]).astype(float)
    residuals = labels - design @ np.linalg.lstsq(design, labels, rcond=None)[0]
    return np.corrcoef(residuals.T)[0, 1]


def test_one_mood_makes_errors_of_one_transcript_hang_together():
    moods = [
        residual_correlation(WORLD.turn(rated_expertise={"mood": m, "halo": 0.0}, outcome={"mood": 1.6 * m}))
        for m in (0.0, 0.25, 1.0)
    ]
    assert moods[0] < moods[1] < moods[2]
    assert moods[2] - moods[0] > 5 * np.sqrt(2 / 18_000)


def test_a_validation_sample_lays_truth_beside_the_rating(published):
    sample_ = validation_sample(published, 500, seed=2, labels=("rated_expertise", "mode"))
    assert list(sample_) == ["session_id", "user_id", "rated_expertise", "domain_expertise", "mode", "intended_mode"]
    assert sample_["session_id"].is_unique
    assert len(sample_) == 500
    truth = published.truth.select(["session_id", "domain_expertise"]).to_pandas()
    joined = sample_.merge(truth, on="session_id", suffixes=("", "_in_truth"))
    assert (joined["domain_expertise"] == joined["domain_expertise_in_truth"]).all()
    assert not validation_sample(published, 500, seed=3)["session_id"].equals(sample_["session_id"])
    with pytest.raises(InputError, match="did you mean 'rated_expertise'"):
        validation_sample(published, 5, seed=2, labels=("rated_expertis",))


@pytest.mark.parametrize("n", [0, 10**6])
def test_samples_larger_than_the_data_are_refused(published, n):
    with pytest.raises(InputError, match="n must be from 1"):
        rerate(published, n, seed=1)

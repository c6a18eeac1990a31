"""The benchmark suite: the same datasets anywhere, and what the leaderboard makes of known answers."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from knowntruth.common.errors import InputError
from knowntruth.design.suite import check, content, entries, leaderboard, truths
from knowntruth.design.suite.entries import Entry

SMALLEST = min(entries.load_declared()["sizes"])
FIRST = [entry for entry in entries.entries() if entry.sessions == SMALLEST and entry.seed == 1]


def test_every_dataset_has_a_hash_and_no_hash_is_without_one():
    assert set(check.load_committed()["datasets"]) == {entry.name for entry in entries.entries()}


@pytest.mark.parametrize("entry", FIRST[:2], ids=lambda entry: entry.name)
def test_two_datasets_come_out_as_committed(entry):
    """If a world was calibrated anew: raise the version in suite.toml, and renew (see its first lines)."""
    assert check.check_suite([entry])["changed"].tolist() == [""]


@pytest.mark.slow
def test_every_dataset_comes_out_as_committed():
    rows = check.check_suite(entries.entries())
    assert rows.loc[~rows["same"], "dataset"].tolist() == []


def test_another_seed_is_found_out():
    kept = json.loads(json.dumps(check.load_committed()))
    kept["datasets"][FIRST[0].name] = kept["datasets"][FIRST[1].name]
    made = content.tables(content.draw_entry(FIRST[0]))
    told = check.row(FIRST[0], content.hash_tables(made), kept)
    assert not told["same"]
    assert "observed" in told["changed"]


def test_a_hash_sees_values_and_not_the_last_digits():
    made = content.tables(content.draw_entry(FIRST[0]))["observed"]
    frame = made.to_pandas()

    def again(**change):
        import pyarrow as pa

        columns = [pa.array(change.get(name, frame[name]), type=kind) if name in change else made[name]
                   for name, kind in zip(made.column_names, made.schema.types, strict=True)]  # fmt: skip
        return content.content_hash(pa.table(columns, names=made.column_names))

    assert again() == content.content_hash(made)
    assert again(actions_per_prompt=frame["actions_per_prompt"] * (1 + 1e-14)) == content.content_hash(made)
    assert again(actions_per_prompt=frame["actions_per_prompt"] * 1.001) != content.content_hash(made)
    assert again(prompts=frame["prompts"] + 1) != content.content_hash(made)
    assert again(trouble=~frame["trouble"]) != content.content_hash(made)


def test_truth_is_apart_from_what_an_estimator_is_given():
    found = content.draw_entry(Entry("null", 300, 1, 20))
    assert not set(found.observed) & (set(found.dataset.truth.column_names) - {"session_id", "specificity"})


def made_up_truth() -> pd.DataFrame:
    rows = [(f"w-1000-{k}", "w-1000", name, "5 vs 1", scale, value, 0.0, 100)
            for k in (1, 2, 3) for name, scale, value in (("activity_ratio", "ratio", 2.0),
                                                          ("verified_difference", "difference", 0.2))]  # fmt: skip
    names = ["dataset", "stratum", "estimand", "contrast", "scale", "value", "mcse", "n"]
    return pd.DataFrame(rows, columns=names)


def test_the_leaderboard_puts_who_is_right_first():
    true = made_up_truth()
    rows = true[["dataset", "estimand", "contrast"]]
    right = rows.assign(strategy="right", value=true["value"], lower=true["value"] * 0.9, upper=true["value"] * 1.1)
    wrong = rows.assign(strategy="wrong", value=0.9, lower=0.89, upper=0.91)
    silent = rows.assign(strategy="silent", value=np.nan, lower=np.nan, upper=np.nan)
    board = leaderboard.leaderboard(pd.concat([wrong, silent, right]), true)
    assert board.groupby("estimand", sort=False)["strategy"].agg(list).tolist() == [["right", "wrong", "silent"]] * 2
    assert board.loc[board["strategy"] == "silent", "points"].eq(0).all()
    assert board.loc[board["strategy"] == "right", "coverage"].eq(1).all()


def test_who_answers_only_where_it_is_easy_does_not_lead():
    true = made_up_truth()
    rows = true[["dataset", "estimand", "contrast"]]
    fair = rows.assign(strategy="fair", value=true["value"], lower=true["value"] * 0.5, upper=true["value"] * 2)
    exact = rows.assign(strategy="choosy", value=true["value"], lower=true["value"], upper=true["value"])
    exact.loc[exact["dataset"] == "w-1000-1", ["value", "lower", "upper"]] = np.nan
    board = leaderboard.leaderboard(pd.concat([exact, fair]), true)
    assert board["strategy"].tolist() == ["fair", "choosy"] * 2


def test_a_dataset_that_nobody_asked_about():
    true = made_up_truth()
    rows = true[["dataset", "estimand", "contrast"]].assign(strategy="x", value=1.0, lower=0.5, upper=2.0)
    with pytest.raises(InputError, match="'w-2000-1' was not asked for"):
        leaderboard.leaderboard(rows.replace("w-1000-1", "w-2000-1"), true)


def test_a_world_that_is_not_in_the_suite():
    with pytest.raises(InputError, match="did you mean 'null'"):
        entries.entries(["nul"])


@pytest.mark.slow
def test_where_a_plain_comparison_is_right_and_where_it_is_not():
    """Naive is right where expertise came by lot, and misses the truth where raters have halo."""
    chosen = entries.entries(["randomized", "halo"])
    true = truths.true_effects(chosen)
    found = leaderboard.answer_suite(chosen, ["naive", "instrumental_variable"])
    assert len(found) == 2 * len(true)
    board = {
        world: leaderboard.leaderboard(found[mine(found)], true[mine(true)]).set_index(["strategy", "estimand"])
        for world in ("randomized", "halo")
        for mine in [lambda rows, world=world: rows["dataset"].str.startswith(f"{world}-")]
    }
    good, bad = (board[w].loc[("naive", "activity_ratio")] for w in ("randomized", "halo"))
    beyond = t.ppf(0.9995, 4)  # two worlds by size, three replicates each
    assert abs(good["bias"]) < beyond * good["bias_error"]
    assert abs(bad["bias"]) > beyond * bad["bias_error"]
    assert bad["coverage"] < good["coverage"]
    nobody = board["randomized"].loc["instrumental_variable"]
    assert nobody["points"].eq(0).all()  # nobody is encouraged there

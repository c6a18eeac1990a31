"""Every instrument goes from perfect over as published to worse, and turning it touches nothing before it."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from knowntruth.datasets.schema.categories import CODEBASE
from knowntruth.engine.mechanism import Mechanism
from knowntruth.world.audits.agreement import telemetry_agreement
from knowntruth.world.definition.world import load
from knowntruth.world.graphs.derive import graph
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import sample

WORLD = load("published")
FRAME = sample(WORLD, 8000, seed=4)
FACTUAL = run(WORLD, FRAME)
LABELS: list[Mechanism] = [m for m in WORLD.mechanisms if m.level == "label"]

STEPS = {
    "rated_expertise": ("domain_expertise", [{"spread": s} for s in (1.5, 3.0)]),
    "mode": ("intended_mode", [{"mislabelled": s} for s in (0.2, 0.8)]),
    "codebase": ("codebase_work", [{"mislabelled": s} for s in (0.2, 0.8)]),
    "user_occupation": ("occupation", [{"taken_for_software": s} for s in (0.3, 0.9)]),
    "task_occupation": ("work_occupation", [{"mislabelled": s} for s in (0.2, 0.8)]),
    "planning_share_user": ("planning_share", [{"spread": s} for s in (1.0, 3.0)]),
    "execution_share_user": ("execution_share", [{"spread": s} for s in (1.0, 3.0)]),
    "price_usd": ("true_value", [{"slope": s} for s in (0.3, 0.0)]),
    "outcome": ("true_success", [{"spread": s} for s in (3.0, 9.0)]),
    "success_signal": ("evidence_kinds", [{"seen": s} for s in (0.5, 0.0)]),
    "failure_signal": ("trouble_met", [{"false_alarm": s} for s in (0.3, 0.9)]),
}  # fmt: skip
"""For each instrument what it measures, and its dials two steps beyond as published."""


def codes(values: dict[str, np.ndarray], name: str) -> np.ndarray:
    return values[name][FRAME.owner] if len(values[name]) == len(FRAME.users) else values[name]


def wrong(values: dict[str, np.ndarray], label: str, truth: str) -> float:
    """How far a label is from what it measures: the mean distance, or the share that is not the same."""
    seen, true = codes(values, label).astype(float), codes(values, truth).astype(float)
    if label == "rated_expertise":
        seen, true = seen[seen > 0], true[seen > 0]
        return float(np.abs(seen - true).mean())
    if label in ("planning_share_user", "execution_share_user"):
        return float(np.abs(seen - true).mean())
    if label == "price_usd":
        return float(np.abs(np.log(seen / true)).mean())
    if label == "outcome":
        seen, true = (seen == 0)[codes(values, "goal")], true[codes(values, "goal")]
    if label == "success_signal":
        seen, true = seen >= 4, true > 0
    if label == "failure_signal":
        seen = seen >= 3
    return float((seen != true).mean())


@pytest.mark.parametrize("label", STEPS)
def test_perfect_is_true_and_each_step_beyond_is_worse(label):
    truth, steps = STEPS[label]
    perfect = run(
        WORLD.turn(**{label: {"perfect": True}}, unclear_chance={"perfect": True}), FRAME, (label, truth, "goal")
    )
    assert wrong(perfect, label, truth) == 0.0
    found = [wrong(run(WORLD.turn(**{label: s}), FRAME, (label, truth, "goal")), label, truth) for s in ({}, *steps)]
    assert 0.0 < found[0] < found[1] < found[2]


@pytest.mark.parametrize("m", LABELS, ids=lambda m: m.name)
def test_do_on_an_instrument_changes_only_what_follows_from_it(m):
    """Whatever a label is made to say, the sessions stay as they are."""
    (output,) = m.outputs
    value = output.categories[-1] if output.categories else 1
    after = run(WORLD.do(**{output.name: value}), FRAME)
    moved = {name for name in FACTUAL if not np.array_equal(FACTUAL[name], after[name])}
    levels = {o.name: each.level for each in WORLD.mechanisms for o in each.outputs}
    assert moved <= {output.name} | nx.descendants(graph(WORLD), output.name)
    assert {levels[name] for name in moved} <= {"label"}


def test_perfect_instruments_leave_the_sessions_alone():
    perfect = run(WORLD.with_perfect_instruments(), FRAME)
    assert all(
        np.array_equal(FACTUAL[o.name], perfect[o.name])
        for m in WORLD.mechanisms
        if m.level != "label"
        for o in m.outputs
    )


def test_code_labels_agree_with_telemetry_as_published(published):
    """More than 90% of the sessions labelled as creating or modifying code show changed lines."""
    share, error, n = telemetry_agreement(published.observed.to_pandas())
    assert n > 5000
    assert share - 4 * error > 0.90
    assert share < 1.0


def test_code_labels_that_follow_the_request_lose_telemetrys_word(both):
    shares = [
        telemetry_agreement(both(WORLD.turn(codebase=dials)))[0]
        for dials in ({"perfect": True}, {}, {"by_request": 1.0}, {"by_request": 1.0, "mislabelled": 0.8})
    ]
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < 0.90


def test_what_sessions_do_to_a_codebase_comes_near_the_published_shares(published):
    """figures.csv: codebase_*; within the rounding of each and five standard errors."""
    from knowntruth.study.figures import figure

    observed = published.observed.to_pandas()
    keys = (
        "codebase_modify_existing_share",
        "codebase_create_new_share",
        "codebase_explore_share",
        "codebase_none_share",
    )
    for kind, key in zip(CODEBASE, keys, strict=True):
        share, told = (observed["codebase"] == kind).mean(), figure(key)
        assert abs(100 * share - told.value) < told.rounding + 5 * 100 * np.sqrt(share * (1 - share) / len(observed))


def test_lines_alone_make_a_codebase_change(both):
    frame = both(WORLD)
    changed = frame["codebase_work"].isin(CODEBASE[:2])
    assert (frame.loc[changed, "lines_added"] > 0).all()
    assert pd.crosstab(frame["mode"], frame["codebase"]).loc["communicate", "none"] > 0

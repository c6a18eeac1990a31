"""Results to draw and tell: a real small simulation, with the answer of the Bayesian models made up."""

import re
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from knowntruth.causal.check import Check, frame
from knowntruth.datasets.schema.estimands import CONTRASTS
from knowntruth.study.claims.claims import claims
from knowntruth.study.compare import compare
from knowntruth.study.tables.registry import compute
from knowntruth.workbench import cli
from knowntruth.workbench.plots import gallery
from knowntruth.workbench.report import instruments_section
from knowntruth.workbench.results.study_results import About, Bayes, Residual, Results
from knowntruth.workbench.terminal import exit_codes
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate
from knowntruth.world.truths.estimands import truth_and_doses

SESSIONS = 4000


def made_up_bayes(true: pd.DataFrame) -> Bayes:
    """Return a posterior that misses the truth of the ratio and holds that of the difference."""
    rows = true[true["estimand"].isin(["activity_ratio", "verified_difference"])].rename(columns={"n": "n_truth"})
    off = np.where(rows["estimand"].eq("activity_ratio"), 0.5, 0.01)
    mean = rows["value"] + off
    effects = rows.assign(
        mean=mean,
        sd=0.05,
        lower=mean - 0.08,
        upper=mean + 0.08,
        probability=0.9,
        r_hat=1.0,
        ess_bulk=900.0,
        holds=rows["value"].sub(mean).abs() < 0.08,
    )
    diagnostics = pd.DataFrame(
        {"model": ["activity", "verified_success"], "diagnostic": "largest R-hat", "value": 1.001, "verdict": "pass"}
    )
    predictive = pd.DataFrame(
        {"model": "activity", "statistic": [f"mean at level {k}" for k in range(1, 6)], "observed": 2.0,
         "lower": 1.9, "upper": 2.1, "tail": 0.4, "verdict": ["pass"] * 4 + ["fail"]}
    )  # fmt: skip
    draws = xr.Dataset({"effect": (("chain", "draw"), np.random.default_rng(1).normal(size=(2, 50)))})
    posterior = xr.DataTree.from_dict({"activity/posterior": draws, "verified_success/posterior": draws})
    return Bayes(posterior, effects, diagnostics, predictive)


def made_up_checks() -> pd.DataFrame:
    stages = ("naive contrast", "published adjustment", "linear regression", "benchmark cause", "placebo treatment")
    return frame(
        [
            Check(name, "What is one level worth?", "rated_expertise", outcome, "one level", start + value,
                  start + value - 0.01, start + value + 0.01, "alarm" if i == 3 else "pass", n=100,
                  note="a note that is long enough to need a wide column, as some of them are, for lists of labels")
            for outcome, start, value in (("actions_per_prompt", 1.0, 0.09), ("verified_success", 0.0, 0.04))
            for i, name in enumerate(stages)
        ],
        timings=False,
    )  # fmt: skip


def made_up_residual() -> Residual:
    """A landscape that falls off to the upper right, a covariate and a planted cause on it."""
    grid = [0.0, 0.1, 0.2, 0.3]
    surface = pd.DataFrame(
        [(outcome, t, y, start * (1 - 12 * t * y) + none)
         for outcome, start, none in (("actions_per_prompt", 0.2, 1.0), ("verified_success", 0.05, 0.0))
         for y in grid for t in grid],
        columns=["outcome", "with_treatment", "with_outcome", "value"],
    )  # fmt: skip
    points = pd.DataFrame(
        [(o, name, kind, x, x / 2) for o in ("actions_per_prompt", "verified_success")
         for name, kind, x in (("month", "benchmark", 0.05), ("ability", "planted", 0.2))],
        columns=["outcome", "name", "kind", "with_treatment", "with_outcome"],
    )  # fmt: skip
    known = pd.DataFrame(
        [("actions_per_prompt", "remaining bias", 4.2, 0.3, "percent per level", "estimate minus truth")],
        columns=["outcome", "quantity", "value", "error", "unit", "says"],
    )
    return Residual(surface.assign(lower=surface["value"] - 0.01, upper=surface["value"] + 0.01), points, known)


@pytest.fixture(scope="session")
def results() -> Results:
    world = load("published")
    seen, perfect = (simulate(w, SESSIONS, seed=5) for w in (world, world.with_perfect_instruments()))
    observed, clean = seen.observed.to_pandas(), perfect.observed.to_pandas()
    tables = compute(observed)
    true, dose = truth_and_doses(world, SESSIONS, seed=5)
    about = About(
        "published", world.description, world.lesson, SESSIONS, int(observed["user_id"].nunique()), 5, False,
        pd.DataFrame([("difficulty.by_ability", "0.3", "0.0")], columns=["dial", "published", "here"]),
        {"knowntruth": version("knowntruth")},
    )  # fmt: skip
    assert set(true["contrast"]) == set(CONTRASTS)
    instruments, exclusions = instruments_section.measure(seen, observed, seed=5)
    return Results(
        about=about, observed=seen.observed, truth=seen.truth, graph=seen.graph, tables=tables,
        comparison=compare(tables), claims=claims(observed, true, clean, tables=tables), effects_true=true,
        dose=dose, bayes=made_up_bayes(true), checks=made_up_checks(), residual=made_up_residual(),
        instruments=instruments, exclusions=exclusions,
    )  # fmt: skip


@pytest.fixture(scope="session")
def drawn(results: Results) -> dict[str, list[gallery.Picture]]:
    return gallery.draw(results)


@pytest.fixture
def run(capsys, monkeypatch):
    """Return a function that runs the command line in this process: exit code, standard output, errors."""
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: object) -> tuple[int, str, str]:
        code = exit_codes.code_of(partial(cli.app, args=[str(a) for a in arguments], prog_name="knowntruth"))
        out, err = capsys.readouterr()
        return code, out, " ".join(re.sub("[╭╮╰╯│─]", " ", err).split())

    return command


DIAGNOSED = ("diagnose", "null", "halo", "--sessions", "1500", "--replicates", "4", "--workers", "1", "--strategies",
             "naive,front_door,no_assumption_bounds", "--estimands", "verified_difference")  # fmt: skip


@pytest.fixture(scope="session")
def diagnosed() -> tuple[str, ...]:
    """Return the arguments by which `surviving` was made."""
    return DIAGNOSED


@pytest.fixture(scope="session")
def surviving(tmp_path_factory) -> Path:
    """Return the folder of a small diagnosis, map and pages included."""
    out = tmp_path_factory.mktemp("map") / "survived"
    assert exit_codes.code_of(partial(cli.app, args=[*DIAGNOSED, "--out", str(out)], prog_name="knowntruth")) == 0
    return out

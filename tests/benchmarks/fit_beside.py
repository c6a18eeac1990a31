"""The same posterior by three ways: compressed, on rows, and in Bambi. Effective draws a CPU second of each.

All are sampled by nutpie with as many draws in as many chains. Compiling is timed apart. An effective draw is one of
the headline effect of which there are fewest. ``z`` is the largest difference of a mean from that of our draws, over
all numbers that both have, in Monte Carlo errors of the difference: with half a dozen of them, 2 is no surprise.
"""

import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from fit_rows import row_model

from knowntruth.bayes.fit import fit_model_frame
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.rows.model_frame import ModelFrame, model_frame
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.bayes.samplers.settings import TARGET_ACCEPT, SamplerSettings
from knowntruth.priors.load import load
from knowntruth.world.definition.world import load as load_world
from knowntruth.world.simulate import simulate

SHARED = {
    "activity": ("effect", "session_scale", "user_scale"),
    "verified_success": ("effect",),
    "joint": (
        "activity_effect", "verified_success_effect", "activity_session_scale", "activity_user_scale",
        "verified_success_user_scale", "user_correlation",
    ),
}  # fmt: skip
"""Numbers that are compared, by model."""

SIZES = {"activity": (2_000, 10_000), "verified_success": (2_000, 10_000, 40_000), "joint": (2_000, 10_000)}
"""Sessions that every way gets through within ten minutes."""

CALLED = {"Bambi": {"effect": "expert", "session_scale": "sigma", "user_scale": "1|user_sigma"}}
"""What the other ways call them."""

ENDS = (1, 5)
"""Levels that Bambi's models see."""

ENOUGH = 15
"""Sessions drawn for each one of a novice or an expert with a clear goal."""

CHAINS = 4
SEED = 1


def beside(sessions: int | None, draws: int, tune: int) -> list[dict[str, Any]]:
    """Return a row for each model, number of sessions and way to it."""
    return [
        row
        for name in SHARED
        for size in ([sessions] if sessions else SIZES[name])
        for row in ways_to(name, size, draws, tune)
    ]


def ways_to(name: str, sessions: int, draws: int, tune: int) -> list[dict[str, Any]]:
    """Return the rows of one model, ours first."""
    rows = rows_of(name, sessions)
    found = [ours(name, rows, draws, tune), theirs(name, "rows", row_model(name, rows, load("weak")), draws, tune)]
    if name != "joint" and find_spec("bambi"):
        from fit_bambi import bambi_model

        found.append(theirs(name, "Bambi", bambi_model(name, rows, load("weak")), draws, tune))
    return [{"model": name, **row(one, found[0], name, rows)} for one in found]


def row(one: dict[str, Any], first: dict[str, Any], name: str, rows: ModelFrame) -> dict[str, Any]:
    """Return what is told of one way beside the first."""
    effective = ess(one, name)
    return {
        "way": one["way"], "sessions": rows.sessions, "users": rows.users, "compile CPU s": one["compile"],
        "CPU s": one["cpu"], "wall s": one["wall"], "effective draws": effective,
        "effective draws per CPU s": effective / one["cpu"],
        "ours times": ess(first, name) / first["cpu"] / (effective / one["cpu"]),
        "z": max(z(first["draws"][number], one["draws"][number]) for number in SHARED[name]),
    }  # fmt: skip


def rows_of(name: str, sessions: int) -> ModelFrame:
    """Return sessions of the published world; of novices and experts alone where Bambi is to have them too."""
    outcomes = [outcome.column for outcome in MODELS[name].outcomes]
    many = sessions if name == "joint" else ENOUGH * sessions
    frame = simulate(load_world("published"), many, seed=SEED).observed.to_pandas()
    if name == "joint":
        return model_frame(frame, outcomes)
    frame = frame[frame["rated_expertise"].isin(ENDS) & frame["clear_goal"]]
    return model_frame(frame.iloc[:sessions], outcomes, by=None)


def ours(name: str, rows: ModelFrame, draws: int, tune: int) -> dict[str, Any]:
    """Fit our way, compression and all that a fit keeps included."""
    model = MODELS[name]

    def work(draws: int, tune: int) -> Any:
        return fit_model_frame(
            model,
            rows,
            model.compress(rows, ValidationSample()),
            load("weak"),
            SamplerSettings(draws, tune, CHAINS, SEED),
        )

    _, _, compiling = timed(lambda: work(4, 100))
    tree, wall, cpu = timed(lambda: work(draws, tune))
    found = {n: tree["posterior"][n].transpose("chain", "draw").to_numpy() for n in SHARED[name]}
    return {"way": "compressed", "compile": compiling, "wall": wall, "cpu": cpu, "draws": found}


def theirs(name: str, way: str, model: Any, draws: int, tune: int) -> dict[str, Any]:
    """Sample a PyMC model with nutpie; only the numbers that are compared are kept."""
    import nutpie

    called = {number: CALLED.get(way, {}).get(number, number) for number in SHARED[name]}
    compiled, _, compiling = timed(lambda: nutpie.compile_pymc_model(model, var_names=list(called.values())))
    tree, wall, cpu = timed(
        lambda: nutpie.sample(
            compiled,
            draws=draws,
            tune=tune,
            chains=CHAINS,
            seed=SEED,
            target_accept=TARGET_ACCEPT,
            progress_bar=False,
            save_warmup=False,
        )
    )
    found = {number: np.asarray(tree["posterior"][own]) for number, own in called.items()}
    return {"way": way, "compile": compiling, "wall": wall, "cpu": cpu, "draws": found}


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what comes of the work, and its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def ess(one: dict[str, Any], name: str) -> float:
    """Return the effective draws of the headline effect that has fewest."""
    return min(effective(one["draws"][n]) for n in SHARED[name] if n.endswith("effect"))


def effective(draws: Any, method: str = "bulk") -> float:
    from arviz_stats.base import array_stats

    return float(array_stats.ess(draws, chain_axis=0, draw_axis=1, method=method))


def z(one: Any, two: Any) -> float:
    """Return how far two means are apart, in Monte Carlo errors of their difference."""
    errors = (values.var() / effective(values, "mean") for values in (one, two))
    return float(abs(one.mean() - two.mean()) / np.sqrt(sum(errors)))

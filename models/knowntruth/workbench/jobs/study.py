"""The job of ``knowntruth study``: one world through the study's whole design, each answer compared with the truth.

    plan = Plan(load("published"), sessions=40_000, seed=1)
    results = run(plan)

`run` shows the order of the steps; `study_steps` has one function for each.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from knowntruth.common.errors import InputError
from knowntruth.datasets.storage.files import output_folder
from knowntruth.workbench.jobs import study_steps
from knowntruth.workbench.jobs.study_steps import PRIORS, Plan
from knowntruth.workbench.report import instruments_section, write_folder
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import Results, round_numbers, size_and_users
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import load

WEIGHTS: Final[Mapping[str, float]] = {
    "simulate": 4,
    "truth": 4,
    "tables": 8,
    "bayes": 28,
    "checks": 18,
    "claims": 1,
    "instruments": 1,
    "write": 6,
}
"""The steps, with their typical seconds at 40,000 sessions on two cores."""

MIN_SESSIONS: Final = 1000
"""With fewer sessions there are too few novices, about one session in sixty, for the regressions and models."""

BYTES_PER_SESSION: Final = 600
BYTES_PER_STUDY: Final = 40_000_000
"""Upper limits of the disk space: both tables, and the posterior, pictures and report."""


def study(world: str, sessions: int | None, *, seed: int, out: Path, perfect_instruments: bool) -> Results:
    """Run the study of a world and write its folder; ``sessions`` is None for the published size."""
    plan = Plan(load(world), *size_and_users(sessions), seed=seed, perfect_instruments=perfect_instruments)
    sampler = {"draws": plan.draws, "tune": plan.tune, "chains": plan.chains, "priors": PRIORS}
    settings = {"perfect_instruments": perfect_instruments, **sampler}
    with output_folder(
        out, "study", manifest.head(plan.world, plan.sessions, plan.users, seed, **settings)
    ) as folder:
        _check_disk_space(folder, BYTES_PER_STUDY + BYTES_PER_SESSION * plan.sessions)
        with Steps(WEIGHTS) as steps:
            results = run(plan, steps)
            with steps.step("write", f"Writing into {out}"):
                write_folder.write(results, folder)
    return results


def run(plan: Plan, steps: Steps | None = None) -> Results:
    """Run the whole study and return its results.

    Raises
    ------
    InputError
        If the plan is impossible, as soon as a step can detect it.

    Examples
    --------
    >>> run(Plan(kt.load_world("null"), sessions=0))
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: sessions must be 1 or more, got 0
    """
    from knowntruth.datasets.schema.check import check
    from knowntruth.study.claims.claims import claims
    from knowntruth.study.compare import compare
    from knowntruth.study.tables.registry import compute

    steps = steps or Steps(WEIGHTS, quiet=True)
    with steps.step("simulate", f"Simulating {plan.sessions:,} sessions"):
        dataset, perfect_dataset = study_steps.simulate_twice(plan)
        observed, perfect = (check(each.observed.to_pandas()) for each in (dataset, perfect_dataset))
    with steps.step("truth", "Computing the truth by replaying the same people"):
        truth, dose = study_steps.compute_truth(plan)
    with steps.step("tables", "Computing the study's tables"):
        tables, perfect_tables = ({n: round_numbers(t) for n, t in compute(f).items()} for f in (observed, perfect))
        comparison = round_numbers(compare(tables))
    with steps.step("bayes", "Fitting the Bayesian models") as advance:
        bayes = study_steps.fit_models(observed, truth, plan, advance)
    with steps.step("checks", "Running the causal checks") as advance:
        checks = study_steps.run_checks(observed, dataset.graph, plan.seed, advance)
    with steps.step("claims", "Comparing the claims with the truth"):
        answers = round_numbers(claims(observed, truth, perfect, tables=tables, perfect_tables=perfect_tables))
        checks, residual = study_steps.compare_checks_with_truth(checks, observed, dataset, truth, plan.seed)
    with steps.step("instruments", "Measuring the instruments"):
        instruments, exclusions = instruments_section.measure(dataset, observed, seed=plan.seed)
    return Results(
        about=study_steps.describe_run(plan, observed),
        observed=dataset.observed,
        truth=dataset.truth,
        graph=dataset.graph,
        tables=tables,
        comparison=comparison,
        claims=answers,
        effects_true=truth,
        dose=dose,
        bayes=bayes,
        checks=checks,
        residual=residual,
        instruments=round_numbers(instruments),
        exclusions=round_numbers(exclusions),
    )


def _check_disk_space(folder: Path, needed: int) -> None:
    """Refuse before the work what would fail after minutes for lack of disk space."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        megabytes = f"{free / 1e6:,.0f} MB free, about {needed / 1e6:,.0f} MB needed"
        raise InputError(f"cannot write {folder.parent}: the disk is full, {megabytes}; choose another --out")

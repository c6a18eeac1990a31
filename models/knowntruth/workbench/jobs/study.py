"""The main job: one world through the study's whole design, every answer beside the truth.

    plan = Plan(load("published"), sessions=40_000, seed=1)
    results = run(plan)

The steps read from top to bottom in `run`. An analysis is handed the observed sessions alone; the truth joins
only where answers are compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.progress import Progress
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import About, Bayes, Residual, Results, steady
from knowntruth.workbench.terminal.progress import Steps

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from knowntruth.world.definition.world import World
    from knowntruth.world.simulate import Dataset

WEIGHTS: Final[Mapping[str, float]] = {
    "simulate": 4, "truth": 4, "tables": 8, "bayes": 28, "checks": 18, "claims": 1, "write": 6,
}  # fmt: skip
"""The steps, with their usual seconds at 40,000 sessions on two cores."""

MIN_SESSIONS: Final = 1000
"""Fewer hold too few novices, about one session in sixty, for the regressions and models to say anything."""

TRUTH_SESSIONS: Final = 100_000
"""Sessions by which the truth is found; its error is then a small part of any study's."""

PRIORS: Final = "weak"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: ``users`` fixes the number of distinct people, which else follows from the world.

    Examples
    --------
    >>> from knowntruth.world.definition.world import load
    >>> Plan(load("null"), sessions=5_000).draws
    1000
    """

    world: "World"
    sessions: int = 40_000
    users: int | None = None
    seed: int = 1
    perfect_instruments: bool = False
    draws: int = 1000
    tune: int = 200
    chains: int = 4


def run(plan: Plan, steps: Steps | None = None) -> Results:
    """Run the whole study and return what it found.

    Raises
    ------
    InputError
        When the plan asks for the impossible, as soon as a step can tell.

    Examples
    --------
    >>> from knowntruth.world.definition.world import load
    >>> run(Plan(load("null"), sessions=0))
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: sessions must be 1 or more, got 0
    """
    from knowntruth.datasets.schema.check import check
    from knowntruth.study.claims.claims import claims
    from knowntruth.study.compare import compare
    from knowntruth.study.tables.registry import compute

    steps = steps or Steps(WEIGHTS, quiet=True)
    with steps.step("simulate", f"Simulating {plan.sessions:,} sessions"):
        dataset, perfect_dataset = _datasets(plan)
        observed, perfect = (check(each.observed.to_pandas()) for each in (dataset, perfect_dataset))
    with steps.step("truth", "Finding the truth by replaying the same people"):
        truth, dose = _truth(plan)
    with steps.step("tables", "Computing the study's tables"):
        tables, perfect_tables = ({n: steady(t) for n, t in compute(f).items()} for f in (observed, perfect))
        comparison = steady(compare(tables))
    with steps.step("bayes", "Fitting the Bayesian models") as advance:
        bayes = _bayes(observed, truth, plan, advance)
    with steps.step("checks", "Running the causal checks") as advance:
        checks = _checks(observed, dataset.graph, plan.seed, advance)
    with steps.step("claims", "Answering the claims"):
        answers = steady(claims(observed, truth, perfect, tables=tables, perfect_tables=perfect_tables))
        checks, residual = _known(checks, observed, dataset, truth, plan.seed)
    return Results(
        about=_about(plan, observed), observed=dataset.observed, truth=dataset.truth, graph=dataset.graph,
        tables=tables, comparison=comparison, claims=answers, effects_true=truth, dose=dose, bayes=bayes,
        checks=checks, residual=residual,
    )  # fmt: skip


def _datasets(plan: Plan) -> "tuple[Dataset, Dataset]":
    """Return the sessions as this world's instruments show them, and the very same through perfect ones."""
    from knowntruth.world.simulate import simulate

    perfect = plan.world.with_perfect_instruments()
    world = perfect if plan.perfect_instruments else plan.world
    size: dict[str, Any] = {"sessions": plan.sessions, "users": plan.users, "seed": plan.seed}
    return simulate(world, **size), simulate(perfect, **size)


def _truth(plan: Plan) -> "tuple[pd.DataFrame, pd.DataFrame]":
    import pandas as pd

    from knowntruth.world.truths.estimands import truth_and_doses
    from knowntruth.world.truths.principal_strata import recovery_truth

    sessions = max(plan.sessions, TRUTH_SESSIONS)
    effects, doses = truth_and_doses(plan.world, sessions, seed=plan.seed)
    recovery = recovery_truth(plan.world, sessions, seed=plan.seed)
    return steady(pd.concat([effects, recovery], ignore_index=True)), steady(doses)


def _bayes(observed: "pd.DataFrame", truth: "pd.DataFrame", plan: Plan, advance: Progress) -> Bayes:
    """Fit both models, and lay their effects beside the truth that they never saw."""
    import pandas as pd
    import xarray as xr

    from knowntruth.bayes import diagnostics
    from knowntruth.bayes import effects as recovery
    from knowntruth.bayes.checks import posterior_predictive
    from knowntruth.bayes.fit import fit
    from knowntruth.priors.load import load

    priors = load(PRIORS)
    effort: dict[str, Any] = {"draws": plan.draws, "tune": plan.tune, "chains": plan.chains, "seed": plan.seed}
    trees = {
        name: fit(name, observed, priors, **effort, unsound="keep", progress=_half(advance, half))
        for half, name in enumerate(("activity", "verified_success"))
    }
    effects = pd.concat([recovery.effects(tree) for tree in trees.values()], ignore_index=True)
    return Bayes(
        posterior=xr.DataTree.from_dict(trees),
        effects=steady(recovery.compare_with_truth(effects, truth)),
        diagnostics=_stacked({name: diagnostics.diagnostics(tree) for name, tree in trees.items()}),
        predictive=_stacked({name: posterior_predictive.predictive(tree) for name, tree in trees.items()}),
    )


def _half(advance: Progress, half: int) -> Progress:
    return lambda part, share: advance(part, (half + share) / 2)


def _stacked(parts: "Mapping[str, pd.DataFrame]") -> "pd.DataFrame":
    import pandas as pd

    joined = pd.concat([part.assign(model=name)[["model", *part]] for name, part in parts.items()], ignore_index=True)
    return steady(joined)


def _checks(observed: "pd.DataFrame", graph: "nx.DiGraph[str]", seed: int, advance: Progress) -> "pd.DataFrame":
    from knowntruth.causal.check import frame
    from knowntruth.causal.checks.run import run as run_checks

    return frame(run_checks(observed, graph, seed=seed, progress=advance), timings=False)


def _known(
    checks: "pd.DataFrame", observed: "pd.DataFrame", dataset: "Dataset", truth: "pd.DataFrame", seed: int
) -> "tuple[pd.DataFrame, Residual]":
    """Say, once the checks are done, what each should have come to, and how strong the hidden causes are."""
    from knowntruth.design.scorecard import expected_verdicts
    from knowntruth.workbench.jobs.analysis import check as checking

    ask = checking.Ask(seed=seed)
    found, residual = checking.residual_of(observed, dataset.truth, dataset.graph, truth, ask)
    return expected_verdicts.beside(checks, found), residual


def _about(plan: Plan, observed: "pd.DataFrame") -> About:
    import pandas as pd

    from knowntruth.world.definition.world import BASE, load

    differences = [
        (dial, manifest.written(there), manifest.written(here))
        for dial, here, there in plan.world.differences(load(BASE))
    ]
    return About(
        world=plan.world.name, description=plan.world.description, lesson=plan.world.lesson,
        sessions=len(observed), users=int(observed["user_id"].nunique()), seed=plan.seed,
        perfect_instruments=plan.perfect_instruments,
        changed=pd.DataFrame(differences, columns=["dial", BASE, "here"]), versions=manifest.versions(),
    )  # fmt: skip

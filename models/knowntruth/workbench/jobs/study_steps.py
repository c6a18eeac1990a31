"""The steps of the job ``study``, one function each; `knowntruth.workbench.jobs.study.run` puts them together.

Analyses receive the observed sessions alone; the truth joins only where answers are compared with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.progress import Progress
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import About, Bayes, Residual, round_numbers

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from knowntruth.world.definition.world import World
    from knowntruth.world.simulate import Dataset

TRUTH_SESSIONS: Final = 100_000
"""Least number of sessions from which the truth is computed; its error is then a small part of any study's."""

PRIORS: Final = "weak"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: ``users`` fixes the number of distinct people, which otherwise follows from the world.

    Examples
    --------
    >>> Plan(kt.load_world("null"), sessions=5_000).draws
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


def simulate_twice(plan: Plan) -> "tuple[Dataset, Dataset]":
    """Return the sessions through this world's instruments, and the same sessions through perfect ones."""
    from knowntruth.world.simulate import simulate

    perfect = plan.world.with_perfect_instruments()
    world = perfect if plan.perfect_instruments else plan.world
    size: dict[str, Any] = {"sessions": plan.sessions, "users": plan.users, "seed": plan.seed}
    return simulate(world, **size), simulate(perfect, **size)


def compute_truth(plan: Plan) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the true effects, and the mean of each outcome at each level of expertise."""
    import pandas as pd

    from knowntruth.world.truths.estimands import truth_and_doses
    from knowntruth.world.truths.principal_strata import recovery_truth

    sessions = max(plan.sessions, TRUTH_SESSIONS)
    effects, doses = truth_and_doses(plan.world, sessions, seed=plan.seed)
    recovery = recovery_truth(plan.world, sessions, seed=plan.seed)
    return round_numbers(pd.concat([effects, recovery], ignore_index=True)), round_numbers(doses)


def fit_models(observed: "pd.DataFrame", truth: "pd.DataFrame", plan: Plan, advance: Progress) -> Bayes:
    """Fit both models and compare their effects with the truth, which they did not see."""
    import pandas as pd
    import xarray as xr

    from knowntruth.bayes import diagnostics
    from knowntruth.bayes import effects as standardised
    from knowntruth.bayes.checks import posterior_predictive
    from knowntruth.bayes.fit import fit
    from knowntruth.priors.load import load

    priors = load(PRIORS)
    effort: dict[str, Any] = {"draws": plan.draws, "tune": plan.tune, "chains": plan.chains, "seed": plan.seed}
    trees = {
        name: fit(name, observed, priors, **effort, unsound="keep", progress=_half(advance, half))
        for half, name in enumerate(("activity", "verified_success"))
    }
    effects = pd.concat([standardised.effects(tree) for tree in trees.values()], ignore_index=True)
    return Bayes(
        posterior=xr.DataTree.from_dict(trees),
        effects=round_numbers(standardised.compare_with_truth(effects, truth)),
        diagnostics=_stacked({name: diagnostics.diagnostics(tree) for name, tree in trees.items()}),
        predictive=_stacked({name: posterior_predictive.predictive(tree) for name, tree in trees.items()}),
    )


def _half(advance: Progress, half: int) -> Progress:
    return lambda part, share: advance(part, (half + share) / 2)


def _stacked(parts: "Mapping[str, pd.DataFrame]") -> "pd.DataFrame":
    import pandas as pd

    joined = pd.concat([part.assign(model=name)[["model", *part]] for name, part in parts.items()], ignore_index=True)
    return round_numbers(joined)


def run_checks(observed: "pd.DataFrame", graph: "nx.DiGraph[str]", seed: int, advance: Progress) -> "pd.DataFrame":
    """Return the causal checks of the observed sessions, without timings."""
    from knowntruth.causal.check import frame
    from knowntruth.causal.checks.run import run as run_checks

    return frame(run_checks(observed, graph, seed=seed, progress=advance), timings=False)


def compare_checks_with_truth(
    checks: "pd.DataFrame", observed: "pd.DataFrame", dataset: "Dataset", truth: "pd.DataFrame", seed: int
) -> "tuple[pd.DataFrame, Residual]":
    """Return the checks with the verdict that each should have had, and how strong the hidden causes are."""
    from knowntruth.design.scorecard import expected_verdicts
    from knowntruth.workbench.jobs.analysis import residual_confounding

    analyses = residual_confounding.prepare_analyses(observed, dataset.graph, seed=seed)
    known, residual = residual_confounding.compare_with_hidden_causes(analyses, observed, dataset.truth, truth)
    return expected_verdicts.compare_verdicts(checks, known), residual


def describe_run(plan: Plan, observed: "pd.DataFrame") -> About:
    """Return what was run: world, size, seed, versions, and the dials that differ from `published`."""
    import pandas as pd

    from knowntruth.world.definition.world import BASE, load

    differences = [
        (dial, manifest.toml_value(there), manifest.toml_value(here))
        for dial, here, there in plan.world.differences(load(BASE))
    ]
    return About(
        world=plan.world.name, description=plan.world.description, lesson=plan.world.lesson,
        sessions=len(observed), users=int(observed["user_id"].nunique()), seed=plan.seed,
        perfect_instruments=plan.perfect_instruments,
        changed=pd.DataFrame(differences, columns=["dial", BASE, "here"]), versions=manifest.versions(),
    )  # fmt: skip

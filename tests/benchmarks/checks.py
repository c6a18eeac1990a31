"""How long each causal check takes on the full study, and what DoWhy alone needs for its own.

The checks run once on so many sessions; their seconds are wall time, and the last row is the whole with its CPU
seconds and the peak memory of the process. DoWhy alone is given the same question with every covariate as dummies,
on as many rows as it can finish, and one simulation of each refuter; where it cannot finish at all, or has nothing of
the kind, the table says so.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
from measure import parser, peak_mib, show

from knowntruth.causal import dowhy_guard
from knowntruth.causal.checks.run import OUTCOMES, TREATMENT, run
from knowntruth.causal.estimation.analysis import PUBLISHED, prepare
from knowntruth.causal.estimation.design_matrix import block, covariate_name
from knowntruth.causal.estimation.regression import fit_by_dowhy
from knowntruth.causal.estimation.weighting import METHODS, MIN_UPPER_LEVEL
from knowntruth.causal.graphs.analysis_graph import analysis_graph
from knowntruth.causal.identification.identify import identify
from knowntruth.workbench.results.study_results import PUBLISHED_SESSIONS, PUBLISHED_USERS
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate

LINEAR, CURVED = "backdoor.linear_regression", "backdoor.generalized_linear_model"

CANNOT = {
    "identification": "searches all subsets: does not end on the 40 nodes before treatment and outcome",
    "label errors": "does not know that a column is a reading of what is meant",
    "bad controls": "says that a set does not do, not which variable nor why",
    "implied independencies": "refuses hidden nodes; its default test does not end in 240 s on 1,000 rows",
    "graph against chance": "the same",
    "overlap": "has none but OverRule, in the row overlap rules",
    "overlap rules": "OverRule: 64 s at 10,000 rows, over 300 s and 3.3 GiB at 400,000; rules and no verdict",
    "partially linear bounds": "asks for 1.2 TiB at 400,000 rows",
    "non-parametric bounds": "does not end in 240 s at 10,000 rows",
    "placebo instrument": "gives absurd numbers",
    "placebo front door": "returns the estimate unchanged",
}
"""What DoWhy 0.14 alone does not do, as tried on this kind of data."""


def alone(case: Any, rows: int) -> dict[str, str]:
    """What DoWhy's own estimates, refuters and sensitivity analyses need on dummies."""
    data = case.data.head(rows)
    frame = dummies(case, data, case.identification.adjustment)
    estimand, estimate = fit_by_dowhy(frame, LINEAR, (1.0, 2.0))
    once = estimates(case, data, frame) | sensitivities(case, frame, estimand, estimate)
    said = {name: f"{taken(work)} on {len(data):,} rows" for name, work in once.items()}
    for name, work in refuters(case, frame, estimand, estimate).items():
        said[name] = f"{taken(work)} on {len(data):,} rows, one simulation"
    return said


def taken(work: Callable[[], Any]) -> str:
    """Wall seconds, or the error that it ends in."""
    start = time.perf_counter()
    try:
        with dowhy_guard.quietly(1):
            work()
    except Exception as error:  # whatever DoWhy ends in is the finding
        return f"ends in {type(error).__name__}"
    return f"{time.perf_counter() - start:.2f} s"


def dummies(case: Any, data: pd.DataFrame, names: Any) -> pd.DataFrame:
    """Treatment, outcome, and every covariate as dummies."""
    held = [pd.DataFrame(block(data, name).toarray()).add_prefix(f"{covariate_name(name)}_") for name in names]
    return pd.concat([data[[case.treatment, case.outcome]].astype(float), *held], axis=1)


def estimates(case: Any, data: pd.DataFrame, frame: pd.DataFrame) -> dict[str, Callable[[], Any]]:
    """The two groups of weighting are upper and lower levels, as in the check."""
    published = dummies(case, data, PUBLISHED)
    groups = frame.assign(**{case.treatment: frame[case.treatment].ge(MIN_UPPER_LEVEL)})
    works: dict[str, Callable[[], Any]] = {
        "naive contrast": lambda: fit_by_dowhy(frame[[case.treatment, case.outcome]], LINEAR, (1.0, 2.0)),
        "published adjustment": lambda: fit_by_dowhy(published, LINEAR, (1.0, 2.0)),
        "linear regression": lambda: fit_by_dowhy(frame, LINEAR, (1.0, 2.0)),
        "expert against novice": lambda: fit_by_dowhy(frame, LINEAR, (1.0, 5.0)),
    }
    levels = frame.assign(**{case.treatment: frame[case.treatment].astype(int).astype(str)})
    works["expert against novice, by level"] = lambda: fit_by_dowhy(levels, LINEAR, ("1", "5"))
    for name, method in METHODS.items():
        works[name] = lambda method=method: fit_by_dowhy(groups, method, (0, 1))
    if not case.logged:
        works["logistic regression"] = lambda: fit_by_dowhy(frame, CURVED, (1.0, 5.0), logistic())
    return works


def logistic() -> dict[str, Any]:
    from statsmodels.api import families

    return {"glm_family": families.Binomial(), "predict_score": True}


def sensitivities(case: Any, frame: pd.DataFrame, estimand: Any, estimate: Any) -> dict[str, Callable[[], Any]]:
    """Robustness value and benchmark are one analysis there."""
    from dowhy.causal_refuters import add_unobserved_common_cause as theirs

    benchmark = [frame.columns[2]]
    linear = {"benchmark_common_causes": benchmark, "significance_level": 0.05, "null_hypothesis_effect": 0.0,
              "frac_strength_treatment": [1.0], "frac_strength_outcome": [1.0]}  # fmt: skip
    ends = [case.treatment], [case.outcome]

    def partial_r2() -> Any:
        return theirs.sensitivity_linear_partial_r2(
            frame.copy(), estimate, case.treatment, plot_estimate=False, **linear
        )

    return {
        "robustness value": partial_r2,
        "benchmark cause": partial_r2,
        "E-value": lambda: theirs.sensitivity_e_value(frame.copy(), estimand, estimate, *ends, plot_estimate=False),
    }


def refuters(case: Any, frame: pd.DataFrame, estimand: Any, estimate: Any) -> dict[str, Callable[[], Any]]:
    from dowhy import causal_refuters as theirs
    from dowhy.causal_refuters.placebo_treatment_refuter import PlaceboType

    given = (frame.copy(), estimand, estimate)
    ends = ([case.treatment], [case.outcome])
    return {
        "placebo treatment": lambda: theirs.refute_placebo_treatment(
            *given, treatment_names=ends[0], placebo_type=PlaceboType.PERMUTE, num_simulations=1, random_state=1
        ),
        "random common cause": lambda: theirs.refute_random_common_cause(*given, num_simulations=1, random_state=1),
        "data subset": lambda: theirs.refute_data_subset(*given, num_simulations=1, random_state=1),
        "bootstrap": lambda: theirs.refute_bootstrap(*given, num_simulations=1, random_state=1, noise=0.0),
        "dummy outcome": lambda: theirs.refute_dummy_outcome(
            *given, treatment_name=ends[0], outcome_name=case.outcome, required_variables=True, num_simulations=1
        ),
        "unobserved common cause": lambda: theirs.sensitivity_simulation(
            *given, *ends, kappa_t=0.1, kappa_y=0.1, confounders_effect_on_treatment="linear",
            confounders_effect_on_outcome="linear",
        ),
    }  # fmt: skip


def opened(observed: pd.DataFrame, graph: Any, outcome: str, rows: int) -> Any:
    analysis = analysis_graph(graph, TREATMENT, outcome)
    return prepare(observed, analysis.graph, identify(analysis), 1, rows, 2)


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--sessions", type=int, default=PUBLISHED_SESSIONS)
    asked.add_argument("--alone-rows", type=int, default=20_000, help="rows that DoWhy alone is given, with dummies")
    options = asked.parse_args()
    users = PUBLISHED_USERS if options.sessions == PUBLISHED_SESSIONS else None
    dataset = simulate(load("published"), options.sessions, seed=1, users=users)
    observed, graph = dataset.observed.to_pandas(), dataset.graph
    dowhy_guard.import_dowhy()
    cpu, wall = time.process_time(), time.perf_counter()
    checks = run(observed, graph, seed=1)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = peak_mib()
    theirs = {outcome: alone(opened(observed, graph, outcome, options.alone_rows), options.alone_rows)
              for outcome in OUTCOMES}  # fmt: skip
    rows = []
    for check in checks:
        said = theirs[check.outcome].get(check.name) or CANNOT.get(check.name, "not tried")
        rows.append({"check": check.name, "outcome": check.outcome, "rows": check.n, "seconds": check.seconds,
                     "DoWhy alone": said})  # fmt: skip
    rows.append({"check": "all", "outcome": f"CPU {cpu:.0f} s, peak {peak:.0f} MiB", "rows": options.sessions,
                 "seconds": wall, "DoWhy alone": ""})  # fmt: skip
    show("causal checks", rows, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

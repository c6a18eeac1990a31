"""How long each causal check takes on the full study, and what DoWhy alone needs for its own.

The checks run once on so many sessions; their seconds are wall time, and the last row is the whole with its CPU
seconds and the peak memory of the process. DoWhy alone is given the same question with every covariate as dummies,
on as many rows as it can finish, and one simulation of each refuter; where it cannot finish at all, the table says
why.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
from measure import parser, peak_mib, show

from knowntruth.causal import quiet
from knowntruth.causal.case import open_case
from knowntruth.causal.encode import block
from knowntruth.causal.estimate import dowhy_fit
from knowntruth.causal.graph import analysis_graph
from knowntruth.causal.identify import identify
from knowntruth.causal.run import OUTCOMES, TREATMENT, run
from knowntruth.workbench.results import PUBLISHED_SESSIONS, PUBLISHED_USERS
from knowntruth.world.simulate import simulate
from knowntruth.world.world import load

CANNOT = {
    "identification": "searches all subsets: does not end on the 40 nodes before treatment and outcome",
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


def alone(case: Any, rows: int) -> dict[str, float]:
    """Wall seconds of DoWhy's own estimate and refuters on dummies."""
    data = case.data.head(rows)
    names = case.identification.adjustment
    dummies = [pd.DataFrame(block(data, name).toarray()).add_prefix(f"{name}_") for name in names]
    frame = pd.concat([data[[case.treatment, case.outcome]].astype(float), *dummies], axis=1)
    taken: dict[str, float] = {}
    start = time.perf_counter()
    estimand, estimate = dowhy_fit(frame, "backdoor.linear_regression", (1.0, 2.0))
    taken["linear regression"] = time.perf_counter() - start
    for name, work in refuters(case, frame, estimand, estimate).items():
        start = time.perf_counter()
        with quiet.quietly(1):
            work()
        taken[name] = time.perf_counter() - start
    return taken


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


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--sessions", type=int, default=PUBLISHED_SESSIONS)
    asked.add_argument("--alone-rows", type=int, default=20_000, help="rows that DoWhy alone is given, with dummies")
    options = asked.parse_args()
    users = PUBLISHED_USERS if options.sessions == PUBLISHED_SESSIONS else None
    dataset = simulate(load("published"), options.sessions, seed=1, users=users)
    observed, graph = dataset.observed.to_pandas(), dataset.graph
    quiet.dowhy()
    cpu, wall = time.process_time(), time.perf_counter()
    checks = run(observed, graph, seed=1)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = peak_mib()
    analysis = analysis_graph(graph, TREATMENT, OUTCOMES[0])
    case = open_case(observed, analysis.graph, identify(analysis), 1, options.alone_rows, 2)
    theirs = alone(case, options.alone_rows)
    rows = []
    for check in checks:
        own = theirs.get(check.name)
        said = f"{own:.2f} s on {options.alone_rows:,} rows, one simulation" if own else CANNOT.get(check.name, "")
        rows.append({"check": check.name, "outcome": check.outcome, "rows": check.n, "seconds": check.seconds,
                     "DoWhy alone": said})  # fmt: skip
    rows.append({"check": "all", "outcome": f"CPU {cpu:.0f} s, peak {peak:.0f} MiB", "rows": options.sessions,
                 "seconds": wall, "DoWhy alone": ""})  # fmt: skip
    show("causal checks", rows, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

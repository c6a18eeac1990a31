"""How fast designs are diagnosed: two arms on one core, eight strategies on a world, a second core, and the ledger.

DeclareDesign 1.0.10 diagnoses the two-arm design of its README at some 40 to 80 simulations a second. Rates are per
second of processor time of one core, so that other work on the machine does not count; the world's minutes are
projected from a few replicates. What the second core is worth is measured on the clock and means something on an idle
machine only. ``--small`` runs everything at a size of seconds.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from measure import parser, show

from knowntruth.design.diagnose import FAST_STRATEGIES, diagnose
from knowntruth.design.ledger.decompose import ledger
from knowntruth.design.replication.plan import Case, Job, Plan, Task
from knowntruth.design.replication.replicate import run_batch
from knowntruth.design.replication.run import run_plan
from knowntruth.design.sources.two_arm import QUESTION, DifferenceInMeans, TwoArm
from knowntruth.workbench.results.study_results import PUBLISHED_SESSIONS, PUBLISHED_USERS
from knowntruth.world.definition.world import load

REPLICATES, SESSIONS, CORES = 1000, 5000, 2


@dataclass(frozen=True)
class Size:
    """How much is measured: two-arm simulations, replicates of the world and a core, sessions of world and ledger."""

    simulations: int = 4000
    measured: int = 5
    shared: int = 40
    sessions: int = SESSIONS
    ledger: tuple[int, int | None] = (PUBLISHED_SESSIONS, PUBLISHED_USERS)


SMALL = Size(simulations=200, measured=1, shared=4, sessions=1500, ledger=(5000, None))


def two_arm(n: int, size: Size) -> dict[str, object]:
    simulations = size.simulations
    plan = Plan((Case(TwoArm(n), {}),), (DifferenceInMeans(),), (QUESTION,), simulations, 1, batch=500)
    run_batch(plan.task(Job(0, 0, 50)))
    start = time.process_time()
    run = run_plan(plan, workers=1)
    found = run.diagnosis().set_index("diagnosand")
    spent = time.process_time() - start
    names = ("bias", "sd", "power", "coverage")
    said = {name: f"{found['value'][name]:.4f} ± {found['mcse'][name]:.4f}" for name in names}
    return {"work": f"two arms, N = {n:,}", "a second": simulations / spent, **said}


def world(size: Size) -> dict[str, object]:
    how: dict[str, Any] = {"workers": 1, "truth_sessions": 2000, "estimands": ["verified_difference"]}
    plan = diagnose(["published"], FAST_STRATEGIES, 1, size.sessions, **how).plan
    drawing, answering = Clock(), Clock()
    task = clocked(plan.task(Job(0, 1, 1 + size.measured)), drawing, answering)
    start = time.process_time()
    rows = run_batch(task)
    spent = time.process_time() - start
    return {
        "work": f"published, {len(FAST_STRATEGIES)} strategies, one effect, {size.sessions:,} sessions",
        "a second": size.measured / spent,
        "minutes on 2 cores": REPLICATES * spent / size.measured / CORES / 60,
        "share of simulating": drawing.spent / spent,
        "overhead over estimators": (spent - drawing.spent - answering.spent) / answering.spent,
        "failures": sum(bool(error) for error in rows["error"].to_pylist()),
    }


class Clock:
    """Processor seconds ``spent`` inside some functions."""

    def __init__(self) -> None:
        self.spent = 0.0

    def on(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with its time counted."""

        def counted(*given: Any) -> Any:
            start = time.process_time()
            try:
                return work(*given)
            finally:
                self.spent += time.process_time() - start

        return counted


def clocked(task: Task, drawing: Clock, answering: Clock) -> Task:
    """Return a task whose data and answers are timed; what is left of its time is the harness's own."""
    source: Any = SimpleNamespace(draw=drawing.on(task.source.draw))
    asked = tuple(
        (SimpleNamespace(name=each.name, treatment=each.treatment, estimands=each.estimands,
                         estimate=answering.on(each.estimate)), question)
        for each, question in task.asked
    )  # fmt: skip
    return replace(task, source=source, asked=asked)


def second_core(size: Size) -> dict[str, object]:
    """Wall seconds with one worker and with two, both warm."""
    taken = {}
    for workers in (1, 2):
        how: dict[str, Any] = {"workers": workers, "truth_sessions": 1000, "estimands": ["verified_difference"]}
        plan = diagnose(["published"], FAST_STRATEGIES, size.shared, size.sessions, **how).plan
        start = time.perf_counter()
        run_plan(plan, workers=workers)
        taken[workers] = time.perf_counter() - start
    return {
        "work": f"{size.shared} replicates of {size.sessions:,} sessions", "one worker, s": taken[1],
        "two workers, s": taken[2], "second core is worth": taken[1] / taken[2],
    }  # fmt: skip


def full_ledger(size: Size) -> dict[str, object]:
    sessions, users = size.ledger
    ledger(load("published"), 2000, seed=1)
    cpu, wall = time.process_time(), time.perf_counter()
    ledger(load("published"), sessions, seed=1, users=users)
    return {
        "work": f"ledger of published, {sessions:,} sessions", "CPU seconds": time.process_time() - cpu,
        "wall seconds": time.perf_counter() - wall,
    }  # fmt: skip


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--small", action="store_true", help="a run of seconds, to see that it runs")
    options = asked.parse_args()
    size = SMALL if options.small else Size()
    show("diagnose: two arms", [two_arm(100, size), two_arm(5000, size)], options.json)
    show("diagnose: a world", [world(size)], options.json)
    show("diagnose: a second core", [second_core(size)], options.json)
    show("ledger", [full_ledger(size)], options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

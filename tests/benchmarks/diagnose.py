"""How fast designs are diagnosed: DeclareDesign's two-arm example on one core, and eight strategies on a world.

DeclareDesign 1.0.10 diagnoses the two-arm design of its README at some 40 to 80 simulations a second. Rates are per
second of processor time of one core, so that other work on the machine does not count; the world's minutes are
projected from a few replicates.
"""

import sys
import time

from measure import arguments, show

from knowntruth.design.diagnose import FAST, diagnose
from knowntruth.design.plan import Case, Job, Plan
from knowntruth.design.replicate import batch
from knowntruth.design.run import conduct
from knowntruth.design.two_arm import QUESTION, DifferenceInMeans, TwoArm

SIMULATIONS = 4000
REPLICATES, SESSIONS, CORES = 1000, 5000, 2
MEASURED = 5
"""Replicates of the world from which its minutes are projected."""


def two_arm(n: int) -> dict[str, object]:
    plan = Plan((Case(TwoArm(n), {}),), (DifferenceInMeans(),), (QUESTION,), SIMULATIONS, 1, batch=500)
    batch(plan.task(Job(0, 0, 50)))
    start = time.process_time()
    run = conduct(plan, workers=1)
    found = run.diagnosis().set_index("diagnosand")
    spent = time.process_time() - start
    names = ("bias", "sd", "power", "coverage")
    said = {name: f"{found['value'][name]:.4f} ± {found['mcse'][name]:.4f}" for name in names}
    return {"work": f"two arms, N = {n:,}", "a second": SIMULATIONS / spent, **said}


def world() -> dict[str, object]:
    how = {"sessions": SESSIONS, "workers": 1, "truth_sessions": 2000, "estimands": ["verified_difference"]}
    plan = diagnose(["published"], FAST, 1, **how).plan
    start = time.process_time()
    rows = batch(plan.task(Job(0, 1, 1 + MEASURED)))
    spent = (time.process_time() - start) / MEASURED
    start = time.process_time()
    for k in range(MEASURED):
        plan.cases[0].source.draw(k)
    drawing = (time.process_time() - start) / MEASURED
    return {
        "work": f"published, {len(FAST)} strategies, one effect",
        "a second": 1 / spent,
        "minutes on 2 cores": REPLICATES * spent / CORES / 60,
        "share of simulating": drawing / spent,
        "failures": sum(bool(error) for error in rows["error"].to_pylist()),
    }


def main() -> int:
    options = arguments(__doc__)
    show("diagnose: two arms", [two_arm(100), two_arm(5000)], options.json)
    show("diagnose: a world", [world()], options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

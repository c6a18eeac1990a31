"""The commands, one a file: a new one is a new file and a name in `COMMANDS`, in the order of `--help`."""

from collections.abc import Callable
from typing import Any, Final

from knowntruth.workbench.commands import lab, study
from knowntruth.workbench.commands.analysis import check, fit
from knowntruth.workbench.commands.calibration import bounds, calibrate, compare
from knowntruth.workbench.commands.data import dataset, release, score, suite
from knowntruth.workbench.commands.design import diagnose, ledger, plan
from knowntruth.workbench.commands.world import graph, laws, simulate, truth, worlds

COMMANDS: Final[tuple[Callable[..., Any], ...]] = (
    study.study,
    worlds.worlds,
    graph.graph,
    simulate.simulate,
    truth.truth,
    laws.laws,
    release.release,
    fit.fit,
    check.check,
    compare.compare,
    calibrate.calibrate,
    bounds.bounds,
    diagnose.diagnose,
    ledger.ledger,
    plan.plan,
    dataset.dataset,
    score.score,
    suite.suite,
    lab.lab,
)

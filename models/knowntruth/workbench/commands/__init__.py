"""The commands, one per file, by the panel of ``knowntruth --help`` that shows them.

A new command is a file here, its job under the same path in `knowntruth.workbench.jobs`, and a name in `PANELS`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from knowntruth.workbench.commands import lab, renew, study
from knowntruth.workbench.commands.analysis import check, fit
from knowntruth.workbench.commands.calibration import bounds, calibrate, compare
from knowntruth.workbench.commands.data import dataset, release, score, suite
from knowntruth.workbench.commands.design import diagnose, ledger, plan
from knowntruth.workbench.commands.world import graph, laws, simulate, truth, worlds

PANELS: Final[Mapping[str, tuple[Callable[..., Any], ...]]] = {
    "Start here": (study.study, lab.lab),
    "Worlds: simulate and inspect": (worlds.worlds, simulate.simulate, truth.truth, graph.graph, laws.laws),
    "Data: share, release and score": (dataset.dataset, release.release, score.score, suite.suite),
    "Analysis: of any sessions": (fit.fit, check.check),
    "Design: which analysis to trust": (diagnose.diagnose, ledger.ledger, plan.plan),
    "Calibration: worlds and the published figures": (compare.compare, calibrate.calibrate, bounds.bounds),
    "Repository: results that are stored in it": (renew.renew,),
}
"""Commands by panel, in the order of ``--help``: a panel holds the commands of one sub-folder."""

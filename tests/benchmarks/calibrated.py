"""Simulation-based calibration of every model, with as many replicates as there is time for.

    python tests/benchmarks/calibrated.py --replicates 200 --folder calibrated    # goes on where it stopped

Two tables stand beside this program as it wrote them last: `calibrated_ranks.csv`, the rank of each quantity in each
replicate, and `calibrated.csv`, how far these ranks stray from uniform and the limit under which those of all
quantities of all models stay together. `calibrated.png` is a picture of both.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from measure import parser, show

from knowntruth.bayes.checks import sbc
from knowntruth.bayes.checks.rank_uniformity import verdicts
from knowntruth.bayes.checks.sbc import SbcStudy
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.rows.model_frame import model_frame
from knowntruth.priors.load import load
from knowntruth.workbench.plots.bayes import ranks as plots
from knowntruth.world.definition.world import load as load_world
from knowntruth.world.simulate import simulate

SESSIONS = 400
"""Simulated; those without a clear goal do not enter."""
AUDITED = 20
EFFORT = {"draws": 150, "tune": 150, "chains": 2}


def trials() -> dict[str, SbcStudy]:
    """The same sessions' codes for every model; outcomes and ratings are made anew from the priors."""
    observed = simulate(load_world("randomized"), SESSIONS, seed=1).observed.to_pandas()
    known = pd.Series(1 + np.arange(AUDITED) % 5, index=observed["session_id"].iloc[:AUDITED])
    shared = {"covariates": ("mode", "value_band"), "by": "mode", "known": known}
    return {
        name: SbcStudy(
            name, model_frame(observed, [o.column for o in row.outcomes], **shared), load("weak"), **EFFORT
        )
        for name, row in MODELS.items()
    }


def ranked(replicates: int, models: list[str], folder: Path, workers: int) -> pd.DataFrame:
    """Return one row a quantity of a model, one column a replicate."""
    found = {}
    for name, trial in trials().items():
        if name in models:
            (folder / name).mkdir(parents=True, exist_ok=True)
            found[name] = sbc.run_replicates(trial, replicates, folder / name, workers).T
    return pd.concat(found, names=["model", "quantity"]).astype("Int64")


def by_model(ranks: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return each model's ranks, one row a replicate, one column a quantity."""
    own = ranks.drop(index=sbc.EFFECTIVE, level="quantity")
    return {str(name): rows.droplevel("model").T.dropna(how="all") for name, rows in own.groupby("model", sort=False)}


def judged(ranks: pd.DataFrame) -> pd.DataFrame:
    """Return the verdict on each quantity of each model, all under one limit."""
    own = ranks.drop(index=sbc.EFFECTIVE, level="quantity")
    found = verdicts(own.T)
    return found.assign(**own.index.to_frame(index=False))[["model", *found]]


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--replicates", type=int, default=200)
    asked.add_argument("--models", nargs="*", default=list(MODELS))
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--folder", type=Path, required=True, help="where replicates are kept")
    asked.add_argument("--out", type=Path, default=Path(__file__).parent)
    options = asked.parse_args()
    ranks = ranked(options.replicates, options.models, options.folder, options.workers)
    table = judged(ranks)
    ranks.to_csv(options.out / "calibrated_ranks.csv", lineterminator="\n")
    table.to_csv(options.out / "calibrated.csv", index=False, float_format="%.3g", lineterminator="\n")
    (options.out / "calibrated.png").write_bytes(plots.png(by_model(ranks)))
    show("calibrated", table.to_dict("records"), options.json)
    return int(table["verdict"].eq("fail").any())


if __name__ == "__main__":
    sys.exit(main())

"""Simulation-based calibration of every model, with as many replicates as there is time for.

    python tests/benchmarks/calibrated.py --replicates 200 --folder calibrated    # goes on where it stopped

The table beside this program, `calibrated.csv`, is what it wrote last: for each ranked quantity how far its ranks
stray from uniform, in binomial standard deviations, and the limit that uniform ranks stay under.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from measure import parser, show

from knowntruth.bayes import calibration
from knowntruth.bayes.calibration import Trial
from knowntruth.bayes.design import design
from knowntruth.bayes.models import MODELS
from knowntruth.priors.load import load
from knowntruth.world.simulate import simulate
from knowntruth.world.world import load as load_world

SESSIONS = 200
AUDITED = 20
EFFORT = {"draws": 150, "tune": 300, "chains": 2}


def trials() -> dict[str, Trial]:
    """The same sessions' codes for every model; outcomes and ratings are made anew from the priors."""
    observed = simulate(load_world("randomized"), 2 * SESSIONS, seed=1).observed.to_pandas()
    known = pd.Series(1 + np.arange(AUDITED) % 5, index=observed["session_id"].iloc[:AUDITED])
    shared = {"covariates": ("mode", "value_band"), "by": "mode", "known": known}
    return {
        name: Trial(name, design(observed, [o.column for o in row.outcomes], **shared), load("weak"), **EFFORT)
        for name, row in MODELS.items()
    }


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--replicates", type=int, default=100)
    asked.add_argument("--models", nargs="*", default=list(MODELS))
    asked.add_argument("--folder", type=Path, required=True, help="where replicates are kept")
    asked.add_argument("--out", type=Path, default=Path(__file__).with_name("calibrated.csv"))
    options = asked.parse_args()
    found = []
    for name, trial in trials().items():
        if name in options.models:
            folder = options.folder / name
            folder.mkdir(parents=True, exist_ok=True)
            rows = calibration.verdicts(calibration.run(trial, options.replicates, folder))
            found.append(rows.assign(model=name)[["model", *rows]])
    table = pd.concat(found)
    table.to_csv(options.out, index=False, float_format="%.3g", lineterminator="\n")
    show("calibrated", table.to_dict("records"), options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

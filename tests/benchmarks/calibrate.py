"""Simulation-based calibration of a model's inference, at any length; stop it, and the same command goes on.

python tests/benchmarks/calibrate.py --model joint --replicates 400 --folder calibrated/joint --workers 2
"""

import sys
from pathlib import Path

from measure import parser, show

from knowntruth.bayes.calibration import Trial, run, verdicts
from knowntruth.bayes.design import design
from knowntruth.bayes.models import MODELS
from knowntruth.priors.load import load
from knowntruth.world.simulate import simulate
from knowntruth.world.world import load as load_world


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--model", choices=tuple(MODELS), required=True)
    asked.add_argument("--priors", default="weak")
    asked.add_argument("--sessions", type=int, default=400)
    asked.add_argument("--replicates", type=int, default=200)
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--folder", type=Path, required=True)
    options = asked.parse_args()
    observed = simulate(load_world("published"), options.sessions, seed=1).observed.to_pandas()
    rows = design(observed, [outcome.column for outcome in MODELS[options.model].outcomes])
    trial = Trial(options.model, rows, load(options.priors))
    found = verdicts(run(trial, options.replicates, options.folder, options.workers))
    show(f"calibration of {options.model}", found.to_dict("records"), options.json)
    return int(found["verdict"].eq("fail").any())


if __name__ == "__main__":
    sys.exit(main())

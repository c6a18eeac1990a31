"""How long the simulator takes, beside NumPy merely drawing as many uniforms."""

import sys

import numpy as np
from measure import arguments, peak_mib, seconds, show

from knowntruth.world.catalogue import MECHANISMS
from knowntruth.world.sampling import sample
from knowntruth.world.simulate import dataset, simulate
from knowntruth.world.truth import truth
from knowntruth.world.world import load

DRAWS_A_PROMPT = 9
"""Upper bound on the draws of `course.live` and `course.actions` at one prompt."""


def main() -> int:
    options = arguments(__doc__)
    world = load("published")
    rows = []
    for sessions, users in ((40_000, None), (398_198, 234_751)):
        frame = sample(world, sessions, seed=1, users=users)
        prompts = int(dataset(world, frame).observed["prompts"].to_numpy().sum())
        draws = sessions * len(MECHANISMS) + prompts * DRAWS_A_PROMPT
        rng = np.random.default_rng(1)
        whole = seconds(lambda s=sessions, u=users: simulate(world, s, seed=1, users=u), options.repeats)
        numpy_only = seconds(lambda d=draws, r=rng: r.random(d), options.repeats)
        rows.append({"work": "simulate", "sessions": sessions, "prompts": prompts, "seconds": whole,
                     "times NumPy's draws": whole / numpy_only, "peak MiB": peak_mib()})  # fmt: skip
    true = seconds(lambda: truth(world, 40_000, seed=1), options.repeats)
    rows.append({"work": "truth, ten potential outcomes", "sessions": 40_000, "prompts": 0, "seconds": true,
                 "times NumPy's draws": float("nan"), "peak MiB": peak_mib()})  # fmt: skip
    show("simulate", rows, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

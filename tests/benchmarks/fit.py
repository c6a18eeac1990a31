"""How long the joint model takes: at the published size, at a replicate's size, and beside the same model on rows.

    # 398,198 sessions; the target is 90 s and 3 GiB
    python tests/benchmarks/fit.py --what study
    python tests/benchmarks/fit.py --what replicate   # 5,000 sessions, warm; the target is 10 s
    python tests/benchmarks/fit.py --what rows        # effective draws a second beside rows, and beside Bambi

CPU seconds stand beside wall seconds, since the machine may have other things to do. Bambi is compared where it is
installed (see `fit_beside`), which is not in our own environment, since it holds back another package:

    uv run --with bambi==0.21.0 python tests/benchmarks/fit.py --what rows

`fit_rows.csv` is what that wrote last.
"""

import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
from fit_beside import beside
from measure import parser, peak_mib, show

from knowntruth.bayes.diagnostics import diagnostics
from knowntruth.bayes.fit import DRAWS, TUNE, fit_model_frame
from knowntruth.bayes.models.registry import MODELS
from knowntruth.bayes.rows.model_frame import ModelFrame, model_frame
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.bayes.samplers.settings import SAMPLERS, TARGET_ACCEPT, SamplerSettings
from knowntruth.priors.load import load
from knowntruth.world.definition.world import load as load_world
from knowntruth.world.simulate import simulate

STUDY: tuple[int, int | None] = (398_198, 234_751)
REPLICATE = 5_000
HEADLINES = ("activity_effect", "verified_success_effect")


def sessions_of(sessions: int, users: int | None = None) -> ModelFrame:
    observed = simulate(load_world("published"), sessions, users=users, seed=1).observed.to_pandas()
    return model_frame(observed, [outcome.column for outcome in MODELS["joint"].outcomes])


def ours(rows: ModelFrame, draws: int, tune: int, **way: Any) -> tuple[Any, float, float]:
    """Fit, and return the tree with wall and CPU seconds, compression and quadrature error included."""
    wall, cpu = time.perf_counter(), time.process_time()
    joint = MODELS["joint"]
    effort = SamplerSettings(draws, tune, 4, 1, **way)
    tree = fit_model_frame(joint, rows, joint.compress(rows, ValidationSample()), load("weak"), effort)
    return tree, time.perf_counter() - wall, time.process_time() - cpu


def least_ess(posterior: Any) -> float:
    from arviz_stats.base import array_stats

    draws = [posterior[name].transpose("chain", "draw").to_numpy() for name in HEADLINES]
    return min(float(array_stats.ess(values, chain_axis=0, draw_axis=1, method="bulk")) for values in draws)


def row(work: str, rows: ModelFrame, tree: Any, wall: float, cpu: float) -> dict[str, Any]:
    found = diagnostics(tree)
    ess = least_ess(tree["posterior"])
    return {
        "work": work, "sessions": rows.sessions, "wall s": wall, "CPU s": cpu, "effective draws": ess,
        "effective draws per CPU s": ess / cpu, "quadrature error": tree.attrs["quadrature_error"],
        "diagnostics failed": int(found["verdict"].eq("fail").sum()), "peak MiB": peak_mib(),
    }  # fmt: skip


def timed(work: str, sessions: int, users: int | None, draws: int, tune: int, **way: Any) -> dict[str, Any]:
    ours(sessions_of(REPLICATE), 4, 100)  # compiles, once for all sizes
    rows = sessions_of(sessions, users)
    return row(work, rows, *ours(rows, draws, tune, **way))


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--what", choices=("study", "replicate", "rows"), default="replicate")
    asked.add_argument("--sessions", type=int, help="other than the usual number")
    asked.add_argument("--out", type=Path, default=Path(__file__).with_name("fit_rows.csv"))
    asked.add_argument("--draws", type=int, default=DRAWS)
    asked.add_argument("--tune", type=int, default=TUNE)
    asked.add_argument("--target-accept", type=float, default=TARGET_ACCEPT)
    asked.add_argument("--sampler", choices=SAMPLERS, help="other than what a fit of that size takes")
    options = asked.parse_args()
    effort = options.draws, options.tune
    usual = "surrogate" if options.what == "study" else "nutpie"
    way = {"target_accept": options.target_accept, "sampler": options.sampler or usual}
    if options.what == "rows":
        found = beside(options.sessions, *effort)
        pd.DataFrame(found).to_csv(options.out, index=False, float_format="%.4g", lineterminator="\n")
    elif options.what == "study":
        sessions, users = (options.sessions, None) if options.sessions else STUDY
        found = [timed("the whole study", sessions, users, *effort, **way)]
    else:
        found = [timed("a replicate, warm", options.sessions or REPLICATE, None, *effort, **way)]
    show("fit", found, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

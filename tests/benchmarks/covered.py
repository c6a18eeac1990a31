"""How often the intervals hold the truth, over replicates drawn from agent-based worlds and not from any model.

    python tests/benchmarks/covered.py --replicates 60 --folder covered    # goes on where it stopped

Where the assumptions hold, 90% intervals should hold the truth in 90% of replicates; where the rating errs or a
hidden cause confounds, those of the plain models should not, and those of the models made for it should again.
Each replicate is a file in the folder. The tables beside this program are of all that its folder held last:
`covered.csv` says how often intervals held, `covered_replicates.csv` is a row a replicate and estimand;
`covered_laplace.csv` and its rows are the same with `--sampler laplace`, the normal approximation.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measure import parser, show
from scipy import stats

from knowntruth.bayes import effects
from knowntruth.bayes.diagnostics import diagnostics
from knowntruth.bayes.fit import fit
from knowntruth.bayes.samplers.settings import SAMPLERS, Sampler
from knowntruth.datasets.schema.check import check
from knowntruth.datasets.storage import files
from knowntruth.priors.load import load
from knowntruth.priors.tables import Priors
from knowntruth.world.definition.world import World
from knowntruth.world.definition.world import load as load_world
from knowntruth.world.simulate import simulate
from knowntruth.world.truths.estimands import truth

SESSIONS = 1500
MISRATED_SESSIONS, FEW_SESSIONS, AUDITED = 60_000, 6_000, 0.1
"""A rating that errs tells so little that a few thousand sessions leave a say to the priors, by which no effect is
likelier than a large one and four even steps likelier than the world's uneven ones. From 6,000 sessions, of which a
tenth audited, posterior means fall short by 0.16 in a ratio of 2.43 and by 0.05 in a difference of 0.34, each about
one posterior sd; the maximum of the likelihood of the same sessions misses by 0.02 ± 0.03 and 0.00 ± 0.01 (40
replicates). So the likelihood is right, and what is missing is data: at ten times the sessions the maximum misses the
difference by 0.003 ± 0.003, and the posterior mean falls short by 0.00 and 0.01 (0.6 sd)."""

TRUTH_SESSIONS = 1_000_000
EFFORT: dict[str, Any] = {"covariates": ("month",), "by": None, "draws": 400, "tune": 400, "unsound": "keep"}
"""The month is the one covariate that expertise does not move and that every world has."""

AGREEMENT, DECAY = 0.55, 0.4
LEVEL = 0.9
BAND = 0.99
"""Probability of the binomial band within which a count of holding intervals is no surprise."""

Sample = tuple[pd.DataFrame, pd.DataFrame | None]


def as_it_is(observed: pd.DataFrame, seed: int) -> Sample:
    return observed, None


def misrated(observed: pd.DataFrame, seed: int) -> Sample:
    """Ratings that miss the true level, whatever the outcome, and an audit of some."""
    rng = np.random.default_rng([seed, 7])
    true = observed["rated_expertise"].to_numpy().astype(int) - 1
    distance = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    chances = np.where(distance == 0, 0.0, DECAY**distance)
    chances = chances * (1 - AGREEMENT) / chances.sum(axis=1, keepdims=True) + AGREEMENT * np.eye(5)
    rating = (rng.random(len(true))[:, None] > np.cumsum(chances, axis=1)[true, :-1]).sum(axis=1)
    chosen = rng.choice(len(true), round(AUDITED * len(true)), replace=False)
    audit = pd.DataFrame({
        "session_id": observed["session_id"].iloc[chosen], "domain_expertise": true[chosen] + 1,
        "rated_expertise": rating[chosen] + 1,
    })  # fmt: skip
    return observed.assign(rated_expertise=rating + 1.0), audit


@dataclass(frozen=True)
class Case:
    """A world, what is done to its ratings, and the models that are asked."""

    world: str
    change: Callable[[pd.DataFrame, int], Sample]
    models: tuple[tuple[str, str], ...]
    sessions: int = SESSIONS
    note: str = ""

    @property
    def name(self) -> str:
        change = "" if self.change is as_it_is else self.change.__name__
        return ", ".join(filter(None, (self.world, change, self.note)))

    def source(self) -> World:
        return load_world(self.world).with_perfect_instruments()


HIDDEN = "weak, hidden cause as sceptical"
"""Rows for a hidden cause from the sceptical table, all others from the weak one, for those of the sceptical table
presume that expertise matters little, which in these worlds it does not."""

PLAIN = (("activity", "weak"), ("verified_success", "weak"))
CASES = (
    Case("randomized", as_it_is, PLAIN),
    Case("randomized", misrated, (*PLAIN, ("measurement", "weak")), MISRATED_SESSIONS),
    Case("randomized", misrated, (("measurement", "weak"),), FEW_SESSIONS, "few sessions"),
    Case("confounded", as_it_is, (*PLAIN, ("hidden_confounder", HIDDEN))),
)


def priors_called(name: str) -> Priors:
    """Return a table of priors."""
    weak = load("weak")
    return weak.model_copy(update={"bias": load("sceptical").bias}) if name == HIDDEN else load(name)


def replicate(
    case: Case, model: str, priors: str, true: pd.DataFrame, seed: int, sampler: Sampler
) -> list[dict[str, Any]]:
    """Return a row an estimand: does the interval of expert against novice hold the truth?"""
    observed = check(simulate(case.source(), case.sessions, seed=seed).observed.to_pandas())
    frame, audit = case.change(observed, seed)
    validation = audit if model == "measurement" else None
    tree = fit(model, frame, priors_called(priors), seed=seed, validation=validation, sampler=sampler, **EFFORT)
    found = effects.compare_with_truth(effects.effects(tree, LEVEL), true)
    bad = int(diagnostics(tree)["verdict"].eq("fail").sum())
    rows = found[found["contrast"].eq("5 vs 1")]
    kept = ["mean", "sd", "lower", "upper", "value"]
    return [
        {"world": case.name, "model": model, "estimand": row["estimand"], "seed": seed, "failed": bad,
         "holds": bool(row["holds"]), **{name: float(row[name]) for name in kept}}
        for _, row in rows.iterrows()
    ]  # fmt: skip


def file(folder: Path, case: Case, model: str, seed: int | str) -> Path:
    """Return where a replicate is kept; a ``seed`` may be a pattern."""
    return folder / f"{case.name.replace(', ', '-')}-{model}-{seed}.json"


def run(folder: Path, seeds: range, sampler: Sampler) -> None:
    """Draw the replicates that are not there yet, all cases of a seed before the next, so that it may end at any."""
    truths = {
        case.world: truth(case.source(), TRUTH_SESSIONS, seed=1)
        for case in {case.world: case for case in CASES}.values()
    }
    for seed, case in product(seeds, CASES):
        for model, priors in case.models:
            path = file(folder, case, model, f"{seed:04d}")
            if not path.is_file():
                files.write_json(path, {"rows": replicate(case, model, priors, truths[case.world], seed, sampler)})


def stored(folder: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of all replicates in the folder."""
    for case in CASES:
        for model, _ in case.models:
            for path in sorted(folder.glob(file(folder, case, model, "????").name)):
                yield from json.loads(path.read_text(encoding="utf-8"))["rows"]


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return coverage with its error and binomial band, mean error and width; a row a world, model and estimand."""
    found = []
    for (world, model, estimand), own in rows.groupby(["world", "model", "estimand"], sort=False):
        n, share = len(own), own["holds"].mean()
        low, high = (value / n for value in stats.binom.interval(BAND, n, LEVEL))
        verdict = "below" if share < low else "above" if share > high else "within"
        found.append({
            "world": world, "model": model, "estimand": estimand, "replicates": n, "coverage": share,
            "mcse": np.sqrt(share * (1 - share) / n), "band_low": low, "band_high": high, "verdict": verdict,
            "mean_error": (own["mean"] - own["value"]).mean(), "mean_width": (own["upper"] - own["lower"]).mean(),
            "failed_diagnostics": int((own["failed"] > 0).sum()),
        })  # fmt: skip
    return pd.DataFrame(found)


def main() -> int:
    asked = parser(__doc__)
    asked.add_argument("--replicates", type=int, default=60)
    asked.add_argument("--first", type=int, default=1, help="seed of the first")
    asked.add_argument("--sampler", choices=SAMPLERS, default="nutpie")
    asked.add_argument("--folder", type=Path, required=True, help="where replicates are kept")
    asked.add_argument("--out", type=Path, default=Path(__file__).with_name("covered.csv"))
    options = asked.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    run(options.folder, range(options.first, options.first + options.replicates), options.sampler)
    rows = pd.DataFrame(stored(options.folder))
    table = summary(rows)
    for path, frame in ((options.out, table), (options.out.with_stem(f"{options.out.stem}_replicates"), rows)):
        frame.to_csv(path, index=False, float_format="%.4g", lineterminator="\n")
    show("coverage", table.to_dict("records"), options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

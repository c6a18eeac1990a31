"""Worlds put to every check, one at a time, and kept: what is done is never done again.

Each world is simulated as a study would see it, checked with the world's own graph in hand, and its estimate's bias
measured on a larger sample of the same world. Beside DoWhy's refuters, the falsification of the graph and the
sensitivity statistics stand two negative controls, which a study would have to bring: tests of ability.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.causal.check import Check
from knowntruth.causal.checks.run import OUTCOMES, TREATMENT, run
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import fit_linear
from knowntruth.common.errors import InputError
from knowntruth.common.intervals import Z_95
from knowntruth.common.progress import Progress
from knowntruth.datasets.storage.files import explained, write_json, write_parquet
from knowntruth.design.scorecard.bias import Slope, case_of, identified, slope
from knowntruth.design.scorecard.random_worlds import SEED, made, random_threats
from knowntruth.design.sources.extra_columns import with_extra_columns
from knowntruth.world.running.sampling import sample
from knowntruth.world.simulate import Dataset, dataset, simulate
from knowntruth.world.truths.estimands import truth

if TYPE_CHECKING:
    import pandas as pd


EXPOSURE, PROXY = "negative_control_exposure", "negative_control_proxy"
"""Two tests of ability, each as noisy as ability is spread."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How large everything is.

    ``sessions`` of the study that is checked, ``large`` of the sample that its bias is measured on, ``true`` of that
    which the truth is found from; ``rows`` and ``simulations`` of each refuter.

    Examples
    --------
    >>> Effort(sessions=1000).simulations
    10
    """

    sessions: int = 3000
    large: int = 40_000
    true: int = 10_000
    rows: int = 3000
    simulations: int = 10
    seed: int = SEED


EFFORT: Final = Effort()

EFFORT_FILE: Final = "effort.json"


def examine(
    worlds: Iterable[int], folder: Path | None = None, effort: Effort = EFFORT, progress: Progress | None = None
) -> "pd.DataFrame":
    """Return the rows of some worlds: those that are in the folder, and the others as they get done.

    Columns: world, outcome, effect, confounding, halo (what was drawn); estimate, error, bias, bias_error, true (of
    the slope that is checked); name, value, lower, upper, verdict (of each check). Effects are logarithms where the
    outcome is a ratio's.

    Raises
    ------
    InputError
        If the folder holds worlds that were examined with another effort.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     folder = Path(place)
    ...     _ = write_json(folder / EFFORT_FILE, asdict(Effort(sessions=500)))
    ...     examine(range(2), folder)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: ... holds worlds examined with {'sessions': 500, ...; choose another folder
    """
    import pandas as pd

    numbers = list(worlds)
    if folder is not None:
        _check_same(folder, effort)
    tables = []
    for done, number in enumerate(numbers):
        if progress is not None:
            progress(f"world {number}", done / len(numbers))
        tables.append(_kept(number, folder, effort))
    return pd.concat(tables, ignore_index=True)


def _check_same(folder: Path, effort: Effort) -> None:
    """Refuse to go on in a folder whose worlds were examined with another effort; write down the effort in a new one.

    Raises
    ------
    InputError
        Naming the two efforts.
    """
    path, now = folder / EFFORT_FILE, asdict(effort)
    if path.is_file():
        before = json.loads(path.read_bytes())
        if before != now:
            raise InputError(f"{folder} holds worlds examined with {before}, not with {now}; choose another folder")
    else:
        write_json(path, now)


def _kept(number: int, folder: Path | None, effort: Effort) -> "pd.DataFrame":
    import pandas as pd
    import pyarrow as pa

    path = None if folder is None else folder / f"world-{number:04d}.parquet"
    if path is not None and path.is_file():
        with explained(path):
            return pd.read_parquet(path)
    rows = examine_one(number, effort)
    if path is not None:
        write_parquet(path, pa.Table.from_pandas(rows, preserve_index=False))
    return rows


def examine_one(number: int, effort: Effort = EFFORT) -> "pd.DataFrame":
    """Return the rows of one world; see `examine`.

    Examples
    --------
    >>> examine_one(1, Effort(sessions=500, large=500, true=500, rows=500, simulations=1))
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: simulations is 1; a spread needs 2 or more: raise it
    """
    import sklearn.ensemble  # noqa: F401 - a library that is loaded later would not be held
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # small trees wait for each other longer than they grow, the more on a busy machine
        return _examined(number, effort)


def _examined(number: int, effort: Effort) -> "pd.DataFrame":
    import pandas as pd

    threats = random_threats(number, effort.seed)
    world = made(threats)
    frame = sample(world, effort.sessions, number)
    study = dataset(world, frame)
    large = simulate(world, effort.large, seed=number + 1_000_000)
    effects = truth(world, effort.true, seed=number)
    checks = run(
        study.observed.to_pandas(), study.graph, seed=number, row_limit=effort.rows, simulations=effort.simulations
    )
    tests = with_extra_columns((EXPOSURE, PROXY), world, frame, study)
    rows: list[dict[str, Any]] = []
    for outcome in OUTCOMES:
        found = identified(study, outcome)
        case = case_of(study, outcome, found, number)
        own, far = slope(case, effects), slope(case_of(large, outcome, found, number), effects)
        about = {"world": number, "outcome": outcome, **threats.described(), **_off(own, far)}
        asked = [check for check in checks if check.outcome == outcome]
        rows += [about | _told(check, case) for check in (*asked, *negative_controls(case, study, tests))]
    return pd.DataFrame(rows)


def _off(own: Slope, far: Slope) -> dict[str, float]:
    """Return the estimate that is checked and its bias: that of the large sample, whose chance is small."""
    return {
        "estimate": own.value, "error": own.error, "bias": far.value - far.true,
        "bias_error": math.hypot(far.error, far.true_error), "true": own.true,
    }  # fmt: skip


def _told(check: Check, case: Analysis) -> dict[str, Any]:
    """Return a check's answer; ratios of one level as logarithms."""
    numbers = {"value": check.value, "lower": check.lower, "upper": check.upper}
    if case.logged and check.statistic.startswith("ratio"):
        numbers = {name: math.log(value) if value > 0 else math.nan for name, value in numbers.items()}
    return {"name": check.name, **numbers, "verdict": check.verdict}


def negative_controls(case: Analysis, study: Dataset, tests: dict[str, Any]) -> tuple[Check, Check]:
    """Return two checks with tests of ability: expertise cannot move the one, nor should the other move the outcome.

    Each value is a coefficient with its 95% interval.
    """
    data = _with_tests(case, study, tests)
    adjustment = case.identification.adjustment
    as_outcome = fit_linear(partial_out(data, case.treatment, PROXY, adjustment))
    as_exposure = fit_linear(partial_out(data, EXPOSURE, case.outcome, (*adjustment, case.treatment)))
    asked = (
        ("negative-control outcome", "Does the rating seem to move a test of ability?", as_outcome),
        ("negative-control exposure", "Does a test of ability go with the outcome, rating held?", as_exposure),
    )
    return tuple(
        Check(
            name,
            question,
            case.treatment,
            case.outcome,
            "coefficient",
            *fit.interval(),
            "alarm" if abs(fit.value) > Z_95 * fit.standard_error else "pass",
            "alarm if the 95% interval leaves out 0",
            "it moves nothing",
            0.05,
            case.whole.n,
        )
        for name, question, fit in asked
    )  # type: ignore[return-value] # two in, two out


def _with_tests(case: Analysis, study: Dataset, tests: dict[str, Any]) -> "pd.DataFrame":
    rated = study.observed[TREATMENT].is_valid().to_numpy(zero_copy_only=False)
    enters = rated & study.observed["clear_goal"].to_numpy(zero_copy_only=False).astype(bool)
    return case.data.assign(**{name: np.asarray(values)[enters] for name, values in tests.items()})

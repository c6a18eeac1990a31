"""Apply every check to random worlds, one at a time, and store the results, so that no world is computed twice.

Each world is simulated as a study would observe it and checked with the world's own graph; the bias of its estimate
is measured on a larger sample of the same world. The checks are DoWhy's refuters, the falsification of the graph, the
sensitivity statistics, and two negative controls (tests of ability) that a study would have to collect.
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
from knowntruth.datasets.storage.files import explain_os_errors, write_json, write_parquet
from knowntruth.design.scorecard.bias import Slope, identify_effect, prepare_analysis, slope
from knowntruth.design.scorecard.random_worlds import SEED, build_world, random_threats
from knowntruth.design.sources.extra_columns import with_extra_columns
from knowntruth.world.running.sampling import sample
from knowntruth.world.simulate import Dataset, dataset, simulate
from knowntruth.world.truths.estimands import truth

if TYPE_CHECKING:
    import pandas as pd


EXPOSURE, PROXY = "negative_control_exposure", "negative_control_proxy"
"""Two tests of ability, with a reliability of a half."""


@dataclass(frozen=True, slots=True)
class ScorecardSettings:
    """Sample sizes and seed of a scorecard.

    ``sessions`` of the checked study, ``large`` of the sample on which its bias is measured, ``true`` of the sample
    from which the truth is simulated; ``rows`` and ``simulations`` of each refuter.

    Examples
    --------
    >>> ScorecardSettings(sessions=1000).simulations
    10
    """

    sessions: int = 3000
    large: int = 40_000
    true: int = 10_000
    rows: int = 3000
    simulations: int = 10
    seed: int = SEED


DEFAULT_SETTINGS: Final = ScorecardSettings()

SETTINGS_FILE: Final = "settings.json"
OLD_SETTINGS_FILE: Final = "effort.json"
"""The settings of folders before version 0.2."""


def examine(
    worlds: Iterable[int],
    folder: Path | None = None,
    settings: ScorecardSettings = DEFAULT_SETTINGS,
    progress: Progress | None = None,
) -> "pd.DataFrame":
    """Return the rows of some worlds; those in the folder are reused, the others computed.

    Columns: world, outcome, effect, confounding, halo (the random settings); estimate, error, bias, bias_error, true
    (of the slope that is checked); name, value, lower, upper, verdict (of each check). Effects are logarithms where
    the outcome is a ratio's.

    Raises
    ------
    InputError
        If the folder holds worlds that were examined with another settings.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     folder = Path(place)
    ...     _ = write_json(folder / SETTINGS_FILE, asdict(ScorecardSettings(sessions=500)))
    ...     examine(range(2), folder)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: ... holds worlds examined with {'sessions': 500, ...; choose another folder
    """
    import pandas as pd

    numbers = list(worlds)
    if folder is not None:
        _check_same(folder, settings)
    tables = []
    for done, number in enumerate(numbers):
        if progress is not None:
            progress(f"world {number}", done / len(numbers))
        tables.append(_load_or_examine(number, folder, settings))
    return pd.concat(tables, ignore_index=True)


def _check_same(folder: Path, settings: ScorecardSettings) -> None:
    """Refuse a folder whose worlds were examined with other settings; write the settings into a new folder.

    Raises
    ------
    InputError
        Naming both settings.
    """
    if (folder / OLD_SETTINGS_FILE).is_file():
        raise InputError(f"{folder} was written by an earlier version; choose another folder")
    path, now = folder / SETTINGS_FILE, asdict(settings)
    if path.is_file():
        before = json.loads(path.read_bytes())
        if before != now:
            raise InputError(f"{folder} holds worlds examined with {before}, not with {now}; choose another folder")
    else:
        write_json(path, now)


def _load_or_examine(number: int, folder: Path | None, settings: ScorecardSettings) -> "pd.DataFrame":
    import pandas as pd
    import pyarrow as pa

    path = None if folder is None else folder / f"world-{number:04d}.parquet"
    if path is not None and path.is_file():
        with explain_os_errors(path):
            return pd.read_parquet(path)
    rows = examine_one(number, settings)
    if path is not None:
        write_parquet(path, pa.Table.from_pandas(rows, preserve_index=False))
    return rows


def examine_one(number: int, settings: ScorecardSettings = DEFAULT_SETTINGS) -> "pd.DataFrame":
    """Return the rows of one world; see `examine`.

    Examples
    --------
    >>> examine_one(1, ScorecardSettings(sessions=500, large=500, true=500, rows=500, simulations=1))
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: simulations is 1; a standard deviation needs 2 or more: raise it
    """
    import sklearn.ensemble  # noqa: F401 - threadpoolctl limits only libraries that are already loaded
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # for small trees, thread synchronization takes longer than the fitting
        return _examine_world(number, settings)


def _examine_world(number: int, settings: ScorecardSettings) -> "pd.DataFrame":
    import pandas as pd

    threats = random_threats(number, settings.seed)
    world = build_world(threats)
    frame = sample(world, settings.sessions, number)
    study = dataset(world, frame)
    large = simulate(world, settings.large, seed=number + 1_000_000)
    effects = truth(world, settings.true, seed=number)
    checks = run(
        study.observed.to_pandas(),
        study.graph,
        seed=number,
        row_limit=settings.rows,
        simulations=settings.simulations,
    )
    tests = with_extra_columns((EXPOSURE, PROXY), world, frame, study)
    rows: list[dict[str, Any]] = []
    for outcome in OUTCOMES:
        found = identify_effect(study, outcome)
        case = prepare_analysis(study, outcome, found, number)
        own, far = slope(case, effects), slope(prepare_analysis(large, outcome, found, number), effects)
        about = {"world": number, "outcome": outcome, **threats.described(), **_estimate_and_bias(own, far)}
        asked = [check for check in checks if check.outcome == outcome]
        rows += [about | _check_columns(check, case) for check in (*asked, *negative_controls(case, study, tests))]
    return pd.DataFrame(rows)


def _estimate_and_bias(own: Slope, far: Slope) -> dict[str, float]:
    """Return the checked estimate and its bias, measured on the large sample, where noise is small."""
    return {
        "estimate": own.value,
        "error": own.error,
        "bias": far.value - far.true,
        "bias_error": math.hypot(far.error, far.true_error),
        "true": own.true,
    }


def _check_columns(check: Check, case: Analysis) -> dict[str, Any]:
    """Return a check's columns, with ratios per level as logarithms."""
    numbers = {"value": check.value, "lower": check.lower, "upper": check.upper}
    if case.logged and check.statistic.startswith("ratio"):
        numbers = {name: math.log(value) if value > 0 else math.nan for name, value in numbers.items()}
    return {"name": check.name, **numbers, "verdict": check.verdict}


def negative_controls(case: Analysis, study: Dataset, tests: dict[str, Any]) -> tuple[Check, Check]:
    """Return two checks with tests of ability: expertise cannot affect one, nor the other the outcome.

    Each value is a coefficient with its 95% interval.
    """
    data = _with_tests(case, study, tests)
    adjustment = case.identification.adjustment
    as_outcome = fit_linear(partial_out(data, case.treatment, PROXY, adjustment))
    as_exposure = fit_linear(partial_out(data, EXPOSURE, case.outcome, (*adjustment, case.treatment)))
    asked = (
        ("negative-control outcome", "Is the rating associated with a test of ability?", as_outcome),
        (
            "negative-control exposure",
            "Is a test of ability associated with the outcome, given the rating?",
            as_exposure,
        ),
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
            "alarm if the 95% interval excludes 0",
            "no association",
            0.05,
            case.whole.n,
        )
        for name, question, fit in asked
    )  # type: ignore[return-value] # two in, two out


def _with_tests(case: Analysis, study: Dataset, tests: dict[str, Any]) -> "pd.DataFrame":
    rated = study.observed[TREATMENT].is_valid().to_numpy(zero_copy_only=False)
    enters = rated & study.observed["clear_goal"].to_numpy(zero_copy_only=False).astype(bool)
    return case.data.assign(**{name: np.asarray(values)[enters] for name, values in tests.items()})

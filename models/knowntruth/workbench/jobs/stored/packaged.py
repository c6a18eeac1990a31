"""Stored results that are part of the package: suite, scorecard, bounds, and the record of the calibration."""

import shutil
import sys
from dataclasses import asdict
from typing import Final

from knowntruth.workbench.jobs.stored import fingerprints, repository
from knowntruth.workbench.jobs.stored.stored_result import StoredResult

SCORECARD_WORLDS: Final = 240
"""Worlds of the stored scorecard."""

CALIBRATION_STARTS: Final = 1
"""The published world is a calibration that begins at itself."""


def packaged_results() -> tuple[StoredResult, ...]:
    """Return the rows in the order in which they are renewed: what others depend on comes first."""
    from knowntruth.design.scorecard.examine import DEFAULT_SETTINGS
    from knowntruth.design.suite.entries import load_declared

    figures = {"figures": fingerprints.published_figures}
    published = fingerprints.of_worlds(["published"])
    suite = {"declaration": lambda: fingerprints.digest(load_declared())}
    settings = {"settings": lambda: fingerprints.digest([SCORECARD_WORLDS, asdict(DEFAULT_SETTINGS)])}
    fitted = {"search ranges": fingerprints.search_ranges("fitted")}
    searched = {"search ranges": fingerprints.search_ranges("fitted", "free")}
    drawn = fingerprints.of_worlds(["published", "randomized", "confounded"])
    return (
        StoredResult("calibration", repository.place(repository.WORLDS / "published.calibration.json"),
                     {**published, **figures, **fitted}, 20, renew_calibration),
        StoredResult("suite", repository.place(repository.SUITE / "hashes.json"),
                     {**fingerprints.of_worlds(load_declared()["worlds"]), **suite}, 1, renew_suite),
        StoredResult("scorecard", repository.place(repository.SCORECARD / "rows.parquet"),
                     {**drawn, **settings}, 60, renew_scorecard),
        StoredResult("bounds", repository.place(repository.BOUNDS),
                     {**published, **figures, **searched}, 40, renew_bounds),
    )  # fmt: skip


def renew_calibration() -> None:
    """Calibrate the world `published` at the published size; store the world and the record of its calibration.

    Every other stored result depends on this world, and is stale afterwards.
    """
    from knowntruth.workbench.jobs.calibration.calibrate import calibrate

    out = repository.WORK / "calibration"
    calibrate("published", None, seed=1, starts=CALIBRATION_STARTS, out=out)
    shutil.copyfile(out / "calibrated.toml", repository.WORLDS / "published.toml")
    shutil.copyfile(out / "calibrated.json", repository.WORLDS / "published.calibration.json")


def renew_suite() -> None:
    """Draw every dataset of the benchmark suite and store the hashes of its tables."""
    from knowntruth.design.suite.entries import HASHES
    from knowntruth.design.suite.renew_hashes import renew

    renew(repository.SUITE / HASHES)


def renew_scorecard() -> None:
    """Examine random worlds, going on from those that are done, and store a row per check."""
    from knowntruth.design.scorecard.examine import examine
    from knowntruth.design.scorecard.stored import write_scorecard

    done = repository.WORK / "scorecard"
    rows = examine(range(SCORECARD_WORLDS), done, progress=_report)
    write_scorecard(rows, repository.SCORECARD)
    shutil.rmtree(done)


def renew_bounds() -> None:
    """Search the bounds of `published` as ``knowntruth bounds`` does, and store tables, record and extreme worlds."""
    from knowntruth.calibration.bounds.stored import RECORD, TABLES, WORLDS
    from knowntruth.calibration.bounds.world_bounds_result import Plan
    from knowntruth.workbench.jobs.calibration.bounds import search_bounds
    from knowntruth.world.definition.world import load

    out = repository.WORK / "bounds"
    sessions = Plan(load("published")).sessions
    search_bounds(
        "published", sessions=sessions, starts=3, seed=1, estimands=(), rule="figures", measurements=True, out=out
    )
    for name in (RECORD, *(f"{table}.csv" for table in TABLES)):
        shutil.copyfile(out / name, repository.BOUNDS / name)
    shutil.rmtree(repository.BOUNDS / WORLDS, ignore_errors=True)
    shutil.copytree(out / WORLDS, repository.BOUNDS / WORLDS)


def _report(what: str, share: float) -> None:
    sys.stderr.write(f"{share:6.1%}  {what}\n")

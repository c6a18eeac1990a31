"""The job of ``knowntruth calibrate``: fit a world's dials to the published figures.

Files
======================== ===================================================================================
calibrated.toml          the world with the fitted dials, each with its standard error
calibrated.json          the record of the run: sessions, seeds, objective, evaluations, fixed dials
parameters.csv           every free dial: value, error, remaining uncertainty, whether the figures identify it
moments.csv              the fitted figures with their simulated values
validation.csv           the held-out figures: predicted, with interval and the reason of a miss
identification.csv       which figure identifies which dial
figures/*.png            every figure's gap, and which figure identifies which dial
======================== ===================================================================================
"""

from pathlib import Path
from typing import Final

from knowntruth.calibration.fitting.calibrate import Calibration, Plan
from knowntruth.calibration.fitting.calibrate import calibrate as calibrate_world
from knowntruth.calibration.fitting.toml_editing import rewrite_dials
from knowntruth.datasets.storage import files
from knowntruth.workbench.plots.calibration import goodness_of_fit, identification
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import size_and_users
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import load, text_of

RUNS_SUFFIX: Final = ".calibrate-runs"
"""Suffix of the folder next to the results that holds the runs until the calibration is complete."""


def calibrate(world: str, sessions: int | None, *, seed: int, starts: int, out: Path) -> Calibration:
    """Calibrate a world and write its folder; ``sessions`` is None for the published size."""
    size, users = size_and_users(sessions)
    files.check_output(out, "calibrate")
    runs = out.with_name(f"{out.name}{RUNS_SUFFIX}")
    plan = Plan(load(world), size, users, starts=starts, seed=seed, kept=runs)
    with Steps({"calibrate": 1}) as steps, steps.step("calibrate", f"Calibrating {world}") as advance:
        found = calibrate_world(plan, advance)
    head = manifest.head(plan.world, size, users, seed, starts=starts)
    with files.output_folder(out, "calibrate", head) as folder:
        _write(found, world, folder)
    _remove_runs(runs)
    return found


def _write(found: Calibration, world: str, folder: Path) -> None:
    rewrote = rewrite_dials(text_of(world), found.plan.world, found.values, found.errors)
    files.write_text(folder / "calibrated.toml", rewrote)
    files.write_json(folder / "calibrated.json", found.record)
    files.write_csv(folder / "parameters.csv", found.parameters)
    fitted = found.figures["role"].eq("calibrate")
    files.write_csv(folder / "moments.csv", found.figures[fitted])
    files.write_csv(folder / "validation.csv", found.figures[~fitted])
    files.write_csv(folder / "identification.csv", found.identification)
    files.write_bytes(folder / "figures" / "figures.png", style.png(goodness_of_fit.draw, found.figures))
    files.write_bytes(folder / "figures" / "identification.png", style.png(identification.draw, found.identification))


def _remove_runs(runs: Path) -> None:
    """Remove the stored runs of a complete calibration."""
    for file in runs.glob("runs-*.bin"):
        file.unlink()
    if runs.is_dir() and not any(runs.iterdir()):
        runs.rmdir()

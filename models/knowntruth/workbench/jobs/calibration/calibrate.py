"""What the commands ``calibrate`` and ``compare`` do, without the grammar around them.

Files of a calibration
======================== ===================================================================================
calibrated.toml          the world with the dials that were found, each with its error
calibrated.json          the record of the run: sessions, seeds, objective, evaluations, what is held
parameters.csv           every free dial: value, error, what remains unknown, whether the figures pin it
moments.csv              the fitted figures beside their simulated values
validation.csv           the figures kept out of the fit: predicted, with interval and the reason of a miss
pins.csv                 which figure pins which dial
figures/*.png            every figure's gap, and the pins
======================== ===================================================================================
"""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.calibration.fitting.calibrate import Calibrated, Plan, calibrate
from knowntruth.calibration.fitting.goodness_of_fit import nearness
from knowntruth.calibration.fitting.toml_editing import rewritten
from knowntruth.datasets.storage import files
from knowntruth.workbench.plots.calibration import goodness_of_fit as nearness_plot
from knowntruth.workbench.plots.calibration import identification as pins_plot
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import PUBLISHED_SESSIONS, PUBLISHED_USERS
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import load, text_of
from knowntruth.world.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

KEPT: Final = ".calibrate-runs"
"""Folder beside the results in which runs are kept until the calibration is whole."""


def calibrated(world: str, sessions: int | None, *, seed: int, starts: int, out: Path) -> Calibrated:
    """Calibrate a world and write its folder; ``sessions`` is None for the published size."""
    size, users = (PUBLISHED_SESSIONS, PUBLISHED_USERS) if sessions is None else (sessions, None)
    files.check_output(out, "calibrate")
    kept = out.with_name(f"{out.name}{KEPT}")
    plan = Plan(load(world), size, users, starts=starts, seed=seed, kept=kept)
    with Steps({"calibrate": 1}) as steps, steps.step("calibrate", f"Calibrating {world}") as advance:
        found = calibrate(plan, advance)
    head = manifest.head(plan.world, size, users, seed, starts=starts)
    with files.output_folder(out, "calibrate", head) as folder:
        _write(found, world, folder)
    _forget(kept)
    return found


def compared(world: str, sessions: int | None, *, seed: int, out: Path | None) -> "pd.DataFrame":
    """Lay a world beside the published figures, and with ``out`` write the table and its picture."""
    from knowntruth.study.compare import compare
    from knowntruth.study.tables.registry import compute

    size, users = (PUBLISHED_SESSIONS, PUBLISHED_USERS) if sessions is None else (sessions, None)
    loaded = load(world)
    with Steps({"simulate": 1, "tables": 3}) as steps:
        with steps.step("simulate", f"Simulating {size:,} sessions of {world}"):
            observed = simulate(loaded, size, seed=seed, users=users).observed.to_pandas()
        with steps.step("tables", "Computing the study's tables"):
            table = nearness(compare(compute(observed)), size)
    if out is not None:
        with files.output_folder(out, "compare", manifest.head(loaded, size, users, seed)) as folder:
            files.write_csv(folder / "figures.csv", table)
            files.write_bytes(folder / "figures.png", _png(nearness_plot.draw, table))
    return table


def _write(found: Calibrated, world: str, folder: Path) -> None:
    rewrote = rewritten(text_of(world), found.plan.world, found.values, found.errors)
    files.write_text(folder / "calibrated.toml", rewrote)
    files.write_json(folder / "calibrated.json", found.record)
    files.write_csv(folder / "parameters.csv", found.parameters)
    fitted = found.figures["role"].eq("calibrate")
    files.write_csv(folder / "moments.csv", found.figures[fitted])
    files.write_csv(folder / "validation.csv", found.figures[~fitted])
    files.write_csv(folder / "pins.csv", found.pins)
    files.write_bytes(folder / "figures" / "figures.png", _png(nearness_plot.draw, found.figures))
    files.write_bytes(folder / "figures" / "pins.png", _png(pins_plot.draw, found.pins))


def _png(draw: "Callable[[Any], Figure]", table: "pd.DataFrame") -> bytes:
    buffer = BytesIO()
    with style.styled():
        draw(table).savefig(buffer, format="png", dpi=style.DPI, metadata={"Software": None})
    return buffer.getvalue()


def _forget(kept: Path) -> None:
    """Remove the kept runs of a calibration that is whole."""
    for file in kept.glob("runs-*.bin"):
        file.unlink()
    if kept.is_dir() and not any(kept.iterdir()):
        kept.rmdir()

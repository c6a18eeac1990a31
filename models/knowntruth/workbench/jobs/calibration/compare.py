"""The job of ``knowntruth compare``: a world's figures next to the published ones.

Files
================ ===========================================================================================
figures.csv      every published figure that can be computed: published, simulated, and the gap in errors
figures.png      the gaps as a picture
================ ===========================================================================================
"""

from pathlib import Path
from typing import TYPE_CHECKING

from knowntruth.calibration.fitting.goodness_of_fit import goodness_of_fit
from knowntruth.datasets.storage import files
from knowntruth.workbench.plots.calibration import goodness_of_fit as gap_plot
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import size_and_users
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd


def compare(world: str, sessions: int | None, *, seed: int, out: Path | None) -> "pd.DataFrame":
    """Compare a world with the published figures; with ``out`` write table and picture."""
    from knowntruth.study.compare import compare as compare_tables
    from knowntruth.study.tables.registry import compute

    size, users = size_and_users(sessions)
    loaded = load(world)
    with Steps({"simulate": 1, "tables": 3}) as steps:
        with steps.step("simulate", f"Simulating {size:,} sessions of {world}"):
            observed = simulate(loaded, size, seed=seed, users=users).observed.to_pandas()
        with steps.step("tables", "Computing the study's tables"):
            table = goodness_of_fit(compare_tables(compute(observed)), size)
    if out is not None:
        with files.output_folder(out, "compare", manifest.head(loaded, size, users, seed)) as folder:
            files.write_csv(folder / "figures.csv", table)
            files.write_bytes(folder / "figures.png", style.png(gap_plot.draw, table))
    return table

"""The job of ``knowntruth bounds``: the smallest and largest true effects that the published figures allow.

Files
======================== ===================================================================================
intervals.csv            smallest, calibrated and largest value of every effect
searches.csv             for each end: number of searches, how many reached it, their spread, linear approximation
attribution.csv          what makes each extreme world extreme: groups of dials, reset one at a time
checked.csv              the extreme worlds with other people and other noise
value_of_information.csv what share of each interval would remain after each further measurement
worlds/*.toml            the extreme worlds, for ``knowntruth study --world``
figures/bounds.png       the intervals, now and with each further measurement
record.json              sessions, seed, starts, rule, runs, and a hash of the world's dials
======================== ===================================================================================
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from knowntruth.calibration.bounds.stored import RECORD
from knowntruth.calibration.bounds.world_bounds import world_bounds
from knowntruth.calibration.bounds.world_bounds_result import Plan, WorldBounds
from knowntruth.calibration.fitting.toml_editing import rewrite_dials
from knowntruth.datasets.storage import files
from knowntruth.workbench.plots.calibration import bounds as plot
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import round_numbers
from knowntruth.workbench.terminal.exit_codes import Stopped
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import BASE, World, load

if TYPE_CHECKING:
    import pandas as pd

RUNS_SUFFIX: Final = ".bounds-runs"
"""Suffix of the folder next to the results that holds the runs until the search is complete."""


def search_bounds(
    world: str,
    *,
    sessions: int,
    starts: int,
    seed: int,
    estimands: Sequence[str],
    rule: str,
    measurements: bool,
    out: Path,
) -> WorldBounds:
    """Search the bounds of a world and write its folder, or continue a search that was interrupted."""
    files.check_output(out, "bounds")
    runs = out.with_name(f"{out.name}{RUNS_SUFFIX}")
    plan = Plan(load(world), sessions, starts, seed, rule=rule, kept=runs, measurements=measurements)
    plan = replace(plan, estimands=tuple(estimands)) if estimands else plan
    label = f"Searching the bounds of {world} with {sessions:,} sessions a run"
    head = manifest.head(plan.world, sessions, None, seed, starts=starts)
    with Steps({"bounds": 40, "write": 1}) as steps:
        with steps.step("bounds", label) as advance:
            try:
                found = world_bounds(plan, advance)
            except (Stopped, KeyboardInterrupt) as end:
                end.add_note(f"what is complete stays in {runs}, and the same command continues from there")
                raise
        with steps.step("write", f"Writing into {out}"), files.output_folder(out, "bounds", head) as folder:
            write(found, folder)
    shutil.rmtree(runs, ignore_errors=True)
    return found


def write(found: WorldBounds, folder: Path) -> None:
    """Write every result into a folder."""
    for name, table in tables(found).items():
        files.write_csv(folder / f"{name}.csv", table)
    files.write_json(folder / RECORD, found.record)
    for name, world in found.worlds.items():
        files.write_text(folder / "worlds" / f"{name}.toml", toml(world))
    files.write_bytes(
        folder / "figures" / "bounds.png", style.png(plot.draw, found.intervals, found.value_of_information)
    )


def tables(found: WorldBounds) -> "dict[str, pd.DataFrame]":
    """Return all tables by the name of their file."""
    made = {
        "intervals": found.intervals, "searches": found.found.table, "attribution": found.attribution,
        "checked": found.checked, "value_of_information": found.value_of_information,
    }  # fmt: skip
    return {name: round_numbers(table) for name, table in made.items()}


def toml(world: World) -> str:
    """Return a world as a file: what it is based on, and the dials that differ from it."""
    base = load(BASE)
    header = f'description = "{world.description}"\nlesson = "{world.lesson}"\nbased_on = "{BASE}"\n'
    changed = {path: value for path, value, _ in world.differences(base) if isinstance(value, int | float)}
    return rewrite_dials(header + _lists(world, base), world, changed, {})


def _lists(world: World, base: World) -> str:
    """Return the lists that differ, each in its section."""
    here, there = world.values(), base.values()
    parts = []
    for section, dials in here.items():
        lists = [f"{name} = {value}" for name, value in dials.items()
                 if isinstance(value, list) and value != there[section][name]]  # fmt: skip
        parts += [f"\n[{section}]", *lists] if lists else []
    return "\n".join(parts) + "\n" if parts else ""

"""What the command ``bounds`` does, without the grammar around it.

Files
======================== ===================================================================================
intervals.csv            smallest, calibrated and largest value of every effect
searches.csv             for each end: searches made, how many reached it, their spread, what straight lines say
account.csv              what makes each extreme world extreme: groups of dials, put back one at a time
checked.csv              the extreme worlds with other people and other luck
gains.csv                what each further measurement would leave of each interval
worlds/*.toml            the extreme worlds, for ``knowntruth study --world``
figures/bounds.png       the intervals, now and with each further measurement
record.json              sessions, seed, starts, rule, runs, and a hash of the world's dials
======================== ===================================================================================
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from knowntruth.calibration.bounds.stored import RECORD
from knowntruth.calibration.bounds.world_bounds import world_bounds
from knowntruth.calibration.bounds.world_bounds_result import Plan, WorldBounds
from knowntruth.calibration.fitting.toml_editing import rewritten
from knowntruth.datasets.storage import files
from knowntruth.workbench.plots.calibration import bounds as plot
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import steady
from knowntruth.workbench.terminal.exit_codes import Stopped
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import BASE, World, load

if TYPE_CHECKING:
    import pandas as pd

KEPT: Final = ".bounds-runs"
"""What the folder of runs is called, after the name of the results' folder; it is kept until the search is whole."""


def bounded(
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
    """Search the bounds of a world and write its folder, or go on with a search that was begun there."""
    files.check_output(out, "bounds")
    kept = out.with_name(f"{out.name}{KEPT}")
    plan = Plan(load(world), sessions, starts, seed, rule=rule, kept=kept, measurements=measurements)
    plan = replace(plan, estimands=tuple(estimands)) if estimands else plan
    label = f"Searching the bounds of {world} with {sessions:,} sessions a run"
    head = manifest.head(plan.world, sessions, None, seed, starts=starts)
    with Steps({"bounds": 40, "write": 1}) as steps:
        with steps.step("bounds", label) as advance:
            try:
                found = world_bounds(plan, advance)
            except (Stopped, KeyboardInterrupt) as end:
                end.add_note(f"what was run stays in {kept}, and the same command goes on from there")
                raise
        with steps.step("write", f"Writing into {out}"), files.output_folder(out, "bounds", head) as folder:
            write(found, folder)
    shutil.rmtree(kept, ignore_errors=True)
    return found


def write(found: WorldBounds, folder: Path) -> None:
    """Write every result into a folder."""
    for name, table in tables(found).items():
        files.write_csv(folder / f"{name}.csv", table)
    files.write_json(folder / RECORD, found.record)
    for name, world in found.worlds.items():
        files.write_text(folder / "worlds" / f"{name}.toml", toml(world))
    files.write_bytes(folder / "figures" / "bounds.png", _png(found))


def tables(found: WorldBounds) -> "dict[str, pd.DataFrame]":
    """Return all tables by the name of their file."""
    made = {
        "intervals": found.intervals, "searches": found.found.table, "account": found.account,
        "checked": found.checked, "gains": found.gains,
    }  # fmt: skip
    return {name: steady(table) for name, table in made.items()}


def toml(world: World) -> str:
    """Return a world as a file: what it is based on, and the dials that differ from it."""
    base = load(BASE)
    header = f'description = "{world.description}"\nlesson = "{world.lesson}"\nbased_on = "{BASE}"\n'
    changed = {path: value for path, value, _ in world.differences(base) if isinstance(value, int | float)}
    return rewritten(header + _lists(world, base), world, changed, {})


def _lists(world: World, base: World) -> str:
    """Return the lists that differ, each in its section."""
    here, there = world.values(), base.values()
    parts = []
    for section, dials in here.items():
        lists = [f"{name} = {value}" for name, value in dials.items()
                 if isinstance(value, list) and value != there[section][name]]  # fmt: skip
        parts += [f"\n[{section}]", *lists] if lists else []
    return "\n".join(parts) + "\n" if parts else ""


def _png(found: WorldBounds) -> bytes:
    buffer = BytesIO()
    with style.styled():
        drawn = plot.draw(found.intervals, found.gains)
        drawn.savefig(buffer, format="png", dpi=style.DPI, metadata={"Software": None})
    return buffer.getvalue()

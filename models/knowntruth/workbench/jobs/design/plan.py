"""The job of ``knowntruth plan``: how many sessions and users a study needs."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.datasets.storage.files import output_folder, write_bytes, write_csv
from knowntruth.design.planning.plan_study import StudyPlan, plan_study
from knowntruth.design.planning.target import Target, describe_target
from knowntruth.design.replication.registry import find_analysis
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.results import manifest
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import load

if TYPE_CHECKING:
    import pandas as pd

FILES: Final = ("plan.csv", "sizes.csv", "assurance.csv", "plan.png")


def plan(world: str, strategy: str, target: Target, out: Path | None, settings: Mapping[str, Any]) -> StudyPlan:
    """Plan a study and, with ``out``, write tables and picture; ``settings`` are those of `plan_study`."""
    loaded = load(world)
    with Steps({"plan": 1}) as steps, steps.step("plan", f"Planning a study of {world} by {strategy}") as advance:
        if out is None:
            return plan_study(loaded, find_analysis(strategy), target, progress=advance, **settings)
        asked = {name: value for name, value in settings.items() if name != "workers"}
        head = {"strategy": strategy, "target": describe_target(target), "asked": asked}
        head |= {name: manifest.head(loaded, 0, None, settings["seed"])[name] for name in ("world", "versions")}
        with output_folder(out, "plan", head) as folder:
            result = plan_study(loaded, find_analysis(strategy), target, progress=advance, **settings)
            _write(result, folder)
    return result


def answer_table(result: StudyPlan) -> "pd.DataFrame":
    """Return the answer in one row: sessions, users, audited sessions, the check at that size, the assurance."""
    import pandas as pd

    check = result.sizes[result.sizes["kind"].eq("check")].iloc[-1]
    belief = result.assurance[result.assurance["sessions"].eq(result.sessions)].iloc[0]
    quantity = "width" if result.target.width is not None else "power"
    return pd.DataFrame([
        {
            "sessions": result.sessions, "users": result.users, "audited": result.audited,
            quantity: check["value"], f"{quantity}_lower": check["lower"], f"{quantity}_upper": check["upper"],
            "checked_at": int(check["sessions"]), "holds": result.holds, "assurance": belief["value"],
            "assurance_lower": belief["lower"], "assurance_upper": belief["upper"],
        }
    ])  # fmt: skip


def summarize(result: StudyPlan) -> str:
    """Return the answer in sentences."""
    row = answer_table(result).iloc[0]
    quantity = "width" if result.target.width is not None else "power"
    audit = f", {number(result.audited)} of them with known true level, from an audit" if result.audited else ""
    proof = "confirms it" if result.holds else "does not confirm it: try more --replicates"
    return (
        f"For {result.target.words}: {number(result.sessions)} sessions of {number(result.users)} users{audit}.\n"
        f"Diagnosed at {number(row['checked_at'])} sessions the {quantity} is {number(row[quantity])} "
        f"({number(row[f'{quantity}_lower'])} to {number(row[f'{quantity}_upper'])}), which {proof}.\n"
        f"Over plausible worlds, {row['assurance']:.0%} of such studies reach the target "
        f"({row['assurance_lower']:.0%} to {row['assurance_upper']:.0%}).\n"
    )


def _write(result: StudyPlan, folder: Path) -> None:
    from knowntruth.workbench.plots.design import plan as picture

    tables = (answer_table(result), result.sizes, result.assurance)
    for name, table in zip(FILES, tables, strict=False):
        write_csv(folder / name, table)
    write_bytes(folder / FILES[-1], picture.png(result))

"""What ``plan`` does, without the grammar around it."""

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


def plan(world: str, strategy: str, target: Target, out: Path | None, how: Mapping[str, Any]) -> StudyPlan:
    """Plan a study and, with ``out``, write tables and picture; ``how`` as of `planned`."""
    loaded = load(world)
    with Steps({"plan": 1}) as steps, steps.step("plan", f"Planning a study of {world} by {strategy}") as advance:
        if out is None:
            return plan_study(loaded, find_analysis(strategy), target, progress=advance, **how)
        asked = {name: value for name, value in how.items() if name != "workers"}
        head = {"strategy": strategy, "target": describe_target(target), "asked": asked}
        head |= {name: manifest.head(loaded, 0, None, how["seed"])[name] for name in ("world", "versions")}
        with output_folder(out, "plan", head) as folder:
            made = plan_study(loaded, find_analysis(strategy), target, progress=advance, **how)
            _write(made, folder)
    return made


def answer_table(made: StudyPlan) -> "pd.DataFrame":
    """Return the answer in one row: sessions, users, audited, what was diagnosed there, and the assurance."""
    import pandas as pd

    check = made.sizes[made.sizes["kind"].eq("check")].iloc[-1]
    belief = made.assurance[made.assurance["sessions"].eq(made.sessions)].iloc[0]
    quantity = "width" if made.target.width is not None else "power"
    return pd.DataFrame([
        {
            "sessions": made.sessions, "users": made.users, "audited": made.audited,
            quantity: check["value"], f"{quantity}_lower": check["lower"], f"{quantity}_upper": check["upper"],
            "checked_at": int(check["sessions"]), "holds": made.holds, "assurance": belief["value"],
            "assurance_lower": belief["lower"], "assurance_upper": belief["upper"],
        }
    ])  # fmt: skip


def summarize(made: StudyPlan) -> str:
    """Return the answer in sentences."""
    row = answer_table(made).iloc[0]
    quantity = "width" if made.target.width is not None else "power"
    audit = f", {number(made.audited)} of them rated again in an audit" if made.audited else ""
    proof = "bears that out" if made.holds else "does not bear that out: more --replicates may"
    return (
        f"For {made.target.words}: {number(made.sessions)} sessions of {number(made.users)} users{audit}.\n"
        f"Diagnosed at {number(row['checked_at'])} sessions the {quantity} is {number(row[quantity])} "
        f"({number(row[f'{quantity}_lower'])} to {number(row[f'{quantity}_upper'])}), which {proof}.\n"
        f"In worlds as they might be, {row['assurance']:.0%} of such studies reach the target "
        f"({row['assurance_lower']:.0%} to {row['assurance_upper']:.0%}).\n"
    )


def _write(made: StudyPlan, folder: Path) -> None:
    from knowntruth.workbench.plots.design import plan as picture

    tables = (answer_table(made), made.sizes, made.assurance)
    for name, table in zip(FILES, tables, strict=False):
        write_csv(folder / name, table)
    write_bytes(folder / FILES[-1], picture.png(made))

"""The job of ``knowntruth diagnose``: apply every strategy to every world, many times, and summarise."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError
from knowntruth.design.diagnose import FAST_STRATEGIES, redesign
from knowntruth.design.diagnosis.diagnosands import DIAGNOSANDS
from knowntruth.design.diagnosis.diagnose_table import case_columns
from knowntruth.design.diagnosis.monte_carlo_precision import DEFAULT_ERRORS, UNREACHABLE, replicates_needed
from knowntruth.design.replication.run import Run
from knowntruth.design.replication.store import list_files
from knowntruth.strategies.registry import STRATEGIES
from knowntruth.workbench.output.number_format import with_error
from knowntruth.workbench.terminal.exit_codes import Stopped
from knowntruth.workbench.terminal.options import split_names
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import names

if TYPE_CHECKING:
    import pandas as pd

ALL: Final = "all"
"""What stands on the command line for every world, or every strategy."""

SHOWN: Final = ("bias", "rmse", "coverage", "power", "mean_seconds")
"""Diagnosands on the terminal; the folder has all of them."""

MAX_REASONS: Final = 10
"""Reasons of failures that are printed, the most common first; the folder has all of them."""


def diagnose(
    worlds: Sequence[str], strategies: str | None, estimands: str, replicates: int, sessions: int, *, audited: int,
    by: str | None, vary: Iterable[str], seed: int, out: Path | None, workers: int | None, cluster: str | None,
) -> Run:  # fmt: skip
    """Run the diagnosis; with ``out`` write replicates, map and pages, or continue a run that was interrupted."""
    chosen = names() if list(worlds) == [ALL] else worlds
    asked = tuple(STRATEGIES) if strategies == ALL else split_names(strategies) if strategies else FAST_STRATEGIES
    varied = dict(parse_variation(text) for text in vary)
    with Steps({"diagnose": 20, "map": 1} if out else {"diagnose": 1}) as steps:
        try:
            with steps.step("diagnose", "Diagnosing") as advance:
                run = redesign(
                    chosen, asked, varied, replicates, sessions, seed=seed, estimands=split_names(estimands),
                    audited=audited, by=by, out=out, workers=workers, cluster=cluster, progress=advance,
                )  # fmt: skip
            if run.folder is not None:
                with steps.step("map", "Drawing the map"):
                    _draw_map(run, run.folder)
            return run
        except (Stopped, KeyboardInterrupt) as end:
            if out is not None:
                end.add_note(f"what is complete in {out} stays, and the same command continues from there")
            raise


def _draw_map(run: Run, folder: Path) -> None:
    """Write map, ranking and pages into the folder of the replicates, and list them in its manifest."""
    from knowntruth.workbench.report import diagnosis_map

    sizes = {case.parameters.get("sessions") for case in run.plan.cases}
    about = {
        "replicates": run.plan.replicates, "seed": run.plan.seed, "command": _command(run),
        "sessions": sizes.pop() if len(sizes) == 1 else None,
    }  # fmt: skip
    list_files(folder, diagnosis_map.write(run.table, about, folder))


def _command(run: Run) -> str:
    """Return the command that reproduces the table, without ``--vary``: the columns show what was varied."""
    worlds = " ".join(dict.fromkeys(case.source.name for case in run.plan.cases))
    strategies = ",".join(each.name for each in run.plan.strategies)
    estimands = ",".join(question.estimand.name for question in run.plan.questions)
    return (
        f"knowntruth diagnose {worlds} --strategies {strategies} --estimands {estimands} "
        f"--replicates {run.plan.replicates} --seed {run.plan.seed}"
    )


def parse_variation(text: str) -> tuple[str, list[Any]]:
    """Return the name and the values of a parameter to vary, from ``name=value,value``.

    Raises
    ------
    InputError
        If it is not written so.

    Examples
    --------
    >>> parse_variation("rated_expertise.halo=0.0,0.5")
    ('rated_expertise.halo', [0.0, 0.5])
    """
    name, _, values = text.partition("=")
    try:
        found = json.loads(f"[{values}]")
    except ValueError:
        found = []
    if not name or not found:
        raise InputError(f"cannot read --vary {text!r}; write name=value,value such as sessions=1000,5000")
    return name.strip(), found


def tables(run: Run) -> "dict[str, pd.DataFrame]":
    """Return a table for people by estimand, one row per world and strategy, without constant columns."""
    found = run.diagnosis(diagnosands=SHOWN)
    found["value"] = [with_error(value, error) for value, error in zip(found["value"], found["mcse"], strict=True)]
    cases = [*case_columns(run.table), "subgroup"]
    keys = [name for name in cases if name == "world" or found[name].nunique() > 1]
    return {str(name): _wide(rows, [*keys, "strategy"]) for name, rows in found.groupby("estimand", sort=False)}


def _wide(rows: "pd.DataFrame", keys: list[str]) -> "pd.DataFrame":
    wide = rows.pivot_table(index=keys, columns="diagnosand", values="value", aggfunc="first", sort=False)
    return wide[[name for name in SHOWN if name in wide]].reset_index().rename_axis(columns=None)


def summarize(run: Run, wanted: Mapping[str, float] = DEFAULT_ERRORS) -> str:
    """Return failures, the replicates that the target Monte Carlo errors need, and where the results are."""
    failed = run.table[run.table["error"].ne("")]
    reasons = Counter(zip(failed["strategy"], failed["error"], strict=True)).most_common(MAX_REASONS)
    lines = [f"{name} gave no answer in {n} cases: {error}" for (name, error), n in reasons]
    lines += _needed(run, wanted)
    if run.folder:
        lines.append(f"Wrote {len(run.table):,} answers into {run.folder}; the map is {run.folder / 'report.html'}")
    return "".join(f"{line}\n" for line in lines)


def _needed(run: Run, wanted: Mapping[str, float]) -> list[str]:
    """Return how many replicates each diagnosand needs that has too few for its target error."""
    found = replicates_needed(run.table, wanted)
    lines = []
    for name, rows in found.groupby("diagnosand", sort=False):
        goal = f"a Monte Carlo error of {wanted[str(name)]:g} in every {str(name).replace('_', ' ')}"
        most = int(rows["needed"].max())
        if most > run.plan.replicates:
            kept = " (present replicates are reused)" if run.folder else ""
            lines.append(f"For {goal}: --replicates {most}{kept}")
        if rows["needed"].eq(UNREACHABLE).any():
            lines.append(
                f"{goal[0].upper()}{goal[1:]} cannot be reached everywhere: too few answers, or a less exact truth"
            )
    return lines


def parse_target_errors(text: str | None) -> Mapping[str, float]:
    """Return the target Monte Carlo error of each diagnosand, from ``name=error,name=error``.

    Raises
    ------
    InputError
        If it has another form, or there is no such diagnosand.

    Examples
    --------
    >>> parse_target_errors("bias=0.002,coverage=0.01")
    {'bias': 0.002, 'coverage': 0.01}
    """
    if text is None:
        return DEFAULT_ERRORS
    found = {}
    for part in split_names(text):
        name, _, error = part.partition("=")
        try:
            found[name] = float(error)
        except ValueError:
            found[name] = 0.0
        if name not in DIAGNOSANDS or not found[name] > 0:
            raise InputError(
                f"cannot read --mcse {text!r}; write diagnosand=error such as coverage=0.01, with an error above 0 "
                f"and one of {', '.join(DIAGNOSANDS)}"
            )
    return found

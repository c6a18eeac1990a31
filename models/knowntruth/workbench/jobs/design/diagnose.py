"""What ``diagnose`` and ``ledger`` do, without the grammar around them."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError
from knowntruth.datasets.storage.files import output_folder, write_bytes, write_csv
from knowntruth.design.diagnose import FAST, redesign
from knowntruth.design.diagnosis.diagnosands import DIAGNOSANDS
from knowntruth.design.diagnosis.diagnose_table import parameters
from knowntruth.design.diagnosis.monte_carlo_precision import UNREACHABLE, WANTED, needed
from knowntruth.design.ledger.decompose import Ledger, ledger
from knowntruth.design.replication.run import Run
from knowntruth.design.replication.store import list_files
from knowntruth.strategies.registry import STRATEGIES
from knowntruth.workbench.output.number_format import NOTHING, number, with_error
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import PUBLISHED_SESSIONS, PUBLISHED_USERS
from knowntruth.workbench.terminal.exit_codes import Stopped
from knowntruth.workbench.terminal.options import listed
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import load, names

if TYPE_CHECKING:
    import pandas as pd

EVERYTHING: Final = "all"

SHOWN: Final = ("bias", "rmse", "coverage", "power", "mean_seconds")
"""Diagnosands on the terminal; a folder has all."""


MAX_REASONS: Final = 10
"""Reasons of failures that are told, the commonest; a folder has all."""


def diagnosed(
    worlds: Sequence[str], strategies: str | None, estimands: str, replicates: int, sessions: int, *, audited: int,
    by: str | None, vary: Iterable[str], seed: int, out: Path | None, workers: int | None, cluster: str | None,
) -> Run:  # fmt: skip
    """Diagnose what was asked for on the command line."""
    chosen = names() if list(worlds) == [EVERYTHING] else worlds
    asked = tuple(STRATEGIES) if strategies == EVERYTHING else listed(strategies) if strategies else FAST
    varied = dict(varying(text) for text in vary)
    with Steps({"diagnose": 20, "map": 1} if out else {"diagnose": 1}) as steps:
        try:
            with steps.step("diagnose", "Diagnosing") as advance:
                run = redesign(
                    chosen, asked, varied, replicates, sessions, seed=seed, estimands=listed(estimands),
                    audited=audited, by=by, out=out, workers=workers, cluster=cluster, progress=advance,
                )  # fmt: skip
            if run.folder is not None:
                with steps.step("map", "Drawing the map"):
                    _draw_map(run, run.folder)
            return run
        except (Stopped, KeyboardInterrupt) as end:
            if out is not None:
                end.add_note(f"what is whole in {out} stays, and the same command goes on from there")
            raise


def _draw_map(run: Run, folder: Path) -> None:
    """Write map, ranking and pages beside the replicates, and list them in the manifest."""
    from knowntruth.workbench.report import diagnosis_map

    sizes = {case.parameters.get("sessions") for case in run.plan.cases}
    about = {
        "replicates": run.plan.replicates, "seed": run.plan.seed, "command": _command(run),
        "sessions": sizes.pop() if len(sizes) == 1 else None,
    }  # fmt: skip
    list_files(folder, diagnosis_map.write(run.table, about, folder))


def _command(run: Run) -> str:
    """Return the command that makes the table again, but for what was varied, which the columns tell."""
    worlds = " ".join(dict.fromkeys(case.source.name for case in run.plan.cases))
    strategies = ",".join(each.name for each in run.plan.strategies)
    estimands = ",".join(question.estimand.name for question in run.plan.questions)
    return (
        f"knowntruth diagnose {worlds} --strategies {strategies} --estimands {estimands} "
        f"--replicates {run.plan.replicates} --seed {run.plan.seed}"
    )


def varying(text: str) -> tuple[str, list[Any]]:
    """Return name and values of what is to be varied, from ``name=value,value``.

    Raises
    ------
    InputError
        If it is not written so.

    Examples
    --------
    >>> varying("rated_expertise.halo=0.0,0.5")
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
    """Return for each estimand a table for people, a line a world and strategy, without columns that never vary."""
    found = run.diagnosis(diagnosands=SHOWN)
    found["value"] = [with_error(value, error) for value, error in zip(found["value"], found["mcse"], strict=True)]
    cases = [*parameters(run.table), "subgroup"]
    keys = [name for name in cases if name == "world" or found[name].nunique() > 1]
    return {str(name): _wide(rows, [*keys, "strategy"]) for name, rows in found.groupby("estimand", sort=False)}


def _wide(rows: "pd.DataFrame", keys: list[str]) -> "pd.DataFrame":
    wide = rows.pivot_table(index=keys, columns="diagnosand", values="value", aggfunc="first", sort=False)
    return wide[[name for name in SHOWN if name in wide]].reset_index().rename_axis(columns=None)


def told(run: Run, wanted: Mapping[str, float] = WANTED) -> str:
    """Return what remains to be said: failures, and how many replicates the wanted Monte Carlo errors take."""
    failed = run.table[run.table["error"].ne("")]
    reasons = Counter(zip(failed["strategy"], failed["error"], strict=True)).most_common(MAX_REASONS)
    lines = [f"{name} has no answer in {n} cases: {error}" for (name, error), n in reasons]
    lines += _needed(run, wanted)
    if run.folder:
        lines.append(f"Wrote {len(run.table):,} answers into {run.folder}; the map is {run.folder / 'report.html'}")
    return "".join(f"{line}\n" for line in lines)


def _needed(run: Run, wanted: Mapping[str, float]) -> list[str]:
    """Return how many replicates the wanted errors take, for each diagnosand that has too few."""
    found = needed(run.table, wanted)
    lines = []
    for name, rows in found.groupby("diagnosand", sort=False):
        goal = f"a Monte Carlo error of {wanted[str(name)]:g} in every {str(name).replace('_', ' ')}"
        most = int(rows["needed"].max())
        if most > run.plan.replicates:
            kept = " (those that are there are kept)" if run.folder else ""
            lines.append(f"For {goal}: --replicates {most}{kept}")
        if rows["needed"].eq(UNREACHABLE).any():
            lines.append(
                f"Not everywhere can {goal} be had: too few answers, or a truth that is less exact than that"
            )
    return lines


def wanted_errors(text: str | None) -> Mapping[str, float]:
    """Return the Monte Carlo error wanted of each diagnosand, from ``name=error,name=error``.

    Raises
    ------
    InputError
        If it is not written so, or there is no such diagnosand.

    Examples
    --------
    >>> wanted_errors("bias=0.002,coverage=0.01")
    {'bias': 0.002, 'coverage': 0.01}
    """
    if text is None:
        return WANTED
    found = {}
    for part in listed(text):
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


def taken_apart(world: str, sessions: int | None, *, seed: int, out: Path | None) -> Ledger:
    """Take a world's contrasts apart, and write table and picture; ``sessions`` is None for the published size."""
    loaded = load(world)
    size, users = (PUBLISHED_SESSIONS, PUBLISHED_USERS) if sessions is None else (sessions, None)
    with Steps({"ledger": 1}) as steps, steps.step("ledger", f"Taking {world} apart") as advance:
        if out is None:
            return ledger(loaded, size, seed=seed, users=users, progress=advance)
        with output_folder(out, "ledger", manifest.head(loaded, size, users, seed)) as folder:
            made = ledger(loaded, size, seed=seed, users=users, progress=advance)
            _write_ledger(made, folder)
    return made


def short_ledger(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return the ledger of one quantity for people: each amount with its error."""
    import pandas as pd

    def written(value: str, error: str) -> list[str]:
        return [_amount(v, e) for v, e in zip(rows[value], rows[error], strict=True)]

    amounts = {"adds": written("value", "mcse"), "alone": written("alone", "alone_mcse"),
               "last": written("last", "last_mcse")}  # fmt: skip
    return pd.DataFrame({"component": rows["component"].to_numpy(), **amounts})


def _amount(value: float, error: float) -> str:
    return NOTHING if isnan(value) else with_error(value, error) if error > 0 else number(value)


def _write_ledger(made: Ledger, folder: Path) -> None:
    from knowntruth.workbench.plots.design import waterfall

    write_csv(folder / "ledger.csv", made.table)
    write_bytes(folder / "ledger.png", waterfall.png(made))

"""The page of one strategy in one world: what went wrong, its diagnosands, and its intervals drawn one by one."""

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

from knowntruth.design.diagnosis.diagnosands import DIAGNOSANDS
from knowntruth.design.diagnosis.faults import Cell
from knowntruth.strategies.registry import STRATEGIES
from knowntruth.workbench.output import html
from knowntruth.workbench.output.number_format import number, with_error
from knowntruth.workbench.plots.design import intervals

FOLDER: Final = "cells"

TIMED: Final = ("mean_seconds",)
"""Diagnosands of the clock, which pages leave out so that they stay the same."""

MAX_REASONS: Final = 5


def file_name(label: str, strategy: str) -> str:
    """Return the file of a page.

    Examples
    --------
    >>> name("published, sessions 5,000", "naive")
    'cells/published-sessions-5000-naive.html'
    """
    plain = re.sub(r"[^A-Za-z0-9_.]+", "-", f"{label.replace(',', '')}-{strategy}").strip("-")
    return f"{FOLDER}/{plain}.html"


def page(shown: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> str:
    """Return the page of one strategy in one case; ``shown`` has one for each estimand."""
    first = shown[0]
    return html.render(
        "cell.html.jinja", cells=shown, about=about, strategy=_strategy(first["strategy"]), label=first["label"],
        lesson=_lesson(first["world"]), world=first["world"],
    )  # fmt: skip


def page_content(cell: Cell, label: str) -> dict[str, Any]:
    """Return all that a page says of one estimand."""
    return {
        "strategy": cell.strategy,
        "label": label,
        "world": str(cell.case.get("world", label)),
        "estimand": cell.estimand.replace("_", " "),
        "contrast": cell.contrast,
        "verdict": cell.verdict,
        "faults": [(fault.name, fault.meaning) for fault in cell.faults],
        "said": describe(cell),
        "drawn": intervals.svg(cell),
        "alt": intervals.alt(cell),
        "diagnosands": [
            (row.name.replace("_", " "), row.meaning, _told(cell, row.name))
            for row in DIAGNOSANDS.values()
            if row.name not in TIMED
        ],
        "reasons": _reasons(cell),
        "worst": _worst(cell),
        "replay": _replay(cell),
    }


def describe(cell: Cell) -> list[str]:
    """Return in sentences what the cell's replicates show.

    Examples
    --------
    >>> from knowntruth.design.diagnosis.faults import diagnose_cells
    >>> from knowntruth.design.diagnose import diagnose
    >>> study = {"sessions": 300, "estimands": ["verified_difference"], "truth_sessions": 300}
    >>> run = diagnose(["null"], ["naive"], 2, workers=1, **study)
    >>> found = cells(run.table)
    >>> said(found[0])[-1][:40]
    'They find an effect, though there is non'
    """
    n, failed = len(cell.rows), cell.found["failure_rate"].value
    if failed == 1:
        return [f"None of the {n} datasets got an answer."]
    lines = [f"{failed:.0%} of the {n} datasets got no answer."] if failed else []
    bias, spread = cell.found["bias"], cell.found["sd"]
    if isfinite(bias.value):
        far = abs(bias.value) / spread.value if spread.value > 0 else float("inf")
        lines.append(
            f"The truth is {number(cell.truth)}. Estimates are off by {with_error(bias.value, bias.mcse)} on "
            f"average, {number(far, 2)} times their own spread: " + _meaning(far)
        )
    else:
        lines.append(f"The truth is {number(cell.truth)}. The assumptions leave a range, not one number.")
    coverage = cell.found["coverage"]
    lines.append(f"Intervals hold the truth in {coverage.value:.0%} of the datasets (they promise 95%).")
    power = cell.found["power"].value
    found = "find the effect" if cell.effective else "find an effect, though there is none,"
    lines.append(f"They {found} in {power:.0%} of the datasets.")
    return lines


def _meaning(spreads: float) -> str:
    """Return what a bias of so many spreads means for a study."""
    if spreads > 1:
        return "more sessions would make it surer of a wrong answer."
    return "chance still matters more than bias." if spreads > 0.25 else "bias hardly matters at this size."


def _told(cell: Cell, name: str) -> str:
    found = cell.found[name]
    return with_error(found.value, found.mcse)


def _reasons(cell: Cell) -> list[tuple[str, int]]:
    counts = cell.rows.loc[cell.rows["error"].ne(""), "error"].value_counts()
    return [(str(reason), int(n)) for reason, n in counts.head(MAX_REASONS).items()]


def _worst(cell: Cell) -> dict[str, Any] | None:
    """Return the replicate whose interval is farthest off, None where all hold the truth or none answered."""
    rows = cell.rows[cell.rows["error"].eq("")]
    off = (rows["lower"] - rows["truth"]).clip(lower=0) + (rows["truth"] - rows["upper"]).clip(lower=0)
    if not len(rows) or off.max() <= 0:
        return None
    row = rows.iloc[int(off.to_numpy().argmax())]
    return {
        "replicate": int(row["replicate"]), "lower": number(row["lower"]), "upper": number(row["upper"]),
        "estimate": number(row["estimate"]),
    }  # fmt: skip


def _replay(cell: Cell) -> str:
    """Return the Python that makes one replicate again, data and all."""
    worst = _worst(cell)
    told = ", ".join(f"{name!r}: {value!r}" for name, value in cell.case.items())
    return f"replay(run, {worst['replicate'] if worst else 0}, **{{{told}}})"


def _strategy(name: str) -> dict[str, Any]:
    known = STRATEGIES.get(name)
    if known is None:
        return {"name": name, "title": name.replace("_", " "), "assumptions": (), "source": ""}
    return {"name": name, "title": known.title, "assumptions": known.assumptions, "source": known.source}


def _lesson(world: str) -> str:
    """Return what a world that comes with the package is about."""
    from knowntruth.world.definition.world import load, names

    if world not in names():
        return ""
    loaded = load(world)
    return f"{loaded.description} {loaded.lesson}"

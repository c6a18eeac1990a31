"""The page of one strategy in one world: its faults, its diagnosands, and a picture of its intervals."""

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
"""Diagnosands that measure time; pages leave them out, so that the same run gives the same bytes."""

MAX_REASONS: Final = 5


def file_name(label: str, strategy: str) -> str:
    """Return the file of a page.

    Examples
    --------
    >>> file_name("published, sessions 5,000", "naive")
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
    """Return the content of a page for one estimand."""
    return {
        "strategy": cell.strategy,
        "label": label,
        "world": str(cell.case.get("world", label)),
        "estimand": cell.estimand.replace("_", " "),
        "contrast": cell.contrast,
        "verdict": cell.verdict,
        "faults": [(fault.name, fault.meaning) for fault in cell.faults],
        "sentences": describe(cell),
        "picture": intervals.svg(cell),
        "alt": intervals.alt(cell),
        "diagnosands": [
            (row.name.replace("_", " "), row.meaning, _value(cell, row.name))
            for row in DIAGNOSANDS.values()
            if row.name not in TIMED
        ],
        "reasons": _reasons(cell),
        "worst": _worst(cell),
        "replay": _replay(cell),
    }


def describe(cell: Cell) -> list[str]:
    """Describe the results of the cell's replicates in sentences.

    Examples
    --------
    >>> from knowntruth.design.diagnosis.faults import diagnose_cells
    >>> from knowntruth.design.diagnose import diagnose
    >>> study = {"sessions": 300, "estimands": ["verified_difference"], "truth_sessions": 300}
    >>> run = diagnose(["null"], ["naive"], 2, workers=1, **study)
    >>> found = diagnose_cells(run.table)
    >>> describe(found[0])[-1][:40]
    'They report an effect, although there is'
    """
    n, failed = len(cell.rows), cell.found["failure_rate"].value
    if failed == 1:
        return [f"The strategy gave no answer for any of the {n} datasets."]
    lines = [f"The strategy gave no answer for {failed:.0%} of the {n} datasets."] if failed else []
    bias, spread = cell.found["bias"], cell.found["sd"]
    if isfinite(bias.value):
        far = abs(bias.value) / spread.value if spread.value > 0 else float("inf")
        lines.append(
            f"The truth is {number(cell.truth)}. The bias is {with_error(bias.value, bias.mcse)}, "
            f"{number(far, 2)} times the standard deviation of the estimates: " + _meaning(far)
        )
    else:
        lines.append(f"The truth is {number(cell.truth)}. The assumptions identify a range, not a single value.")
    coverage = cell.found["coverage"]
    lines.append(f"Intervals contain the truth in {coverage.value:.0%} of the datasets (nominal: 95%).")
    power = cell.found["power"].value
    found = "find the effect" if cell.has_effect else "report an effect, although there is none,"
    lines.append(f"They {found} in {power:.0%} of the datasets.")
    return lines


def _meaning(spreads: float) -> str:
    """Return what a bias of so many standard deviations means for a study."""
    if spreads > 1:
        return "more sessions would make the wrong answer more precise."
    return "random error is larger than the bias." if spreads > 0.25 else "the bias is small at this sample size."


def _value(cell: Cell, name: str) -> str:
    found = cell.found[name]
    return with_error(found.value, found.mcse)


def _reasons(cell: Cell) -> list[tuple[str, int]]:
    counts = cell.rows.loc[cell.rows["error"].ne(""), "error"].value_counts()
    return [(str(reason), int(n)) for reason, n in counts.head(MAX_REASONS).items()]


def _worst(cell: Cell) -> dict[str, Any] | None:
    """Return the replicate whose interval is farthest from the truth; None if no interval misses it."""
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
    """Return Python code that reproduces one replicate with its data."""
    worst = _worst(cell)
    told = ", ".join(f"{name!r}: {value!r}" for name, value in cell.case.items())
    return f"replay(run, {worst['replicate'] if worst else 0}, **{{{told}}})"


def _strategy(name: str) -> dict[str, Any]:
    known = STRATEGIES.get(name)
    if known is None:
        return {"name": name, "title": name.replace("_", " "), "assumptions": (), "source": ""}
    return {"name": name, "title": known.title, "assumptions": known.assumptions, "source": known.source}


def _lesson(world: str) -> str:
    """Return description and lesson of a world of the package; empty for others."""
    from knowntruth.world.definition.world import load, names

    if world not in names():
        return ""
    loaded = load(world)
    return f"{loaded.description} {loaded.lesson}"

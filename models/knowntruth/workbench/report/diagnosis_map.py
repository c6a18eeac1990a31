"""The map of a diagnosis: worlds × strategies on one page, and a page with the details of each cell.

==================== =======================================================================================
report.html          the map: bias and coverage of every strategy in every world, and the ranking
map.png              the same as a picture
ranking.csv          strategies from best to worst, with the limits of each rank
cells.csv            each cell: whether the strategy survives there, and its faults
cells/*.html         one page per cell: its faults, its diagnosands, and a picture of its intervals
==================== =======================================================================================

Pages are self-contained, fetch nothing and have no scripts. They contain no times, so the same diagnosis gives the
same bytes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.datasets.storage.files import write_bytes, write_csv, write_text
from knowntruth.design.diagnosis.diagnose_table import case_columns
from knowntruth.design.diagnosis.faults import FAULTS, Cell, diagnose_cells
from knowntruth.design.diagnosis.ranking import rank_strategies
from knowntruth.workbench.output import html
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.output.tables import Grid, grid
from knowntruth.workbench.plots.design import bias_and_coverage_map
from knowntruth.workbench.report import cell_pages

if TYPE_CHECKING:
    import pandas as pd

REPORT: Final = "report.html"
PICTURE: Final = "map.png"
RANKING: Final = "ranking.csv"
CELLS: Final = "cells.csv"

MARKS: Final = {"survives": "✓", "fails": "✗", "open": "?"}
"""Mark of a verdict next to a number, readable without colours."""

RANKED: Final = {
    "rank": "rank", "ranks": "95% limits of the rank", "strategy": "strategy", "score": "interval score, times best",
    "first": "share first", "answered": "share answered",
}  # fmt: skip


def write(table: "pd.DataFrame", about: Mapping[str, Any], folder: Path) -> list[str]:
    """Write map, ranking and pages of a table of replicates; return the names of the files.

    ``about`` has replicates, seed and command of the table.
    """
    found = diagnose_cells(table)
    ranked = rank_strategies(table)
    labels = label_cases(found)
    shown = [cell_pages.page_content(cell, labels[id(cell)]) for cell in found]
    write_csv(folder / RANKING, ranked)
    write_csv(folder / CELLS, verdict_table(found))
    write_bytes(folder / PICTURE, bias_and_coverage_map.png(found, labels))
    names = {id(cell): cell_pages.file_name(labels[id(cell)], cell.strategy) for cell in found}
    for page, one in _by_page(found, names).items():
        write_text(folder / page, cell_pages.page([shown[i] for i in one], about))
    write_text(folder / REPORT, html.render("map.html.jinja", **_context(found, labels, names, ranked, about)))
    return [REPORT, PICTURE, RANKING, CELLS, *dict.fromkeys(names.values())]


def verdict_table(found: Sequence[Cell]) -> "pd.DataFrame":
    """Return one row per cell: case, strategy, estimand, contrast, verdict, faults.

    Examples
    --------
    >>> from knowntruth.design.diagnosis.faults import diagnose_cells
    >>> from knowntruth.design.diagnose import diagnose
    >>> study = {"sessions": 300, "estimands": ["verified_difference"], "truth_sessions": 300}
    >>> run = diagnose(["null"], ["naive"], 2, workers=1, **study)
    >>> found = diagnose_cells(run.table)
    >>> verdict_table(found)[["world", "strategy"]].values.tolist()
    [['null', 'naive']]
    """
    import pandas as pd

    return pd.DataFrame(
        [
            {
                **cell.case, "strategy": cell.strategy, "estimand": cell.estimand, "contrast": cell.contrast,
                "subgroup": cell.subgroup, "verdict": cell.verdict,
                "faults": "; ".join(fault.name for fault in cell.faults),
            }
            for cell in found
        ]
    )  # fmt: skip


def label_cases(found: Sequence[Cell]) -> dict[int, str]:
    """Return the label of each cell's case, by the cell's ``id``: its world, and what differs between cases.

    Examples
    --------
    >>> from knowntruth.design.diagnosis.faults import diagnose_cells
    >>> from knowntruth.design.diagnose import diagnose
    >>> study = {"sessions": 300, "estimands": ["verified_difference"], "truth_sessions": 300}
    >>> run = diagnose(["null"], ["naive"], 2, workers=1, **study)
    >>> found = diagnose_cells(run.table)
    >>> list(label_cases(found).values())
    ['null']
    """
    cases = [{**cell.case, "subgroup": cell.subgroup} for cell in found]
    varying = [name for name in cases[0] if name == "world" or len({str(case[name]) for case in cases}) > 1]
    return {id(cell): _called(case, varying) for cell, case in zip(found, cases, strict=True)}


def _called(case: Mapping[str, Any], varying: Sequence[str]) -> str:
    world, *rest = varying
    return ", ".join([str(case[world]), *(f"{name} {_value(case[name])}" for name in rest)])


def _value(value: Any) -> str:
    return number(value) if isinstance(value, int | float) else str(value)


def _by_page(found: Sequence[Cell], names: Mapping[int, str]) -> dict[str, list[int]]:
    pages_of: dict[str, list[int]] = {}
    for place, cell in enumerate(found):
        pages_of.setdefault(names[id(cell)], []).append(place)
    return pages_of


def _context(
    found: Sequence[Cell], labels: Mapping[int, str], names: Mapping[int, str], ranked: "pd.DataFrame",
    about: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    estimands = list(dict.fromkeys(cell.estimand for cell in found))
    asked = {name: [cell for cell in found if cell.estimand == name] for name in estimands}
    return {
        "about": about,
        "brief": [_brief(name, asked[name], ranked) for name in estimands],
        "maps": {name: _maps(asked[name], labels, names) for name in estimands},
        "rankings": {name: _ranking(ranked[ranked["estimand"].eq(name)]) for name in estimands},
        "faults": [(fault.name, fault.meaning) for fault in FAULTS],
        "marks": MARKS,
        "parameters": [name for name in case_columns(found[0].rows) if name != "world"],
    }


def _brief(name: str, asked: Sequence[Cell], ranked: "pd.DataFrame") -> str:
    """Return in a sentence how many cells survive, and which strategy ranks first."""
    counts = {verdict: sum(cell.verdict == verdict for cell in asked) for verdict in MARKS}
    best = ranked[ranked["estimand"].eq(name)].iloc[0]
    sure = f"first in {best['first']:.0%} of the bootstrap samples"
    return (
        f"{name.replace('_', ' ')}: of {len(asked)} pairs of world and strategy {counts['survives']} survive, "
        f"{counts['fails']} fail and {counts['open']} are open. Over these worlds "
        f"{best['strategy'].replace('_', ' ')} does best, {sure}."
    )


def _maps(asked: Sequence[Cell], labels: Mapping[int, str], names: Mapping[int, str]) -> dict[str, Any]:
    """Return the rows of the heat maps: a strategy, then one cell per case."""
    columns = list(dict.fromkeys(labels[id(cell)] for cell in asked))
    rows: dict[str, dict[str, Any]] = {}
    for cell in asked:
        rows.setdefault(cell.strategy, {})[labels[id(cell)]] = cell
    scale = bias_and_coverage_map.bias_scale(asked)
    drawn = [
        (strategy, [_square(row[label], names, scale) if label in row else None for label in columns])
        for strategy, row in rows.items()
    ]
    return {"columns": columns, "rows": drawn}


def _square(cell: Cell, names: Mapping[int, str], scale: float) -> dict[str, Any]:
    bias, coverage = cell.found["bias"], cell.found["coverage"]
    return {
        "href": names[id(cell)],
        "verdict": cell.verdict,
        "mark": MARKS[cell.verdict],
        "bias": bias_and_coverage_map.text_of_bias(cell),
        "bias_color": bias_and_coverage_map.bias_color(bias.value, scale),
        "coverage": bias_and_coverage_map.text_of_coverage(cell),
        "coverage_color": bias_and_coverage_map.coverage_color(coverage.value),
        "faults": ", ".join(fault.name for fault in cell.faults) or "no fault found",
    }


def _ranking(ranked: "pd.DataFrame") -> Grid:
    limits = [
        f"{low:.0f} to {high:.0f}" for low, high in zip(ranked["rank_lower"], ranked["rank_upper"], strict=True)
    ]
    named = ranked["strategy"].str.replace("_", " ")
    return grid(ranked.assign(strategy=named, ranks=limits)[list(RANKED)], RANKED)

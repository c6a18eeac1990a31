"""The data of the pictures: short series from the study's tables and from the truth."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from knowntruth.datasets.schema.categories import LEVEL_NAMES, LEVELS
from knowntruth.workbench.results.study_results import Results

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

LEVEL_TICKS: Final = [f"{level}\n{name}" for level, name in zip(LEVELS, LEVEL_NAMES, strict=True)]


@dataclass(frozen=True, slots=True)
class Series:
    """Points with one standard error each (NaN where none is known), in the order drawn."""

    x: "npt.NDArray[np.float64]"
    y: "npt.NDArray[np.float64]"
    error: "npt.NDArray[np.float64]"


def of(frame: "pd.DataFrame", x: str, y: str, error: str) -> Series:
    """Return the rows of ``frame`` that have a value, as a series sorted by ``x``."""
    import numpy as np

    kept = frame[frame[y].notna()].sort_values(x, kind="stable")
    return Series(
        kept[x].to_numpy(np.float64), kept[y].to_numpy(np.float64), kept[error].to_numpy(np.float64, na_value=np.nan)
    )


def seen_actions(results: Results) -> Series:
    """Return actions per prompt by rated level, geometric means, as in the study's Figure 3."""
    table = results.tables["figure_3"]
    rows = table[table["unit"].eq("actions per prompt")]
    return of(rows.assign(level=_level(rows["group"])), "level", "value", "standard_error")


def published_actions(results: Results) -> Series:
    """Return the printed ends of Figure 3."""
    rows = results.comparison[results.comparison["key"].str.fullmatch(r"actions_per_prompt_\w+_fig3")]
    return of(rows.assign(level=_level(rows["group"])), "level", "published", "rounding")


def seen_verified(results: Results) -> Series:
    """Return adjusted verified success by rated level in percent, as in the study's Table A2."""
    table = results.tables["table_a2"]
    rows = table[table["key"].str.startswith("verified_success_adj_")]
    return of(rows.assign(level=_level(rows["group"])), "level", "value", "standard_error")


def published_verified(results: Results) -> Series:
    """Return the printed adjusted rates of Table A2, in percent."""
    rows = results.comparison[results.comparison["key"].str.startswith("verified_success_adj_")]
    return of(rows.assign(level=_level(rows["group"])), "level", "published", "published_error")


def true_dose(results: Results, outcome: str, treatment: str = "domain_expertise") -> Series:
    """Return the true mean of ``outcome`` if everyone had each level of ``treatment``."""
    rows = results.dose[results.dose["outcome"].eq(outcome) & results.dose["treatment"].eq(treatment)]
    return of(rows, "level", "value", "mcse")


def seen_slopes(results: Results) -> Series:
    """Return the slope of verified success on the rating by column of Table A1, in points per level."""
    table = results.tables["table_a1"]
    rows = table[table["unit"].eq("probability per level")]
    scaled = rows.assign(column=_column(rows["group"]), value=100 * rows["value"], error=100 * rows["standard_error"])
    return of(scaled, "column", "value", "error")


def published_slopes(results: Results) -> Series:
    """Return the printed slopes of Table A1, in points per level."""
    rows = results.comparison[results.comparison["key"].str.fullmatch(r"a1_coef_col\d")]
    scaled = rows.assign(
        column=_column(rows["group"]), value=100 * rows["published"], error=100 * rows["published_error"]
    )
    return of(scaled, "column", "value", "error")


def _level(groups: "pd.Series[str]") -> "pd.Series[int]":
    return groups.str.extract(r"^(\d)", expand=False).astype(int)


def _column(groups: "pd.Series[str]") -> "pd.Series[int]":
    return groups.str.extract(r"column (\d)", expand=False).astype(int)

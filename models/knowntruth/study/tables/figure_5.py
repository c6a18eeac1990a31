"""Figure 5: outcomes by rated expertise, in all sessions and in those that hit trouble.

Adjusted as in Table A2. The panel of troubled sessions conditions on a consequence of expertise (a collider): a
novice who does not notice an error never enters it. Verified success in all sessions is in Table A2.
"""

from typing import Final

import pandas as pd

from knowntruth.datasets.schema.categories import LEVEL_NAMES, LEVELS
from knowntruth.study.estimation import analysis_sample, cells, tidy_rows
from knowntruth.study.estimation.adjusted_rates import LevelEffects, fit_by_level
from knowntruth.study.estimation.tidy_rows import Row
from knowntruth.study.figures import key_if_published
from knowntruth.study.tables.table_a1 import COLUMNS as A1_COLUMNS
from knowntruth.study.tables.table_a1 import regression_sample, without_small_cells

ALL: Final = {"at_least_partial": "partial_success", "judged_success": "judged_success",
              "judged_failure": "judged_failure"}  # fmt: skip
TROUBLE: Final = {
    "verified_success": "verified_success_trouble",
    "judged_success": "judged_success_trouble",
    "judged_failure": "judged_failure_trouble",
    "abandoned": "abandoned_trouble",
}
"""Outcome columns of each panel, with the beginning of their published keys."""

COLUMNS: Final = (*A1_COLUMNS, "trouble", *ALL, "abandoned")
"""Observed columns that the table reads."""


def figure_5(observed: pd.DataFrame) -> pd.DataFrame:
    """Return adjusted outcome rates by level, in percent, for both panels, and the share in trouble by level.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    analysis_sample.require_columns(observed, COLUMNS)
    sample = regression_sample(observed)
    everyone = without_small_cells(sample, cells.PREFERRED)
    troubled = sample[sample["trouble"].astype(bool)]
    # The threshold stays that of the whole sample: the suppression rule concerns cells, not outcomes.
    kept = cells.suppress_small_cells(troubled, cells.PREFERRED, cells.min_users_per_cell(len(sample)))
    rows = [row for outcome, stem in ALL.items() for row in _panel(everyone, outcome, stem, "all sessions")]
    rows += [row for outcome, stem in TROUBLE.items() for row in _panel(kept, outcome, stem, "in trouble")]
    return tidy_rows.table(
        [*rows, *_levels(fit_by_level(everyone, "trouble"), "trouble", "hits_trouble", "all sessions")]
    )


def _panel(sample: pd.DataFrame, outcome: str, stem: str, panel: str) -> list[Row]:
    levels = fit_by_level(sample, outcome)
    rows = _levels(levels, outcome, stem, panel)
    for suffix, pooled in (("intermediate_up", (3, 4, 5)), ("everyone_else", (2, 3, 4, 5))):
        if key := key_if_published(f"{stem}_{suffix}"):
            rows.append(tidy_rows.published_row(key, levels.rate(pooled).times(100)))
    return rows


def _levels(levels: LevelEffects, outcome: str, stem: str, panel: str) -> list[Row]:
    rows: list[Row] = []
    for level, name in zip(LEVELS, LEVEL_NAMES, strict=True):
        key = key_if_published(f"{stem}_{name}") or key_if_published(f"{stem}_{name}_fig5")
        quantity = f"{outcome.replace('_', ' ')}, adjusted, {panel}"
        estimate = levels.rate([level]).times(100)
        rows.append(tidy_rows.make_row(key, quantity, f"{level} {name}", "percent", estimate))
    return rows

"""The observed columns as plain arrays, from which moments can be computed hundreds of times.

A calibration computes a hundred numbers from each of hundreds of simulated samples, so it skips the observed table:
categories stay codes into their fixed lists, and every person's sessions are contiguous.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.categories import MODEL_TIERS, MODES, MONTHS, OCCUPATIONS, OUTCOMES, VALUE_BANDS
from knowntruth.datasets.schema.observed import observed_columns
from knowntruth.study.estimation.cells import LENGTH_BAND_EDGES

COLUMNS: Final = (
    "month", "model_generation", "model_tier", "prompts", "model_calls", "actions_per_prompt", "words_per_prompt",
    "lines_added", "mode", "rated_expertise", "user_occupation", "task_occupation", "outcome", "success_signal",
    "failure_signal", "planning_share_user", "execution_share_user", "price_usd", "value_band", "clear_goal",
    "at_least_partial", "judged_success", "verified_success", "judged_failure", "trouble", "abandoned",
    "code_producing",
)  # fmt: skip
"""Observed columns that the moments use, besides ``user_id``."""

UNRATED: Final = 0
"""The level of a session whose expertise the rater left Unclear."""

SIZES: Final[Mapping[str, int]] = {
    "mode": len(MODES), "value_band": len(VALUE_BANDS), "month": len(MONTHS), "task_occupation": len(OCCUPATIONS),
    "user_group": 3, "model_generation": 4, "model_tier": len(MODEL_TIERS), "length_band": 3,
    "outcome": len(OUTCOMES),
}  # fmt: skip
"""Number of codes of each crossed control."""

SOFTWARE_CODE: Final = OCCUPATIONS.index("software_math")
UNCLEAR_CODE: Final = len(OCCUPATIONS)


@dataclass(frozen=True)
class MomentColumns:
    """Columns of one sample, each of shape ``(sessions,)``; every person's sessions are contiguous.

    ``user`` are account numbers; ``rated_expertise`` is `UNRATED` where the rater abstained; ``user_group`` is 0
    software, 1 other, 2 unclear, and ``length_band`` a band of prompts, as in `knowntruth.study.estimation.cells`.
    """

    user: Values
    columns: Mapping[str, Values]

    def __getitem__(self, name: str) -> Values:
        """Return one column."""
        return self.columns[name]

    def __len__(self) -> int:
        """Return the number of sessions."""
        return len(self.user)

    def take(self, keep: Values) -> "MomentColumns":
        """Return the sessions at ``keep`` (a mask or increasing positions)."""
        return MomentColumns(self.user[keep], {name: column[keep] for name, column in self.columns.items()})


def moment_columns(user: Values, columns: Mapping[str, Values]) -> MomentColumns:
    """Return a sample from its codes, with the two derived controls."""
    occupation = columns["user_occupation"]
    group = np.where(occupation == SOFTWARE_CODE, 0, np.where(occupation == UNCLEAR_CODE, 2, 1)).astype(np.int8)
    band = np.searchsorted(LENGTH_BAND_EDGES, columns["prompts"], side="left").astype(np.int8)
    return MomentColumns(user, {name: columns[name] for name in COLUMNS} | {"user_group": group, "length_band": band})


def from_observed(observed: pd.DataFrame) -> MomentColumns:
    """Return a sample from a frame with the observed schema."""
    schema = observed_columns()
    order = np.argsort(observed["user_id"].to_numpy(), kind="stable")
    columns = {name: _plain(observed[name], schema[name].categories)[order] for name in COLUMNS}
    return moment_columns(observed["user_id"].to_numpy()[order], columns)


def _plain(column: pd.Series, categories: tuple[str, ...]) -> Values:
    if categories:
        return np.asarray(pd.Categorical(column, categories=categories).codes)
    if column.name == "rated_expertise":
        return column.fillna(UNRATED).to_numpy(dtype=np.int8)
    return np.asarray(column.to_numpy())

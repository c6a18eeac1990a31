"""Figure 3: the activity that one prompt triggers, by the rated expertise of the person who wrote it.

The plotted levels are geometric means without adjustment. The caption's "+9% actions per level" is a regression
of the log on the rating within cells of mode, value band, month, both occupations and model family; it runs over
every rated session, whether or not its goal was clear, since the study leaves unclear goals out of the success
analyses only.
"""

import math
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.datasets.schema.categories import LEVEL_NAMES, LEVELS
from knowntruth.study.estimation import analysis_sample, cells, estimates, regression, tidy_rows
from knowntruth.study.estimation.adjusted_rates import fit_by_level
from knowntruth.study.estimation.estimates import Estimate
from knowntruth.study.estimation.tidy_rows import Row
from knowntruth.study.figures import key_if_published

COLUMNS: Final = (
    "user_id", "rated_expertise", "actions_per_prompt", "words_per_prompt", "mode", "value_band", "month",
    "task_occupation", "user_occupation", "prompts", "model_generation", "model_tier",
)  # fmt: skip
"""Observed columns that the table reads."""

CONTROLS: Final = (*cells.PREFERRED, "model_generation", "model_tier")
"""The controls of Table A1's column 5, and the family of the model that answered."""


def figure_3(observed: pd.DataFrame) -> pd.DataFrame:
    """Return geometric means by level, and the adjusted change per level in percent.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    analysis_sample.require_columns(observed, COLUMNS)
    rated = analysis_sample.rated(observed)
    return tidy_rows.table([*_means(rated, "actions"), *_means(rated, "words"), *_adjusted(observed)])


def activity_sample(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the rated sessions in cells of `CONTROLS` that are large enough, with the logs of both measures."""
    rated = cells.add_derived_controls(analysis_sample.rated(observed))
    rated = rated[rated["words_per_prompt"].gt(0)]
    kept = cells.suppress_small_cells(rated, CONTROLS, cells.min_users_per_cell(len(rated)))
    logs = {f"log_{what}": np.log(kept[f"{what}_per_prompt"]) for what in ("actions", "words")}
    return kept.assign(**logs)


def _means(rated: pd.DataFrame, what: str) -> list[Row]:
    rows: list[Row] = []
    for level, name in zip(LEVELS, LEVEL_NAMES, strict=True):
        at_level = rated[rated["rated_expertise"].eq(level)]
        key = f"{what}_per_prompt_{name}"
        estimate = estimates.geometric_mean(at_level[f"{what}_per_prompt"], at_level["user_id"])
        quantity, group, unit = f"{what} per prompt by expertise", f"{level} {name}", f"{what} per prompt"
        rows.append(
            tidy_rows.make_row(
                key_if_published(f"{key}_fig3") or key_if_published(key), quantity, group, unit, estimate
            )
        )
    return rows


def _adjusted(observed: pd.DataFrame) -> list[Row]:
    sample = activity_sample(observed)
    actions, words = (_per_level(sample, outcome) for outcome in ("log_actions", "log_words"))
    levels = fit_by_level(sample, "log_actions")
    quantity = "change in actions per prompt between adjacent levels"
    steps = [
        tidy_rows.unpublished_row(
            quantity, f"{level} vs {level - 1}", "percent", _percent(levels.contrast(level, level - 1))
        )
        for level in LEVELS[1:]
    ]
    return [
        tidy_rows.published_row("actions_per_level_adjusted", actions),
        tidy_rows.unpublished_row(
            "change in words per prompt per expertise level", "per step", "percent per level", words
        ),
        *steps,
    ]


def _per_level(sample: pd.DataFrame, outcome: str) -> Estimate:
    return _percent(regression.fit(sample, outcome, ("rated_expertise",)).estimate())


def _percent(log_change: Estimate) -> Estimate:
    """Return a change of the log as a change in percent, with its error by the delta method."""
    factor = math.exp(log_change.value)
    return Estimate(100 * (factor - 1), 100 * factor * log_change.standard_error, log_change.n)

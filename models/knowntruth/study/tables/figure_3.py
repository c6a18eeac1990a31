"""Figure 3: how much one prompt sets off, by the rated expertise of the person who wrote it.

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
from knowntruth.study.estimation import cells, estimates, kept_sessions, regression, tidy_rows
from knowntruth.study.estimation.adjusted import by_level
from knowntruth.study.estimation.estimates import Estimate
from knowntruth.study.estimation.tidy_rows import Row
from knowntruth.study.figures import known

COLUMNS: Final = (
    "user_id", "rated_expertise", "actions_per_prompt", "words_per_prompt", "mode", "value_band", "month",
    "task_occupation", "user_occupation", "prompts", "model_generation", "model_tier",
)  # fmt: skip
"""Observed columns that the table reads."""

CONTROLS: Final = (*cells.PREFERRED, "model_generation", "model_tier")
"""Those of Table A1's column 5 and the family of the model that answered."""


def figure_3(observed: pd.DataFrame) -> pd.DataFrame:
    """Return geometric means by level, and the adjusted change per level in percent.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    kept_sessions.require(observed, COLUMNS)
    rated = kept_sessions.rated(observed)
    return tidy_rows.table([*_means(rated, "actions"), *_means(rated, "words"), *_adjusted(observed)])


def activity_sample(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the rated sessions in cells of `CONTROLS` that are large enough, with the logs of both measures."""
    rated = cells.with_bands(kept_sessions.rated(observed))
    rated = rated[rated["words_per_prompt"].gt(0)]
    kept = cells.released(rated, CONTROLS, cells.users_needed(len(rated)))
    logs = {f"log_{what}": np.log(kept[f"{what}_per_prompt"]) for what in ("actions", "words")}
    return kept.assign(**logs)


def _means(rated: pd.DataFrame, what: str) -> list[Row]:
    found: list[Row] = []
    for level, name in zip(LEVELS, LEVEL_NAMES, strict=True):
        there = rated[rated["rated_expertise"].eq(level)]
        key = f"{what}_per_prompt_{name}"
        estimate = estimates.geometric_mean(there[f"{what}_per_prompt"], there["user_id"])
        quantity, group, unit = f"{what} per prompt by expertise", f"{level} {name}", f"{what} per prompt"
        found.append(tidy_rows.either(known(f"{key}_fig3") or known(key), quantity, group, unit, estimate))
    return found


def _adjusted(observed: pd.DataFrame) -> list[Row]:
    sample = activity_sample(observed)
    actions, words = (_per_level(sample, outcome) for outcome in ("log_actions", "log_words"))
    levels = by_level(sample, "log_actions")
    steps = [
        tidy_rows.extra("change in actions per prompt between adjacent levels", f"{level} vs {level - 1}", "percent",
                   _percent(levels.contrast(level, level - 1)))
        for level in LEVELS[1:]
    ]  # fmt: skip
    return [
        tidy_rows.twin("actions_per_level_adjusted", actions),
        tidy_rows.extra("change in words per prompt per expertise level", "per step", "percent per level", words),
        *steps,
    ]


def _per_level(sample: pd.DataFrame, outcome: str) -> Estimate:
    return _percent(regression.fit(sample, outcome, ("rated_expertise",)).estimate())


def _percent(log_change: Estimate) -> Estimate:
    """Return a change of the log as a change in percent, its error by the delta method."""
    factor = math.exp(log_change.value)
    return Estimate(100 * (factor - 1), 100 * factor * log_change.standard_error, log_change.n)

"""The headline: each contrast that the study reports, as published, as seen in this sample, and as true in it.

Claims and estimators are the study's own (`knowntruth.study.claims.claims`). Only the regressions are computed on
columns instead of by a formula, to follow a dial; tests compare the two.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVEL_NAMES, LEVELS
from knowntruth.datasets.schema.estimands import HEADLINE, estimand
from knowntruth.design.ledger.slope import CentredRating, Influence, centre_rating, cross_cells, slope
from knowntruth.study.claims import claims, verdict
from knowntruth.study.claims.implied_slope import implied_slope
from knowntruth.study.estimation import estimates
from knowntruth.study.estimation.cells import min_users_per_cell
from knowntruth.study.estimation.estimates import EMPTY, Estimate
from knowntruth.study.figures import figure, key_if_published
from knowntruth.workbench.panel.state.sample import PanelSample
from knowntruth.world.truths.estimands import clustered_mean

CONTROLS: Final = ("mode", "value_band", "month", "task_occupation")
"""With the group of the user's occupation, the study's preferred controls (Table A1, column 5)."""

FAMILY: Final = ("model_generation", "model_tier")
"""Further controls of the regression of actions (Figure 3)."""

SLOPES: Final = {"verified_success": "a1_coef_col5", "actions_per_prompt": "actions_per_level_adjusted"}
"""The adjusted slope of each outcome, by its key among the published figures."""


@dataclass(frozen=True, slots=True)
class Row:
    """One contrast, all three numbers in ``unit``; ``printed`` is the study's own."""

    claim: str
    unit: verdict.Unit
    printed: float
    seen: Estimate
    true: Estimate

    @property
    def bias(self) -> Estimate:
        """The error of the study's method."""
        return estimates.difference(self.seen, self.true)


class Contrasts:
    """The study's analysis of one sample: sessions by level, the two regressions, and the true effects.

    Examples
    --------
    >>> from knowntruth.workbench.panel.state.sample import draw_sample
    >>> rows = Contrasts(draw_sample(kt.load_world("published"), 2000, seed=1)).rows
    >>> rows[0].unit
    'ratio'
    """

    def __init__(self, sample: PanelSample) -> None:
        self.sample = sample
        self.rating = sample.columns["rated_expertise"]
        self.rated = self.rating > 0
        self.success = self.rated & sample.columns["clear_goal"]
        self.log_actions: Floats = np.log(sample.columns["actions_per_prompt"].astype(np.float64))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The claims that these numbers can answer, in the study's order."""
        seen = self.cells
        return tuple(
            Row(each.sentence, each.unit, claims.published_value(each.reading), claims.read_cells(each.reading, seen),
                verdict.convert_to_unit(self.true(each.estimand, each.contrast), each.unit))
            for each in claims.CLAIMS
            if {each.reading.left, each.reading.right} - {""} <= set(seen)
        )  # fmt: skip

    @cached_property
    def cells(self) -> Mapping[str, Estimate]:
        """The numbers of the study's tables that the headline is read from, by key, each in its own unit."""
        found: dict[str, Estimate] = {}
        for level, name in zip(LEVELS, LEVEL_NAMES, strict=True):
            found[f"actions_per_prompt_{name}_fig3"] = self.actions(level)
            found[f"verified_success_raw_{name}"] = self.verified(level)
        verified, actions = (self.slope(outcome) for outcome in SLOPES)
        factor = math.exp(actions.value)
        found[SLOPES["verified_success"]] = verified
        percent = Estimate(100 * (factor - 1), 100 * factor * actions.standard_error, actions.n)
        return found | {SLOPES["actions_per_prompt"]: percent}

    def actions(self, level: int) -> Estimate:
        """Return the geometric mean of actions per prompt of the sessions rated at a level (Figure 3)."""
        there = self.rated & (self.rating == level)
        values = pd.Series(self.sample.columns["actions_per_prompt"][there])
        return estimates.geometric_mean(values, self._users(there))

    def verified(self, level: int) -> Estimate:
        """Return the percentage of sessions rated at a level that are verified successes (Table A2, raw)."""
        there = self.success & (self.rating == level)
        return estimates.percent(pd.Series(self.sample.columns["verified_success"][there]), self._users(there))

    def slope(self, outcome: str) -> Estimate:
        """Return the change of an outcome (log actions, or a probability) per rated level, controls held."""
        found, sample = self.influence(outcome), self.regressions.get(outcome)
        if found is None or sample is None:
            return EMPTY
        people = len(np.unique(self.sample.owner[sample.rows]))
        return Estimate(found.value, found.error * math.sqrt(people / max(people - 1, 1)), len(sample.rows))

    def influence(self, outcome: str) -> Influence | None:
        """Return the slope with each person's influence on it; None if no cell holds two levels."""
        sample = self.regressions.get(outcome)
        return None if sample is None else slope(sample, self.outcome(outcome), self.sample.owner, self.sample.users)

    def outcome(self, name: str) -> Floats:
        """Return the outcome of a regression, shape (n,)."""
        return self.log_actions if name == "actions_per_prompt" else self.sample.columns[name].astype(np.float64)

    @cached_property
    def regressions(self) -> Mapping[str, CentredRating]:
        """The sessions of each regression in their cells, by outcome; none if no cell holds two levels."""
        found = {outcome: self.regression(outcome, self.rating) for outcome in SLOPES}
        return {outcome: sample for outcome, sample in found.items() if sample is not None}

    def regression(self, outcome: str, rating: Floats) -> CentredRating | None:
        """Return the sessions of one outcome's regression on any ``rating`` (n,), 0 where there is none."""
        columns = self.sample.columns
        controls = [columns[name] for name in CONTROLS] + [self.sample.user_group]
        if outcome == "actions_per_prompt":
            controls += [columns[name] for name in FAMILY]
            keep = (rating > 0) & (columns["words_per_prompt"] > 0)
        else:
            keep = (rating > 0) & columns["clear_goal"]
        try:
            return centre_rating(
                rating, keep, cross_cells(controls), self.sample.owner, min_users_per_cell(int(keep.sum()))
            )
        except InputError:  # no cell with two levels: a table with a hole, as the study's own tables have
            return None

    @cached_property
    def goal(self) -> Floats:
        """The sessions of the true effects: those that truly have a clear goal."""
        return self.sample.columns["goal"]

    def true(self, name: str, contrast: str) -> Estimate:
        """Return the true value of an estimand, on its own scale; ``per level`` is the slope that it implies."""
        wanted = estimand(name)
        logs = wanted.scale == "ratio"
        if contrast == HEADLINE:
            found = self._effect(wanted.outcome, 5)
        else:
            effects = {level: self._effect(wanted.outcome, level) for level in LEVELS[1:]}
            sample = self.regressions.get("actions_per_prompt" if logs else "verified_success")
            if sample is None:
                return EMPTY
            rated = pd.DataFrame({"rated_expertise": self.rating[sample.rows], "cell": sample.cell})
            found = implied_slope(effects, rated)
        if not logs:
            return found
        factor = math.exp(found.value)
        return Estimate(factor, factor * found.standard_error, found.n)

    def dose(self, outcome: str, level: int) -> Estimate:
        """Return the true mean of an outcome had everyone this level: a geometric mean, or percent."""
        mean = self._mean(self.sample.effects[outcome][self.goal, level - 1])
        if outcome != "actions_per_prompt":
            return mean.times(100.0)
        return Estimate(math.exp(mean.value), math.exp(mean.value) * mean.standard_error, mean.n)

    def _effect(self, outcome: str, level: int) -> Estimate:
        effects = self.sample.effects[outcome][self.goal]
        return self._mean(effects[:, level - 1] - effects[:, 0])

    def _mean(self, values: Floats) -> Estimate:
        value, error = clustered_mean(values, self.sample.owner[self.goal])
        return Estimate(value, error, len(values))

    def _users(self, there: Floats) -> "pd.Series[int]":
        return pd.Series(self.sample.owner[there])


def printed(outcome: str) -> dict[int, float]:
    """Return what the study printed of an outcome by level: actions per prompt, or verified success in percent."""
    name = "actions_per_prompt_{}_fig3" if outcome == "actions_per_prompt" else "verified_success_raw_{}"
    keys = {level: key_if_published(name.format(label)) for level, label in zip(LEVELS, LEVEL_NAMES, strict=True)}
    return {level: figure(key).value for level, key in keys.items() if key}

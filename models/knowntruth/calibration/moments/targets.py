"""The targets of a calibration: every published figure that may be fitted or predicted, with its error.

A published figure has two errors: sampling and rounding. Where the study printed no
standard error, the one that a sample of its size would have is taken from its simulated counterpart, clustered by
person.

Of figures that contradict each other only one is a target: ``figures.csv`` gives the other the role ``context``.
`READINGS` states the reading that was used.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from knowntruth.calibration.problem.problem import Moment
from knowntruth.study.figures import Figure, Role, by_key, figure

if TYPE_CHECKING:
    import pandas as pd

READINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "value_growth_all_body": "27% of body text and Figure 4, not 25% of the key findings",
        "mode_share_writing_plus_analysis_oct": "writing and analysis together, as the text has it",
        "mode_share_writing_plus_analysis_apr": "writing and analysis together 20%, not communicate alone",
        "a1_sessions_col1": "359,586 of the table, not 375,687 of its caption",
        "no_clear_goal_share": "7.7% of all sessions; the counts in between are not published",
        "turns_per_session": "the mean; whether mean or median is not said",
        "actions_per_prompt_novice_fig3": "the printed label, not the rounded text",
        "actions_per_prompt_expert_fig3": "the printed label, not the rounded text",
        "words_per_prompt_novice_fig3": "the printed label, not the rounded text",
        "fig6_verified_sales_reading_a": "28/58, which agrees with 'within seven points', not 26/51",
        "fig6_judged_sales_reading_a": "28/58, which agrees with 'within seven points', not 26/51",
        "abandoned_trouble_everyone_else": "levels 2 to 5",
        "verified_success_trouble_novice": "trouble is a failure signal of 3 or more (appendix), not above 3",
        "verified_success_trouble_expert": "trouble is a failure signal of 3 or more (appendix), not above 3",
    }
)
"""For ambiguous figures: the reading that was used, and the one that was not."""


@dataclass(frozen=True, slots=True)
class Target:
    """One figure to be reproduced or predicted, in its own unit.

    ``standard_error`` is printed or implied, ``rounding`` half the printed step (or half of a printed range).
    """

    key: str
    role: Role
    value: float
    standard_error: float
    rounding: float
    reading: str

    @property
    def error(self) -> float:
        """Standard deviation of sampling and rounding together; rounding is uniform over its step."""
        return math.hypot(self.standard_error, self.rounding / math.sqrt(3.0))

    def within_errors(self, value: float) -> bool:
        """Whether ``value`` lies within two standard errors."""
        return abs(value - self.value) <= 2.0 * self.standard_error

    def within_rounding(self, value: float) -> bool:
        """Whether ``value`` lies within half the rounding."""
        return abs(value - self.value) <= self.rounding

    def within(self, value: float) -> bool:
        """Whether ``value`` lies within two standard errors or half the rounding."""
        return self.within_errors(value) or self.within_rounding(value)

    def moment(self) -> Moment:
        """Return the figure as a moment of a `Problem`."""
        return Moment(self.key, self.value, self.error)


def targets(comparison: "pd.DataFrame", sessions: int) -> tuple[Target, ...]:
    """Return all usable figures, in the order of ``figures.csv``.

    Parameters
    ----------
    comparison
        `knowntruth.study.compare.compare` of a simulated sample of ``sessions``: its standard errors, brought to the
        published size, stand in where none is printed.
    sessions
        Size of that sample.
    """
    shrink = math.sqrt(sessions / figure("n_sessions_exact").value)
    implied = {
        key: float(error) * shrink for key, error in zip(comparison["key"], comparison["standard_error"], strict=True)
    }
    return tuple(_target(each, implied[key]) for key, each in by_key().items() if each.usable and key in implied)


def _target(published: Figure, implied: float) -> Target:
    error = published.standard_error if published.standard_error > 0 else max(implied, 0.0)
    half_range = (published.upper - published.lower) / 2 if math.isnan(published.value) else 0.0
    middle = published.lower + half_range if math.isnan(published.value) else published.value
    return Target(
        published.key,
        published.role,
        middle,
        error if math.isfinite(error) else 0.0,
        published.rounding + half_range,
        READINGS.get(published.key, ""),
    )

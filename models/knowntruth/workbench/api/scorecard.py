"""The scorecard of the checks: how well each tells a biased estimate from a sound one, over worlds of known bias."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from knowntruth.workbench.api.shown import Shown

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Scorecard(Shown):
    """Checks of many random worlds: ``rows`` one per world, outcome and check; ``record`` how they were made."""

    rows: "pd.DataFrame"
    record: Mapping[str, Any]

    def card(self, question: str = "biased") -> "pd.DataFrame":
        """Return one row per check and outcome: area under the curve, hits, false alarms, with limits.

        Parameters
        ----------
        question
            ``biased``: is the estimate off by more than two standard errors? ``mostly_bias``: is most of it bias?
        """
        from knowntruth.design.scorecard.card import scorecard

        return scorecard(self.rows, question)

    def worlds(self) -> "pd.DataFrame":
        """Return one row per world and outcome: its threats, its bias, and whether it counts as biased."""
        from knowntruth.design.scorecard.bias import classify_bias

        return classify_bias(self.rows.drop_duplicates(["world", "outcome"]))

    def scores(self, question: str = "biased") -> "pd.DataFrame":
        """Return the scored rows of which the right answer is known."""
        from knowntruth.design.scorecard.card import select_question

        return select_question(self.rows, question)

    @staticmethod
    def check_world(number: int, **settings: int) -> "pd.DataFrame":
        """Return the checks of one random world, from a study of any size.

        Parameters
        ----------
        number
            Of the world, from 0.
        settings
            ``sessions`` of the study, ``large`` of the sample that its bias is measured on, ``true`` of the truth,
            ``rows`` and ``simulations`` of each refuter.
        """
        from knowntruth.design.scorecard.examine import ScorecardSettings, examine_one

        return examine_one(number, ScorecardSettings(**settings))

    @staticmethod
    def threats(number: int) -> dict[str, Any]:
        """Return the threats of one random world: strengths of effect, confounding and halo."""
        from dataclasses import asdict

        from knowntruth.design.scorecard.random_worlds import random_threats

        return asdict(random_threats(number))

    def to_frame(self) -> "pd.DataFrame":
        """Return the card for the question whether the estimate is biased."""
        return self.card()

    def facts(self) -> dict[str, Any]:
        """Return how many worlds, and how they were checked."""
        return {"worlds": self.record["worlds"], **self.record["settings"]}


def scorecard() -> Scorecard:
    """Return the scorecard that ships with the package.

    Raises
    ------
    InputError
        If none is stored.

    Examples
    --------
    >>> scorecard().record["worlds"] >= 200
    True
    """
    from knowntruth.design.scorecard.stored import load_stored

    return Scorecard(*load_stored())

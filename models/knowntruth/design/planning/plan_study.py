"""Planning: pilots, the sample size that follows from them, and a check by diagnosis at that size.

    plan_study(load("published"), find_analysis("published"), Target(power=0.8)).sessions

Pilot studies are simulated at a few sizes; their standard errors determine the size that the target needs (`size`).
The strategy is then diagnosed at that size; if the diagnosis does not confirm it, it joins the pilots and the size is
computed again. Finally, studies of that size are simulated in worlds from a prior (`prior_predictive`), which gives
the assurance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.errors import InputError
from knowntruth.common.intervals import Z_95
from knowntruth.common.progress import Progress, no_progress
from knowntruth.datasets.schema.estimands import HEADLINE
from knowntruth.design.diagnosis.diagnose_table import wilson
from knowntruth.design.planning.prior_predictive import SPREAD
from knowntruth.design.planning.size import (
    MAX_SESSIONS,
    Pilot,
    Variance,
    cheapest_size,
    effect_and_scale,
    fit_variance,
    summarize_pilot,
    target_variance,
)
from knowntruth.design.planning.studies import Studies
from knowntruth.design.planning.target import Target
from knowntruth.design.replication.plan import Analysis
from knowntruth.strategies.base.question import make_question
from knowntruth.world.definition.world import World
from knowntruth.world.running.sampling import sample

if TYPE_CHECKING:
    import pandas as pd

PILOT_SIZES: Final = (1500, 3000, 6000)
"""Sessions of the pilots."""

PILOT_AUDITS: Final = (150, 600)
"""Audited sessions of the pilots, where the strategy uses any."""

REPLICATES: Final = 60
"""Studies simulated at each size."""

AUDIT_COST: Final = 50.0
"""What an audited session costs beyond a session, in sessions, by default."""

MAX_ROUNDS: Final = 4
"""Maximum number of checks."""

MIN_SESSIONS: Final = 500
"""Smallest study that is simulated."""

MAX_DOUBLINGS: Final = 4
"""Maximum number of doublings to reach an assurance."""

CHECK_SEED_OFFSET: Final = 1_000_003
"""Added to the seed of checks, so that a size is not checked on the studies that it was computed from."""


@dataclass(frozen=True)
class StudyPlan:
    """The size that a study needs, with the simulations behind it.

    ``sessions``, ``users`` and ``audited`` are the answer. ``sizes`` has one row per simulated size: kind (``pilot``,
    ``check``), sessions, audited, value, lower, upper (mean width or power with 95% limits), replicates.
    ``assurance`` has the same columns for studies in worlds from the prior. ``holds`` says whether the last check
    confirms the answer.
    """

    target: Target
    sessions: int
    users: int
    audited: int
    sizes: "pd.DataFrame"
    assurance: "pd.DataFrame"
    variance: Variance
    pilots: tuple[Pilot, ...]
    holds: bool

    def predicted(self, sessions: float, audited: float) -> float:
        """Return the mean width, or the power, that follows from the pilots at a size."""
        from scipy.stats import norm

        error = float(np.sqrt(self.variance.at(sessions, audited)))
        effect, scale = effect_and_scale(self.pilots)
        if self.target.width is not None:
            return 2 * Z_95 * scale * error
        return float(norm.cdf(effect / error - Z_95))


def plan_study(
    world: World,
    strategy: Analysis,
    target: Target,
    *,
    estimand: str = "verified_difference",
    contrast: str = HEADLINE,
    assurance: float | None = None,
    spread: float = SPREAD,
    audit_cost: float = AUDIT_COST,
    replicates: int = REPLICATES,
    sizes: Sequence[int] = PILOT_SIZES,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> StudyPlan:
    """Return the size that a study of this world by this strategy needs.

    Parameters
    ----------
    assurance
        The share of studies in worlds from the prior that must reach the target; None to report it only.
    audit_cost
        What an audited session costs beyond a session, in sessions.

    Raises
    ------
    InputError
        If no size reaches the target or the assurance, or a number is impossible.

    Examples
    --------
    >>> from knowntruth.design.replication.registry import find_analysis
    >>> naive = find_analysis("naive")
    >>> plan_study(kt.load_world("null"), naive, Target(power=0.8), estimand="verified", replicates=2)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: no estimand 'verified'; allowed: activity_ratio, ...
    """
    import pandas as pd

    if not audit_cost > 0:
        raise InputError(f"the cost of an audited session must be above 0, got {audit_cost}")
    report = progress or no_progress
    studies = Studies(world, strategy, make_question(estimand, contrast=contrast), replicates, seed, workers)
    checked: list[dict[str, Any]] = []
    report("pilots", 0.0)
    pilots = _pilots(studies, sizes, target, checked)
    variance, size, holds = fit_variance(pilots), (0, 0), False
    for turn in range(MAX_ROUNDS):
        size = cheapest_size(variance, target_variance(target, pilots), audit_cost)
        report(f"check at {size[0]:,} sessions", 0.2 + 0.5 * turn / MAX_ROUNDS)
        rows = studies.rows([size], seed + CHECK_SEED_OFFSET + turn)[0]
        checked.append(_size_row("check", size, target.estimate(rows), len(rows)))
        pilots.append(summarize_pilot(size, rows))
        variance = fit_variance(pilots)
        holds = _confirms(target, checked[-1])
        if holds:
            break
    report("assurance", 0.7)
    beliefs = _assurances(studies, size, target, spread, assurance)
    if assurance is not None:
        size = _first_sufficient(beliefs, assurance)
    users = len(sample(world, size[0], seed).users)
    frames = pd.DataFrame(checked), pd.DataFrame(beliefs)
    return StudyPlan(target, size[0], users, size[1], *frames, variance, tuple(pilots), holds)


def _pilots(studies: Studies, sizes: Sequence[int], target: Target, checked: list[dict[str, Any]]) -> list[Pilot]:
    asked = [(n, m) for n in sizes for m in (PILOT_AUDITS if studies.audits else (0,))]
    found = []
    for size, rows in zip(asked, studies.rows(asked, studies.seed), strict=True):
        checked.append(_size_row("pilot", size, target.estimate(rows), len(rows)))
        found.append(summarize_pilot(size, rows))
    return found


def _confirms(target: Target, check: dict[str, Any]) -> bool:
    """Whether a check reaches the goal, or differs from it by no more than its Monte Carlo error."""
    return target.holds(check["value"]) or check["lower"] <= target.goal <= check["upper"]


def _assurances(
    studies: Studies, size: tuple[int, int], target: Target, spread: float, wanted: float | None
) -> list[dict[str, Any]]:
    """Return the assurance at a quarter of a size, a half, and the size; larger ones until the wanted is reached."""
    times = [0.25, 0.5, 1.0] + ([2.0**k for k in range(1, MAX_DOUBLINGS + 1)] if wanted is not None else [2.0])
    found: list[dict[str, Any]] = []
    for factor in times:
        one = (max(round(size[0] * factor), min(size[0], MIN_SESSIONS)), round(size[1] * factor))
        if one[0] > MAX_SESSIONS:
            break
        rows = studies.rows([one], studies.seed + 2 * CHECK_SEED_OFFSET, spread)[0]
        share = float(target.reached(rows).mean())
        found.append(_size_row("belief", one, (share, *wilson(share, len(rows))), len(rows)))
        if wanted is not None and factor >= 1 and share >= wanted:
            break
    return found


def _first_sufficient(beliefs: list[dict[str, Any]], wanted: float) -> tuple[int, int]:
    """Return the first size, from the planned one on, with the required assurance.

    Raises
    ------
    InputError
        If none of those tried has it.
    """
    enough = [each for each in beliefs[2:] if each["value"] >= wanted]
    if not enough:
        best = max(beliefs, key=lambda each: each["value"])
        raise InputError(
            f"the assurance is {best['value']:.0%} even with {best['sessions']:,} sessions, and {wanted:.0%} was "
            "wanted; more sessions do not reduce what is unknown: ask for less, or give a smaller --spread"
        )
    return enough[0]["sessions"], enough[0]["audited"]


def _size_row(kind: str, size: tuple[int, int], met: tuple[float, float, float], n: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "sessions": size[0],
        "audited": size[1],
        "value": met[0],
        "lower": met[1],
        "upper": met[2],
        "replicates": n,
    }

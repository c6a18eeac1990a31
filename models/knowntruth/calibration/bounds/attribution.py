"""Account: what makes an extreme world extreme, group of dials by group of dials.

The dials of an extreme world stand in a few groups: hidden ability, halo and mood, how expertise is rated, who leaves
evidence, what expertise does. Each group in turn is put back to where the calibrated world has it, all others left
where they are. If the truth then comes back, that group makes the world extreme; if figures are then missed, that
group hides it. Both are runs, not guesses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.calibration.bounds.feasible_set import EachFigure
from knowntruth.calibration.bounds.multistart import End
from knowntruth.calibration.bounds.partial_identification import Bounds
from knowntruth.common.arrays import Floats
from knowntruth.engine.dials import THREATS
from knowntruth.world.definition.dial_table import threats

if TYPE_CHECKING:
    import pandas as pd

MIN_MOVE: Final = 0.05
"""A dial that moved by less than this share of its range is not worth telling."""

MAX_DIALS_NAMED: Final = 3
"""Dials named in one row."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A world with one group of dials reset: its truth, and the number of figures that it then misses."""

    truth: float
    missed: int


def group_of(path: str) -> str:
    """Return the group of a number: the threat that its dial declares, in words.

    Examples
    --------
    >>> group_of("specificity.by_ability"), group_of("rated_expertise.halo"), group_of("catch_chance.by_domain.1")
    ('hidden ability', 'halo and mood of the reader', 'what expertise and requests do')
    """
    dial = ".".join(path.split(".")[:2])
    return THREATS[threats().get(dial, "effects")]


def attribution(found: Bounds, ends: Sequence[End]) -> "pd.DataFrame":
    """Return a row for each end and group of dials that moved.

    Columns: truth, side, value, calibrated, group, ``dials`` that moved farthest with their values there and here,
    ``moved`` (the farthest as a share of its range), ``put_back`` (the truth with this group as calibrated),
    ``explains`` (the share of the way back to the calibrated truth), ``missed`` (figures then out of their limits).
    """
    import pandas as pd

    rows = [row for end in ends for row in _rows(found, end)]
    return pd.DataFrame(rows)


def _rows(found: Bounds, end: End) -> list[dict[str, object]]:
    truth = len(found.offset) + end.truth
    calibrated = float(found.answers(found.middle)[truth])
    paths = [p.name for p in found.runs.problem.parameters]
    rows = []
    for group in THREATS.values():
        dials = np.array([group_of(path) == group for path in paths])
        moves = np.where(dials, np.abs(end.point - found.middle), 0.0)
        if moves.max() < MIN_MOVE:
            continue
        put = _reset(found, end, dials, truth)
        way = calibrated - end.value
        rows.append(
            {
                "truth": found.runs.problem.truths[end.truth],
                "side": end.side,
                "value": end.value,
                "calibrated": calibrated,
                "group": group,
                "dials": _list_dials(found, end, moves),
                "moved": float(moves.max()),
                "put_back": put.truth,
                "explains": (put.truth - end.value) / way if way else 0.0,
                "missed": put.missed,
            }
        )
    return rows


def _reset(found: Bounds, end: End, dials: "np.ndarray[tuple[int], np.dtype[np.bool_]]", truth: int) -> Restored:
    answers = found.answers(np.where(dials, found.middle, end.point))
    return Restored(float(answers[truth]), count_missed(found, answers))


def count_missed(found: Bounds, answers: Floats) -> int:
    """Return how many figures lie outside limits: their own under `EachFigure`, else two standard errors."""
    residuals = answers[: len(found.offset)]
    match found.rule:
        case EachFigure() as rule:
            return int(((residuals < rule.lower) | (residuals > rule.upper)).sum())
    return int((np.abs(residuals) > 2.0).sum())


def _list_dials(found: Bounds, end: End, moves: Floats) -> str:
    here, there = found.runs.choice(found.middle), found.runs.choice(end.point)
    farthest = [k for k in np.argsort(-moves)[:MAX_DIALS_NAMED] if moves[k] >= MIN_MOVE]
    return "; ".join(f"{found.runs.problem.parameters[k].name} {here[k]:.3g} → {there[k]:.3g}" for k in farthest)

"""Gain: how much narrower the bounds would be if one thing more were measured.

What a measurement would show is not known. So it is given the value that it has in one admissible world, the
*teller*, with the standard error of its number of sessions, and joins the figures that have to be reproduced. Bounds
are then searched again, from the best of all worlds seen so far that reproduce the new figures too. Another teller
would give other bounds; `gain` is therefore asked for two.

A search that is not thorough finds intervals that are too narrow, before as after. Shares are therefore told beside
the intervals, and no share is less sure than the bounds themselves. A world that reproduces further figures
reproduces the published ones too: where a later search came farther out, the interval before reaches as far
(`widened`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.calibration.bounds.multistart import SIDES, End, Multistart, SearchSettings
from knowntruth.calibration.bounds.partial_identification import Bounds, positions
from knowntruth.calibration.problem.jacobian import Answers
from knowntruth.common.arrays import Floats
from knowntruth.common.progress import Progress, no_progress

if TYPE_CHECKING:
    import pandas as pd


COLUMNS: Final = (
    "measurement", "told_by", "truth", "smallest_before", "largest_before", "smallest", "largest", "share",
)  # fmt: skip
"""Of the table of gains."""


@dataclass(frozen=True, slots=True)
class Extra:
    """Figures more: what is measured, the names of its figures among a problem's truths, and their standard errors.

    ``told_by`` names the teller and ``teller`` is its point.
    """

    measurement: str
    figures: Sequence[str]
    errors: Floats
    told_by: str
    teller: Floats


def value_of_information(
    found: Bounds,
    extras: Sequence[Extra],
    truths: Sequence[str],
    effort: SearchSettings,
    progress: Progress = no_progress,
) -> "pd.DataFrame":
    """Return a row for each measurement, teller and truth: the interval before and after.

    Columns: measurement, told_by, truth, smallest_before, largest_before, smallest, largest, and ``share`` of the
    width that is left.

    Raises
    ------
    InputError
        If a truth or figure is unknown.
    """
    import pandas as pd

    wanted = positions(truths, found.runs.problem.truths, "truth")
    rows = []
    for number, extra in enumerate(extras):
        progress(extra.measurement, number / len(extras))
        ends = {(end.truth, end.side): end.value for end in after(found, extra, wanted, effort)}
        rows += [_row(found, extra, truth, ends[truth, "smallest"], ends[truth, "largest"]) for truth in wanted]
    return widened(pd.DataFrame(rows, columns=list(COLUMNS)))


def widened(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return gains in which the intervals before hold all intervals after, with the shares that follow.

    Examples
    --------
    >>> import pandas as pd
    >>> ends = {"smallest_before": 0.0, "largest_before": 1.0, "smallest": [0.0, 0.5], "largest": [0.5, 2.0]}
    >>> widened(pd.DataFrame({"truth": "effect", **ends}))[["largest_before", "share"]].to_numpy().tolist()
    [[2.0, 0.25], [2.0, 0.75]]
    """
    truth = table["truth"]
    low = table[["smallest_before", "smallest"]].min(axis=1).groupby(truth).transform("min")
    high = table[["largest_before", "largest"]].max(axis=1).groupby(truth).transform("max")
    share = (table["largest"] - table["smallest"]) / (high - low).where(high > low)
    return table.assign(smallest_before=low, largest_before=high, share=share.fillna(0.0))


def after(found: Bounds, extra: Extra, truths: Sequence[int], effort: SearchSettings) -> list[End]:
    """Return both ends of the truths at these positions, with further figures to be reproduced."""
    figures, count = len(found.offset), len(extra.figures)
    places = figures + np.array(positions(extra.figures, found.runs.problem.truths, "figure"), dtype=int)
    told = found.answers(extra.teller)[places]
    widened, slopes = _widening(figures, places, told, extra.errors), _widening(figures, places, 0.0, extra.errors)
    hunt = Multistart(
        lambda point: widened(found.answers(point)), lambda point: widened(found.slopes(point)),
        found.rule.with_more(count), figures + count, extra.teller, effort,
        seen={key: widened(answers) for key, answers in found.seen.items()},
        tables=[(point, slopes(table)) for point, table in found.tables],
    )  # fmt: skip
    return hunt.polished([(truth, side) for truth in truths for side in SIDES], {})


def _widening(
    figures: int, places: "np.ndarray[tuple[int], np.dtype[np.int_]]", told: Floats | float, errors: Floats
) -> Answers:
    """Return what puts further residuals behind those of the figures, in answers or in a table of their slopes."""

    def widened(answers: Floats) -> Floats:
        scale = errors if answers.ndim == 1 else errors[:, None]
        return np.concatenate([answers[:figures], (answers[places] - told) / scale, answers[figures:]])

    return widened


def _row(found: Bounds, extra: Extra, truth: int, smallest: float, largest: float) -> dict[str, object]:
    return {
        "measurement": extra.measurement,
        "told_by": extra.told_by,
        "truth": found.runs.problem.truths[truth],
        "smallest_before": found.value(truth, "smallest"),
        "largest_before": found.value(truth, "largest"),
        "smallest": smallest,
        "largest": largest,
    }

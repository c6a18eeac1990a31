"""Value of information: how much narrower the bounds would be after one further measurement.

The result of a measurement is not known in advance. It is therefore set to its value in one admissible world, the
*reference world*, with the standard error of its number of sessions. The new figures join those that a world must
reproduce, and the bounds are searched again, starting from the best worlds evaluated so far that reproduce all of
them. Another reference world gives other bounds, so `world_bounds` uses two.

An incomplete search finds intervals that are too narrow, before and after the measurement. The table therefore gives
the intervals as well as their ratio. A world that reproduces further figures also reproduces the published ones:
where a later search reached farther, the earlier interval is widened to match (`widen_before`).
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
    "measurement", "reference_world", "truth", "smallest_before", "largest_before", "smallest", "largest", "share",
)  # fmt: skip
"""Columns of the table of the value of information."""


@dataclass(frozen=True, slots=True)
class ExtraFigures:
    """Additional figures: the measurement, its figures' names among a problem's truths, and their standard errors.

    ``reference_world`` names the world whose values the figures take; ``reference_point`` is its point.
    """

    measurement: str
    figures: Sequence[str]
    errors: Floats
    reference_world: str
    reference_point: Floats


def value_of_information(
    found: Bounds,
    extras: Sequence[ExtraFigures],
    truths: Sequence[str],
    effort: SearchSettings,
    progress: Progress = no_progress,
) -> "pd.DataFrame":
    """Return one row per measurement, reference world and truth: the interval before and after.

    Columns: measurement, reference_world, truth, smallest_before, largest_before, smallest, largest, and ``share``,
    the share of the width that remains.

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
        ends = {(end.truth, end.side): end.value for end in bounds_after(found, extra, wanted, effort)}
        rows += [_row(found, extra, truth, ends[truth, "smallest"], ends[truth, "largest"]) for truth in wanted]
    return widen_before(pd.DataFrame(rows, columns=list(COLUMNS)))


def widen_before(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return the table with intervals before widened to contain all intervals after, and the shares recomputed.

    Examples
    --------
    >>> ends = {"smallest_before": 0.0, "largest_before": 1.0, "smallest": [0.0, 0.5], "largest": [0.5, 2.0]}
    >>> widen_before(pd.DataFrame({"truth": "effect", **ends}))[["largest_before", "share"]].to_numpy().tolist()
    [[2.0, 0.25], [2.0, 0.75]]
    """
    truth = table["truth"]
    low = table[["smallest_before", "smallest"]].min(axis=1).groupby(truth).transform("min")
    high = table[["largest_before", "largest"]].max(axis=1).groupby(truth).transform("max")
    share = (table["largest"] - table["smallest"]) / (high - low).where(high > low)
    return table.assign(smallest_before=low, largest_before=high, share=share.fillna(0.0))


def bounds_after(found: Bounds, extra: ExtraFigures, truths: Sequence[int], effort: SearchSettings) -> list[End]:
    """Return both ends of the truths at these positions, with the additional figures as constraints."""
    figures, count = len(found.offset), len(extra.figures)
    places = figures + np.array(positions(extra.figures, found.runs.problem.truths, "figure"), dtype=int)
    reference = found.answers(extra.reference_point)[places]
    extended = _extend_with(figures, places, reference, extra.errors)
    slopes = _extend_with(figures, places, 0.0, extra.errors)
    search = Multistart(
        lambda point: extended(found.answers(point)),
        lambda point: extended(found.slopes(point)),
        found.rule.with_more(count),
        figures + count,
        extra.reference_point,
        effort,
        seen={key: extended(answers) for key, answers in found.seen.items()},
        tables=[(point, slopes(table)) for point, table in found.tables],
    )
    return search.polished([(truth, side) for truth in truths for side in SIDES], {})


def _extend_with(
    figures: int, places: "np.ndarray[tuple[int], np.dtype[np.int_]]", reference: Floats | float, errors: Floats
) -> Answers:
    """Return a function that inserts the additional residuals after those of the figures (answers or Jacobian)."""

    def extend(answers: Floats) -> Floats:
        scale = errors if answers.ndim == 1 else errors[:, None]
        return np.concatenate([answers[:figures], (answers[places] - reference) / scale, answers[figures:]])

    return extend


def _row(found: Bounds, extra: ExtraFigures, truth: int, smallest: float, largest: float) -> dict[str, object]:
    return {
        "measurement": extra.measurement,
        "reference_world": extra.reference_world,
        "truth": found.runs.problem.truths[truth],
        "smallest_before": found.value(truth, "smallest"),
        "largest_before": found.value(truth, "largest"),
        "smallest": smallest,
        "largest": largest,
    }

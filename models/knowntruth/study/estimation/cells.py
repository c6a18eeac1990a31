"""Cells of control variables, and which of them may be used.

How Table A1 is read. The study prints the number of fixed-effect cells of each column: 36, 252, 615, 1130,
4438. 36 is 9 work modes × 4 value bands, and 252 is 36 × 7 months: "+ month" crosses the cells, it does not
add a second set of effects. So each further control is taken to cross them too, and a column has *one* fixed
effect, its cell. From column 4 to 5 the cells do not quite double (615 to 1130) while only 0.5% of the sessions
are lost to suppression. Crossing with all 23 occupations would lose far more, so the user's occupation enters in
groups: software or not, as in Figure 5's caption. Unclear is a group of its own here, because an unclear occupation
differs from a known other occupation, and the 30% Unclear cannot have been dropped, since so few
sessions are lost.

The results depend little on this reading. In the ``published`` world at the published size, column 5's slope stays
within 3% for every other reading tried: occupations added instead of crossed, the user's as software or not, all 24
crossed, thresholds from 10 to 40 users. With this reading, about 352,000 sessions are left in column 4 and some 1,080
cells in column 5, where the study printed 353,347 and 1130.

Suppression: a cell with too few distinct users is left out. The study's threshold is not published.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowntruth.datasets.schema.categories import SOFTWARE, UNCLEAR
from knowntruth.study.figures import figure

MIN_USERS: Final = 20
"""Distinct users that a cell needs at the published size.

Unpublished; between columns 4 and 5 of Table A1 the lost cells held 17 sessions on average, which suggests a
threshold of a few tens."""

LENGTH_BAND_EDGES: Final = (2, 9)
"""Upper edges, in prompts, of all session-length bands but the last; the study's own are not published.

Short, medium and long: the typical session has four prompts (figures.csv: turns_per_session)."""

MODE_VALUE: Final = ("mode", "value_band")
MONTHLY: Final = (*MODE_VALUE, "month")
WORK: Final = (*MONTHLY, "task_occupation")
PREFERRED: Final = (*WORK, "user_group")
"""The controls of Table A1's column 5, which the study prefers and reuses in Table A2 and Figure 5."""


def add_derived_controls(observed: pd.DataFrame) -> pd.DataFrame:
    """Add the two derived controls: ``user_group`` and ``length_band``.

    ``user_group`` is software, other or unclear; ``length_band`` is 0, 1 or 2 by number of prompts.
    """
    occupation = observed["user_occupation"].astype(str)
    group = np.select([occupation.eq(SOFTWARE), occupation.eq(UNCLEAR)], [0, 2], default=1)
    band = np.searchsorted(LENGTH_BAND_EDGES, observed["prompts"].to_numpy(), side="left")
    return observed.assign(user_group=group, length_band=band)


def min_users_per_cell(sessions: int) -> int:
    """Return how many distinct users a cell needs in a regression sample of ``sessions``.

    The threshold shrinks with the sample, so that a small simulation suppresses about the share of sessions
    that one of the published size would; never below 2, since a single user gives no information within a cell.
    """
    share = min(1.0, sessions / figure("a1_sessions_col1").value)
    return max(2, round(MIN_USERS * share))


def cell_codes(frame: pd.DataFrame, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the number of each session's cell of the crossed columns ``names``, from 0 by first appearance.

    Shape ``(len(frame),)``; without names all sessions are in cell 0.
    """
    combined = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        code, values = pd.factorize(frame[name], use_na_sentinel=False)
        combined = pd.factorize(combined * len(values) + code)[0].astype(np.int64)
    return combined


def suppress_small_cells(frame: pd.DataFrame, names: Sequence[str], needed: int) -> pd.DataFrame:
    """Return the sessions in cells with at least ``needed`` distinct users, with their ``cell``.

    Without names nothing is suppressed: the whole sample is one cell.
    """
    cell = cell_codes(frame, names)
    pairs = pd.DataFrame({"cell": cell, "user_id": frame["user_id"].to_numpy()}).drop_duplicates()
    users = np.bincount(pairs["cell"].to_numpy(), minlength=1)
    keep = users[cell] >= needed if names else np.ones(len(frame), dtype=bool)
    return frame.assign(cell=cell)[keep]

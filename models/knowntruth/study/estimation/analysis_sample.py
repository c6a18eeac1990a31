"""The sessions that each analysis of the study includes.

The study excludes what its classifiers could not determine: sessions without a clear goal from the success
analyses, sessions with an unclear occupation from the occupation analyses, and sessions with an unclear expertise
rating from every regression (study.md, Design).
"""

from collections.abc import Iterable

import pandas as pd

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import UNCLEAR
from knowntruth.study.estimation.estimates import NAN
from knowntruth.study.figures import figure


def require_columns(observed: pd.DataFrame, columns: Iterable[str]) -> None:
    """Check that the columns which an analysis reads are present.

    Raises
    ------
    InputError
        With the missing columns.
    """
    missing = [name for name in columns if name not in observed.columns]
    if missing:
        raise InputError(
            f"observed rows lack the column{'s' * (len(missing) > 1)} {', '.join(missing)}; needed are those of"
            " knowntruth.datasets.schema.observed.OBSERVED; add them, or choose a table that does not read them"
        )


def with_clear_goal(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the sessions of the success analyses."""
    return observed[observed["clear_goal"].astype(bool)]


def rated(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the sessions with an expertise rating of 1-5, the rating as a float."""
    kept = observed[observed["rated_expertise"].notna()]
    return kept.assign(rated_expertise=kept["rated_expertise"].astype("float64"))


def with_occupation(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the sessions whose user's occupation could be inferred."""
    return observed[observed["user_occupation"].ne(UNCLEAR)]


def scale_to_published(observed: pd.DataFrame) -> float:
    """Return the factor that scales a count of sessions to the size of the published sample.

    Counts are compared at the published size, because a simulation of a tenth of the study is not
    wrong for being small. The factor is 1 at the published size, and NaN without sessions.
    """
    return figure("n_sessions_exact").value / len(observed) if len(observed) else NAN

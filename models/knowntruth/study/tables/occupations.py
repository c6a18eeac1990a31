"""Software engineers against everyone else: the study's sentences about occupations.

Rates are unadjusted. The largest distance among ten occupations is a maximum of noisy numbers: in a small sample
it is large by chance alone, so an occupation counts only with enough distinct users.
"""

from typing import Final

import pandas as pd

from knowntruth.datasets.schema.categories import OCCUPATIONS, SOFTWARE, UNCLEAR
from knowntruth.study.estimation import estimates, kept_sessions, tidy_rows
from knowntruth.study.estimation.cells import MIN_USERS
from knowntruth.study.estimation.estimates import EMPTY, NAN, Estimate, difference
from knowntruth.study.estimation.tidy_rows import Row, twin
from knowntruth.study.tables.figure_6 import GROUPS, code_sessions

COLUMNS: Final = ("user_id", "user_occupation", "clear_goal", "code_producing", "verified_success")
"""Observed columns that the table reads."""

RANKED: Final = ("software_math", "business_finance", "arts_design_media", "management", "sciences")
"""The study's five largest occupations by sessions, largest first."""


def occupations(observed: pd.DataFrame) -> pd.DataFrame:
    """Return verified success of software engineers and others, the gaps, and ranks by number of sessions.

    Raises
    ------
    InputError
        If a column of `COLUMNS` is missing.
    """
    kept_sessions.require(observed, COLUMNS)
    everything = kept_sessions.with_occupation(kept_sessions.with_clear_goal(observed))
    code = code_sessions(observed)
    pair = [twin(f"verified_success_{who}_all", rate) for who, rate in _pair(everything).items()]
    in_code = _pair(code)
    pair += [twin(f"verified_success_{who}_code", rate) for who, rate in in_code.items()]
    gap = twin("occupation_gap_code", difference(in_code["software"], in_code["other"]))
    return tidy_rows.table([*pair, gap, twin("occupation_max_gap_text", largest_gap(code)), *_ranks(observed)])


def largest_gap(code: pd.DataFrame) -> Estimate:
    """Return the largest distance in verified success from software among the ten occupations, in points."""
    ours = _rate(code, code["user_occupation"].eq(SOFTWARE))
    gaps = [difference(ours, _rate(code, code["user_occupation"].eq(g))) for g in GROUPS if _enough(code, g)]
    if not gaps or ours.n == 0:
        return EMPTY
    widest = max(gaps, key=lambda gap: abs(gap.value))
    return Estimate(abs(widest.value), widest.standard_error, widest.n)


def _pair(frame: pd.DataFrame) -> dict[str, Estimate]:
    software = frame["user_occupation"].eq(SOFTWARE)
    return {"software": _rate(frame, software), "other": _rate(frame, ~software)}


def _rate(frame: pd.DataFrame, who: "pd.Series[bool]") -> Estimate:
    there = frame[who]
    return estimates.percent(there["verified_success"], there["user_id"])


def _enough(code: pd.DataFrame, group: str) -> bool:
    there = code["user_occupation"].eq(group)
    return group != SOFTWARE and code.loc[there, "user_id"].nunique() >= MIN_USERS


def _ranks(observed: pd.DataFrame) -> list[Row]:
    counts = observed["user_occupation"].astype(str).value_counts().drop(UNCLEAR, errors="ignore")
    # A stable sort over the fixed order of occupations, so that ties fall the same way everywhere.
    ordered = sorted(OCCUPATIONS, key=lambda group: -int(counts.get(group, 0)))
    return [_rank(place, group, ordered, int(counts.get(group, 0))) for place, group in enumerate(RANKED, 1)]


def _rank(place: int, group: str, ordered: list[str], n: int) -> Row:
    return twin(f"occupation_rank_{place}", Estimate(ordered.index(group) + 1 if n else NAN, NAN, n))

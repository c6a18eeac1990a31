"""Software engineers compared with everyone else: the study's statements about occupations.

Rates are unadjusted. The largest gap among ten occupations is a maximum of noisy numbers and so biased upwards in a
small sample; an occupation counts only with enough distinct users.
"""

from typing import Final

import pandas as pd

from knowntruth.datasets.schema.categories import OCCUPATIONS, SOFTWARE, UNCLEAR
from knowntruth.study.estimation import analysis_sample, estimates, tidy_rows
from knowntruth.study.estimation.cells import MIN_USERS
from knowntruth.study.estimation.estimates import EMPTY, NAN, Estimate, difference
from knowntruth.study.estimation.tidy_rows import Row, published_row
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
    analysis_sample.require_columns(observed, COLUMNS)
    everything = analysis_sample.with_occupation(analysis_sample.with_clear_goal(observed))
    code = code_sessions(observed)
    pair = [published_row(f"verified_success_{who}_all", rate) for who, rate in _pair(everything).items()]
    in_code = _pair(code)
    pair += [published_row(f"verified_success_{who}_code", rate) for who, rate in in_code.items()]
    gap = published_row("occupation_gap_code", difference(in_code["software"], in_code["other"]))
    return tidy_rows.table(
        [*pair, gap, published_row("occupation_max_gap_text", largest_gap(code)), *_ranks(observed)]
    )


def largest_gap(code: pd.DataFrame) -> Estimate:
    """Return the largest gap in verified success between software and the other nine occupations, in points."""
    software = _rate(code, code["user_occupation"].eq(SOFTWARE))
    gaps = [
        difference(software, _rate(code, code["user_occupation"].eq(g))) for g in GROUPS if _has_enough_users(code, g)
    ]
    if not gaps or software.n == 0:
        return EMPTY
    widest = max(gaps, key=lambda gap: abs(gap.value))
    return Estimate(abs(widest.value), widest.standard_error, widest.n)


def _pair(frame: pd.DataFrame) -> dict[str, Estimate]:
    software = frame["user_occupation"].eq(SOFTWARE)
    return {"software": _rate(frame, software), "other": _rate(frame, ~software)}


def _rate(frame: pd.DataFrame, who: "pd.Series[bool]") -> Estimate:
    kept = frame[who]
    return estimates.percent(kept["verified_success"], kept["user_id"])


def _has_enough_users(code: pd.DataFrame, group: str) -> bool:
    in_group = code["user_occupation"].eq(group)
    return group != SOFTWARE and code.loc[in_group, "user_id"].nunique() >= MIN_USERS


def _ranks(observed: pd.DataFrame) -> list[Row]:
    counts = observed["user_occupation"].astype(str).value_counts().drop(UNCLEAR, errors="ignore")
    # A stable sort over the fixed order of occupations, so that ties have the same order on every machine.
    ordered = sorted(OCCUPATIONS, key=lambda group: -int(counts.get(group, 0)))
    return [_rank(place, group, ordered, int(counts.get(group, 0))) for place, group in enumerate(RANKED, 1)]


def _rank(place: int, group: str, ordered: list[str], n: int) -> Row:
    return published_row(f"occupation_rank_{place}", Estimate(ordered.index(group) + 1 if n else NAN, NAN, n))

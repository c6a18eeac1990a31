"""The headline claims of the study, each with three answers: published, seen in these data, and true.

A claim is a row: a sentence, a *reading* (how its number is computed from table cells) and, where one exists, the
estimand that comes closest to what a reader takes the sentence to mean. The same reading is applied to the published
figures and to the tables of any observed rows, so the answers differ only in the data. A fourth answer, through
perfect instruments, decomposes the error: the part that remains is due to confounding, selection and the method; the
part that disappears was measurement error.

A claim without an estimand gives the reason: not every published contrast has a causal truth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from knowntruth.datasets.schema.estimands import HEADLINE
from knowntruth.study.claims import verdict
from knowntruth.study.claims.true_values import PER_LEVEL, true_value
from knowntruth.study.estimation import estimates
from knowntruth.study.estimation.estimates import EMPTY, NAN, Estimate
from knowntruth.study.figures import figure
from knowntruth.study.tables.registry import compute

COLUMNS: Final = (
    "claim", "unit", "published", "seen", "seen_error", "perfect", "perfect_error", "true", "true_error",
    "estimand", "contrast", "says",
)  # fmt: skip
"""Columns of the claims; numbers are in ``unit``, NaN where there is none."""

TABLES_READ: Final = ("table_a1", "table_a2", "figure_3", "figure_5", "occupations")
"""Tables whose cells the claims read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a claim's number is computed from table cells: ``left``, ``left - right`` or ``left / right``."""

    how: Literal["value", "difference", "ratio"]
    left: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One headline claim; ``why_no_truth`` gives the reason where there is no ``estimand``.

    ``method`` is the subject of the verdict: the part of the study that is judged. ``contrast`` is that of the
    estimand, or ``per level`` for the straight line that the true effects imply. The people who hit trouble differ
    from level to level; the true effects on recovery are those among people who would be in trouble at every level
    (a principal stratum).
    """

    sentence: str
    unit: verdict.Unit
    reading: Reading
    method: str
    estimand: str = ""
    contrast: str = ""
    why_no_truth: str = ""


DESCRIPTIVE: Final = "an occupation is not something one can set, so this is a description without a causal truth"

CLAIMS: Final = (
    Claim("One prompt of an expert sets off more actions than one of a novice", "ratio",
          Reading("ratio", "actions_per_prompt_expert_fig3", "actions_per_prompt_novice_fig3"),
          "The raw ratio", "activity_ratio", HEADLINE),
    Claim("Each level of expertise adds actions per prompt, controls held", "percent per level",
          Reading("value", "actions_per_level_adjusted"), "The study's regression", "activity_ratio", PER_LEVEL),
    Claim("Experts reach verified success more often than novices", "percentage points",
          Reading("difference", "verified_success_raw_expert", "verified_success_raw_novice"),
          "The raw difference", "verified_difference", HEADLINE),
    Claim("Experts reach verified success more often than novices, controls held", "percentage points",
          Reading("value", "verified_success_coef_vs_novice_expert"), "The study's regression",
          "verified_difference", HEADLINE),
    Claim("Each level of expertise adds to the chance of verified success, controls held", "probability per level",
          Reading("value", "a1_coef_col5"), "The study's regression", "verified_difference", PER_LEVEL),
    Claim("Experts' sessions are judged a success more often than novices', controls held", "percentage points",
          Reading("difference", "judged_success_expert_fig5", "judged_success_novice_fig5"),
          "The study's regression", "success_difference", HEADLINE),
    Claim("In trouble, experts still reach verified success more often than novices", "percentage points",
          Reading("difference", "verified_success_trouble_expert", "verified_success_trouble_novice"),
          "The contrast among troubled sessions", "recovery_verified_difference", HEADLINE),
    Claim("In trouble, experts abandon the session less often than novices", "percentage points",
          Reading("difference", "abandoned_trouble_expert_fig5", "abandoned_trouble_novice"),
          "The contrast among troubled sessions", "recovery_abandonment_difference", HEADLINE),
    Claim("In code, every large occupation ends within seven points of software engineers", "percentage points",
          Reading("value", "occupation_max_gap_text"), "The largest gap", why_no_truth=DESCRIPTIVE),
    Claim("In code, software engineers reach verified success more often than all others", "percentage points",
          Reading("difference", "verified_success_software_code", "verified_success_other_code"),
          "The raw gap", why_no_truth=DESCRIPTIVE),
)  # fmt: skip
"""The headline claims, in the order of the study."""


def claims(
    observed: pd.DataFrame,
    truth: pd.DataFrame | None,
    perfect: pd.DataFrame | None = None,
    *,
    tables: Mapping[str, pd.DataFrame] | None = None,
    perfect_tables: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Answer every headline claim: published, seen, seen through perfect instruments, true.

    Parameters
    ----------
    observed
        Rows with the observed schema.
    truth
        Columns estimand, contrast, value, mcse and n, one row per contrast; probabilities and ratios. None
        where the truth is unknown, as for a company's own logs.
    perfect
        Observed rows of the same sessions, measured by perfect instruments, if they exist.
    tables, perfect_tables
        The tables of ``observed`` and ``perfect`` by `knowntruth.study.tables.registry.compute`, if already computed.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, one row per claim.

    Raises
    ------
    InputError
        If a needed column is missing.

    Examples
    --------
    >>> answers = claims(kt.simulate("null", 1000).to_frame(), truth=None)
    >>> list(answers.columns[:4])
    ['claim', 'unit', 'published', 'seen']
    """
    seen = cell_estimates(tables if tables is not None else compute(observed, TABLES_READ))
    clean = cell_estimates(perfect_tables or (compute(perfect, TABLES_READ) if perfect is not None else {}))
    records = [
        _record(each, seen, clean, true_value(each.estimand, each.contrast, truth, observed)) for each in CLAIMS
    ]
    return pd.DataFrame.from_records(records, columns=list(COLUMNS))


def cell_estimates(tables: Mapping[str, pd.DataFrame]) -> dict[str, Estimate]:
    """Return the estimate of every table cell that the study published, by its key."""
    rows = (row for frame in tables.values() for row in frame.to_dict("records") if row["key"])
    return {row["key"]: Estimate(row["value"], row["standard_error"], row["n"]) for row in rows}


def read_cells(reading: Reading, cells: Mapping[str, Estimate]) -> Estimate:
    """Compute the claim's number from table cells; `EMPTY` if a cell is missing."""
    left, right = cells.get(reading.left, EMPTY), cells.get(reading.right, EMPTY)
    if reading.how == "value":
        return left
    return estimates.difference(left, right) if reading.how == "difference" else estimates.ratio(left, right)


def published_value(reading: Reading) -> float:
    """Compute the claim's number from the published figures."""
    keys = [key for key in (reading.left, reading.right) if key]
    return read_cells(reading, {key: Estimate(figure(key).value, NAN, 0) for key in keys}).value


def _record(
    claim: Claim, seen: Mapping[str, Estimate], clean: Mapping[str, Estimate], true: Estimate
) -> dict[str, Any]:
    here, through = read_cells(claim.reading, seen), read_cells(claim.reading, clean)
    true = verdict.convert_to_unit(true, claim.unit)
    return {
        "claim": claim.sentence,
        "unit": claim.unit,
        "published": published_value(claim.reading),
        "seen": here.value,
        "seen_error": here.standard_error,
        "perfect": through.value,
        "perfect_error": through.standard_error,
        "true": true.value,
        "true_error": true.standard_error,
        "estimand": claim.estimand,
        "contrast": claim.contrast,
        "says": verdict.verdict_sentence(claim.method, claim.unit, here, through, true, claim.why_no_truth),
    }

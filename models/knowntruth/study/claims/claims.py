"""The headline claims of the study, each answered three times: published, seen in these data, true.

A claim is a row: a sentence, a *reading* (which table cells make its number) and, where one exists, the estimand
that comes closest to what a reader takes it to mean. The same reading is applied to the published figures and to
the tables of any observed rows, so the answers differ in the data alone. A fourth answer, through perfect
instruments, splits an error in two: what is left of it there is confounding, selection and the method; what is
gone was the instruments'.

A claim without an estimand says why: not every published contrast has a causal truth.
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

NEEDED: Final = ("table_a1", "table_a2", "figure_3", "figure_5", "occupations")
"""Tables whose cells the claims read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a claim's number is made of table cells: ``left``, ``left - right`` or ``left / right``."""

    how: Literal["value", "difference", "ratio"]
    left: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One headline claim; ``why_no_truth`` stands in for an ``estimand`` where there can be none.

    ``method`` begins the verdict: what of the study is judged. ``contrast`` is that of the estimand, or
    ``per level`` for the straight line that the true effects imply. Those who hit trouble are other people at each
    level; the truth of recovery is that of the people who would be in trouble at every level.
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
"""The headline claims, in the order in which the study makes them."""


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
        Columns estimand, contrast, value, mcse and n, one row a contrast; probabilities and ratios. None
        where the truth is not known, as for a company's own logs.
    perfect
        Observed rows of the very same sessions seen through perfect instruments, if they exist.
    tables, perfect_tables
        What `knowntruth.study.tables.registry.compute` made of ``observed`` and ``perfect``, to save computing again.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, one row a claim.

    Raises
    ------
    InputError
        If a needed column is missing.

    Examples
    --------
    >>> from knowntruth.world.simulate import simulate
    >>> from knowntruth.world.definition.world import load
    >>> told = claims(simulate(load("null"), 1000, seed=1).observed.to_pandas(), truth=None)
    >>> list(told.columns[:4])
    ['claim', 'unit', 'published', 'seen']
    """
    seen = cell_estimates(tables if tables is not None else compute(observed, NEEDED))
    clean = cell_estimates(perfect_tables or (compute(perfect, NEEDED) if perfect is not None else {}))
    records = [
        _record(each, seen, clean, true_value(each.estimand, each.contrast, truth, observed)) for each in CLAIMS
    ]
    return pd.DataFrame.from_records(records, columns=list(COLUMNS))


def cell_estimates(tables: Mapping[str, pd.DataFrame]) -> dict[str, Estimate]:
    """Return the estimate of every table cell that has a published twin, by its key."""
    rows = (row for frame in tables.values() for row in frame.to_dict("records") if row["key"])
    return {row["key"]: Estimate(row["value"], row["standard_error"], row["n"]) for row in rows}


def read(reading: Reading, cells: Mapping[str, Estimate]) -> Estimate:
    """Return the claim's number out of table cells; nothing if a cell is missing."""
    left, right = cells.get(reading.left, EMPTY), cells.get(reading.right, EMPTY)
    if reading.how == "value":
        return left
    return estimates.difference(left, right) if reading.how == "difference" else estimates.ratio(left, right)


def published(reading: Reading) -> float:
    """Return the claim's number out of the published figures."""
    keys = [key for key in (reading.left, reading.right) if key]
    return read(reading, {key: Estimate(figure(key).value, NAN, 0) for key in keys}).value


def _record(
    claim: Claim, seen: Mapping[str, Estimate], clean: Mapping[str, Estimate], true: Estimate
) -> dict[str, Any]:
    here, through = read(claim.reading, seen), read(claim.reading, clean)
    true = verdict.in_unit(true, claim.unit)
    return {
        "claim": claim.sentence,
        "unit": claim.unit,
        "published": published(claim.reading),
        "seen": here.value,
        "seen_error": here.standard_error,
        "perfect": through.value,
        "perfect_error": through.standard_error,
        "true": true.value,
        "true_error": true.standard_error,
        "estimand": claim.estimand,
        "contrast": claim.contrast,
        "says": verdict.says(claim.method, claim.unit, here, through, true, claim.why_no_truth),
    }

"""Potential outcomes as a table: the outcomes of every session at every level of expertise.

The same people with the same noise, one column per outcome, treatment and level: ``true_success_domain_expertise_5``
states whether this session would have succeeded if the person were an expert in its domain. At the level that a
person has, the column holds the factual outcome.
"""

from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from knowntruth.datasets.metadata.package import Described
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.datasets.schema.estimands import CONTRASTS, ESTIMANDS, HEADLINE, RECOVERIES, Estimand
from knowntruth.datasets.schema.observed import Column, observed_columns
from knowntruth.world.definition.registry import variables
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import session_ids
from knowntruth.world.truths.estimands import TRUE_OUTCOMES

OUTCOMES: Final = ("actions_per_prompt", "true_success", "true_verified_success", "gave_up", "trouble_met")
"""The variables with one column per level: every estimand's outcome, and the trouble that makes the principal
stratum of the recovery differences."""

TREATMENTS: Final = tuple(dict.fromkeys(e.treatment for e in ESTIMANDS))


def column_name(outcome: str, treatment: str, level: int) -> str:
    """Return the name of the column of an outcome at a level of a treatment.

    Examples
    --------
    >>> column_name("true_success", "domain_expertise", 5)
    'true_success_domain_expertise_5'
    """
    return f"{outcome}_{treatment}_{level}"


def potential_outcome_table(world: World, frame: Frame) -> pa.Table:
    """Return session_id and a column for every outcome, treatment and level, one row per session of ``frame``.

    Examples
    --------
    >>> from knowntruth.world.running.sampling import sample
    >>> null = kt.load_world("null")
    >>> rows = potential_outcome_table(null, sample(null, 50, seed=1)).to_pandas()
    >>> list(rows.true_success_domain_expertise_1) == list(rows.true_success_domain_expertise_5)
    True
    """
    factual = run(world, frame, OUTCOMES)
    columns = {"session_id": pa.array(session_ids(frame))}
    for treatment in TREATMENTS:
        for level in LEVELS:
            values = run(world.do(**{treatment: level}), frame, OUTCOMES, factual)
            columns |= {column_name(o, treatment, level): pa.array(values[o]) for o in OUTCOMES}
    return pa.table(columns)


def describe(world: World, rows: int) -> Described:
    """Return the description of the table of potential outcomes."""
    known = variables(world.mechanisms)
    columns = [
        Column(
            column_name(o, t, k),
            "flag" if known[o].unit == "yes/no" else "real",
            known[o].unit,
            f"had {t.replace('_', ' ')} been {k}: {known[o].meaning}",
            "potential outcome",
        )
        for t in TREATMENTS
        for k in LEVELS
        for o in OUTCOMES
    ]
    meaning = (
        "Outcomes of each session at every level of expertise: the same people with the same noise. "
        "Only the outcome at the level that a person has is ever observed."
    )
    key = observed_columns()["session_id"]
    return Described("potential_outcomes", "one session of `observed`", meaning, (key, *columns), rows)


def sample_effects(potential: pa.Table, goal: "pd.Series[bool]") -> pd.DataFrame:
    """Return every estimand in the sample of a table of potential outcomes.

    Columns: estimand, contrast, sample_value, sample_n.

    ``goal`` marks the sessions with a clear goal, one value per row; they are the population of every estimand.
    """
    inside = potential.to_pandas()[goal.to_numpy()]
    rows = [(e.name, c, _effect(inside, e, int(c[0])), len(inside)) for e in ESTIMANDS for c in CONTRASTS]
    always = inside[[column_name("trouble_met", "domain_expertise", k) for k in LEVELS]].all(axis=1)
    stratum = inside[always.to_numpy()]
    rows += [(e.name, HEADLINE, _effect(stratum, e, 5), len(stratum)) for e in RECOVERIES]
    return pd.DataFrame(rows, columns=["estimand", "contrast", "sample_value", "sample_n"])


def _effect(rows: pd.DataFrame, e: Estimand, level: int) -> float:
    if rows.empty:
        return float("nan")
    outcome = TRUE_OUTCOMES.get(e.outcome, e.outcome)
    high, low = (rows[column_name(outcome, e.treatment, k)].to_numpy(dtype=np.float64) for k in (level, 1))
    if e.scale == "ratio":
        return float(np.exp((np.log(high) - np.log(low)).mean()))
    return float((high - low).mean())

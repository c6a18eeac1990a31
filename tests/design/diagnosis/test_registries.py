"""A new diagnosand, fault or ledger component is one row; these tests say in words what a row lacks."""

import numpy as np
import pandas as pd
import pytest

from knowntruth.design.diagnosis.diagnosands import DIAGNOSANDS, ROWS, Diagnosand, replicate_arrays
from knowntruth.design.diagnosis.diagnose_table import diagnose_table
from knowntruth.design.diagnosis.faults import FAULTS
from knowntruth.design.ledger import components
from knowntruth.design.ledger.components import ANALYSIS_COMPONENTS, COMPONENTS, WORLD_COMPONENTS

TABLE = pd.DataFrame({
    "world": "null", "replicate": range(4), "strategy": "naive", "estimand": "verified_difference",
    "contrast": "5 vs 1", "estimate": [0.1, 0.3, 0.2, 0.25], "lower": [0.0, 0.2, 0.1, 0.1],
    "upper": [0.2, 0.4, 0.3, 0.4], "standard_error": 0.05, "truth": 0.15, "truth_error": 0.01, "no_effect": 0.0,
    "seconds": 0.1, "error": "",
})  # fmt: skip


def lacks(row: Diagnosand) -> str:
    """Return what a row of diagnosands lacks, or nothing."""
    if not (row.name.isidentifier() and row.name == row.name.lower()):
        return f"diagnosand {row.name!r}: give it a name in lower case with underscores"
    if not row.meaning:
        return f"diagnosand {row.name!r}: give its meaning in words, for help texts and reports"
    terms = row.terms(replicate_arrays(TABLE))
    if not isinstance(terms, tuple) or any(np.shape(term) != (len(TABLE),) for term in terms):
        return f"diagnosand {row.name!r}: terms must return a tuple of arrays with one value per replicate"
    means = np.array([np.mean(term) for term in terms])
    if np.ndim(row.formula(*means)) or np.shape(row.formula(*np.tile(means[:, None], 3))) != (3,):
        return f"diagnosand {row.name!r}: formula must take means as numbers or as arrays of one shape"
    if row.share and not 0 <= float(row.formula(*means)) <= 1:
        return f"diagnosand {row.name!r}: share=True is for proportions, but its value is not from 0 to 1"
    return ""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_diagnosand_has_all_that_a_row_needs(row):
    assert not lacks(row), lacks(row)
    assert [each.name for each in ROWS].count(row.name) == 1, f"diagnosand {row.name!r} stands there twice"


def test_a_new_diagnosand_is_one_row():
    largest = Diagnosand("mean_square", "mean of squared estimates", lambda r: (r.estimate**2,), lambda mean: mean)
    assert not lacks(largest)
    found = diagnose_table(TABLE, diagnosands=[largest, *DIAGNOSANDS])
    assert found["value"].iloc[0] == pytest.approx((TABLE["estimate"] ** 2).mean())
    assert found["mcse"].iloc[0] > 0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Diagnosand("x y", "m", lambda r: (r.estimate,), lambda m: m), "lower case"),
        (Diagnosand("x", "", lambda r: (r.estimate,), lambda m: m), "meaning"),
        (Diagnosand("x", "m", lambda r: (r.estimate.mean(),), lambda m: m), "one value per replicate"),
        (Diagnosand("x", "m", lambda r: (r.estimate,), lambda m: 1.0), "formula"),
        (Diagnosand("x", "m", lambda r: (r.estimate + 5,), lambda m: m, share=True), "proportions"),
    ],
)
def test_what_a_row_lacks_is_said(row, words):
    assert words in lacks(row)


def test_faults_have_names_of_their_own_and_a_meaning():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(fault.meaning for fault in FAULTS), "every fault needs a meaning in words"


def test_every_component_is_described_and_belongs_to_world_or_analysis():
    assert COMPONENTS == (*WORLD_COMPONENTS, *ANALYSIS_COMPONENTS)
    assert len(set(COMPONENTS)) == len(COMPONENTS)
    for name in COMPONENTS:
        assert f"\n{name} " in components.__doc__, f"component {name!r}: add a row to the table of components.py"

"""What the long simulation-based calibration found, as it is stored: the inference of every model is right.

`tests/benchmarks/calibrated.py` drew the replicates. Verdicts are worked out here again, from the ranks.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special

from knowntruth.bayes.checks.rank_uniformity import THINNED, verdicts
from knowntruth.bayes.checks.sbc import EFFECTIVE, LOG_LIKELIHOOD, MIN_EFFECTIVE_DRAWS
from knowntruth.bayes.models.registry import MODELS

STORED = Path(__file__).parents[1] / "benchmarks"
MANY = 50
"""Replicates of every model."""


@pytest.fixture(scope="module")
def stored():
    return pd.read_csv(STORED / "calibrated_ranks.csv", index_col=["model", "quantity"])


@pytest.fixture(scope="module")
def ranks(stored):
    """One column a quantity of a model, one row a replicate."""
    return stored.drop(index=EFFECTIVE, level="quantity").T


def test_every_model_was_asked_in_full(stored, ranks):
    assert set(stored.index.unique("model")) == set(MODELS)
    assert ranks.count().min() >= MANY
    assert (ranks.isin(range(THINNED + 1)) | ranks.isna()).all(axis=None)
    for name, row in MODELS.items():
        asked = set(stored.loc[name].index)
        assert {LOG_LIKELIHOOD, *(f"{outcome.estimand}[5]" for outcome in row.outcomes)} <= asked


def test_ranks_are_among_draws_that_are_effective(stored):
    """Of nine replicates in ten of each model; the rest are posteriors that no data have, and ranked all the same."""
    effective = stored.xs(EFFECTIVE, level="quantity")
    assert ((effective >= MIN_EFFECTIVE_DRAWS).sum(axis=1) > 0.9 * effective.count(axis=1)).all()


def test_ranks_are_uniform_for_every_quantity_of_every_model(ranks):
    found = verdicts(ranks)
    failed = found[found["verdict"].eq("fail")]
    assert failed.empty, failed.to_string()


def test_the_table_is_what_the_ranks_say(ranks):
    table = pd.read_csv(STORED / "calibrated.csv")
    found = verdicts(ranks)
    assert list(zip(table["model"], table["quantity"], strict=True)) == list(found["quantity"])
    for name in ("replicates", "distance", "limit"):
        assert table[name].to_numpy() == pytest.approx(found[name].to_numpy(), rel=6e-3)
    assert table["verdict"].tolist() == found["verdict"].tolist()


@pytest.mark.parametrize(("spread", "off"), [(3.0, 0.0), (1.0, 1.0)])
def test_so_many_replicates_would_have_told(ranks, spread, off):
    """The negative control: a posterior a third as wide, or an sd off, fails in nearly every quantity."""
    bent = special.ndtr(special.ndtri((ranks + 0.5) / (THINNED + 1)) * spread + off)
    found = verdicts((bent * (THINNED + 1)).map(np.floor))
    assert found["verdict"].eq("fail").mean() > 0.9, found[found["verdict"].eq("pass")].to_string()

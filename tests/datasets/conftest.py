"""A small table of sessions with every observed column, made from the schema alone."""

import numpy as np
import pandas as pd
import pytest

from knowntruth.datasets.schema.observed import OBSERVED, Column


def _values(column: Column, rows: int, rng: np.random.Generator):
    if column.name == "session_id":
        return np.arange(rows)
    if column.kind == "category":
        return pd.Categorical(rng.choice(column.categories, rows), categories=list(column.categories))
    if column.kind == "flag":
        return rng.random(rows) < 0.5
    low = column.minimum or 0
    high = low + 9 if column.maximum is None else column.maximum
    if column.kind == "real":
        return rng.uniform(low, high, rows)
    values = rng.integers(int(low), int(high) + 1, rows)
    return np.where(rng.random(rows) < 0.1, np.nan, values) if column.nullable else values


@pytest.fixture
def sessions() -> pd.DataFrame:
    """200 made-up sessions; every column is independent of every other."""
    rng = np.random.default_rng(20260616)
    return pd.DataFrame({column.name: _values(column, 200, rng) for column in OBSERVED})

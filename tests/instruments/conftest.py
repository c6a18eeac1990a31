"""Datasets of one world or another, seen and true side by side."""

from functools import cache

import pandas as pd
import pytest

from knowntruth.world.definition.world import World, load
from knowntruth.world.simulate import Dataset, simulate

SESSIONS = 12_000


@cache
def _published() -> Dataset:
    return simulate(load("published"), SESSIONS, seed=4)


@pytest.fixture(scope="session")
def published() -> Dataset:
    return _published()


@pytest.fixture(scope="session")
def both():
    """``both(world)``: every observed and true column of its sessions; the same people in each world."""

    def frame(world: World, sessions: int = SESSIONS) -> pd.DataFrame:
        data = simulate(world, sessions, seed=4)
        return data.observed.to_pandas().merge(data.truth.to_pandas(), on="session_id", validate="one_to_one")

    return frame

"""Small worlds written down as formulas, so that each table's right answer is known by arithmetic."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from knowntruth.datasets.schema.categories import (
    MODEL_TIERS,
    MODES,
    MONTHS,
    OCCUPATIONS,
    SOFTWARE,
    SURFACES,
    UNCLEAR,
    VALUE_BANDS,
)

Floats = npt.NDArray[np.float64]

SLOPE = 0.05
"""Verified success gained per rated level, at given mode."""

ACTIONS_PER_LEVEL = 0.10
"""Log of actions per prompt gained per rated level, at given mode."""

MODE_LIFT = np.array([0.0, 0.10, -0.05, 0.0, 0.15, 0.05, -0.05, 0.10, -0.10])
"""What each work mode adds to verified success."""


def _category(values: npt.NDArray[np.int64], names: tuple[str, ...]) -> pd.Categorical:
    return pd.Categorical.from_codes(values, categories=list(names))


def make_sessions(n: int, seed: int, sorting: float = 0.5) -> pd.DataFrame:
    """Return ``n`` observed rows whose effects are the constants above.

    ``sorting`` is how strongly experts choose modes that succeed more often: at 0 there is no confounding.
    """
    rng = np.random.default_rng(seed)
    user = rng.integers(0, max(2, int(n / 1.7)), n)
    level = rng.choice(5, n, p=[0.05, 0.2, 0.3, 0.33, 0.12]) + 1
    weights = np.exp(sorting * 10 * MODE_LIFT[None, :] * (level[:, None] - 3) / 2)
    mode = (rng.random(n)[:, None] > np.cumsum(weights / weights.sum(1, keepdims=True), 1)).sum(1).clip(0, 8)
    band, month = rng.integers(0, 4, n), rng.integers(0, 7, n)
    occupation = rng.choice([OCCUPATIONS.index(SOFTWARE), 0, 1, 15, 23], n, p=[0.4, 0.1, 0.1, 0.1, 0.3])
    task = rng.choice([OCCUPATIONS.index(SOFTWARE), 1, 8], n, p=[0.7, 0.2, 0.1])
    verified = rng.random(n) < 0.1 + MODE_LIFT[mode].clip(0) + SLOPE * level
    succeeded = verified | (rng.random(n) < 0.3)
    failed = ~succeeded & (rng.random(n) < 0.5)
    goal = rng.random(n) > 0.08
    prompts = 1 + rng.poisson(3, n)
    actions = np.exp(2.5 + MODE_LIFT[mode] + ACTIONS_PER_LEVEL * level + rng.normal(0, 0.5, n))
    lines = rng.poisson(20, n) * (rng.random(n) < 0.7)
    trouble = failed | (rng.random(n) < 0.1)
    outcome = np.select([~goal, succeeded, failed], [3, 0, 2], default=1)
    price = np.array([100.0, 500.0, 2000.0, 9000.0])[band] * (1 + 0.05 * month)
    rating = pd.Series(level.astype(float)).where(rng.random(n) > 0.02)
    return pd.DataFrame(
        {
            "session_id": np.arange(n),
            "user_id": user,
            "month": _category(month, MONTHS),
            "surface": _category(rng.integers(0, 3, n), SURFACES),
            "model_generation": (1 + (month > 3)).astype("int8"),
            "model_tier": _category(rng.integers(0, 2, n), MODEL_TIERS),
            "account_age_months": rng.integers(0, 20, n).astype("int32"),
            "prompts": prompts.astype("int32"),
            "model_calls": np.maximum(1, (prompts * actions).astype("int32")),
            "tool_calls": (prompts * actions * 0.7).astype("int32"),
            "actions_per_prompt": np.maximum(1.0, actions),
            "words_per_prompt": 200 * actions,
            "lines_added": lines.astype("int32"),
            "lines_removed": (lines // 2).astype("int32"),
            "mode": _category(mode, MODES),
            "rated_expertise": rating,
            "user_occupation": _category(occupation, (*OCCUPATIONS, UNCLEAR)),
            "task_occupation": _category(task, OCCUPATIONS),
            "outcome": _category(outcome, ("succeeded", "partial", "failed", "no_clear_goal")),
            "success_signal": np.where(verified, 4, rng.integers(0, 4, n)).astype("int8"),
            "failure_signal": np.where(trouble, 3, rng.integers(0, 3, n)).astype("int8"),
            "planning_share_user": rng.beta(7, 3, n),
            "execution_share_user": rng.beta(2, 8, n),
            "price_usd": price,
            "value_band": _category(band, VALUE_BANDS),
            "clear_goal": goal,
            "at_least_partial": goal & ~failed,
            "judged_success": goal & succeeded,
            "verified_success": goal & verified,
            "judged_failure": goal & failed,
            "verified_failure": goal & failed & (rng.random(n) < 0.5),
            "trouble": trouble,
            "abandoned": goal & trouble & failed & (lines == 0),
            "code_producing": lines > 0,
        }
    )


@pytest.fixture(scope="package")
def sessions_of() -> Callable[..., pd.DataFrame]:
    return make_sessions


@pytest.fixture(scope="package")
def observed() -> pd.DataFrame:
    return make_sessions(12_000, seed=11)


@dataclass(frozen=True, slots=True)
class Known:
    """The effects that `make_sessions` builds in."""

    slope: float = SLOPE
    actions_per_level: float = ACTIONS_PER_LEVEL


@pytest.fixture(scope="package")
def known() -> Known:
    return Known()

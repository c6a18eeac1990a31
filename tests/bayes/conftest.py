"""Sessions drawn from the models' own form, with known effects; and one fit of each model that many tests share.

What a fit costs is mostly its compilation, so tests share models, priors and covariates; every day one model of one
outcome is fitted, and the other where there is time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from knowntruth.bayes.fit import fit
from knowntruth.datasets.schema.categories import MODES, MONTHS, OCCUPATIONS, UNCLEAR, VALUE_BANDS
from knowntruth.priors.load import load

Floats = npt.NDArray[np.float64]

CUMULATIVE = np.array([0.0, 0.3, 0.6, 0.8, 1.0])
"""How much of the effect is reached at each level."""

LEVEL_SHARES = (0.1, 0.2, 0.3, 0.3, 0.1)
GROUPS = {"user_occupation": (*OCCUPATIONS, UNCLEAR), "mode": MODES, "value_band": VALUE_BANDS, "month": MONTHS}
SMALL: dict[str, Any] = {"covariates": ("mode", "value_band"), "by": "mode"}
"""Few coefficients, so that a fit costs little; all tests that can share them, and with them what was compiled."""

QUICK: dict[str, Any] = {"draws": 250, "tune": 300, "chains": 4, "unsound": "keep", **SMALL}


@dataclass(frozen=True)
class Drawn:
    """Sessions, and the truth about levels 2-5 against 1: ratio of actions, difference of verified success."""

    frame: pd.DataFrame
    ratios: Floats
    differences: Floats

    @property
    def truth(self) -> pd.DataFrame:
        """The truth as a table of the world's own form."""
        names = ["activity_ratio"] * 4 + ["verified_difference"] * 4
        contrasts = [f"{level} vs 1" for level in range(2, 6)] * 2
        values = [*self.ratios, *self.differences]
        return pd.DataFrame({"estimand": names, "contrast": contrasts, "value": values, "mcse": 0.0})


def uneven(rng: np.random.Generator, groups: int, n: int) -> npt.NDArray[np.int64]:
    """Return ``n`` codes of groups whose sizes fall off as those of occupations and modes do."""
    weights = 1 / np.arange(1, groups + 1)
    return rng.choice(groups, n, p=weights / weights.sum())


def draw_sessions(
    sessions: int,
    seed: int,
    *,
    log_effect: float = 0.5,
    odds_effect: float = 1.0,
    by_level: Floats = CUMULATIVE,
    confounding: float = 0.0,
    level_scale: Floats | float = 0.5,
    interaction: float = 0.0,
    user_odds: float = 0.0,
) -> Drawn:
    """Return sessions whose log actions and log odds follow the models, but for what the arguments plant.

    ``confounding`` moves level and outcomes together through the value band, ``interaction`` makes the effect
    larger in every second mode and smaller in the others, ``level_scale`` is the spread of sessions, by level,
    ``user_odds`` the spread of users in the log odds of success.
    """
    rng = np.random.default_rng(seed)
    user = np.sort(rng.integers(0, int(0.6 * sessions), sessions))
    codes = {name: uneven(rng, len(groups), sessions) for name, groups in GROUPS.items()}
    codes["user_occupation"] = uneven(rng, 24, sessions)[user]
    band = codes["value_band"] - 1.5
    level = rng.choice(5, sessions, p=LEVEL_SHARES)
    level = np.clip(level + np.rint(confounding * band * rng.random(sessions)).astype(int), 0, 4)
    shift = confounding * band
    for name, groups in GROUPS.items():
        shift = shift + rng.normal(0, 0.2, len(groups))[codes[name]]
    steps = by_level[level] * np.where(codes["mode"] % 2, 1 - interaction, 1 + interaction)
    spread = np.broadcast_to(level_scale, 5)[level]
    noise = rng.normal(0, 0.3, sessions)[user] + spread * rng.normal(0, 1, sessions)
    trait = user_odds * np.random.default_rng([seed, 1]).normal(0, 1, sessions)[user]
    chance = 1 / (1 + np.exp(1.0 - odds_effect * steps - shift - trait))
    frame = pd.DataFrame(
        {
            "session_id": np.arange(sessions),
            "user_id": user,
            "rated_expertise": level + 1.0,
            "actions_per_prompt": np.maximum(np.exp(5.0 + log_effect * steps + shift + noise), 1.0),
            "verified_success": rng.random(sessions) < chance,
            "clear_goal": True,
            **{name: pd.Categorical.from_codes(codes[name], groups) for name, groups in GROUPS.items()},
        }
    )
    by_dose = [np.mean(1 / (1 + np.exp(1.0 - odds_effect * part - shift))) for part in by_level]
    return Drawn(frame, np.exp(log_effect * by_level[1:]), np.array(by_dose[1:]) - by_dose[0])


@pytest.fixture(scope="session")
def draw() -> Callable[..., Drawn]:
    return draw_sessions


@pytest.fixture(scope="session")
def drawn() -> Drawn:
    return draw_sessions(2000, seed=11)


@pytest.fixture(scope="session")
def small() -> dict[str, Any]:
    return SMALL


@pytest.fixture(scope="session")
def quick() -> dict[str, Any]:
    return QUICK


class Fits(dict[str, Any]):
    """Models fitted to the same sessions, each when it is first asked for."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__()
        self.frame = frame

    def __missing__(self, name: str) -> Any:
        self[name] = fit(name, self.frame, load("weak"), seed=1, **SMALL)
        return self[name]


@pytest.fixture(scope="session")
def fits(drawn: Drawn) -> Fits:
    return Fits(drawn.frame)

"""The job of ``knowntruth truth``: the true effects of expertise in a world."""

from typing import TYPE_CHECKING

from knowntruth.world.definition.world import load
from knowntruth.world.truths import estimands, principal_strata

if TYPE_CHECKING:
    import pandas as pd


def compute_truth(world: str, sessions: int, *, seed: int) -> "pd.DataFrame":
    """Return one row per effect and contrast, with its Monte Carlo error and the number of sessions."""
    import pandas as pd

    loaded = load(world)
    found = pd.concat(
        [each(loaded, sessions, seed=seed) for each in (estimands.truth, principal_strata.recovery_truth)]
    )
    return found.rename(columns={"mcse": "error", "n": "sessions"})

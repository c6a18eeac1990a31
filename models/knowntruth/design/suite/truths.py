"""The true effects in the worlds of the suite, against which estimates are graded."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from knowntruth.datasets.schema.estimands import HEADLINE, estimand
from knowntruth.datasets.scoring.answers import DATASET
from knowntruth.datasets.scoring.scores import STRATUM
from knowntruth.design.suite.entries import Entry, load_declared
from knowntruth.strategies.estimate_all import HEADLINES
from knowntruth.world.definition.world import load
from knowntruth.world.truths.estimands import truth

if TYPE_CHECKING:
    import pandas as pd

ESTIMANDS: Final = HEADLINES
"""The estimands of the suite: the study's two headline effects, expert against novice."""


def true_effects(chosen: Iterable[Entry]) -> "pd.DataFrame":
    """Return one row per dataset and estimand: dataset, stratum, estimand, contrast, scale, value, mcse, n."""
    import pandas as pd

    of_world: dict[str, pd.DataFrame] = {}
    parts = []
    for entry in chosen:
        if entry.world not in of_world:
            of_world[entry.world] = _of_world(entry.world)
        rows = of_world[entry.world]
        parts.append(rows.assign(**{DATASET: entry.name, STRATUM: entry.stratum}))
    joined = pd.concat(parts, ignore_index=True)
    return joined[[DATASET, STRATUM, "estimand", "contrast", "scale", "value", "mcse", "n"]]


def _of_world(name: str) -> "pd.DataFrame":
    asked = load_declared()["truth"]
    rows = truth(load(name), asked["sessions"], seed=asked["seed"])
    rows = rows[rows["estimand"].isin(ESTIMANDS) & rows["contrast"].eq(HEADLINE)]
    return rows.assign(scale=[estimand(one).scale for one in rows["estimand"]])

"""A world as a source of replicates: a number of its sessions, as a study observes them.

Strategies that need more than the observed columns get the extra columns of an ideal study (`extra_columns`). An
audited study has a validation sample: random sessions whose true level is known.
"""

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.errors import InputError
from knowntruth.design.sources.extra_columns import with_extra_columns
from knowntruth.design.sources.source import ReplicateData, Truth, TruthQuery
from knowntruth.world.definition.world import World
from knowntruth.world.running.sampling import sample
from knowntruth.world.simulate import Dataset, dataset
from knowntruth.world.streaming.part import compile_loops
from knowntruth.world.streaming.recipe import Recipe, recipe
from knowntruth.world.truths.effects import effect
from knowntruth.world.truths.estimands import TRUE_OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

AUDIT_STREAM: Final = 7
"""Key of the random stream that selects the validation sample; changing it changes every number."""


@dataclass(frozen=True, slots=True)
class WorldSource:
    """Datasets of ``sessions`` sessions of a world, ``audited`` of them rated again.

    ``recipe`` is the world as plain data; its seed is not used. ``columns`` are what strategies need beyond the
    schema. ``users`` fixes the number of people, where it is given.
    """

    recipe: Recipe
    sessions: int
    audited: int = 0
    users: int | None = None
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The world's name."""
        return self.recipe.name

    def draw(self, seed: int) -> ReplicateData:
        """Return one dataset, with extra columns and validation sample."""
        world = self.recipe.world()
        frame = sample(world, self.sessions, seed, self.users)
        data = dataset(world, frame)
        observed = data.observed.to_pandas()
        extra = with_extra_columns(self.columns, world, frame, data)
        return ReplicateData(observed.assign(**extra) if extra else observed, self._validation(data), data)

    def truth(self, asked: TruthQuery, sessions: int, seed: int) -> Truth:
        """Return the effect of one level against another, from the same people with the same random numbers."""
        outcome = TRUE_OUTCOMES[asked.estimand.outcome]
        ratio = asked.estimand.scale == "ratio"
        world = _Keyed(self.truth_key(), self.recipe)
        by = asked.by and asked.by.variable
        row = _effects(world, asked.treatment, outcome, asked.high, asked.low, ratio, by, sessions, seed)
        row = row if asked.group is None else row[row["group"].eq(asked.group)]
        if row.empty:  # no session of that group in the sample for the truth
            return Truth(math.nan, math.nan)
        return Truth(float(row["value"].iloc[0]), float(row["mcse"].iloc[0]))

    def truth_key(self) -> str:
        """Return the world as text: its truth does not depend on how it is studied."""
        return json.dumps(self.recipe.described(), sort_keys=True)

    def described(self) -> dict[str, Any]:
        """Return world, size and extra columns."""
        study = {"sessions": self.sessions, "users": self.users, "audited": self.audited}
        return {**self.recipe.described()["world"], **study, "columns": list(self.columns)}

    def warm(self) -> dict[str, str]:
        """Compile every loop of the world."""
        return compile_loops(self.recipe)

    def _validation(self, data: Dataset) -> "pd.DataFrame | None":
        """Return the audited sessions, drawn at random among those with a rating and a clear goal."""
        if not self.audited:
            return None
        import pandas as pd

        rated = data.observed["rated_expertise"].is_valid().to_numpy() & data.observed["clear_goal"].to_numpy()
        rows = np.flatnonzero(rated)
        if len(rows) < self.audited:
            raise InputError(f"only {len(rows)} sessions are rated, so {self.audited} cannot be audited")
        rng = np.random.default_rng([data.seed, AUDIT_STREAM])
        chosen = np.sort(rng.choice(rows, self.audited, replace=False))
        columns = ("session_id", "domain_expertise")
        return pd.DataFrame({name: data.truth[name].to_numpy()[chosen] for name in columns})


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A recipe that is compared by the text of its world."""

    key: str
    recipe: Recipe = field(compare=False)


@lru_cache(maxsize=2)  # the groups of one contrast are requested in sequence
def _effects(
    of: _Keyed,
    treatment: str,
    outcome: str,
    high: int,
    low: int,
    ratio: bool,
    by: str | None,
    sessions: int,
    seed: int,
) -> "pd.DataFrame":
    return effect(
        of.recipe.world(), treatment, outcome, seed=seed, to=high, versus=low, sessions=sessions, ratio=ratio, by=by
    )


def world_source(
    world: World, sessions: int, *, audited: int = 0, users: int | None = None, columns: tuple[str, ...] = ()
) -> WorldSource:
    """Return a world as a source.

    Raises
    ------
    InputError
        If a number is impossible.
    """
    if sessions < 1:
        raise InputError(f"sessions must be 1 or more, got {sessions}")
    if not 0 <= audited <= sessions:
        raise InputError(f"audited sessions must be from 0 to the number of sessions ({sessions}), got {audited}")
    return WorldSource(recipe(world, 0), sessions, audited, users, columns)

"""The switched sessions: the same sessions under every combination of the world's switches, as columns.

The rating has no descendants, so a world is run only twice, with confounding and without. The rater then rates each
run once for every combination of its own switches.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints, Values
from knowntruth.datasets.schema.categories import LEVELS, OCCUPATIONS, SOFTWARE, UNCLEAR
from knowntruth.design.ledger.components import RATING, WORLD_COMPONENTS, switch_off
from knowntruth.engine.mechanism import Mechanism
from knowntruth.world.definition.registry import variables
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import levels_of, parents_of, run
from knowntruth.world.simulate import BLOCK
from knowntruth.world.truths.estimands import TRUE_OUTCOMES, potential_outcomes

Off = frozenset[str]
"""Which components are switched off."""

PUBLISHED_CELLS: Final = ("mode", "value_band", "month", "task_occupation")
"""With the group of the labelled occupation, the cells of the study's preferred column."""

CAUSAL_CELLS: Final = ("month", "intended_mode")
"""With the group of the true occupation, cells of what comes before expertise."""

COLUMNS: Final = (
    "goal", "clear_goal", "verified_success", "true_verified_success", "actions_per_prompt", "user_occupation",
    "occupation", *PUBLISHED_CELLS, *CAUSAL_CELLS,
)  # fmt: skip

_SOFTWARE_GROUP, _OTHER_GROUP, _UNCLEAR_GROUP = range(3)


@dataclass(frozen=True, slots=True)
class SwitchedSessions:
    """Columns of shape (n,), of all sessions: ``columns`` by name, with confounding (False: without) as first key.

    ``ratings`` are levels, 0 where the rater abstains, by the worldly components that are off. ``effects`` are each
    session's true outcomes at the five levels, shape (n, 5), by outcome. ``owner`` is the person behind a session.
    """

    owner: Ints
    columns: Mapping[bool, Mapping[str, Values]]
    ratings: Mapping[Off, Values]
    effects: Mapping[str, Floats]

    @property
    def people(self) -> int:
        """How many people."""
        return int(self.owner[-1]) + 1


def switched_sessions(world: World, frame: Frame) -> SwitchedSessions:
    """Run a world with all combinations of its switches on the sessions of a frame."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        blocks = list(frame.blocks(BLOCK))
        shares = _shares(list(threads.map(lambda block: _levels(world, block), blocks)))
        worlds = {off: switch_off(world, off, shares) for off in _subsets(WORLD_COMPONENTS)}
        parts = list(threads.map(lambda block: _part(world, worlds, block), blocks))
    columns, ratings, effects = (_joined([part[k] for part in parts]) for k in range(3))
    by_confounding = {c: {n: columns[c, n] for n in (*COLUMNS, *_GROUPS)} for c in (True, False)}
    return SwitchedSessions(frame.owner, by_confounding, ratings, effects)


_GROUPS: Final = ("labelled_group", "true_group")


def _part(world: World, worlds: Mapping[Off, World], block: Frame) -> tuple[dict[Any, Values], ...]:
    """Return columns, ratings and true outcomes of one block."""
    columns: dict[tuple[bool, str], Values] = {}
    ratings: dict[Off, Values] = {}
    for confounded in (True, False):
        base = worlds[frozenset() if confounded else frozenset({"confounding"})]
        values = run(base, block, _targets(worlds))
        seen = {name: _by_session(base, name, values, block) for name in COLUMNS}
        columns |= {(confounded, name): column for name, column in (seen | _groups(base, seen)).items()}
        for off, other in worlds.items():
            if ("confounding" not in off) == confounded:
                ratings[off] = _rating(other, values, block)
    factual = run(world, block, TRUE_OUTCOMES.values())
    potential = potential_outcomes(world, block, "domain_expertise", factual)
    effects = {name: np.column_stack([potential[k][name] for k in LEVELS]) for name in potential[1]}
    return columns, ratings, effects


def _rating(world: World, values: Mapping[str, Values], block: Frame) -> Values:
    """Return this world's ratings of sessions that have already been simulated."""
    m = _rater(world)
    return m(world.dials[RATING], parents_of(m, values, levels_of(world), block), block.noise(m))[RATING]


def _targets(worlds: Mapping[Off, World]) -> tuple[str, ...]:
    """Return the variables to simulate: `COLUMNS`, and all that any rater reads."""
    return tuple(dict.fromkeys((*COLUMNS, *(parent for w in worlds.values() for parent in _rater(w).parents))))


def _rater(world: World) -> Mechanism:
    return next(m for m in world.mechanisms if m.name == RATING)


def _by_session(world: World, name: str, values: Mapping[str, Values], block: Frame) -> Values:
    return values[name][block.owner] if levels_of(world)[name] == "user" else values[name]


def _groups(world: World, seen: Mapping[str, Values]) -> dict[str, Values]:
    """Return the group of the user's occupation, as labelled and as it truly is: software, other or unclear."""
    labels = variables(world.mechanisms)["user_occupation"].categories
    labelled, true = np.full(len(labels), _OTHER_GROUP), np.full(len(OCCUPATIONS), _OTHER_GROUP)
    labelled[labels.index(SOFTWARE)], labelled[labels.index(UNCLEAR)] = _SOFTWARE_GROUP, _UNCLEAR_GROUP
    true[OCCUPATIONS.index(SOFTWARE)] = _SOFTWARE_GROUP
    return {"labelled_group": labelled[seen["user_occupation"]], "true_group": true[seen["occupation"]]}


def _levels(world: World, block: Frame) -> Values:
    values = run(world, block, ("domain_expertise", "goal"))
    return values["domain_expertise"][values["goal"]]


def _shares(levels: list[Values]) -> Floats:
    counts = np.sum([np.bincount(each, minlength=6)[1:6] for each in levels], axis=0)
    shares: Floats = counts / counts.sum()
    return shares


def _subsets(names: tuple[str, ...]) -> list[Off]:
    return [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]


def _joined(parts: list[dict[Any, Values]]) -> dict[Any, Values]:
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

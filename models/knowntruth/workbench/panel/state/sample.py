"""A sample of a world: what its study observes, and what is true, of the same sessions, as columns.

The panel simulates again at every move of a dial, so only the variables that its views read are computed, in chunks
that run in parallel. Noise is keyed: the same people have the same noise at every position of a dial, so any change
in the picture is caused by the dial, and no chunk depends on another.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints, Values
from knowntruth.datasets.schema.categories import LEVELS, SOFTWARE, UNCLEAR
from knowntruth.world.definition.registry import variables
from knowntruth.world.definition.world import World
from knowntruth.world.running.columns import Columns
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import levels_of, run
from knowntruth.world.running.sampling import sample
from knowntruth.world.truths.estimands import TRUE_OUTCOMES, potential_outcomes

CHUNK_SIZE: Final = 5_000
"""Sessions per chunk: four chunks at the default size, so that two or four cores have equal work."""

TREATMENT: Final = "domain_expertise"

OBSERVED: Final = (
    "rated_expertise", "clear_goal", "goal", "verified_success", "actions_per_prompt", "words_per_prompt", "mode",
    "value_band", "month", "task_occupation", "user_occupation", "model_generation", "model_tier",
)  # fmt: skip
"""What the views read; ``goal`` is not observed: it selects the sessions of the true effects."""

FIRST_PROMPT: Final = "rated_from_first_prompt"
"""The same rater's level from the first prompt alone."""


@dataclass(frozen=True)
class PanelSample:
    """Columns of shape (n,) by name; ``effects`` are the true outcomes at the five levels, (n, 5), by outcome.

    ``owner`` is the person behind a session, ``users`` how many people there are. Actions per prompt are logarithms
    among the effects.
    """

    world: World
    seed: int
    owner: Ints
    columns: Mapping[str, Values]
    effects: Mapping[str, Floats]

    @property
    def users(self) -> int:
        """How many people."""
        return int(self.owner[-1]) + 1

    @cached_property
    def user_group(self) -> Ints:
        """The study's groups of users: 0 software, 1 other, 2 unclear (`knowntruth.study.estimation.cells`)."""
        names = variables(self.world.mechanisms)["user_occupation"].categories
        group = np.ones(len(names), dtype=np.int64)
        group[names.index(SOFTWARE)], group[names.index(UNCLEAR)] = 0, 2
        return group[self.columns["user_occupation"]]


def draw_sample(world: World, sessions: int, seed: int) -> PanelSample:
    """Return a sample of the first ``sessions`` interactive sessions of a world.

    Raises
    ------
    InputError
        If the numbers are impossible, or this world's people have no such sessions.

    Examples
    --------
    >>> drawn = draw_sample(kt.load_world("null"), 500, seed=1)
    >>> len(drawn.owner), drawn.effects["verified_success"].shape
    (500, (500, 5))
    """
    frame = sample(world, sessions, seed)
    seen = Columns(len(frame.owner), levels_of(world) | {FIRST_PROMPT: "label"})
    true = Columns(len(frame.owner), {})

    def fill(piece: Frame, begin: int) -> None:
        labels, effects = _piece(world, piece)
        seen.write(begin, piece, labels)
        true.write(begin, piece, effects)

    pieces = list(frame.blocks(CHUNK_SIZE))
    begins = np.cumsum([0, *(len(piece.owner) for piece in pieces[:-1])])
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(fill, pieces, begins))
    effects = {name: np.column_stack([true.arrays[f"{name} {k}"] for k in LEVELS]) for name in TRUE_OUTCOMES}
    return PanelSample(
        world, seed, frame.owner, {name: seen.arrays[name] for name in (*OBSERVED, FIRST_PROMPT)}, effects
    )


def _piece(world: World, piece: Frame) -> tuple[dict[str, Values], dict[str, Values]]:
    """Return the labels of some sessions, and their true outcomes at each level."""
    values = run(world, piece, (*OBSERVED, *TRUE_OUTCOMES.values()))
    first = run(world.do(rating="first_prompt_only"), piece, ("rated_expertise",), values)["rated_expertise"]
    potential = potential_outcomes(world, piece, TREATMENT, values)
    effects = {f"{name} {k}": outcome for k in LEVELS for name, outcome in potential[k].items()}
    return {name: values[name] for name in OBSERVED} | {FIRST_PROMPT: first}, effects

"""How many uniforms a simulation really draws: counted, not guessed, on a smaller sample of the same world.

The loops that draw prompt by prompt run once as plain Python, so that every number which they turn into a uniform
is seen; the rest is drawn a column at a time, sampling and headless sessions included.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from knowntruth.engine.noise import Noise, Word
from knowntruth.instruments import rater_noise
from knowntruth.world.definition.world import World
from knowntruth.world.mechanisms import course
from knowntruth.world.simulate import simulate

COUNTED = 5000
"""Sessions that are run to count."""

LOOPS = ((course, "live"), (course, "_count"), (course, "_act"), (rater_noise, "_read"))
"""Compiled loops that draw by themselves."""

TURNED = ((course, "uniform"), (course, "to_unit"), (course, "word_to_unit"), (rater_noise, "uniform"))
"""What they call for one uniform."""


def draws(world: World, sessions: int) -> int:
    """Return about how many uniforms ``sessions`` sessions take: those of `COUNTED` sessions, scaled up."""
    return round(counted(world) * sessions / COUNTED)


def counted(world: World) -> int:
    """Return how many uniforms `COUNTED` sessions take."""
    many = 0

    def one(drawn: Callable[..., float]) -> Callable[..., float]:
        def count(*key: Any) -> float:
            nonlocal many
            many += 1
            return drawn(*map(Word, key))  # as inside a compiled loop

        return count

    def column(noise: Noise, part: str = "") -> Any:
        nonlocal many
        many += len(noise.users)
        return whole_column(noise, part)

    whole_column = Noise.uniform
    with ExitStack() as stack:
        for module, name in TURNED:
            stack.enter_context(patch.object(module, name, one(getattr(module, name))))
        for module, name in LOOPS:
            stack.enter_context(patch.object(module, name, getattr(module, name).py_func))
        stack.enter_context(patch.object(Noise, "uniform", column))
        simulate(world, COUNTED, seed=1)
    return many

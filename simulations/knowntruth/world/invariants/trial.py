"""The trial: simulations that the tests of all invariants share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from knowntruth.common.arrays import Values
from knowntruth.engine.mechanism import Level, Mechanism, Parents, Variable
from knowntruth.engine.noise import Noise
from knowntruth.world.definition.registry import variables
from knowntruth.world.definition.world import World
from knowntruth.world.graphs.derive import acting_graph, graph
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import levels_of, run
from knowntruth.world.running.sampling import sample, traffic

EXACT_SESSIONS: Final = 1000
"""Sessions for exact invariants: a breach in one of a thousand sessions is detected."""


@dataclass(frozen=True)
class Trial:
    """A world without interventions, a seed, and the number of sessions for statistical invariants."""

    world: World
    seed: int
    sessions: int

    @cached_property
    def frame(self) -> Frame:
        """A few interactive sessions."""
        return sample(self.world, min(EXACT_SESSIONS, self.sessions), self.seed)

    @cached_property
    def values(self) -> dict[str, Values]:
        """All values of these few sessions."""
        return self.run(self.world)

    @cached_property
    def everyone(self) -> Frame:
        """All sessions, headless ones too, of enough people for about the requested number of sessions."""
        many = traffic(self.world, self.seed, 0, self.sessions)
        return traffic(self.world, self.seed, 0, int(many.owner[self.sessions - 1]) + 1)

    @cached_property
    def traffic_values(self) -> dict[str, Values]:
        """All values of `everyone`."""
        return run(self.world, self.everyone)

    @cached_property
    def graph(self) -> "nx.DiGraph[str]":
        """The graph that the mechanisms declare."""
        return graph(self.world)

    @cached_property
    def acting(self) -> "nx.DiGraph[str]":
        """The graph of the arrows that do something in this world."""
        return acting_graph(self.world)

    @cached_property
    def variables(self) -> dict[str, Variable]:
        """Every variable by name."""
        return variables(self.world.mechanisms)

    @cached_property
    def levels(self) -> dict[str, Level]:
        """The level of every variable."""
        return levels_of(self.world)

    @cached_property
    def changed_by_noise(self) -> dict[str, list[str]]:
        """For each mechanism, the variables that change in any session if it alone gets new noise."""
        return {
            m.name: changed_variables(self.values, self.run(with_rule(self.world, m, reseed(m))))
            for m in self.world.mechanisms
        }

    @cached_property
    def noisy_variables(self) -> tuple[str, ...]:
        """The variables that have their own noise, sorted."""
        own = {m.name: {output.name for output in m.outputs} for m in self.world.mechanisms}
        return tuple(
            sorted(set().union(*(own[name].intersection(found) for name, found in self.changed_by_noise.items())))
        )

    def run(self, world: World, only: Mechanism | None = None) -> dict[str, Values]:
        """Return all values of the few sessions in a variant of the world, or those of one mechanism's outputs.

        Interventions and new noise can give combinations that never occur, so numpy's warnings are suppressed.
        """
        targets = None if only is None else [output.name for output in only.outputs]
        with np.errstate(all="ignore"):
            values = run(world, self.frame, targets)
        return values if targets is None else {name: values[name] for name in targets}

    def attained(self, name: str) -> Any:
        """Return a value for ``do``: the 90% quantile of the variable, or its category."""
        high = float(np.quantile(self.values[name].astype(float), 0.9, method="nearest"))
        categories = self.variables[name].categories
        return categories[int(high)] if categories else high


def differs(one: Values, other: Values) -> NDArray[np.bool_]:
    """Return for each row whether two columns differ; two missing numbers count as equal."""
    unequal = np.asarray(one != other)
    return unequal & ~(np.isnan(one) & np.isnan(other)) if one.dtype.kind == "f" else unequal


def changed_variables(before: Mapping[str, Values], after: Mapping[str, Values]) -> list[str]:
    """Return the names of the variables that differ in any row, causes first."""
    return [name for name in before if differs(before[name], after[name]).any()]


def with_rule(world: World, m: Mechanism, rule: Any) -> World:
    """Return the world with another rule for one mechanism."""
    swapped = replace(m, rule=rule)
    return replace(world, mechanisms=tuple(swapped if other is m else other for other in world.mechanisms))


def reseed(m: Mechanism) -> Any:
    """Return the rule of a mechanism with noise of another seed; other mechanisms keep theirs."""

    def rule(dials: Any, at: Parents, noise: Noise) -> Any:
        return m.rule(dials, at, replace(noise, seed=noise.seed ^ 1))

    return rule

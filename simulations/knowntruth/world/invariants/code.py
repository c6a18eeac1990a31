"""Graph and code agree: a rule reads exactly its declared parents, and its noise affects its outputs only."""

from typing import Any

import networkx as nx

from knowntruth.common.arrays import Values
from knowntruth.engine.mechanism import Mechanism, Parents
from knowntruth.engine.noise import Noise
from knowntruth.world.invariants.invariant import Invariant, exact
from knowntruth.world.invariants.trial import Trial, with_rule


class RecordingParents(Parents):
    """Parents that remember which of them were read."""

    def __init__(self, mechanism: str, values: dict[str, Values]) -> None:
        super().__init__(mechanism, values)
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Values:
        """Return a parent's values, and remember that they were asked for."""
        self.read.add(name)
        return super().__getattr__(name)


def declared_parents(trial: Trial) -> Invariant:
    """Return whether every rule reads every parent that it declares; reading any other is an error at once."""
    breaches = [
        f"{m.name} never reads its parent {parent}"
        for m in trial.world.mechanisms
        for parent in sorted(set(m.parents) - _read(trial, m))
    ]
    question = "Does every mechanism read exactly the parents that it declares?"
    return exact("declared parents", question, breaches, len(trial.frame.owner))


def _read(trial: Trial, m: Mechanism) -> set[str]:
    read: set[str] = set()

    def rule(dials: Any, at: Parents, noise: Noise) -> Any:
        watched = RecordingParents(m.name, {parent: getattr(at, parent) for parent in m.parents})
        values = m.rule(dials, watched, noise)
        read.update(watched.read)
        return values

    trial.run(with_rule(trial.world, m, rule), m)
    return read


def own_noise(trial: Trial) -> Invariant:
    """Return whether new noise in one mechanism changes its own variables and their descendants, and nothing else."""
    breaches = []
    for m in trial.world.mechanisms:
        own = {output.name for output in m.outputs}
        allowed = own.union(*(nx.descendants(trial.graph, name) for name in own))
        found = trial.changed_by_noise[m.name]
        breaches += [f"noise of {m.name} changes {name}" for name in found if name not in allowed]
    question = "Does the noise of a mechanism change only its own variables and their descendants?"
    return exact("own noise", question, breaches, len(trial.frame.owner))

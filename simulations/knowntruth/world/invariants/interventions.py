"""Common noise and exclusion: an intervention changes descendants only, along declared arrows."""

from typing import Final

import networkx as nx

from knowntruth.world.invariants.invariant import Invariant, exact
from knowntruth.world.invariants.trial import Trial, changed_variables

INSTRUMENTS: Final = ("encouraged", "release_wave")
"""Randomized variables, whose exclusion restriction identification strategies rely on."""


def common_noise(trial: Trial) -> Invariant:
    """Return whether setting any one variable changes its descendants in the graph and nothing else."""
    breaches = []
    downstream = {name: nx.descendants(trial.graph, name) for name in sorted(trial.graph)}
    for name, below in downstream.items():
        after = trial.run(trial.world.do(**{name: trial.attained(name)}))
        found = changed_variables(trial.values, after)
        breaches += [f"do({name}) changes {other}" for other in found if other != name and other not in below]
    question = "Does setting a variable change its descendants in the graph only?"
    return exact("common noise", question, breaches, len(trial.frame.owner))


def exclusion(trial: Trial) -> Invariant:
    """Return whether a variable whose children are held by ``do`` has no effect.

    This matters most for instruments: their effect must pass through their declared children.
    """
    breaches = []
    for name in trial.graph:
        held = trial.world.do(**{child: trial.attained(child) for child in trial.graph.successors(name)})
        before, after = trial.run(held), trial.run(held.do(**{name: trial.attained(name)}))
        breaches += [
            f"{name} affects {other} other than through its children"
            for other in changed_variables(before, after)
            if other != name
        ]
    question = "Does a variable affect others through its declared children only?"
    return exact("exclusion", question, breaches, len(trial.frame.owner), _through(trial))


def _through(trial: Trial) -> str:
    present = [name for name in INSTRUMENTS if name in trial.graph]
    return "; ".join(f"{name} acts only through {', '.join(trial.graph.successors(name))}" for name in present)

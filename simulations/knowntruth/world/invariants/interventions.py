"""Common noise and exclusion: an intervention moves what lies downstream of it, and only along declared arrows."""

from typing import Final

import networkx as nx

from knowntruth.world.invariants.invariant import Invariant, exact
from knowntruth.world.invariants.trial import Trial, changed_variables

INSTRUMENTS: Final = ("encouraged", "release_wave")
"""Variables given by lot, on whose exclusion whole identification strategies rest."""


def common_noise(trial: Trial) -> Invariant:
    """Return whether setting any one variable moves its descendants in the graph and nothing else."""
    breaches = []
    downstream = {name: nx.descendants(trial.graph, name) for name in sorted(trial.graph)}
    for name, below in downstream.items():
        after = trial.run(trial.world.do(**{name: trial.attained(name)}))
        found = changed_variables(trial.values, after)
        breaches += [f"do({name}) moves {other}" for other in found if other != name and other not in below]
    question = "Does setting a variable move nothing but what is downstream of it in the graph?"
    return exact("common noise", question, breaches, len(trial.frame.owner))


def exclusion(trial: Trial) -> Invariant:
    """Return whether any one variable, with its children held by ``do``, reaches nothing at all.

    An instrument is the case that matters most: what it does, it does through what it declares.
    """
    breaches = []
    for name in trial.graph:
        held = trial.world.do(**{child: trial.attained(child) for child in trial.graph.successors(name)})
        before, after = trial.run(held), trial.run(held.do(**{name: trial.attained(name)}))
        breaches += [
            f"{name} reaches {other} past its children" for other in changed_variables(before, after) if other != name
        ]
    question = "Does a variable reach others through its declared children alone?"
    return exact("exclusion", question, breaches, len(trial.frame.owner), _through(trial))


def _through(trial: Trial) -> str:
    present = [name for name in INSTRUMENTS if name in trial.graph]
    return "; ".join(f"{name} acts through {', '.join(trial.graph.successors(name))} alone" for name in present)

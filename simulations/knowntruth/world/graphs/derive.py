"""The causal graph of a world, derived from the parents that its mechanisms declare."""

from typing import Final

import networkx as nx
import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.engine.mechanism import Mechanism
from knowntruth.world.definition.world import World
from knowntruth.world.running.run_mechanisms import Frame, levels_of, parents_of, run
from knowntruth.world.running.sampling import sample

TRIAL_SESSIONS: Final = 6000
TRIAL_SEED: Final = 20260616
"""Which sessions an arrow is tried on. In published every declared arrow shows on far fewer."""


def graph(world: World) -> "nx.DiGraph[str]":
    """Return the causal graph: one node a variable, one edge from each declared parent.

    Each node carries ``level`` (user, session or label), ``observed`` (it is a column of the observed table),
    ``measures`` (the true variable that a label stands for, or None), ``unit`` and ``meaning``. Nodes and edges are
    in sorted order, so that nothing downstream can depend on a hash seed. An intervened variable has no parents.

    Examples
    --------
    >>> from knowntruth.world.definition.world import load
    >>> sorted(graph(load("published")).predecessors("domain_breadth"))
    ['ability', 'tenure']
    """
    outputs = {output.name: (output, m) for m in world.mechanisms for output in m.outputs}
    set_by_hand = {i.variable for i in world.interventions if i.cuts}
    derived: nx.DiGraph[str] = nx.DiGraph()
    for name, (output, m) in sorted(outputs.items()):
        derived.add_node(
            name,
            level=m.level,
            observed=output.observed,
            measures=output.measures,
            unit=output.unit,
            meaning=output.meaning,
        )
    derived.add_edges_from(
        sorted((p, name) for name, (_, m) in outputs.items() if name not in set_by_hand for p in m.parents)
    )
    return derived


def acting_graph(world: World) -> "nx.DiGraph[str]":
    """Return the causal graph without the arrows that do nothing in this world.

    A dial at zero, or a perfect instrument, leaves a declared parent without effect. Each arrow is put on trial: the
    parent's values are dealt out anew among some thousand sessions, everything else and all luck kept, and an arrow
    stays only if its child changes for anyone.

    Examples
    --------
    >>> from knowntruth.world.definition.world import load
    >>> list(acting_graph(load("randomized")).predecessors("domain_expected"))
    []
    """
    frame = sample(world, TRIAL_SESSIONS, TRIAL_SEED)
    values = run(world, frame)
    acting = graph(world)
    for m in world.mechanisms:
        silent = [(p, child) for p, child in _silent(world, m, values, frame) if acting.has_edge(p, child)]
        acting.remove_edges_from(silent)
    return acting


def _silent(world: World, m: Mechanism, values: dict[str, Values], frame: Frame) -> list[tuple[str, str]]:
    """Return the arrows into a mechanism's outputs that change nothing for anyone."""
    parents, noise, dials = parents_of(m, values, levels_of(world), frame), frame.noise(m), world.dials[m.name]
    natural = m(dials, parents, noise)
    deal = np.random.default_rng(TRIAL_SEED).permutation(len(noise.users))
    silent = []
    kinds = {output.name: len(output.categories) for each in world.mechanisms for output in each.outputs}
    for p in m.parents:
        other = parents[p][deal]
        if (other == other[:1]).all():
            if kinds[p] < 2:
                continue  # a parent that is the same for everyone cannot be put on trial: its arrow stays as declared
            other = ((other + 1) % kinds[p]).astype(other.dtype)  # but what else a category could be is known
        with np.errstate(all="ignore"):  # a dealt-out parent can be one that never comes with the others
            changed = m(dials, {**parents, p: other}, noise)
        silent += [(p, name) for name in natural if np.array_equal(natural[name], changed[name])]
    return silent

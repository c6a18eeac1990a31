"""The causal graph of a world, derived from the parents that its mechanisms declare."""

from typing import Final

import networkx as nx
import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.engine.mechanism import Mechanism
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import levels_of, parents_of, run
from knowntruth.world.running.sampling import sample

TRIAL_SESSIONS: Final = 6000
TRIAL_SEED: Final = 20260616
"""The sessions on which arrows are tested. In the published world far fewer reveal every declared arrow."""


def graph(world: World) -> "nx.DiGraph[str]":
    """Return the causal graph: one node per variable, one edge from each declared parent.

    Each node carries ``level`` (user, session or label), ``observed`` (it is a column of the observed table),
    ``measures`` (the true variable that a label stands for, or None), ``unit`` and ``meaning``. Nodes and edges are
    in sorted order, so nothing downstream depends on a hash seed. An intervened variable has no parents.

    Examples
    --------
    >>> sorted(graph(kt.load_world("published")).predecessors("domain_breadth"))
    ['ability', 'tenure']
    """
    outputs = {output.name: (output, m) for m in world.mechanisms for output in m.outputs}
    intervened = {i.variable for i in world.interventions if i.cuts}
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
        sorted((p, name) for name, (_, m) in outputs.items() if name not in intervened for p in m.parents)
    )
    return derived


def acting_graph(world: World) -> "nx.DiGraph[str]":
    """Return the causal graph without the arrows that have no effect in this world.

    A dial at zero, or a perfect instrument, leaves a declared parent without effect. Each arrow is tested: the
    parent's values are permuted among some thousand sessions while everything else and all noise stay. An arrow
    is kept only if its child changes in any session.

    Examples
    --------
    >>> list(acting_graph(kt.load_world("randomized")).predecessors("domain_expected"))
    []
    """
    frame = sample(world, TRIAL_SESSIONS, TRIAL_SEED)
    values = run(world, frame)
    acting = graph(world)
    for m in world.mechanisms:
        inactive = [(p, child) for p, child in _inactive_arrows(world, m, values, frame) if acting.has_edge(p, child)]
        acting.remove_edges_from(inactive)
    return acting


def _inactive_arrows(world: World, m: Mechanism, values: dict[str, Values], frame: Frame) -> list[tuple[str, str]]:
    """Return the arrows into a mechanism's outputs that change no session."""
    parents, noise, dials = parents_of(m, values, levels_of(world), frame), frame.noise(m), world.dials[m.name]
    natural = m(dials, parents, noise)
    permutation = np.random.default_rng(TRIAL_SEED).permutation(len(noise.users))
    inactive = []
    kinds = {output.name: len(output.categories) for each in world.mechanisms for output in each.outputs}
    for p in m.parents:
        other = parents[p][permutation]
        if (other == other[:1]).all():
            if kinds[p] < 2:
                continue  # a constant parent cannot be tested: its arrow stays as declared
            other = ((other + 1) % kinds[p]).astype(other.dtype)  # but a category has other possible values
        with np.errstate(all="ignore"):  # a permuted parent can give combinations that never occur
            changed = m(dials, {**parents, p: other}, noise)
        inactive += [(p, name) for name in natural if np.array_equal(natural[name], changed[name])]
    return inactive

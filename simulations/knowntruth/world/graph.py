"""The causal graph of a world, derived from the parents that its mechanisms declare."""

import networkx as nx

from knowntruth.world.world import World


def graph(world: World) -> "nx.DiGraph[str]":
    """Return the causal graph: one node a variable, one edge from each declared parent.

    Each node carries ``level`` (user, session or label), ``observed`` (it is a column of the observed table),
    ``measures`` (the true variable that a label stands for, or None), ``unit`` and ``meaning``. Nodes and edges are
    in sorted order, so that nothing downstream can depend on a hash seed. An intervened variable has no parents.

    Examples
    --------
    >>> from knowntruth.world.world import load
    >>> sorted(graph(load("published")).predecessors("domain_breadth"))
    ['ability', 'tenure']
    """
    outputs = {output.name: (output, m) for m in world.mechanisms for output in m.outputs}
    set_by_hand = {i.variable for i in world.interventions if i.kind == "set"}
    derived: nx.DiGraph[str] = nx.DiGraph()
    for name, (output, m) in sorted(outputs.items()):
        derived.add_node(name, level=m.level, observed=output.observed, measures=output.measures,
                         unit=output.unit, meaning=output.meaning)  # fmt: skip
    derived.add_edges_from(
        sorted((p, name) for name, (_, m) in outputs.items() if name not in set_by_hand for p in m.parents)
    )
    if not nx.is_directed_acyclic_graph(derived):
        raise ValueError(f"the mechanisms go round in a circle: {nx.find_cycle(derived)}")
    return derived

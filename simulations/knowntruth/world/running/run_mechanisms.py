"""Run the mechanisms of a world on a frame of people and sessions, each after its parents."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import networkx as nx

from knowntruth.common.arrays import Values
from knowntruth.engine.intervention import Intervention
from knowntruth.engine.mechanism import Level, Mechanism, Parents
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame


def run(
    world: World,
    frame: Frame,
    targets: Iterable[str] | None = None,
    given: Mapping[str, Values] | None = None,
) -> dict[str, Values]:
    """Return the values of the ``targets`` (default: every variable) and of all that they depend on.

    User-level variables have one value per person of the frame, all others one value per session. ``given`` are
    values of the same world and frame without interventions; of these, only the variables that an intervention can
    change are recomputed.
    """
    change = {i.variable: i for i in world.interventions}
    levels = levels_of(world)
    values: dict[str, Values] = {}
    along: dict[str, Values] = {}
    needed, affected = _plan(world.mechanisms, None if targets is None else tuple(targets), tuple(change))
    for m in needed:
        if given is not None and m.name not in affected and all(output.name in given for output in m.outputs):
            values |= {output.name: given[output.name] for output in m.outputs}
            continue
        parents = parents_of(m, _as_seen_by(m, values, along, change), levels, frame)
        natural = m(world.dials[m.name], parents, frame.noise(m))
        values |= natural
        for name in natural.keys() & change.keys():
            _intervene(change[name], natural[name], Parents(m.name, parents), values, along)
    return values


def _intervene(
    i: Intervention, natural: Values, parents: Parents, values: dict[str, Values], along: dict[str, Values]
) -> None:
    """Set the value of an intervened variable that its children see, for all of them or for some."""
    if i.into is None:
        values[i.variable] = i.seen(natural, parents)
        return
    along[i.variable] = i.seen(natural, parents)
    if i.elsewhere is not None:
        values[i.variable] = i.elsewhere(natural, parents)


def _as_seen_by(
    m: Mechanism, values: Mapping[str, Values], along: Mapping[str, Values], change: Mapping[str, Intervention]
) -> Mapping[str, Values]:
    """Return the values as this mechanism sees them."""
    outputs = {output.name for output in m.outputs}
    own = {name: value for name, value in along.items() if outputs & (change[name].into or frozenset())}
    return {**values, **own} if own else values


def levels_of(world: World) -> dict[str, Level]:
    """Return the level at which each variable lives."""
    return {output.name: m.level for m in world.mechanisms for output in m.outputs}


def parents_of(
    m: Mechanism, values: Mapping[str, Values], levels: Mapping[str, Level], frame: Frame
) -> dict[str, Values]:
    """Return the parents of a mechanism; a session-level one gets user-level values repeated per session."""
    return {p: values[p][frame.owner] if levels[p] == "user" and m.level != "user" else values[p] for p in m.parents}


@lru_cache(maxsize=64)
def _plan(
    mechanisms: tuple[Mechanism, ...], targets: tuple[str, ...] | None, changed: tuple[str, ...]
) -> tuple[list[Mechanism], frozenset[str]]:
    """Return the mechanisms needed for the targets in causal order, and those that an intervention affects."""
    mechanism_of = {output.name: m.name for m in mechanisms for output in m.outputs}
    order: nx.DiGraph[str] = nx.DiGraph()
    order.add_nodes_from(m.name for m in mechanisms)
    order.add_edges_from((mechanism_of[p], m.name) for m in mechanisms for p in m.parents)
    wanted = set(order) if targets is None else {mechanism_of[t] for t in targets}
    required = wanted if targets is None else wanted.union(*(nx.ancestors(order, name) for name in wanted))
    sources = {mechanism_of[name] for name in changed}
    affected = sources.union(*(nx.descendants(order, name) for name in sources))
    by_name = {m.name: m for m in mechanisms}
    position = {m.name: k for k, m in enumerate(mechanisms)}
    sequence = nx.lexicographical_topological_sort(order, key=position.__getitem__)
    return [by_name[name] for name in sequence if name in required], frozenset(affected)

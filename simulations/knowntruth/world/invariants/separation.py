"""d-separation: every independence that the graph implies holds in a large sample.

A variable is independent of its non-descendants, given its parents (the local Markov property, which implies every
other independence; Pearl 2009, *Causality*, theorem 1.2.6). Each such statement is tested by the generalised
covariance measure: both sides are regressed on the parents, and the product of the residuals must be zero on average
(Shah and Peters 2020, doi:10.1214/19-AOS1857). Errors of the two regressions enter only as their product.

Rows are the first sessions of people, headless ones included: they are independent and not selected. A variable
without its own noise is a function of its parents and is left out. Variables of the same mechanism share its noise
and are not compared.
"""

from collections.abc import Iterator
from typing import Final

import networkx as nx
import numpy as np
from threadpoolctl import threadpool_limits

from knowntruth.common.arrays import Floats, Values
from knowntruth.world.invariants.basis import basis, features
from knowntruth.world.invariants.invariant import Invariant, statistical
from knowntruth.world.invariants.trial import Trial
from knowntruth.world.running.run_mechanisms import run

MAX_ROWS: Final = 50_000
"""With more rows the test would detect the approximation error of the regressions."""


def separation(trial: Trial, graph: "nx.DiGraph[str] | None" = None) -> Invariant:
    """Return whether the independencies that a graph implies hold; by default the graph of the arrows that act."""
    implied = trial.acting if graph is None else graph
    values = _first_sessions(trial)
    tested = {name: features(values[name], trial.variables[name].categories) for name in _tested(trial)}
    n = len(next(iter(values.values())))
    deviations: dict[str, float] = {}
    products = 0
    for name, parents, others in statements(trial, implied, [n for n in tested if tested[n].shape[1]]):
        given = f" given {', '.join(parents)}" if parents else ""
        with threadpool_limits(1, "blas"):  # the same order of sums on any machine
            found = covariances(tested[name], [tested[o] for o in others], basis([values[p] for p in parents], n))
        products += sum(tested[name].shape[1] * tested[o].shape[1] for o in others)
        deviations |= {f"{name} and {other}{given}": z for other, z in zip(others, found, strict=True)}
    question = "Is every variable independent of its non-descendants, given its parents?"
    return statistical("separation", question, deviations, n, f"{len(deviations):,} independencies", products)


def _first_sessions(trial: Trial) -> dict[str, Values]:
    """Return all values, one row per person."""
    everyone = trial.everyone
    first = everyone.take(np.flatnonzero(everyone.number == 1)[:MAX_ROWS])
    values = run(trial.world, first)
    return {name: v[first.owner] if trial.levels[name] == "user" else v for name, v in values.items()}


def _tested(trial: Trial) -> list[str]:
    """Return the variables with their own noise, without labels."""
    return [name for name in trial.noisy_variables if trial.levels[name] != "label"]


def statements(
    trial: Trial, graph: "nx.DiGraph[str]", tested: list[str]
) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
    """Yield each tested variable, its parents, and the tested variables independent of it given these."""
    family = {output.name: [o.name for o in m.outputs] for m in trial.world.mechanisms for output in m.outputs}
    for name in tested:
        parents = tuple(sorted(graph.predecessors(name)))
        related = set(family[name]).union(*(nx.descendants(graph, member) for member in family[name]))
        others = [other for other in tested if other not in related and other not in parents]
        if others:
            yield name, parents, others


def covariances(target: Floats, others: list[Floats], design: Floats) -> list[float]:
    """Return for each other variable the largest deviation of its covariance with the target, in standard errors.

    ``target`` and ``others`` have one column per feature, ``design`` one per regressor; rows are people.
    """
    sides = np.hstack([target, *others])
    residuals = sides - design @ np.linalg.lstsq(design.T @ design, design.T @ sides, rcond=None)[0]
    own, rest = np.hsplit(residuals, [target.shape[1]])
    spread = np.sqrt((own**2).T @ rest**2)
    found = np.abs(np.divide(own.T @ rest, spread, out=np.zeros_like(spread), where=spread > 0)).max(axis=0)
    begins = np.cumsum([0, *(other.shape[1] for other in others[:-1])])
    return [float(z) for z in np.maximum.reduceat(found, begins)]

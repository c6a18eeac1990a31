"""Consistency: the outcome under the level that a person has is the factual outcome.

Consistency links potential outcomes to data (Cole and Frangakis 2009, doi:10.1097/EDE.0b013e31818ef366). It also
rules out interference between people.
"""

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.datasets.schema.estimands import ESTIMANDS
from knowntruth.world.invariants.invariant import Invariant, exact
from knowntruth.world.invariants.trial import Trial, differs


def consistency(trial: Trial) -> list[Invariant]:
    """Return one invariant for each treatment that the world has."""
    treatments = dict.fromkeys(e.treatment for e in ESTIMANDS)
    return [_test(trial, treatment) for treatment in treatments if treatment in trial.levels]


def _test(trial: Trial, treatment: str) -> Invariant:
    question = f"Are outcomes unchanged if {treatment.replace('_', ' ')} is set to its factual level?"
    received = _by_session(trial, treatment, trial.values)
    differing = dict.fromkeys(trial.values, 0)
    for level in LEVELS:
        potential = trial.run(trial.world.do(**{treatment: level}))
        for name in differing:
            after, before = (_by_session(trial, name, values) for values in (potential, trial.values))
            differing[name] += int(differs(after, before)[received == level].sum())
    breaches = [f"{name} differs for {rows:,} sessions" for name, rows in differing.items() if rows]
    return exact(f"consistency of {treatment}", question, breaches, len(received))


def _by_session(trial: Trial, name: str, values: dict[str, Values]) -> Values:
    return values[name][trial.frame.owner] if trial.levels[name] == "user" else values[name]

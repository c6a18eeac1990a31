"""Consistency: who is given the level that they had anyway fares exactly as they did.

It is what ties potential outcomes to data (Cole and Frangakis 2009, doi:10.1097/EDE.0b013e31818ef366), and it forbids
that one person's treatment reaches another.
"""

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.datasets.schema.estimands import ESTIMANDS
from knowntruth.world.invariants.invariant import Invariant, exact
from knowntruth.world.invariants.trial import Trial, differs


def consistency(trial: Trial) -> list[Invariant]:
    """Return one law for each treatment that the world has."""
    treatments = dict.fromkeys(e.treatment for e in ESTIMANDS)
    return [_law(trial, treatment) for treatment in treatments if treatment in trial.levels]


def _law(trial: Trial, treatment: str) -> Invariant:
    question = f"Does everyone who is given the {treatment.replace('_', ' ')} that they have fare as they do?"
    received = _by_session(trial, treatment, trial.values)
    wrong = dict.fromkeys(trial.values, 0)
    for level in LEVELS:
        potential = trial.run(trial.world.do(**{treatment: level}))
        for name in wrong:
            after, before = (_by_session(trial, name, values) for values in (potential, trial.values))
            wrong[name] += int(differs(after, before)[received == level].sum())
    breaches = [f"{name} differs for {rows:,} sessions" for name, rows in wrong.items() if rows]
    return exact(f"consistency of {treatment}", question, breaches, len(received))


def _by_session(trial: Trial, name: str, values: dict[str, Values]) -> Values:
    return values[name][trial.frame.owner] if trial.levels[name] == "user" else values[name]

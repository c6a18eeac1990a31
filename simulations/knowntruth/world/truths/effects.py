"""Effects: the effect of any variable of a world on any other, overall or by group, along all paths or some.

    effect(load("published"), "domain_expertise", "still_in_use", seed=1, by="occupation")
    paths(load("published"), "true_success", seed=1)

Every effect compares the same people with the same noise. The Monte Carlo error is clustered by person. `estimands`
computes the named estimands; this module computes every other effect.
"""

import itertools
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from knowntruth.common.arrays import Floats, Ints, Values
from knowntruth.common.errors import InputError
from knowntruth.engine.intervention import Along
from knowntruth.world.definition.registry import variables
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import levels_of, run
from knowntruth.world.truths.estimands import clustered_mean, population

PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "task choice": ("difficulty",),
    "specificity": ("specificity",),
    "trouble and recovery": (
        "catch_chance", "misconception_chance", "recovery_chance", "quit_chance", "check_chance",
    ),
    "direct": ("planning_share", "word_pace", "still_in_use"),
}  # fmt: skip
"""The paths out of domain expertise, each by its first arrows. Together they are all arrows except the one into the
rating, which belongs to an instrument."""

TREATMENT: Final = "domain_expertise"


def effect(
    world: World,
    treatment: str,
    outcome: str,
    *,
    seed: int,
    to: Any = 5,
    versus: Any = 1,
    sessions: int = 100_000,
    by: str | None = None,
    ratio: bool = False,
) -> pd.DataFrame:
    """Return the effect of setting ``treatment`` to one value against another: columns group, value, mcse, n.

    ``value`` is a difference of means, in the outcome's unit, or with ``ratio`` a ratio of geometric means. ``by``
    names a variable (occupation, intended_mode, month, ...) by whose values, without intervention, the effect
    is reported; without it there is one row, ``everyone``.

    Raises
    ------
    InputError
        If a variable is unknown or a value impossible.

    Examples
    --------
    >>> float(effect(kt.load_world("null"), "domain_expertise", "still_in_use", seed=1, sessions=500).value[0])
    0.0
    """
    _check(world, treatment, outcome, by)
    frame = population(world, sessions, seed)
    factual = run(world, frame, [outcome, *([by] if by else [])])
    high, low = (run(world.do(**{treatment: v}), frame, [outcome], factual)[outcome] for v in (to, versus))
    difference = np.log(high) - np.log(low) if ratio else high.astype(float) - low
    groups = _groups(world, factual, frame, by)
    rows = [(name, *_summary(difference[inside], frame.owner[inside], ratio)) for name, inside in groups]
    return pd.DataFrame(rows, columns=["group", "value", "mcse", "n"])


def paths(
    world: World,
    outcome: str,
    *,
    seed: int,
    to: int = 5,
    versus: int = 1,
    sessions: int = 50_000,
    ratio: bool = False,
) -> pd.DataFrame:
    """Return the effect of domain expertise decomposed by path: columns path, alone, last, share, mcse, n.

    ``alone``: the effect if only this path transmits the new level. ``last``: the loss if only this path keeps the
    old level. ``share``: the Shapley value, the average over all orders of opening the paths, with its Monte Carlo
    error ``mcse``; shares add up exactly to the row ``total``. All are differences of means in the outcome's unit, or
    with ``ratio`` differences of mean logarithms.

    Examples
    --------
    >>> rows = paths(kt.load_world("published"), "true_success", seed=1, sessions=500).set_index("path")
    >>> bool(abs(rows.share.drop("total").sum() - rows.share["total"]) < 1e-12)
    True
    """
    _check(world, TREATMENT, outcome, None)
    frame = population(world, sessions, seed)
    factual = run(world, frame, [outcome])
    worth = {
        opened: _along(world, frame, factual, opened, to, versus, outcome, ratio)
        for size in range(len(PATHS) + 1)
        for opened in itertools.combinations(PATHS, size)
    }
    nothing, everything = worth[()], worth[tuple(PATHS)]
    rows = []
    for path in PATHS:
        others = tuple(p for p in PATHS if p != path)
        share, error = clustered_mean(_shapley(worth, path), frame.owner)
        alone, last = worth[(path,)] - nothing, everything - worth[others]
        rows.append((path, float(alone.mean()), float(last.mean()), share, error, len(alone)))
    total, error = clustered_mean(everything - nothing, frame.owner)
    rows.append(("total", total, total, total, error, len(nothing)))
    return pd.DataFrame(rows, columns=["path", "alone", "last", "share", "mcse", "n"])


def _along(
    world: World,
    frame: Frame,
    factual: Mapping[str, Values],
    opened: tuple[str, ...],
    to: int,
    versus: int,
    outcome: str,
    ratio: bool,
) -> Floats:
    """Return each session's outcome with the new level along the opened paths and the old one along the rest."""
    into = tuple(child for path in opened for child in PATHS[path])
    world = world.do(**{TREATMENT: Along(to, into, versus) if into else versus})
    values = run(world, frame, [outcome], factual)[outcome].astype(float)
    return np.log(values) if ratio else values


def _shapley(worth: Mapping[tuple[str, ...], Floats], path: str) -> Floats:
    """Return each session's average gain from opening ``path``, over all orders (Shapley 1953)."""
    others = [p for p in PATHS if p != path]
    gain = np.zeros_like(worth[()])
    for size in range(len(others) + 1):
        weight = math.factorial(size) * math.factorial(len(others) - size) / math.factorial(len(PATHS))
        for opened in itertools.combinations(others, size):
            with_it = tuple(p for p in PATHS if p in opened or p == path)
            gain += weight * (worth[with_it] - worth[opened])
    return gain


def _groups(world: World, values: Mapping[str, Values], frame: Frame, by: str | None) -> list[tuple[Any, Values]]:
    """Return each group's name and which sessions are in it."""
    if by is None:
        return [("everyone", np.ones(len(frame.owner), dtype=bool))]
    column = values[by][frame.owner] if levels_of(world)[by] == "user" else values[by]
    names = variables(world.mechanisms)[by].categories
    return [(names[v] if names else v.item(), column == v) for v in np.unique(column)]


def _summary(difference: Floats, owner: Ints, ratio: bool) -> tuple[float, float, int]:
    mean, error = clustered_mean(difference, owner)
    return (math.exp(mean), math.exp(mean) * error, len(difference)) if ratio else (mean, error, len(difference))


def _check(world: World, treatment: str, outcome: str, by: str | None) -> None:
    known = variables(world.mechanisms)
    levels = levels_of(world)
    for role, name in (("treatment", treatment), ("outcome", outcome), ("by", by)):
        if name is not None and name not in known:
            raise InputError(f"{role}: no variable {name!r} in this world; there are {', '.join(sorted(known))}")
    if levels[outcome] == "user" or known[outcome].categories:
        raise InputError(
            f"outcome: {outcome} has no mean over sessions; take a number or yes/no variable of a session"
        )

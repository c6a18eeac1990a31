"""The result of a search for the bounds of a world: tables, extreme worlds and sentences.

found.intervals        one row per effect: smallest, calibrated, largest
found.worlds           the extreme worlds, each a World like any other
found.attribution      which groups of dials make them extreme
found.checked          the same worlds simulated with other people
found.value_of_information   what share of the intervals would remain after further measurements
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.calibration.bounds.attribution import attribution, count_missed
from knowntruth.calibration.bounds.free_problem import FreeProblem
from knowntruth.calibration.bounds.multistart import SIDES, End, SearchSettings
from knowntruth.calibration.bounds.partial_identification import Bounds, ConstraintSettings
from knowntruth.calibration.moments.targets import Target
from knowntruth.calibration.moments.true_effects import NAMES
from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.estimands import ESTIMANDS, HEADLINE
from knowntruth.world.definition.world import World

if TYPE_CHECKING:
    import pandas as pd


RULES: Final[Mapping[str, ConstraintSettings]] = {
    "figures": ConstraintSettings("figures", errors=2.0, slack=0.5, tolerance=0.5),
    "fit": ConstraintSettings("fit", worse=3.84, tolerance=0.05),
}
"""Rules for reproducing the figures, by name; a new rule is one row. See `feasible_set`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is searched and how extensively.

    ``sessions`` of each simulation; ``starts`` in all: the calibrated world, then `search_starts`, then random ones.
    ``kept`` is a folder in which every run is stored, so that an interrupted search can be resumed.
    """

    world: World
    sessions: int = 100_000
    starts: int = 3
    seed: int = 1
    estimands: Sequence[str] = tuple(e.name for e in ESTIMANDS)
    measurements: bool = True
    rule: str = "figures"
    effort: SearchSettings = field(
        default_factory=lambda: SearchSettings(measurements=0, polish=1, steps=25, step=0.05)
    )
    kept: Path | None = None

    def __post_init__(self) -> None:
        known = [e.name for e in ESTIMANDS]
        if strangers := [name for name in self.estimands if name not in known]:
            raise InputError(f"no estimand {', '.join(map(repr, strangers))}; allowed: {', '.join(known)}")
        if self.rule not in RULES:
            raise InputError(f"rule {self.rule!r} is not allowed; give {' or '.join(RULES)}")
        if self.starts < 1:
            raise InputError(f"starts must be 1 or more, got {self.starts}")

    @property
    def admit(self) -> ConstraintSettings:
        """The rule itself."""
        return RULES[self.rule]


@dataclass(frozen=True)
class WorldBounds:
    """The result; all tables are tidy."""

    plan: Plan
    targets: Sequence[Target]
    problem: FreeProblem
    found: Bounds
    value_of_information: "pd.DataFrame"

    @cached_property
    def intervals(self) -> "pd.DataFrame":
        """One row per effect: estimand, contrast, smallest, calibrated, largest.

        Where the searches for further measurements reached farther than the saved worlds, the interval includes that.
        """
        import pandas as pd

        further = self.value_of_information.drop_duplicates("truth").set_index("truth")
        rows = []
        for name in sorted(set(self.found.table["truth"]), key=NAMES.index):
            estimand, contrast = name.split(" ", 1)
            truth = NAMES.index(name)
            calibrated = float(self.found.answers(self.found.middle)[len(self.targets) + truth])
            ends = {side: self.found.value(truth, side) for side in SIDES}
            if name in further.index:
                ends = {side: float(further.loc[name, f"{side}_before"]) for side in SIDES}
            rows.append({"estimand": estimand, "contrast": contrast, "calibrated": calibrated, **ends})
        return pd.DataFrame(rows, columns=["estimand", "contrast", "smallest", "calibrated", "largest"])

    @property
    def headline(self) -> list[End]:
        """The ends of expert against novice."""
        names = self.problem.truths
        return [end for end in self.found.ends if names[end.truth].endswith(HEADLINE)]

    @cached_property
    def worlds(self) -> dict[str, World]:
        """The extreme worlds of expert against novice, by name."""
        return {self.name_of(end): self._world(end) for end in self.headline}

    def name_of(self, end: End) -> str:
        """Return the name of an extreme world, as in ``success_difference_smallest``."""
        return f"{self.problem.truths[end.truth].split()[0]}_{end.side}"

    def choice(self, end: End) -> Floats:
        """Return the parameters of an extreme world."""
        return self.found.runs.choice(end.point)

    def _world(self, end: End) -> World:
        about = (
            f"Of the worlds found that reproduce the calibration figures, the one with the {end.side} true effect: "
        )
        what = next(e.meaning for e in ESTIMANDS if self.problem.truths[end.truth].startswith(f"{e.name} "))
        world = self.problem.world_at(self.choice(end))
        return replace(world, name=self.name_of(end), description=f"{about}{what}.", lesson=LESSON)

    @cached_property
    def attribution(self) -> "pd.DataFrame":
        """Which groups of dials make the extreme worlds extreme; see `attribution.attribution`."""
        return attribution(self.found, self.headline)

    @cached_property
    def checked(self) -> "pd.DataFrame":
        """The extreme worlds simulated with other people and other noise: their truth, and the figures they miss.

        Columns: world, value (of the search), fresh (of as many other sessions), missed, excess (sum in standard
        errors), worst (figure and residual). A world selected on one sample misses more figures in another.
        """
        import pandas as pd

        other = FreeProblem(self.plan.world, self.problem.moments, self.plan.sessions, self.plan.seed + 1)
        shift = self.found.answers(self.found.middle) - _answers(other, self.problem.start)
        rows = [_checked(self, other, shift, end) for end in self.headline]
        return pd.DataFrame(rows)

    @property
    def completeness(self) -> str:
        """The extent of the search, in words."""
        return completeness(self.record)

    @cached_property
    def record(self) -> dict[str, Any]:
        """The settings of the run, without dates: enough to repeat it and to identify its world."""
        table = self.found.table
        headline = table[table["truth"].str.endswith(HEADLINE)]
        return {
            "format": FORMAT,
            "version": version("knowntruth"),
            "world": self.plan.world.name,
            "world_hash": world_hash(self.plan.world),
            "sessions": self.plan.sessions,
            "seed": self.plan.seed,
            "starts": self.plan.starts,
            "lost_starts": list(self.found.lost),
            **asdict(self.plan.admit),
            "figures": len(self.targets),
            "free_dials": len(self.problem.parameters),
            "runs": len(self.found.runs),
            "admissible": sum(
                self.found.rule.excess(a[: len(self.targets)]) <= self.plan.admit.tolerance
                for a in self.found.seen.values()
            ),
            "ends": len(headline),
            "ends_reached_twice": int((headline["reached"] > 1).sum()),
            "dials_at_limit": round(float(headline["at_limit"].mean()), 1),
            "ends_converged": int((headline["converged"] > 0).sum()),
        }


def completeness(record: Mapping[str, Any]) -> str:
    """Return the extent of the search behind a record, and what follows from it, in words.

    Examples
    --------
    >>> completeness({"starts": 3, "lost_starts": ["far 1"], "ends": 12, "ends_reached_twice": 8,
    ...               "ends_converged": 9, "dials_at_limit": 20.0, "free_dials": 117, "runs": 1200,
    ...               "admissible": 700})[:52]
    'Searched from 3 starts (1 of which led to no admissi'
    """
    lost = len(record["lost_starts"])
    fate = f" ({lost} of which led to no admissible world)" if lost else ""
    return (
        f"Searched from {record['starts']} starts{fate}, {record['runs']:,} worlds in all, of which at least "
        f"{record['admissible']:,} reproduce the figures. Of the {record['ends']} ends of expert against novice, "
        f"{record['ends_reached_twice']} were reached by more than one search, and "
        f"{record['ends_converged']} met the convergence criterion. The ranges of the dials are "
        "assumed: at an end, on average "
        f"{record['dials_at_limit']} of {record['free_dials']} dials are at a limit of their range, where the range "
        "and not the figures is the constraint. Every end is a world that was found, so the true interval within "
        "these ranges is at least this wide; no search can show that it is not wider."
    )


FORMAT: Final = 2
"""Version of the tables and the record; 2 renamed account to attribution and gains to value_of_information."""

LESSON: Final = "The published figures cannot tell this world from the calibrated one; the effect is another."


def _answers(problem: FreeProblem, choice: Floats) -> Floats:
    outcome = problem.simulate(choice)
    targets, errors = (np.array([getattr(m, what) for m in problem.moments]) for what in ("target", "error"))
    return np.concatenate([(outcome.moments - targets) / errors, outcome.truths])


def _checked(bounds: WorldBounds, other: FreeProblem, shift: Floats, end: End) -> dict[str, object]:
    answers = _answers(other, bounds.choice(end)) + shift
    count = len(bounds.targets)
    worst = int(np.argmax(np.abs(answers[:count])))
    return {
        "world": bounds.name_of(end),
        "value": end.value,
        "fresh": float(answers[count + end.truth]),
        "missed": count_missed(bounds.found, answers),
        "excess": bounds.found.rule.excess(answers[:count]),
        "worst": f"{bounds.targets[worst].key}: {answers[worst]:+.1f} errors",
    }


def world_hash(world: World) -> str:
    """Return a short hash of all dials of a world."""
    return hashlib.sha256(json.dumps(world.values(), sort_keys=True).encode()).hexdigest()[:16]

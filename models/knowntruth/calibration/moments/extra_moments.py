"""Hypothetical further measurements: the result of each in a world, and its precision.

A measurement is a few additional figures, computed from a run of a world. A figure's ``spread`` is its standard
deviation for one session, so that with ``n`` sessions its standard error is spread / sqrt(n). The result in reality
is unknown, so `value_of_information` computes the bounds for the result in one feasible world.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from knowntruth.calibration.simulation.incremental_simulation import descendants, rerun
from knowntruth.calibration.simulation.moment_columns import UNRATED
from knowntruth.common.arrays import Floats, Values
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.study.figures import figure
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import run

Columns = Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class ExtraMoment:
    """One figure of a measurement."""

    name: str
    value: float
    spread: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measurement: its description, number of sessions, and the prefixes of its figures' names."""

    name: str
    words: str
    sessions: int
    begins: tuple[str, ...]

    def figures(self, names: Sequence[str]) -> list[str]:
        """Return the names of its figures."""
        return [name for name in names if name.startswith(self.begins)]

    def errors(self, spreads: Floats) -> Floats:
        """Return standard errors for its number of sessions; at least one session's worth."""
        return np.asarray(np.maximum(spreads / np.sqrt(self.sessions), 1.0 / self.sessions))


STUDY_SESSIONS: Final = int(figure("n_sessions_exact").value)
"""The number of sessions of the study."""

MEASUREMENTS: Final = (
    Measurement("first_prompt", "the study's sessions, their expertise rated from the first prompt alone",
                STUDY_SESSIONS, ("first prompt:",)),
    Measurement("levels_500", "the true level of 500 rated sessions, found by people who know them", 500,
                ("agreement:",)),
    Measurement("levels_5000", "the same for 5,000 rated sessions", 5000, ("agreement:",)),
    Measurement("within_user", "slopes between sessions of one person, from the study's own sessions", STUDY_SESSIONS,
                ("within user:",)),
    Measurement("encouragement", "half of the people of 100,000 sessions, chosen at random, encouraged to learn",
                100_000, ("encouraged:",)),
    Measurement("still_in_use", "for 20,000 sessions, whether the work is still in use a month later", 20_000,
                ("in use:",)),
    Measurement("checked_2000", "whether 2,000 rated sessions really reached their goal, found by checking the work",
                2000, ("checked:",)),
    Measurement("all", "all of these together", STUDY_SESSIONS,
                ("first prompt:", "agreement:", "within user:", "encouraged:", "in use:", "checked:")),
)  # fmt: skip
"""All measurements; a new one is one row, and possibly a function in `FIGURES`."""

VARIABLES: Final = (
    "rated_expertise", "domain_expertise", "verified_success", "judged_success", "clear_goal", "actions_per_prompt",
    "true_success", "still_in_use",
)  # fmt: skip
"""The variables of a run that measurements read."""

RATING_GROUPS: Final = {"below 3": (1, 2), "3": (3,), "above 3": (4, 5)}
"""Rated levels are read in three groups, because novices are too few for small samples."""

FIRST_PROMPT, USER = "first_prompt_rating", "user"
"""Two columns besides `VARIABLES`: the rating from the first prompt alone, and whose session it is."""


def measurement_columns(world: World, frame: Frame, values: Columns) -> dict[str, Values]:
    """Return the columns that measurements use, for one block of a run."""
    alone = run(world.do(rating="first_prompt_only"), frame, ("rated_expertise",), dict(values))
    return {
        **{name: values[name] for name in VARIABLES},
        FIRST_PROMPT: alone["rated_expertise"],
        USER: frame.users[frame.owner],
    }


def run_encouraged(world: World, frame: Frame, values: Columns, strength: float) -> dict[str, Values]:
    """Return a run in which everybody is encouraged: domain expertise ``strength`` SD higher."""
    mean = world.values()["domain_expected"]["mean"]
    there = world.turn(domain_expected={"mean": mean + strength})
    moved = descendants(world.mechanisms, "domain_expected") | {"domain_expected"}
    return rerun(there, frame, values, moved)


def compute_extra_moments(columns: Columns, plain: Columns, high: Columns) -> list[ExtraMoment]:
    """Return every figure of every measurement.

    Parameters
    ----------
    columns
        Of a whole run, as from `measurement_columns`.
    plain, high
        Part of the run, and the same people and sessions if all were encouraged.
    """
    return [figure for each in FIGURES for figure in each(columns)] + _encouragement(plain, high)


def _share(name: str, hits: Values, among: Values) -> ExtraMoment:
    """Return the share of hits among some; spread as for a share of as many as they are of all."""
    p, part = (float(hits[among].mean()), float(among.mean())) if among.any() else (float("nan"), 1.0)
    return ExtraMoment(name, p, float(np.sqrt(max(p * (1.0 - p), 0.0) / part)))


def _mean(name: str, values: Values, among: Values) -> ExtraMoment:
    some = values[among]
    return (
        ExtraMoment(name, float(some.mean()), float(some.std() / np.sqrt(among.mean())))
        if len(some)
        else _missing(name)
    )


def _missing(name: str) -> ExtraMoment:
    return ExtraMoment(name, float("nan"), 1.0)


def _rated(columns: Columns, rating: Values) -> Values:
    return np.asarray(columns["clear_goal"] & (rating != UNRATED))


def _first_prompt(columns: Columns) -> list[ExtraMoment]:
    """How many are rated in each group, each group's verified success and log actions, and its usual rating."""
    rating, logs = columns[FIRST_PROMPT], np.log(columns["actions_per_prompt"])
    rated, whole = _rated(columns, rating), columns["rated_expertise"]
    there = {group: rated & np.isin(rating, levels) for group, levels in RATING_GROUPS.items()}
    return [
        *(_share(f"first prompt: share {g}", k, rated) for g, k in there.items()),
        *(_share(f"first prompt: verified {g}", columns["verified_success"], k) for g, k in there.items()),
        *(_mean(f"first prompt: log actions {g}", logs, k) for g, k in there.items()),
        *(_mean(f"first prompt: whole rating {g}", whole, k & (whole != UNRATED)) for g, k in there.items()),
    ]


def _agreement(columns: Columns) -> list[ExtraMoment]:
    """Return the share of rated sessions in each cell of true by rated level."""
    rating, true = columns["rated_expertise"], columns["domain_expertise"]
    rated = _rated(columns, rating)
    return [
        _share(f"agreement: true {a} rated {b}", (true == a) & (rating == b), rated) for a in LEVELS for b in LEVELS
    ]


def _within_user(columns: Columns) -> list[ExtraMoment]:
    """Slopes over the rated levels among sessions of one person, with errors clustered by person."""
    rated = _rated(columns, columns["rated_expertise"])
    user = np.unique(columns[USER][rated], return_inverse=True)[1]
    x = _demean_by_user(columns["rated_expertise"][rated].astype(float), user)
    outcomes = {"verified": columns["verified_success"], "log actions": np.log(columns["actions_per_prompt"])}
    return [
        _slope(f"within user: {name}", x, _demean_by_user(y[rated].astype(float), user), user, len(rated))
        for name, y in outcomes.items()
    ]


def _slope(name: str, x: Floats, y: Floats, user: Values, sessions: int) -> ExtraMoment:
    slope = float(x @ y / (x @ x))
    scores = np.bincount(user, weights=x * (y - slope * x))
    return ExtraMoment(name, slope, float(np.sqrt((scores**2).sum()) / (x @ x) * np.sqrt(sessions)))


def _demean_by_user(values: Floats, user: Values) -> Floats:
    return np.asarray(values - (np.bincount(user, values) / np.bincount(user))[user])


def _still_in_use(columns: Columns) -> list[ExtraMoment]:
    """Return the share of work in use a month later, by rated group and by verdict."""
    rating, kept, goal = columns["rated_expertise"], columns["still_in_use"], columns["clear_goal"]
    judged, verified = columns["judged_success"], columns["verified_success"]
    said = {"verified": verified, "judged only": judged & ~verified, "not judged": ~judged & goal}
    rated = _rated(columns, rating)
    return [
        *(_share(f"in use: rated {g}", kept, rated & np.isin(rating, levels)) for g, levels in RATING_GROUPS.items()),
        *(_share(f"in use: {name}", kept, there) for name, there in said.items()),
    ]


def _checked(columns: Columns) -> list[ExtraMoment]:
    """Return the share that really succeeded, by rated group, verified or not."""
    rating, verified = columns["rated_expertise"], columns["verified_success"]
    rated = _rated(columns, rating)
    return [
        _share(f"checked: rated {g}, {word}", columns["true_success"], rated & np.isin(rating, levels) & is_)
        for g, levels in RATING_GROUPS.items()
        for word, is_ in (("verified", verified), ("not verified", ~verified))
    ]


def _encouragement(plain: Columns, high: Columns) -> list[ExtraMoment]:
    """Return what the encouragement changes, as a trial with half of the sessions in each arm would estimate it."""
    return [
        _difference("encouraged: rating", *(_rating(arm) for arm in (high, plain))),
        _difference("encouraged: verified", *(arm["verified_success"][arm["clear_goal"]] for arm in (high, plain))),
        _difference("encouraged: judged", *(arm["judged_success"][arm["clear_goal"]] for arm in (high, plain))),
        _difference("encouraged: log actions", *(np.log(arm["actions_per_prompt"]) for arm in (high, plain))),
    ]


def _rating(arm: Columns) -> Values:
    return np.asarray(arm["rated_expertise"][_rated(arm, arm["rated_expertise"])])


def _difference(name: str, high: Values, low: Values) -> ExtraMoment:
    spread = np.sqrt(2.0 * (high.astype(float).var() + low.astype(float).var()))
    return ExtraMoment(name, float(high.mean() - low.mean()), float(spread))


FIGURES: Final[tuple[Callable[[Columns], list[ExtraMoment]], ...]] = (
    _first_prompt, _agreement, _within_user, _still_in_use, _checked,
)  # fmt: skip

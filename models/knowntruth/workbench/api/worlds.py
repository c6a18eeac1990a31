"""Worlds, the sessions that they make, and what is true in them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError
from knowntruth.workbench.api.inputs import WorldLike, as_world
from knowntruth.workbench.api.shown import Shown
from knowntruth.world.definition.world import World
from knowntruth.world.simulate import Dataset

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.workbench.api.picture import Picture

SESSIONS: Final = 40_000
TRUTH_SESSIONS: Final = 100_000
HEADLINE: Final = "5 vs 1"


def load_world(world: str | Path = "published") -> World:
    """Return the world of that name, or the one in that TOML file.

    Raises
    ------
    InputError
        If there is no such world, or its file is broken, has an unknown key, or an impossible value.

    Examples
    --------
    >>> load_world("null").based_on
    'published'
    """
    return as_world(world)


def worlds() -> "pd.DataFrame":
    """Return the worlds that come with the package: columns world, description, lesson.

    Examples
    --------
    >>> worlds()["world"].head(2).tolist()
    ['published', 'bad_controls']
    """
    import pandas as pd

    from knowntruth.world.definition.world import names

    rows = [(each, as_world(each).description, as_world(each).lesson) for each in names()]
    return pd.DataFrame(rows, columns=["world", "description", "lesson"])


def do(world: WorldLike, **interventions: Any) -> World:
    """Return a world with variables set, or shifted, for everyone: the same people, the same noise.

    Parameters
    ----------
    interventions
        A value for each variable, such as ``domain_expertise=5``.

    Raises
    ------
    InputError
        If a variable is unknown or a value impossible.

    Examples
    --------
    >>> do("published", domain_expertise=5).interventions[0].variable
    'domain_expertise'
    """
    return as_world(world).do(**interventions)


def simulate(world: WorldLike, sessions: int = SESSIONS, *, seed: int = 1, users: int | None = None) -> Dataset:
    """Return a dataset of ``sessions`` sessions, from exactly ``users`` people if that is given.

    The same world and seed give the same bytes anywhere, and a smaller dataset is the beginning of a larger one.

    Raises
    ------
    InputError
        If there is no such world, or a number is impossible.

    Examples
    --------
    >>> data = simulate("published", 100, seed=1)
    >>> len(data.to_frame()), data.truth.num_rows
    (100, 100)
    """
    from knowntruth.world.simulate import simulate as simulated

    return simulated(as_world(world), sessions, seed=seed, users=users)


@dataclass(frozen=True, repr=False)
class Truth(Shown):
    """The true effects in a world, found by replaying the same people under ``do``.

    ``effects`` has the columns estimand, contrast, value, mcse, n; ``doses`` has each outcome's true mean at every
    level: treatment, outcome, level, value, mcse, n. ``mcse`` is the Monte Carlo standard error, clustered by user.
    """

    world: str
    sessions: int
    seed: int
    effects: "pd.DataFrame"
    doses: "pd.DataFrame"

    def value(self, estimand: str, contrast: str = HEADLINE) -> float:
        """Return one true effect.

        Raises
        ------
        InputError
            If there is no such estimand or contrast.

        Examples
        --------
        >>> truth("null", 300).value("activity_ratio")
        1.0
        """
        from knowntruth.common.names import look_up

        rows = look_up("no estimand", estimand, self._by_estimand())
        values = dict(zip(rows["contrast"].astype(str), rows["value"].astype(float), strict=True))
        return look_up("no contrast", contrast, values)

    def _by_estimand(self) -> "dict[str, pd.DataFrame]":
        return {str(name): rows for name, rows in self.effects.groupby("estimand", sort=False)}

    def to_frame(self) -> "pd.DataFrame":
        """Return the effects."""
        return self.effects

    def facts(self) -> dict[str, Any]:
        """Return world, size and the headline effects."""
        rows = self.effects[self.effects["contrast"].eq(HEADLINE)]
        shown = {str(row.estimand): f"{row.value:.3f} ± {row.mcse:.3f}" for row in rows.itertuples()}
        return {"world": f"{self.world}, {self.sessions:,} sessions, seed {self.seed}", **shown}

    def plot(self) -> "Picture":
        """Return the picture of the true dose-response: each outcome's mean at every level."""
        from knowntruth.workbench.api.picture import drawn
        from knowntruth.workbench.plots.study import true_doses

        return drawn(lambda: true_doses.draw(self.doses), true_doses.alt(self.doses))


def truth(world: WorldLike, sessions: int = TRUTH_SESSIONS, *, seed: int = 1) -> Truth:
    """Return the true effects of domain and coding expertise in a world.

    The population is the interactive sessions with a clear goal, as they are without intervention.

    Raises
    ------
    InputError
        If there is no such world, or a number is impossible.

    Examples
    --------
    >>> print(truth("null", 300))
    Truth
      world: null, 300 sessions, seed 1
      activity_ratio: 1.000 ± 0.000
      verified_difference: 0.000 ± 0.000
      success_difference: 0.000 ± 0.000
      coding_activity_ratio: ...
    """
    from knowntruth.world.truths.estimands import truth_and_doses

    chosen = as_world(world)
    return Truth(chosen.name, sessions, seed, *truth_and_doses(chosen, sessions, seed=seed))


def effect(
    world: WorldLike,
    treatment: str,
    outcome: str,
    *,
    to: Any = 5,
    versus: Any = 1,
    by: str | None = None,
    ratio: bool = False,
    sessions: int = TRUTH_SESSIONS,
    seed: int = 1,
) -> "pd.DataFrame":
    """Return the true effect of setting any variable to one value against another.

    Parameters
    ----------
    treatment, outcome
        Variables of the world.
    to, versus
        The two values that are compared.
    by
        A variable within whose groups the effect is averaged, or ``path``: the effect of domain expertise decomposed
        by causal path (Shapley shares, which add up exactly).
    ratio
        Return a ratio of geometric means in place of a difference of means in the outcome's unit.

    Returns
    -------
    Columns group, value, mcse, n; by path: path, alone, last, share, mcse, n.

    Raises
    ------
    InputError
        If a variable is unknown or a value impossible.

    Examples
    --------
    >>> effect("null", "domain_expertise", "true_success", by="path", sessions=300)["share"].max()
    np.float64(0.0)
    >>> effect("null", "domain_expertise", "true_success", sessions=300)["value"].tolist()
    [0.0]
    """
    from knowntruth.world.truths.effects import effect as effect_of
    from knowntruth.world.truths.effects import paths

    if by == "path":
        if treatment != "domain_expertise":
            raise InputError(f"only the effect of domain_expertise is decomposed by path, got {treatment!r}")
        return paths(as_world(world), outcome, seed=seed, to=to, versus=versus, sessions=sessions, ratio=ratio)
    return effect_of(
        as_world(world), treatment, outcome, seed=seed, to=to, versus=versus, sessions=sessions, by=by, ratio=ratio
    )


def laws(world: WorldLike, sessions: int = 20_000, *, seed: int = 1) -> "pd.DataFrame":
    """Return whether a world keeps the laws on which its truth rests: one row a law.

    Returns
    -------
    Columns law, holds, worst, allowed, n, question, note.

    Raises
    ------
    InputError
        If there is no such world, or too few sessions to tell.

    Examples
    --------
    >>> laws("null", 10)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: ...
    """
    from knowntruth.world.invariants import frame, run

    return frame(run(as_world(world), sessions, seed))

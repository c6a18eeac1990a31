"""The study: its published tables from any sessions, its headline claims, and the whole study on one world."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from knowntruth.common.names import look_up
from knowntruth.workbench.api.inputs import Rows, WorldLike, as_checked, as_world
from knowntruth.workbench.api.picture import Picture
from knowntruth.workbench.api.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from knowntruth.workbench.api.worlds import Truth
    from knowntruth.workbench.results.study_results import Results


def tables(rows: Rows, *names: str) -> "dict[str, pd.DataFrame]":
    """Return the study's published tables and figures computed from sessions, by name.

    Parameters
    ----------
    names
        Such as ``table_a1`` or ``figure_3``; all of them if none is named.

    Returns
    -------
    Each table has one row per published number: its key in ``figures.csv``, value, standard error, unit and n.

    Raises
    ------
    InputError
        If there is no such table, or a column that it needs is missing or impossible.

    Examples
    --------
    >>> list(tables(kt.simulate("null", 2000), "figure_1", "table_a2"))
    ['figure_1', 'table_a2']
    """
    from knowntruth.study.tables.registry import TABLES, compute

    for name in names:
        look_up("no table", name, TABLES)
    return compute(as_checked(rows), names or tuple(TABLES))


def claims(rows: Rows, truth: "Truth | pd.DataFrame | None" = None) -> "pd.DataFrame":
    """Return the study's headline claims: published, seen in these sessions, and true where the truth is given.

    Raises
    ------
    InputError
        If a column that a claim needs is missing or impossible.

    Examples
    --------
    >>> answers = claims(kt.simulate("null", 2000), kt.truth("null", 2000))
    >>> answers.loc[answers["claim"].str.startswith("One prompt"), "true"].tolist()
    [1.0]
    """
    from knowntruth.study.claims.claims import claims as answered

    return answered(as_checked(rows), truth if truth is None else _effects(truth))


def _effects(truth: "Truth | pd.DataFrame") -> "pd.DataFrame":
    return truth.to_frame() if isinstance(truth, Shown) else truth


@dataclass(frozen=True, repr=False)
class Study(Shown):
    """The whole study on one world: tables, claims, Bayesian models, causal checks, each next to the truth."""

    results: "Results"

    @property
    def claims(self) -> "pd.DataFrame":
        """Return each headline claim: published, seen, seen through perfect instruments, true."""
        return self.results.claims

    @property
    def tables(self) -> "Mapping[str, pd.DataFrame]":
        """Return the study's tables by name."""
        return self.results.tables

    @property
    def checks(self) -> "pd.DataFrame":
        """Return the causal checks, each with the verdict that it should have had."""
        return self.results.checks

    @property
    def effects(self) -> "pd.DataFrame":
        """Return the effects by the Bayesian models, with the true values."""
        return self.results.bayes.effects

    @property
    def diagnostics(self) -> "pd.DataFrame":
        """Return the sampler's diagnostics."""
        return self.results.bayes.diagnostics

    def to_frame(self) -> "pd.DataFrame":
        """Return the claims."""
        return self.claims

    def facts(self) -> dict[str, Any]:
        """Return world, size and which pictures there are."""
        from knowntruth.workbench.plots.gallery import SKETCHES

        about = self.results.about
        return {"world": f"{about.world}, {about.sessions:,} sessions of {about.users:,} users, seed {about.seed}",
                "pictures for plot()": ", ".join(sketch.name for sketch in SKETCHES)}  # fmt: skip

    def plot(self, name: str = "claims") -> Picture:
        """Return one of the report's pictures.

        Raises
        ------
        InputError
            If there is no picture of that name.
        """
        from knowntruth.workbench.plots.gallery import SKETCHES, picture

        sketch = look_up("no picture", name, {each.name: each for each in SKETCHES})
        found = picture(sketch, self.results)
        return Picture(found.png, found.alt, found.width, found.height)


def study(world: WorldLike = "published", sessions: int = 40_000, *, seed: int = 1, **settings: Any) -> Study:
    """Run the whole study on one world: minutes at the default size.

    Parameters
    ----------
    settings
        ``users``, ``perfect_instruments``, ``draws``, ``tune``, ``chains``.

    Raises
    ------
    InputError
        If there is no such world, or a number is impossible.

    Examples
    --------
    >>> study("null", 0)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: sessions must be 1 or more, got 0
    """
    from knowntruth.workbench.jobs.study import run
    from knowntruth.workbench.jobs.study_steps import Plan

    return Study(run(Plan(as_world(world), sessions=sessions, seed=seed, **settings)))

"""Calibration to the published figures, and the bounds over all worlds that reproduce them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowntruth.common.errors import InputError
from knowntruth.workbench.api.inputs import WorldLike, as_world
from knowntruth.workbench.api.picture import Picture
from knowntruth.workbench.api.shown import Shown
from knowntruth.world.definition.world import World

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.calibration.bounds.stored import StoredBounds
    from knowntruth.calibration.fitting.calibrate import Calibration as Calibrated


@dataclass(frozen=True, repr=False)
class Calibration(Shown):
    """A world fitted to the published figures: one world that fits, never a finding about reality."""

    calibrated: "Calibrated"

    def to_frame(self) -> "pd.DataFrame":
        """Return one row per published figure: its role, the published value, and the world's."""
        return self.calibrated.figures

    @property
    def dials(self) -> "pd.DataFrame":
        """Return the fitted dials with their errors."""
        return self.calibrated.parameters

    def save(self, path: Path | str) -> Path:
        """Write the calibrated world as a TOML file, and return its path."""
        from knowntruth.calibration.fitting.toml_editing import rewrite_dials
        from knowntruth.datasets.storage.files import write_text
        from knowntruth.world.definition.world import text_of

        found = self.calibrated
        text = rewrite_dials(text_of(found.plan.world.name), found.plan.world, found.values, found.errors)
        write_text(Path(path), text)
        return Path(path)

    def facts(self) -> dict[str, Any]:
        """Return size and effort."""
        plan = self.calibrated.plan
        return {"started at": plan.world.name, "sessions": f"{plan.sessions:,}",
                "simulations": f"{self.calibrated.evaluations:,}"}  # fmt: skip


def calibrate(world: WorldLike = "published", sessions: int = 100_000, **settings: Any) -> Calibration:
    """Fit a world's dials to the published figures: minutes.

    Parameters
    ----------
    settings
        ``users``, ``starts``, ``seed``, ``seeds``, ``threads``, ``kept`` (a folder in which runs are kept, so that
        an interrupted calibration goes on), ``progress``.

    Raises
    ------
    InputError
        If there is no such world, or a number is impossible.

    Examples
    --------
    >>> calibrate("published", 10)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: ...
    """
    from knowntruth.calibration.fitting.calibrate import Plan
    from knowntruth.calibration.fitting.calibrate import calibrate as fitted
    from knowntruth.common.progress import no_progress

    progress = settings.pop("progress", no_progress)
    return Calibration(fitted(Plan(as_world(world), sessions, **settings), progress))


@dataclass(frozen=True, repr=False)
class WorldBounds(Shown):
    """The smallest and largest true effects found among worlds that reproduce the published figures."""

    stored: "StoredBounds"

    def to_frame(self) -> "pd.DataFrame":
        """Return one row per effect: its interval."""
        return self.stored.tables["intervals"]

    def table(self, name: str) -> "pd.DataFrame":
        """Return one of the tables: see `facts` for their names.

        Raises
        ------
        InputError
            If there is no such table.
        """
        from knowntruth.common.names import look_up

        return look_up("no table", name, self.stored.tables)

    def world(self, name: str) -> World:
        """Return an extreme world, such as ``success_difference_smallest``.

        Raises
        ------
        InputError
            If there is none of that name.
        """
        return self.stored.world(name)

    def belongs_to(self, world: WorldLike) -> bool:
        """Return whether these are the bounds of a world with exactly these dials."""
        return self.stored.belongs_to(as_world(world))

    def sentences(self) -> list[str]:
        """Return the main intervals in words."""
        from knowntruth.workbench.report.bounds_section import sentences

        return sentences(self.to_frame())

    def completeness(self) -> str:
        """Return how thorough the search was, and what follows from it."""
        from knowntruth.calibration.bounds.world_bounds_result import completeness

        return completeness(self.stored.record)

    def reasons(self) -> list[str]:
        """Return in words what makes the extreme worlds extreme, and what hides it from the figures."""
        from knowntruth.workbench.report.bounds_section import reasons

        return reasons(self._attribution())

    def _attribution(self) -> "pd.DataFrame":
        return next(self.stored.tables[name] for name in ("attribution", "account") if name in self.stored.tables)

    @property
    def attribution(self) -> "pd.DataFrame":
        """Return what each group of dials does to the extreme worlds."""
        return self._attribution()

    def remaining_width(self) -> "pd.DataFrame":
        """Return one row per further measurement: what it would leave of each interval."""
        from knowntruth.workbench.report.bounds_section import remaining_width

        names = ("value_of_information", "gains")
        return remaining_width(next(self.stored.tables[name] for name in names if name in self.stored.tables))

    def facts(self) -> dict[str, Any]:
        """Return the tables and the main intervals in words."""
        return {
            "tables": ", ".join(self.stored.tables),
            **{str(n): s for n, s in enumerate(self.sentences(), start=1)},
        }

    def plot(self) -> Picture:
        """Return the picture of the intervals, now and with each further measurement."""
        from knowntruth.workbench.report.bounds_section import picture

        found = picture(self.stored)
        return Picture(found.png, found.alt, found.width, found.height)


def bounds(
    problem: Any = None, start: Any = None, *, errors: float = 2.0, starts: int = 3, seed: int = 1
) -> "WorldBounds | pd.DataFrame":
    """Return the stored bounds of the world `published`, or search those of a problem of your own.

    ``knowntruth bounds`` searches the bounds of any world anew: it takes hours.

    Parameters
    ----------
    problem
        An object with ``parameters`` (name, low, high, start), ``moments`` (name, value, error) and ``truths``
        (names), each a sequence, and ``simulate(choice)``, which returns the moments and the truths of a choice.
    start
        A choice that reproduces the moments, shape (parameters,).
    errors
        A choice counts if it reproduces each moment within so many errors.

    Returns
    -------
    The stored bounds; of a problem, one row per truth and side: truth, side, value, calibrated, searches, reached,
    converged.

    Raises
    ------
    InputError
        If none are stored, or the problem is impossible.

    Examples
    --------
    >>> bounds().belongs_to("published")
    True

    A slope of 0.8, give or take twice 0.05, to which skill and hidden ability (0 to 0.6) add up:

    >>> class OneSlope:
    ...     parameters = [("skill", 0.0, 1.0, 0.5), ("ability", 0.0, 0.6, 0.3)]
    ...     moments = [("slope", 0.8, 0.05)]
    ...     truths = ["effect of skill"]
    ...
    ...     def simulate(self, choice):
    ...         return [choice.sum()], choice[:1]
    >>> bounds(OneSlope(), [0.5, 0.3], starts=1)["value"].round(2).tolist()
    [0.1, 0.9]
    """
    return _stored() if problem is None else _searched(problem, start, errors, starts, seed)


def _stored() -> WorldBounds:
    from knowntruth.calibration.bounds.stored import load_stored

    found = load_stored()
    if found is None:
        raise InputError("no bounds are stored; knowntruth bounds --out bounds searches them")
    return WorldBounds(found)


def _searched(problem: Any, start: Any, errors: float, starts: int, seed: int) -> "pd.DataFrame":
    import numpy as np

    from knowntruth.calibration.bounds.multistart import SearchSettings
    from knowntruth.calibration.bounds.partial_identification import ConstraintSettings
    from knowntruth.calibration.bounds.partial_identification import bounds as searched

    settings = SearchSettings(starts=starts, seed=seed)
    return searched(
        _Problem(problem), np.asarray(start, dtype=float), ConstraintSettings(errors=errors), settings
    ).table


class _Problem:
    """A caller's problem in the types that the search expects."""

    def __init__(self, given: Any) -> None:
        from knowntruth.calibration.problem.problem import Moment, Parameter

        self.given = given
        self.parameters = tuple(Parameter(*each) for each in given.parameters)
        self.moments = tuple(Moment(*each) for each in given.moments)
        self.truths = tuple(given.truths)

    def simulate(self, choice: Any) -> Any:
        import numpy as np

        from knowntruth.calibration.problem.problem import Outcome

        moments, truths = self.given.simulate(choice)
        return Outcome(np.asarray(moments, dtype=float), np.asarray(truths, dtype=float))

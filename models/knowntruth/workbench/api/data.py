"""Datasets for other tools: written, read, graded and released."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowntruth.workbench.api.inputs import Rows, WorldLike, as_checked
from knowntruth.workbench.api.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.instruments.release.release import Released


def write_dataset(
    world: WorldLike,
    out: Path | str,
    sessions: int = 10_000,
    *,
    seed: int = 1,
    formats: Sequence[str] = ("parquet",),
    hide_truth: bool = False,
) -> Path:
    """Write a dataset of a world with truth, potential outcomes, graph and metadata into one folder.

    Parameters
    ----------
    world
        A named world or the path of a TOML file.
    formats
        parquet, csv, arrow.
    hide_truth
        Write a blind challenge: the folder holds the observed rows alone, from a secret seed; the answers go into a
        second folder, which is returned.

    Returns
    -------
    The folder; with ``hide_truth`` that of the answers.

    Raises
    ------
    InputError
        If the world, a number or a format is impossible, or the folder cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     folder = write_dataset("null", f"{place}/null", 100, formats=["csv"])
    ...     (folder / "observed.csv").is_file(), (folder / "codebook.md").is_file()
    (True, True)
    """
    from knowntruth.workbench.jobs.data import challenge, dataset

    name, folder, kinds = _name(world), Path(out), tuple(formats)
    if hide_truth:
        return challenge.write_challenge(name, sessions, out=folder, kinds=kinds)
    dataset.write_dataset(name, sessions, seed=seed, out=folder, kinds=kinds)
    return folder


def _name(world: WorldLike) -> str:
    from knowntruth.common.errors import InputError
    from knowntruth.world.definition.world import World, load

    if not isinstance(world, World):
        return str(world)
    if world.interventions or load(world.name).differences(world):
        raise InputError("a world that was turned has no file yet; write it as TOML and give the path of the file")
    return world.name


def read(rows: Any, needed: Sequence[str] = (), *, name: str = "the data") -> "pd.DataFrame":
    """Return sessions in the types of the schema, or say what is wrong with them.

    Parameters
    ----------
    rows
        A Parquet, Arrow or CSV file, a folder of such, a data frame, or a simulated dataset.
    needed
        Columns that must be there.
    name
        What a data frame is called in messages.

    Raises
    ------
    InputError
        If nothing can be read, or a column is missing or holds what the schema does not allow.

    Examples
    --------
    >>> read(pd.DataFrame({"session_id": [1], "rated_expertise": [6]}))
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: ...
    """
    if isinstance(rows, str | Path):
        from knowntruth.datasets.storage.readers import read as read_sessions

        return read_sessions(Path(rows), tuple(needed))
    from knowntruth.datasets.schema.check import check
    from knowntruth.workbench.api.inputs import as_frame

    return check(as_frame(rows), needed=tuple(needed), source=name)


def schema() -> "pd.DataFrame":
    """Return the observed schema: columns column, kind, unit, meaning.

    Examples
    --------
    >>> schema()["column"].head(2).tolist()
    ['session_id', 'user_id']
    """
    import pandas as pd

    from knowntruth.datasets.schema.observed import observed_columns

    rows = [(each.name, each.kind, each.unit, each.meaning) for each in observed_columns().values()]
    return pd.DataFrame(rows, columns=["column", "kind", "unit", "meaning"])


def score(estimates: Path | str, answers: Path | str) -> "pd.DataFrame":
    """Return estimates graded against the answers that a folder keeps, one row each.

    Raises
    ------
    InputError
        If there are no such answers, they are not those of the challenge, or the estimates are not what was asked.

    Examples
    --------
    >>> score("mine.csv", "nowhere")
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: ...
    """
    from knowntruth.workbench.jobs.data import score as job

    return job.estimate_table(job.score(Path(estimates), Path(answers)))


@dataclass(frozen=True, repr=False)
class Release(Shown):
    """Cells of enough users, and an account of what was withheld."""

    released: "Released"

    def to_frame(self) -> "pd.DataFrame":
        """Return one row per cell of every margin; numbers are missing where a cell is withheld."""
        return self.released.table

    def facts(self) -> dict[str, Any]:
        """Return the account."""
        return self.released.summary


def release(rows: Rows, by: str | Sequence[str], min_users: int = 20, *, round_to: int | None = None) -> Release:
    """Return the cells and margins of sessions that may be published: only those with enough distinct users.

    Raises
    ------
    InputError
        If a column may not be released, there are too few people, or an attack on the release succeeds.

    Examples
    --------
    >>> int(release(kt.simulate("null", 2000), "mode").to_frame()["users"].min()) >= 20
    True
    """
    from knowntruth.instruments.release.release import release as released

    return Release(released(as_checked(rows), (by,) if isinstance(by, str) else tuple(by), min_users, round_to))

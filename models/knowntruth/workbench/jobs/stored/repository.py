"""The places of stored results: the repository's folders, and a folder for work that takes long."""

from pathlib import Path
from typing import Final

from knowntruth.common.errors import InputError

PACKAGE: Final = Path(__file__).parents[3]
"""The folder ``models/knowntruth``."""

ROOT: Final = PACKAGE.parents[1]

SCORECARD: Final = PACKAGE / "design" / "scorecard"
SUITE: Final = PACKAGE / "design" / "suite"
BOUNDS: Final = PACKAGE / "calibration" / "published_bounds"
WORLDS: Final = ROOT / "simulations" / "knowntruth" / "world" / "worlds"
NOTEBOOKS: Final = ROOT / "notebooks"
README: Final = ROOT / "README.md"

WORK: Final = ROOT / "build" / "renew"
"""Where a result is computed before it is stored; an interrupted computation goes on from there."""


def place(path: Path) -> str:
    """Return a path as it is written in the repository."""
    return path.relative_to(ROOT).as_posix()


def check_repository() -> None:
    """Make sure that this is a copy of the repository, where results can be stored.

    Raises
    ------
    InputError
        If it is an installed package.
    """
    if not (ROOT / "pyproject.toml").is_file():
        raise InputError("stored results are renewed in a clone of the repository; this is an installed package")

"""The job of ``knowntruth worlds``: the worlds that come with the package."""

from typing import TYPE_CHECKING

from knowntruth.world.definition.world import load, names

if TYPE_CHECKING:
    import pandas as pd


def list_worlds() -> "pd.DataFrame":
    """Return one row per world: world, description, lesson.

    Examples
    --------
    >>> list(list_worlds())
    ['world', 'description', 'lesson']
    """
    import pandas as pd

    rows = [(world.name, world.description, world.lesson) for world in map(load, names())]
    return pd.DataFrame(rows, columns=["world", "description", "lesson"])

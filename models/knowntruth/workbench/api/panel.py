"""The panel: a study's threats as dials, and what the study would then have published next to what is true."""

from typing import TYPE_CHECKING

from knowntruth.workbench.api.inputs import WorldLike

if TYPE_CHECKING:
    from knowntruth.workbench.panel.board import Board


def panel(world: WorldLike = "published", *, sessions: int = 20_000, seed: int = 1) -> "Board":
    """Return the panel on a world; a notebook shows it.

    Parameters
    ----------
    world
        A named world, or the path of a TOML file.
    sessions
        A move of a dial is answered within 300 ms at 20,000.

    Raises
    ------
    InputError
        If there is no such world, or the numbers are impossible.

    Examples
    --------
    >>> panel("null", sessions=500).setting.title
    'null'
    """
    from knowntruth.workbench.panel import panel as opened
    from knowntruth.world.definition.world import World

    return opened(world.name if isinstance(world, World) else str(world), sessions=sessions, seed=seed)

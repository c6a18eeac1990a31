"""The panel: a study's threats as dials, with what the study would publish and what is true.

    from knowntruth.workbench.panel import panel
    panel("published")

in a notebook, or ``knowntruth lab --panel`` for a page of its own. What is where:

- `state.dials` has the threats, one row each; `state.setting` their positions.
- `state.sample` simulates a world's sessions; `state.headline` compares published, seen and true contrasts;
  `state.quick_checks`, `state.ledger` and `state.sweep` are the slower views.
- `drawing` has the pictures and the HTML; `drawing.static` is the picture that is shown without a kernel.
- `board` has the widgets; `state.export` writes the world as a TOML file or as Python.
"""

from typing import TYPE_CHECKING

from knowntruth.workbench.panel.state.setting import Setting

if TYPE_CHECKING:
    from knowntruth.workbench.panel.board import Board


def panel(world: str = "published", *, sessions: int = 20_000, seed: int = 1) -> "Board":
    """Return the panel on a world; a notebook shows it.

    Parameters
    ----------
    world
        A named world, or the path of a TOML file.
    sessions
        How many; at 20,000 the panel follows a dial within 300 ms.
    seed
        Of the people and the noise, which stay the same while dials move.

    Raises
    ------
    InputError
        If there is no such world, or the numbers are impossible.

    Examples
    --------
    >>> panel("null", sessions=500).setting.title
    'null'
    """
    from knowntruth.workbench.panel.board import Board

    return Board(Setting(world, {}, sessions, seed))

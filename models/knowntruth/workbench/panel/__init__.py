"""The panel: a study's threats as dials, and what the study would then have published beside what is true.

    from knowntruth.workbench.panel import panel
    panel("published")

in a notebook, or ``knowntruth lab --panel`` for a page of its own. What is where:

- `dials` are the threats, one row each; `setting` is where they stand.
- `sight` looks at a world's sessions; `headline` lays what is published beside what is true; `quick_checks` and
  `taken_apart` are the checks and the ledger.
- `svg`, `pictures` and `pages` draw and write; `board` is the widgets around them, `still` what is left without a
  kernel.
- `kept` takes the world away, as a TOML file or as Python.
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
        How many; a move of a dial is answered within 300 ms at 20,000.
    seed
        Of the people and their luck, which stay the same while dials move.

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

"""``knowntruth worlds``: the worlds that come with the package."""

from knowntruth.workbench.terminal.options import Json
from knowntruth.workbench.terminal.print_table import show


def worlds(json: Json = False) -> None:
    """List the worlds that come with the package, and what each can teach.

    Your own world is a TOML file that says what differs, for example:

      based_on = "published"

      [difficulty]
      by_ability = 0.0
    """
    import pandas as pd

    from knowntruth.world.definition.world import load, names

    rows = [(w.name, w.description, w.lesson) for w in map(load, names())]
    show(pd.DataFrame(rows, columns=["world", "description", "lesson"]), json)

"""``knowntruth worlds``: the worlds that come with the package."""

from knowntruth.workbench.terminal.options import Json
from knowntruth.workbench.terminal.print_table import show


def worlds(json: Json = False) -> None:
    """List the worlds that come with the package, and what each shows.

    Your own world is a TOML file with the dials that differ, for example:

      based_on = "published"

      [difficulty]
      by_ability = 0.0
    """
    from knowntruth.workbench.jobs.world import worlds as job

    show(job.list_worlds(), json)

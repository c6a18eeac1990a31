"""``knowntruth truth``: the true effects of expertise in a world."""

from knowntruth.workbench.terminal.options import Json, Seed, Simulated, World
from knowntruth.workbench.terminal.print_table import show


def truth(world: World, sessions: Simulated = 100_000, seed: Seed = 1, json: Json = False) -> None:
    """Print the true effects of expertise in a world, each with the error of its simulation.

    Found by giving every session each level of expertise in turn: the same
    people with the same luck. The recovery differences are those of the
    sessions that would be in trouble at every level.

    [bold]Example[/bold]

      knowntruth truth confounded --json
    """
    import pandas as pd

    from knowntruth.world.definition import world as worlds_of
    from knowntruth.world.truths import estimands as truths
    from knowntruth.world.truths.principal_strata import recovery_truth

    loaded = worlds_of.load(world)
    found = pd.concat([each(loaded, sessions, seed=seed) for each in (truths.truth, recovery_truth)])
    show(found.rename(columns={"mcse": "error", "n": "sessions"}), json, title=f"True effects in {world}")

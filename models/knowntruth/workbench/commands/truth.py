"""``knowntruth truth``: the true effects of expertise in a world."""

from knowntruth.workbench.options import Json, Seed, Simulated, World
from knowntruth.workbench.shown import show


def truth(world: World, sessions: Simulated = 100_000, seed: Seed = 1, json: Json = False) -> None:
    """Print the true effects of expertise in a world, each with the error of its simulation.

    Found by giving every session each level of expertise in turn: the same
    people with the same luck. The recovery differences are those of the
    sessions that would be in trouble at every level.

    [bold]Example[/bold]

      knowntruth truth confounded --json
    """
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

    from knowntruth.world import truth as truths  # noqa: PLC0415
    from knowntruth.world import world as worlds_of  # noqa: PLC0415
    from knowntruth.world.strata import recovery_truth  # noqa: PLC0415

    loaded = worlds_of.load(world)
    found = pd.concat([each(loaded, sessions, seed=seed) for each in (truths.truth, recovery_truth)])
    show(found.rename(columns={"mcse": "error", "n": "sessions"}), json, title=f"True effects in {world}")

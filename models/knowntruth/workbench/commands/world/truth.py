"""``knowntruth truth``: the true effects of expertise in a world."""

from knowntruth.workbench.terminal.options import Json, Seed, Simulated, World
from knowntruth.workbench.terminal.print_table import show


def truth(world: World, sessions: Simulated = 100_000, seed: Seed = 1, json: Json = False) -> None:
    """Print the true effects of expertise in a world, each with its Monte Carlo error.

    Computed by giving every session each level of expertise in turn, with the
    same people and the same noise. The recovery differences are those of the
    sessions that would be in trouble at every level.

    [bold]Example[/bold]

      knowntruth truth confounded --json
    """
    from knowntruth.workbench.jobs.world import truth as job

    show(job.compute_truth(world, sessions, seed=seed), json, title=f"True effects in {world}")

"""All laws, put to one world."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import World
from knowntruth.world.invariants.calibration import calibration
from knowntruth.world.invariants.code import declared_parents, own_noise
from knowntruth.world.invariants.consistency import consistency
from knowntruth.world.invariants.determinism import determinism
from knowntruth.world.invariants.interventions import common_noise, exclusion
from knowntruth.world.invariants.invariant import Invariant
from knowntruth.world.invariants.separation import separation
from knowntruth.world.invariants.trial import Trial

if TYPE_CHECKING:
    import pandas as pd

MIN_SESSIONS: Final = 1000
"""With fewer, no law on draws could be broken."""

INVARIANTS: Final[tuple[Callable[[Trial], Invariant | list[Invariant]], ...]] = (
    consistency, common_noise, exclusion, determinism, calibration, declared_parents, own_noise, separation,
)  # fmt: skip
"""Every law, or a few of one kind, in the order in which they are asked."""


def run(
    world: World, sessions: int = 20_000, seed: int = 1, progress: Callable[[str, float], None] | None = None
) -> list[Invariant]:
    """Return the answers of all laws in this world, its own interventions put aside.

    ``sessions`` is for the laws on draws; the exact ones look at a thousand. ``progress`` is told what is asked next
    and which share of the laws is behind.

    Raises
    ------
    InputError
        If there are too few sessions, or the seed is impossible.
    AttributeError
        If a mechanism reads a parent that it does not declare.

    Examples
    --------
    >>> from knowntruth.world.definition.world import load
    >>> run(load("null"), sessions=100)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: laws need 1,000 sessions or more, got 100; ask for more sessions
    """
    if sessions < MIN_SESSIONS:
        raise InputError(f"laws need {MIN_SESSIONS:,} sessions or more, got {sessions}; ask for more sessions")
    trial = Trial(world.factual(), seed, sessions)
    found: list[Invariant] = []
    for done, ask in enumerate(INVARIANTS):
        if progress is not None:
            progress(ask.__name__.replace("_", " "), done / len(INVARIANTS))
        answer = ask(trial)
        found += [answer] if isinstance(answer, Invariant) else answer
    return found


def frame(laws: list[Invariant]) -> "pd.DataFrame":
    """Return laws as a table: columns law, holds, worst, allowed, n, question, note.

    Examples
    --------
    >>> frame([Law("order", "Does order matter?", True, 0.0, 0.0, 10)]).holds.tolist()
    [True]
    """
    import pandas as pd

    columns = ["name", "holds", "worst", "allowed", "n", "question", "note"]
    return pd.DataFrame([asdict(law) for law in laws], columns=columns).rename(columns={"name": "law"})

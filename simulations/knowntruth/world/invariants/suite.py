"""Test all invariants in one world."""

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
"""With fewer sessions, statistical invariants have no power."""

INVARIANTS: Final[tuple[Callable[[Trial], Invariant | list[Invariant]], ...]] = (
    consistency, common_noise, exclusion, determinism, calibration, declared_parents, own_noise, separation,
)  # fmt: skip
"""Every invariant, or a few of one kind, in the order in which they are tested."""


def run(
    world: World, sessions: int = 20_000, seed: int = 1, progress: Callable[[str, float], None] | None = None
) -> list[Invariant]:
    """Return the results of all invariants in this world, without its own interventions.

    ``sessions`` is the sample size of the statistical invariants; exact ones use a thousand. ``progress`` is called
    with the next invariant and the share already tested.

    Raises
    ------
    InputError
        If there are too few sessions, or the seed is impossible.
    AttributeError
        If a mechanism reads a parent that it does not declare.

    Examples
    --------
    >>> results = run(kt.load_world("null"), sessions=1000)
    >>> all(result.holds for result in results)
    True
    >>> run(kt.load_world("null"), sessions=100)
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: laws need 1,000 sessions or more, got 100; ask for more sessions
    """
    if sessions < MIN_SESSIONS:
        raise InputError(f"laws need {MIN_SESSIONS:,} sessions or more, got {sessions}; ask for more sessions")
    trial = Trial(world.factual(), seed, sessions)
    found: list[Invariant] = []
    for done, test in enumerate(INVARIANTS):
        if progress is not None:
            progress(test.__name__.replace("_", " "), done / len(INVARIANTS))
        result = test(trial)
        found += [result] if isinstance(result, Invariant) else result
    return found


def frame(invariants: list[Invariant]) -> "pd.DataFrame":
    """Return the results as a table: columns law, holds, worst, allowed, n, question, note.

    Examples
    --------
    >>> frame([Invariant("order", "Does order matter?", True, 0.0, 0.0, 10)]).holds.tolist()
    [True]
    """
    import pandas as pd

    columns = ["name", "holds", "worst", "allowed", "n", "question", "note"]
    return pd.DataFrame([asdict(each) for each in invariants], columns=columns).rename(columns={"name": "law"})

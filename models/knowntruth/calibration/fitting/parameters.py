"""The dials that a calibration fits, as `Parameter`; the rows are those of `search_ranges`."""

from knowntruth.calibration.problem.problem import Parameter
from knowntruth.calibration.simulation.dial_paths import read_dial
from knowntruth.common.errors import InputError
from knowntruth.world.definition.search_ranges import SearchRange, search_ranges
from knowntruth.world.definition.world import World


def load() -> tuple[SearchRange, ...]:
    """Return the rows of all fitted numbers, in the order of the search.

    Examples
    --------
    >>> load()[0].dial
    'activity.spread'
    """
    return search_ranges("fitted")


def parameters(world: World) -> tuple[Parameter, ...]:
    """Return the free dials, each beginning at its value in ``world``.

    Raises
    ------
    InputError
        If the world's value lies outside the range in which a dial may be looked for.
    """
    tree = world.values()
    return tuple(_parameter(row, read_dial(tree, row.dial)) for row in load())


def _parameter(row: SearchRange, start: float) -> Parameter:
    if not row.lower <= start <= row.upper:
        raise InputError(
            f"{row.dial} is {start:g}, which a calibration cannot begin at; it may lie from {row.lower:g} to "
            f"{row.upper:g}; turn it into that range first"
        )
    return Parameter(row.dial, row.lower, row.upper, start)

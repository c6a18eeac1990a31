"""The dials that a calibration may turn, read from ``parameters.toml``: a dial more is a row more."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from knowntruth.calibration.problem.problem import Parameter
from knowntruth.calibration.simulation.dial_paths import value
from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import World


@dataclass(frozen=True, slots=True)
class Free:
    """One row: the path of a dial, the range in which to look for it, in its own unit, and why it is free."""

    dial: str
    lower: float
    upper: float
    why: str


@cache
def load() -> tuple[Free, ...]:
    """Return all rows in the order of the file.

    Examples
    --------
    >>> load()[0].dial
    'activity.spread'
    """
    text = files("knowntruth.calibration").joinpath("parameters.toml").read_text(encoding="utf-8")
    return tuple(Free(**row) for row in tomllib.loads(text)["parameter"])


def parameters(world: World) -> tuple[Parameter, ...]:
    """Return the free dials, each beginning at its value in ``world``.

    Raises
    ------
    InputError
        If the world's value lies outside the range in which a dial may be looked for.
    """
    tree = world.values()
    return tuple(_parameter(row, value(tree, row.dial)) for row in load())


def _parameter(row: Free, start: float) -> Parameter:
    if not row.lower <= start <= row.upper:
        raise InputError(
            f"{row.dial} is {start:g}, which a calibration cannot begin at; it may lie from {row.lower:g} to "
            f"{row.upper:g}; turn it into that range first"
        )
    return Parameter(row.dial, row.lower, row.upper, start)

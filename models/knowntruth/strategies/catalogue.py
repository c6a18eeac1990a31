"""All strategies, by name; adding one is one new file and one row here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from knowntruth.datasets.lookup import look_up
from knowntruth.strategies import (
    bayesian_measurement,
    double_machine_learning,
    double_negative_control,
    doubly_robust,
    encouragement,
    first_prompt,
    front_door,
    matching,
    monotone_both,
    monotone_response,
    monotone_selection,
    naive,
    negative_control_outcome,
    published,
    regression_calibration,
    release,
    selection,
    simex,
    weighting,
    within_user,
    worst_case,
)
from knowntruth.strategies.strategy import Strategy

MODULES: Final = (
    naive,
    published,
    weighting,
    matching,
    doubly_robust,
    double_machine_learning,
    within_user,
    encouragement,
    front_door,
    release,
    first_prompt,
    regression_calibration,
    simex,
    bayesian_measurement,
    negative_control_outcome,
    double_negative_control,
    selection,
    worst_case,
    monotone_response,
    monotone_selection,
    monotone_both,
)
"""One module a strategy, each with its ``STRATEGY``: from what holds nothing to what gives ranges."""

STRATEGIES: Final[Mapping[str, Strategy]] = MappingProxyType({m.STRATEGY.name: m.STRATEGY for m in MODULES})


def strategy(name: str) -> Strategy:
    """Return the strategy called ``name``.

    Raises
    ------
    InputError
        With the allowed names, if there is none of that name.

    Examples
    --------
    >>> strategy("naive").title
    'Naive contrast'
    """
    return look_up("no strategy", name, STRATEGIES)

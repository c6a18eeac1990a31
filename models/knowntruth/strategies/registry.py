"""All strategies by name. To add one, write one new file and add one row here; the tests ask for its two worlds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from knowntruth.common.names import look_up
from knowntruth.strategies.adjustment import (
    double_machine_learning,
    doubly_robust,
    matching,
    naive,
    published,
    selection_weighting,
    weighting,
)
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.bounds import monotone_both, monotone_response, monotone_selection, no_assumption_bounds
from knowntruth.strategies.measurement_error import bayesian_measurement, first_prompt, regression_calibration, simex
from knowntruth.strategies.natural_experiments import (
    difference_in_differences,
    front_door,
    instrumental_variable,
    within_user,
)
from knowntruth.strategies.negative_controls import double_negative_control, negative_control_outcome

MODULES: Final = (
    naive,
    published,
    weighting,
    matching,
    doubly_robust,
    double_machine_learning,
    within_user,
    instrumental_variable,
    front_door,
    difference_in_differences,
    first_prompt,
    regression_calibration,
    simex,
    bayesian_measurement,
    negative_control_outcome,
    double_negative_control,
    selection_weighting,
    no_assumption_bounds,
    monotone_response,
    monotone_selection,
    monotone_both,
)
"""One module per strategy, each with its ``STRATEGY``: from unadjusted contrasts to bounds."""

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

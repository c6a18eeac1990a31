"""Everything that can be diagnosed by name: the strategies of the catalogue and the Bayesian ones."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from knowntruth.common.names import look_up
from knowntruth.design.replication.bayesian_strategies import BAYESIAN_STRATEGIES
from knowntruth.design.replication.plan import Analysis
from knowntruth.strategies.registry import STRATEGIES

ANALYSES: Final[Mapping[str, Analysis]] = MappingProxyType({**STRATEGIES, **BAYESIAN_STRATEGIES})
"""Everything that can be diagnosed, by name."""


def find_analysis(name: str) -> Analysis:
    """Return the analysis called ``name``.

    Raises
    ------
    InputError
        With the allowed names, if there is none of that name.

    Examples
    --------
    >>> find_analysis("bayes_weak").priors
    'weak'
    """
    return look_up("no strategy", name, ANALYSES)

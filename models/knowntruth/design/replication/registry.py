"""Whatever can be diagnosed by its name: the strategies of the catalogue and the Bayesian ones."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from knowntruth.common.names import look_up
from knowntruth.design.replication.bayesian_strategies import BAYESIAN
from knowntruth.design.replication.plan import Analysis
from knowntruth.strategies.registry import STRATEGIES

ANALYSES: Final[Mapping[str, Analysis]] = MappingProxyType({**STRATEGIES, **BAYESIAN})
"""Everything that can be put to a dataset, by name."""


def analysis(name: str) -> Analysis:
    """Return what is called ``name``.

    Raises
    ------
    InputError
        With the allowed names, if there is none of that name.

    Examples
    --------
    >>> analysis("bayes_weak").priors
    'weak'
    """
    return look_up("no strategy", name, ANALYSES)

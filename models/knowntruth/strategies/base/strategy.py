"""A strategy: its name, its assumptions as arrows and in words, the columns it needs, and one function.

Arrows are written as text. ``ability`` in brackets is hidden; everything else is a column, or the construct that a
column measures::

    [ability] -> expertise; [ability] -> outcome; encouraged -> expertise; expertise -> outcome

A *missing* arrow is an assumption too, and usually the important one; the assumptions in words name it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from knowntruth.datasets.schema.estimands import ESTIMANDS
from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import RATING, Question

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

Estimator = Callable[["pd.DataFrame", Question], Estimate]
"""From observed rows and a question to an estimate; raises InputError if the rows do not allow one."""

RATED_ESTIMANDS: tuple[str, ...] = tuple(e.name for e in ESTIMANDS if e.treatment == "domain_expertise")
"""Estimands whose treatment is rated in the observed rows."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to get from observed rows to a causal contrast.

    ``rating`` is the column that it reads as the treatment's level. ``needed`` are the columns that it reads in
    addition to user, clear goal, rating and outcome; ``beyond_schema`` those that an ordinary study lacks. ``uses``
    names the parts of a question that it reads in addition to the contrast: controls, validation, support, seed.
    ``source`` cites the method. A ``slow`` strategy, whose first estimate in a process takes about a minute, runs
    only when it is named.

    Examples
    --------
    >>> from knowntruth.strategies.registry import strategy
    >>> strategy("regression_calibration").uses
    ('controls', 'validation')
    """

    name: str
    title: str
    arrows: str
    assumptions: tuple[str, ...]
    estimate: Estimator
    source: str
    needed: tuple[str, ...] = ()
    beyond_schema: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    estimands: tuple[str, ...] = RATED_ESTIMANDS
    treatment: str = "domain_expertise"
    rating: str = RATING
    slow: bool = False

    def columns(self, question: Question) -> tuple[str, ...]:
        """Return every column that it reads for ``question``."""
        controls = question.controls if "controls" in self.uses else ()
        return tuple(dict.fromkeys(("user_id", "clear_goal", self.rating, question.outcome, *self.needed, *controls)))

    def graph(self) -> "nx.DiGraph[str]":
        """Return the assumptions as a graph whose nodes have the attribute ``observed``.

        Examples
        --------
        >>> from knowntruth.strategies.registry import strategy
        >>> sorted(n for n, seen in strategy("instrumental_variable").graph().nodes(data="observed") if not seen)
        ['ability']
        """
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph()
        for arrow in self.arrows.split(";"):
            ends = [end.strip() for end in arrow.split("->")]
            for end in ends:
                graph.add_node(end.strip("[]"), observed=not end.startswith("["))
            graph.add_edges_from((a.strip("[]"), b.strip("[]")) for a, b in pairwise(ends))
        return graph

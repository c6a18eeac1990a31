"""Errors by leaving people out: for estimates whose parts are too entangled for a pull per session.

People are dealt to groups by lot; the estimate is made again without each group, and how much it moves is its error
(the delete-a-group jackknife, Kott 2001). All sessions of a person are in one group, so the error is clustered.
"""

from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints
from knowntruth.strategies.base.question import Question

GROUPS: Final = 50
"""Groups of people: the error itself is then known to about a tenth, which Student's t with 49 degrees allows for."""


def dealt(users: Ints, question: Question, stream: str) -> tuple[Ints, int]:
    """Return each session's group, shape (n,), and the number of groups; ``stream`` names the lot."""
    people = int(users.max()) + 1
    groups = min(GROUPS, people)
    lots = np.random.default_rng([question.seed, *stream.encode()]).permutation(people) % groups
    return lots[users].astype(np.int64), groups


def error_of(without: Floats) -> tuple[float, float]:
    """Return the standard error from the estimates ``without`` each group, and its degrees of freedom."""
    groups = len(without)
    return float(np.sqrt((groups - 1) / groups * ((without - without.mean()) ** 2).sum())), groups - 1.0

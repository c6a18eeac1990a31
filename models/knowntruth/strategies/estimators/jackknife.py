"""The delete-a-group jackknife, for estimates whose influence function has no simple form.

People are assigned to groups at random. The estimate is recomputed without each group, and its variation gives the
standard error (Kott 2001). All sessions of a person are in one group, so the error is clustered by user.
"""

from typing import Final

import numpy as np

from knowntruth.common.arrays import Floats, Ints
from knowntruth.strategies.base.question import Question

MAX_GROUPS: Final = 50
"""Groups of people. The standard error then has a relative error of about a tenth, for which t with 49 df allows."""


def assign_groups(users: Ints, question: Question, stream: str) -> tuple[Ints, int]:
    """Return each session's group, shape (n,), and the number of groups; ``stream`` names the random stream."""
    people = int(users.max()) + 1
    groups = min(MAX_GROUPS, people)
    assigned = np.random.default_rng([question.seed, *stream.encode()]).permutation(people) % groups
    return assigned[users].astype(np.int64), groups


def jackknife_error(without: Floats) -> tuple[float, float]:
    """Return the standard error from the estimates ``without`` each group, and its degrees of freedom.

    With G groups the variance is (G - 1) / G · Σ (estimate without g - their mean)², with G - 1 degrees of freedom.
    """
    groups = len(without)
    return float(np.sqrt((groups - 1) / groups * ((without - without.mean()) ** 2).sum())), groups - 1.0

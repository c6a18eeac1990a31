"""The same sums on any machine: linear algebra in one thread, since the order of a sum depends on their number.

A difference in the last digit is enough to send a chain elsewhere. Chains run in parallel instead.
"""

from collections.abc import Callable
from functools import wraps


def single_threaded[**P, R](work: Callable[P, R]) -> Callable[P, R]:
    """Return ``work`` as a function in which linear algebra runs in one thread."""

    @wraps(work)
    def alone(*arguments: P.args, **named: P.kwargs) -> R:
        import scipy.linalg  # noqa: F401 - a library that is loaded later would not be limited
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            return work(*arguments, **named)

    return alone

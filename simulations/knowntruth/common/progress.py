"""Progress: the callback with which a long job reports what it does; the caller decides how to show it."""

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with the current step in words and the share of the whole job that is done, from 0 to 1."""


def no_progress(part: str, share: float) -> None:
    """Report nothing.

    Examples
    --------
    >>> no_progress("sampling", 0.5)
    """

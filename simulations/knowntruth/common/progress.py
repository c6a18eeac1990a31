"""Progress: how a long job reports what it is doing, without knowing who shows it."""

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with a few words on what is being done, and the share of everything that is done, from 0 to 1."""


def no_progress(part: str, share: float) -> None:
    """Report nothing.

    Examples
    --------
    >>> no_progress("sampling", 0.5)
    """

"""The bias ledger in the panel: as in `knowntruth ledger`, from few enough sessions to follow a dial."""

from collections.abc import Callable
from typing import Final

from knowntruth.design.ledger.decompose import Ledger, ledger
from knowntruth.workbench.panel.state.setting import Setting

MAX_SESSIONS: Final = 10_000
"""Largest number of sessions: every component is switched off with every combination of the others."""


class Superseded(Exception):
    """A dial was moved while a slow view was computed, so its result is no longer needed."""


def compute_ledger(setting: Setting, superseded: Callable[[], bool] = lambda: False) -> Ledger:
    """Return the ledger of a setting from at most `MOST` of its sessions.

    Raises
    ------
    Overtaken
        As soon as ``superseded`` returns True.
    InputError
        If the sessions are too few for a slope.
    """

    def report(part: str, share: float) -> None:
        if superseded():
            raise Superseded

    return ledger(setting.world, min(setting.sessions, MAX_SESSIONS), seed=setting.seed, progress=report)

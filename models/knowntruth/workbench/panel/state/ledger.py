"""The bias ledger in the panel: the same as `knowntruth ledger`, from no more sessions than can follow a dial."""

from collections.abc import Callable
from typing import Final

from knowntruth.design.ledger.decompose import Ledger, ledger
from knowntruth.workbench.panel.state.setting import Setting

MAX_SESSIONS: Final = 10_000
"""Sessions at the most: every component is switched off with every combination of the others."""


class Superseded(Exception):
    """A dial was moved while a slow view was being made, so nobody waits for it any more."""


def compute_ledger(setting: Setting, overtaken: Callable[[], bool] = lambda: False) -> Ledger:
    """Return the ledger of a setting from at most `MOST` of its sessions.

    Raises
    ------
    Overtaken
        As soon as ``overtaken`` says so.
    InputError
        If the sessions are too few for a slope.
    """

    def tell(said: str, share: float) -> None:
        if overtaken():
            raise Superseded

    return ledger(setting.world, min(setting.sessions, MAX_SESSIONS), seed=setting.seed, progress=tell)

"""What ``knowntruth renew`` does: report which stored results are stale, and compute them again."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from knowntruth.common.names import look_up
from knowntruth.workbench.jobs.stored import repository
from knowntruth.workbench.jobs.stored.fingerprints import forget, load_fingerprints, store_fingerprint
from knowntruth.workbench.jobs.stored.registry import stored_results
from knowntruth.workbench.jobs.stored.stored_result import StoredResult, state_table
from knowntruth.workbench.terminal.progress import Steps

if TYPE_CHECKING:
    import pandas as pd


def state(names: Iterable[str] = ()) -> "pd.DataFrame":
    """Return one row per stored result, of all or of those named: stored, state, changed, minutes, depends_on, place.

    Raises
    ------
    InputError
        If there is no such stored result, or this is not a clone of the repository.
    """
    return state_table(_chosen(names), load_fingerprints())


def stale() -> tuple[str, ...]:
    """Return the names of the stale results, in the order in which they should be renewed."""
    rows = state()
    return tuple(rows.loc[rows["state"].eq("stale"), "stored"])


def renew(names: Sequence[str]) -> None:
    """Compute the named results again, one after the other, and store each with its fingerprint.

    Raises
    ------
    InputError
        If there is no such stored result, or this is not a clone of the repository.
    """
    chosen = _chosen(names) if names else {}
    with Steps({name: each.minutes for name, each in chosen.items()}) as steps:
        for name, each in chosen.items():
            with steps.step(name, f"Renewing {each.place}"):
                each.renew()
            forget()
            store_fingerprint(name, each.fingerprint())


def accept(names: Sequence[str]) -> None:
    """Record that the named results agree with what they depend on, without computing them.

    Raises
    ------
    InputError
        If there is no such stored result, or this is not a clone of the repository.
    """
    for name, each in (_chosen(names) if names else {}).items():
        store_fingerprint(name, each.fingerprint())


def _chosen(names: Iterable[str]) -> dict[str, StoredResult]:
    """Return the results of these names, all if there are none, always in the order of the registry."""
    repository.check_repository()
    known = stored_results()
    wanted = {look_up("no stored result", name, known).name for name in names} or set(known)
    return {name: each for name, each in known.items() if name in wanted}

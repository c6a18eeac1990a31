"""A stored result: where it lies, what it depends on, how long it takes, and the function that computes it again.

A stored result is stale when one of the things it depends on has another hash than when it was computed. The hashes
lie in ``fingerprints.json``, one entry per result. They are cheap by intention: two hundred sessions of a world stand
for the world and its code. What they cannot see is a change of the code that moves no session and no claim; a result
that is named on the command line is therefore computed again even if it looks fresh.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

Hash = Callable[[], str]
"""Computes the hash of one thing that a result depends on."""


@dataclass(frozen=True, slots=True)
class StoredResult:
    """One row.

    ``place`` is the path in the repository, ``depends_on`` a hash per thing that the result depends on, by what that
    is called, ``minutes`` the usual time on two cores, and ``renew`` computes the result and stores it.
    """

    name: str
    place: str
    depends_on: Mapping[str, Hash]
    minutes: float
    renew: Callable[[], None]

    def fingerprint(self) -> dict[str, str]:
        """Return the hash of everything that the result depends on, as it is now."""
        return {thing: current() for thing, current in self.depends_on.items()}

    def changed(self, stored: Mapping[str, str] | None) -> tuple[str, ...]:
        """Return what has changed since the fingerprint ``stored``; everything if there is none.

        Examples
        --------
        >>> row = StoredResult("table", "table.csv", {"world": lambda: "a", "figures": lambda: "b"}, 1, lambda: None)
        >>> row.changed({"world": "a", "figures": "c"}), row.changed(None)
        (('figures',), ('world', 'figures'))
        """
        now = self.fingerprint()
        return tuple(thing for thing, value in now.items() if (stored or {}).get(thing) != value)


def state_table(results: Mapping[str, StoredResult], fingerprints: Mapping[str, Mapping[str, str]]) -> "pd.DataFrame":
    """Return one row per stored result: name, state, changed, depends_on, minutes, place.

    Examples
    --------
    >>> row = StoredResult("table", "table.csv", {"world": lambda: "a"}, 1, lambda: None)
    >>> state_table({"table": row}, {"table": {"world": "b"}})[["stored", "state", "changed"]].values.tolist()
    [['table', 'stale', 'world']]
    """
    import pandas as pd

    rows = []
    for name, each in results.items():
        changed = each.changed(fingerprints.get(name))
        why = ", ".join(changed) if name in fingerprints else "never recorded"
        rows.append({
            "stored": name, "state": "stale" if changed else "fresh", "changed": why if changed else "",
            "minutes": each.minutes, "depends_on": ", ".join(each.depends_on), "place": each.place,
        })  # fmt: skip
    return pd.DataFrame(rows)

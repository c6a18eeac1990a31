"""Look up a name that a user typed. An unknown name gives an error with the allowed names and the nearest one."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from knowntruth.common.errors import InputError


def look_up[Named](lacking: str, name: str, among: Mapping[str, Named]) -> Named:
    """Return the entry of ``among`` called ``name``.

    Parameters
    ----------
    lacking
        Start of the error message, such as "no strategy".
    name
        The name as typed.
    among
        All entries by name.

    Raises
    ------
    InputError
        If there is no such entry, with the allowed names and the nearest of them.

    Examples
    --------
    >>> look_up("no colour", "red", {"red": 1, "blue": 2})
    1
    >>> look_up("no colour", "bleu", {"red": 1, "blue": 2})
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: no colour 'bleu'; allowed: red, blue; did you mean 'blue'?
    """
    if name not in among:
        raise InputError(f"{lacking} {name!r}; allowed: {', '.join(among)}{nearest(name, among)}")
    return among[name]


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest allowed name, or nothing when none is near.

    Examples
    --------
    >>> nearest("outcom", ["mode", "outcome"])
    "; did you mean 'outcome'?"
    """
    found = get_close_matches(str(name), [str(a) for a in allowed], n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""

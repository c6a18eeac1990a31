"""Search ranges: where a calibration and bounds search the numbers of a world (``search_ranges.toml``)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

FILE: Final = "search_ranges.toml"

Search = Literal["fitted", "free"]
"""Who searches a number: a calibration (and bounds with it), or bounds alone."""


@dataclass(frozen=True, slots=True)
class SearchRange:
    """One row: the path of a number, the range in which it is searched, in its own unit, and why.

    Examples
    --------
    >>> SearchRange("rated_expertise.halo", 0.05, 1.0, "slope of success").mechanism_and_dial
    'rated_expertise.halo'
    >>> SearchRange("difficulty.by_domain.1", -1.5, 0.5, "what novices take on").mechanism_and_dial
    'difficulty.by_domain'
    """

    dial: str
    lower: float
    upper: float
    why: str

    @property
    def mechanism_and_dial(self) -> str:
        """The path without the entry of a table or list."""
        return ".".join(self.dial.split(".")[:2])


@cache
def search_ranges(search: Search) -> tuple[SearchRange, ...]:
    """Return the rows of one search in the order of the file.

    Examples
    --------
    >>> search_ranges("fitted")[0].dial, search_ranges("free")[0].dial
    ('activity.spread', 'specificity.by_ability')
    """
    return tuple(SearchRange(*row) for row in _content()[search])


@cache
def search_starts() -> Mapping[str, Mapping[str, float]]:
    """Return the worlds at which a search for bounds starts besides its own world, by name: path to value.

    Examples
    --------
    >>> search_starts()["strong halo and mood"]["rated_expertise.halo"]
    0.8
    """
    starts: Mapping[str, Mapping[str, float]] = _content()["starts"]
    return starts


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(files("knowntruth.world.definition").joinpath(FILE).read_text(encoding="utf-8"))

"""The layout of a model's coefficients in one vector, and which of them apply to a session.

    intercept | levels of each treatment | groups of each covariate | group × level of the covariate that the
    effect varies by | own level once more, for the confounding by a hidden cause

A session (or a cell of sessions that share all codes) has one position in each block but the intercept's, so it is a
short row of integers. Setting a treatment to another level changes these integers: standardisation needs no more.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from knowntruth.common.arrays import Ints
from knowntruth.datasets.schema.categories import LEVELS

STEPS: Final = tuple(f"{high} vs {low}" for low, high in pairwise(LEVELS))
"""The four steps between neighbouring levels."""

ROLES: Final = ("", "coding_")
"""Prefixes of estimands and parameters of each treatment: first domain expertise, then coding expertise."""


@dataclass(frozen=True, slots=True)
class CoefficientLayout:
    """The blocks of coefficients.

    ``treatments`` are columns with levels 1-5, in the order of `ROLES`; ``groups`` gives each covariate's groups;
    the effect of the first treatment varies over the groups of the covariate ``by``, if that is not None;
    ``hidden`` adds a block for the confounding at a session's own level (see `hidden_confounder`).
    """

    treatments: tuple[str, ...]
    groups: dict[str, tuple[Any, ...]]
    by: str | None = None
    hidden: bool = False

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of coefficients in each block, the intercept's first."""
        crossed = (len(self.groups[self.by]) * len(LEVELS),) if self.by else ()
        own = (len(LEVELS),) if self.hidden else ()
        levels = (len(LEVELS),) * len(self.treatments)
        return (1, *levels, *map(len, self.groups.values()), *crossed, *own)

    @property
    def starts(self) -> tuple[int, ...]:
        """Position of each block's first coefficient, and the number of all coefficients."""
        return tuple(int(start) for start in np.cumsum([0, *self.sizes]))

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return sum(self.sizes)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        levels = [f"{treatment}={level}" for treatment in self.treatments for level in LEVELS]
        groups = [f"{name}={group}" for name, members in self.groups.items() for group in members]
        members = self.groups[self.by] if self.by else ()
        crossed = [f"{self.by}={group}, level={level}" for group in members for level in LEVELS]
        own = [f"own level={level}" for level in LEVELS] if self.hidden else []
        return ("intercept", *levels, *groups, *crossed, *own)

    @property
    def blocks(self) -> tuple[str, ...]:
        """Name of each block but the intercept's, in the order of a session's positions."""
        return (
            *self.treatments,
            *self.groups,
            *(("crossed",) if self.by else ()),
            *(("own",) if self.hidden else ()),
        )

    def columns(self, levels: tuple[Ints, ...], groups: tuple[Ints, ...]) -> Ints:
        """Return each session's positions, shape (n, blocks), from its codes in each block, counted from 0."""
        codes = [*levels, *groups]
        if self.by:
            codes.append(groups[tuple(self.groups).index(self.by)] * len(LEVELS) + levels[0])
        if self.hidden:
            codes.append(levels[0])
        return np.stack(codes, axis=1) + np.array(self.starts[1:-1])

    def at_level(self, columns: Ints, treatment: int, level: int) -> Ints:
        """Return ``columns`` with every session at ``level`` (counted from 0) of one treatment, all else as it is."""
        changed = columns.copy()
        changed[:, treatment] = self.starts[1 + treatment] + level
        if treatment == 0 and self.by:
            changed[:, self.position("crossed")] = (
                self.starts[1 + self.position("crossed")] + self.codes(columns, self.by) * len(LEVELS) + level
            )
        return changed

    def codes(self, columns: Ints, block: str) -> Ints:
        """Return the codes, counted from 0, of a block in ``columns``."""
        place = self.position(block)
        return columns[:, place] - self.starts[1 + place]

    def position(self, block: str) -> int:
        """Return the place of a block among a session's positions."""
        return self.blocks.index(block)

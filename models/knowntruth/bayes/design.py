"""From observed rows to codes: which sessions enter, at which level, in which group of each covariate.

Rows enter when the goal is clear and the treatment is not missing. They are then put into one order that depends
on their content alone, so that shuffling a file changes not one bit of what follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from knowntruth.datasets.categories import LEVELS
from knowntruth.datasets.errors import InputError
from knowntruth.datasets.readers import check
from knowntruth.datasets.schema import Column, observed_columns

if TYPE_CHECKING:
    import pandas as pd

Codes = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

COVARIATES: Final = ("user_occupation", "mode", "value_band", "month")
TREATMENT: Final = "rated_expertise"


@dataclass(frozen=True, slots=True)
class Design:
    """Sessions as codes: ``level`` and ``covariates[j]`` count from 0, shape (n,); ``user`` likewise.

    ``groups[name]`` gives the meaning of the codes of each covariate, in the schema's order, groups without a
    session included; ``outcome`` is as observed, shape (n,).
    """

    treatment: str
    level: Codes
    groups: dict[str, tuple[Any, ...]]
    covariates: tuple[Codes, ...]
    user: Codes
    outcome: Reals

    @property
    def sessions(self) -> int:
        """Number of sessions that enter."""
        return len(self.level)

    @property
    def users(self) -> int:
        """Number of users that enter."""
        return int(self.user[-1]) + 1

    @property
    def group_sizes(self) -> tuple[Codes, ...]:
        """Number of sessions in each group of each covariate."""
        coded = zip(self.covariates, self.groups.values(), strict=True)
        return tuple(np.bincount(codes, minlength=len(groups)) for codes, groups in coded)

    @property
    def columns(self) -> tuple[Codes, ...]:
        """Positions, in the vector of coefficients (see `coefficients`), that apply to each session."""
        starts = np.cumsum([1, len(LEVELS), *map(len, self.groups.values())])[:-1]
        return tuple(start + codes for start, codes in zip(starts, (self.level, *self.covariates), strict=True))

    @property
    def coefficients(self) -> tuple[str, ...]:
        """Names of the coefficients: intercept, one a level, one a group of each covariate."""
        groups = (f"{name}={group}" for name, members in self.groups.items() for group in members)
        return ("intercept", *(f"level={level}" for level in LEVELS), *groups)


def design(observed: "pd.DataFrame", outcome: str, covariates: Sequence[str], treatment: str) -> Design:
    """Return the sessions of ``observed`` with a clear goal and a known treatment, as codes in canonical order.

    Raises
    ------
    InputError
        When a column is missing or mistyped, no session is left, or the treatment does not vary.
    """
    chosen = _chosen(covariates, treatment, outcome)
    frame = check(
        observed, needed=("user_id", "clear_goal", outcome, *(c for c in chosen if c in observed_columns()))
    )
    if treatment not in frame:
        raise InputError(f"the treatment {treatment!r} is not among the columns: {', '.join(map(str, frame))}")
    frame = frame[frame["clear_goal"].to_numpy(bool) & frame[treatment].notna().to_numpy()]
    level = _levels(frame, treatment)
    coded = {name: _coded(frame, name) for name in chosen if name != treatment}
    _, user = np.unique(frame["user_id"].to_numpy(), return_inverse=True)
    values = _varying(frame[outcome].to_numpy(np.float64), outcome)
    order = np.lexsort((values, *(codes for codes, _ in coded.values()), level, user))
    return Design(
        treatment=treatment,
        level=level[order],
        groups={name: groups for name, (_, groups) in coded.items()},
        covariates=tuple(codes[order] for codes, _ in coded.values()),
        user=user[order].astype(np.int64),
        outcome=values[order],
    )


def _chosen(covariates: Sequence[str], treatment: str, outcome: str) -> tuple[str, ...]:
    """Return treatment and covariates, after refusing what cannot be a covariate."""
    allowed = [c.name for c in observed_columns().values() if c.kind in {"category", "level"} and not c.nullable]
    for name in covariates:
        if name not in allowed or name in (treatment, outcome):
            raise InputError(
                f"{name!r} cannot be a covariate of {outcome} here. Allowed: {', '.join(sorted(allowed))};"
                f" not the treatment {treatment!r} or the outcome."
            )
    if len(set(covariates)) < len(covariates):
        raise InputError(f"covariates {tuple(covariates)} name one column twice. Name each once.")
    return (treatment, *covariates)


def _varying(values: Reals, outcome: str) -> Reals:
    """Return the outcome as it is, after refusing one that says nothing."""
    if values.min() == values.max():
        raise InputError(
            f"{outcome} is {values[0]:g} in all {len(values)} sessions with a clear goal and a treatment; there is"
            " nothing to explain. Give more sessions, or another outcome."
        )
    return values


def _levels(frame: "pd.DataFrame", treatment: str) -> Codes:
    """Return the treatment's levels counted from 0."""
    if frame.empty:
        raise InputError(f"no session has both a clear goal and a value of {treatment}; expected at least a few")
    values = frame[treatment].to_numpy(np.float64)
    strange = sorted(set(np.unique(values)) - set(LEVELS))
    if strange:
        raise InputError(
            f"{treatment} has the value {strange[0]:g}; allowed: {', '.join(map(str, LEVELS))} or missing"
        )
    if len(np.unique(values)) == 1:
        raise InputError(
            f"{treatment} is {values[0]:g} in all {len(values)} sessions with a clear goal; an effect can only be"
            " learned where at least two levels occur."
        )
    return values.astype(np.int64) - LEVELS[0]


def _coded(frame: "pd.DataFrame", name: str) -> tuple[Codes, tuple[Any, ...]]:
    """Return a covariate's codes and their meaning."""
    groups = _groups(observed_columns()[name])
    position = {group: code for code, group in enumerate(groups)}
    return frame[name].astype(object).map(position).to_numpy(np.int64), groups


def _groups(column: Column) -> tuple[Any, ...]:
    """Return all values that a column may take."""
    if column.kind == "category":
        return column.categories
    return tuple(range(int(column.minimum or 0), int(column.maximum or 0) + 1))

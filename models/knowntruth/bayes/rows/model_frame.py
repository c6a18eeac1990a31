"""From observed rows to codes: which sessions enter, at which level, in which group of each covariate.

Rows enter when the goal is clear and no treatment is missing. They are then put into one order that depends on their
content alone, so shuffling a file changes no bit of the results.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.rows.coefficients import CoefficientLayout
from knowntruth.common.arrays import Floats, Ints
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.datasets.schema.check import check
from knowntruth.datasets.schema.observed import Column, observed_columns

if TYPE_CHECKING:
    import pandas as pd

COVARIATES: Final = ("user_occupation", "mode", "value_band", "month")
TREATMENT: Final = "rated_expertise"

BY: Final = "user_occupation"
"""The covariate over whose groups the effect varies: does the pattern hold across occupations, as claimed?"""


@dataclass(frozen=True, slots=True)
class ModelFrame:
    """Sessions as codes: ``levels[j]`` and ``groups[j]`` count from 0, shape (n,); ``user`` likewise, and sorted.

    ``layout`` gives their meaning; ``outcomes`` are as observed, by column, shape (n,) each; ``known`` is the true
    level of the first treatment, counted from 1, where a validation sample gives it, else 0.
    """

    layout: CoefficientLayout
    levels: tuple[Ints, ...]
    groups: tuple[Ints, ...]
    user: Ints
    outcomes: dict[str, Floats]
    known: Ints

    @property
    def sessions(self) -> int:
        """Number of sessions that enter."""
        return len(self.user)

    @property
    def users(self) -> int:
        """Number of users that enter."""
        return int(self.user[-1]) + 1

    def over_users(self, values: Floats) -> Floats:
        """Return sums over each user's sessions, shape (…, users), of values of shape (…, n)."""
        starts = np.searchsorted(self.user, np.arange(self.users))
        return np.add.reduceat(values, starts, axis=-1)

    @property
    def group_sizes(self) -> tuple[Ints, ...]:
        """Number of sessions in each group of each covariate."""
        coded = zip(self.groups, self.layout.groups.values(), strict=True)
        return tuple(np.bincount(codes, minlength=len(members)) for codes, members in coded)

    @property
    def columns(self) -> Ints:
        """Positions of the coefficients that apply to each session, shape (n, blocks) (see `coefficients`)."""
        return self.layout.columns(self.levels, self.groups)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that a model uses of the data, as 64 hexadecimal digits; independent of the rows' order."""
        # under the layout's first name, so that the same data keep the hash that they had in earlier versions
        digest = hashlib.sha256(repr(self.layout).replace("CoefficientLayout(", "Layout(", 1).encode())
        for values in (*self.levels, *self.groups, self.user, *self.outcomes.values(), self.known):
            digest.update(np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()


def model_frame(
    observed: "pd.DataFrame",
    outcomes: Sequence[str],
    covariates: Sequence[str] = COVARIATES,
    treatment: str = TREATMENT,
    coding: str | None = None,
    by: str | None = BY,
    known: "pd.Series[Any] | None" = None,
) -> ModelFrame:
    """Return the sessions of ``observed`` with a clear goal and known treatments, as codes in canonical order.

    Parameters
    ----------
    outcomes
        Columns of the schema that a model explains.
    coding
        A second column with levels 1-5, whose effect is estimated next to that of ``treatment``.
    by
        Covariate over whose groups the effect varies; ignored where it is not among ``covariates``.
    known
        True levels of validated sessions, by ``session_id``.

    Raises
    ------
    InputError
        When a column is missing or mistyped, no session is left, or a treatment or outcome does not vary.
    """
    treatments = (treatment,) if coding is None else (treatment, coding)
    chosen = _columns_to_read(covariates, treatments, outcomes)
    frame = check(observed, needed=("user_id", "clear_goal", *(c for c in chosen if c in observed_columns())))
    for name in treatments:
        if name not in frame:
            raise InputError(f"the treatment {name!r} is not among the columns: {', '.join(map(str, frame))}")
    frame = frame[frame["clear_goal"].to_numpy(bool) & frame[list(treatments)].notna().all(axis=1).to_numpy()]
    levels = tuple(_levels(frame, name) for name in treatments)
    coded = {name: _code_covariate(frame, name) for name in covariates}
    _, user = np.unique(frame["user_id"].to_numpy(), return_inverse=True)
    values = {name: _require_variation(frame[name].to_numpy(np.float64), name) for name in outcomes}
    validated = _validated_levels(frame, known)
    groups = tuple(codes for codes, _ in coded.values())
    order = np.lexsort((validated, *values.values(), *groups, *levels, user))
    return ModelFrame(
        layout=CoefficientLayout(treatments, {n: g for n, (_, g) in coded.items()}, by if by in coded else None),
        levels=tuple(codes[order] for codes in levels),
        groups=tuple(codes[order] for codes in groups),
        user=user[order].astype(np.int64),
        outcomes={name: column[order] for name, column in values.items()},
        known=validated[order],
    )


def _validated_levels(frame: "pd.DataFrame", known: "pd.Series[Any] | None") -> Ints:
    """Return each session's known true level, 0 where there is none."""
    if known is None:
        return np.zeros(len(frame), np.int64)
    if "session_id" not in frame:
        raise InputError(
            "the validation sample names sessions by session_id, which the data lack; add that column to the data"
        )
    return frame["session_id"].map(known).fillna(0).to_numpy(np.int64)


def _columns_to_read(
    covariates: Sequence[str], treatments: Sequence[str], outcomes: Sequence[str]
) -> tuple[str, ...]:
    """Return the columns to read; raise an error for what cannot be a covariate."""
    allowed = [c.name for c in observed_columns().values() if c.kind in {"category", "level"} and not c.nullable]
    for name in covariates:
        if name not in allowed or name in (*treatments, *outcomes):
            raise InputError(
                f"{name!r} cannot be a covariate of {', '.join(outcomes)} here."
                f" Allowed: {', '.join(sorted(allowed))}; not the treatment or the outcome."
            )
    if len(set(covariates)) < len(covariates):
        raise InputError(f"covariates {tuple(covariates)} name one column twice. Name each once.")
    if len(set(treatments)) < len(treatments):
        raise InputError(f"{treatments[0]!r} is both the treatment and coding expertise. Name two columns.")
    return (*treatments, *covariates, *outcomes)


def _require_variation(values: Floats, outcome: str) -> Floats:
    """Return the outcome as it is; raise an error for one that is constant."""
    if values.min() == values.max():
        raise InputError(
            f"{outcome} is {values[0]:g} in all {len(values)} sessions with a clear goal and a treatment; there is"
            " nothing to explain. Give more sessions, or another outcome."
        )
    return values


def _levels(frame: "pd.DataFrame", treatment: str) -> Ints:
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


def _code_covariate(frame: "pd.DataFrame", name: str) -> tuple[Ints, tuple[Any, ...]]:
    """Return a covariate's codes and its groups."""
    if frame[name].nunique() == 1:
        raise InputError(
            f"the covariate {name} is {frame[name].iloc[0]!r} in all sessions that enter; there is nothing to adjust"
            " for. Leave it out of the covariates."
        )
    groups = _groups(observed_columns()[name])
    position = {group: code for code, group in enumerate(groups)}
    return frame[name].astype(object).map(position).to_numpy(np.int64), groups


def _groups(column: Column) -> tuple[Any, ...]:
    """Return all values that a column may take."""
    if column.kind == "category":
        return column.categories
    return tuple(range(int(column.minimum or 0), int(column.maximum or 0) + 1))

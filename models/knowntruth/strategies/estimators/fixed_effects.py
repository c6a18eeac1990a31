"""Regressions with absorbed effects and instruments, by pyfixest, errors clustered by user.

Controls of many values enter as lines, all others are absorbed, so that people and occupations cost no column.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from knowntruth.common.arrays import Floats, Ints
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import clustered_error
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.estimators.linear import least_squares

WEAK: Final = 10.0
"""First-stage F below which an instrument is called weak (Staiger and Stock 1997, doi:10.2307/2171753)."""

MAX_CATEGORIES: Final = 12
"""A numeric control with at most this many distinct values is absorbed, otherwise it is a line."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """What is moved (``moved``), by what (``by``), each (n,), and the columns that they come from."""

    moved: Floats
    by: Floats
    moved_name: str
    by_name: str


def regress(
    sample: Sample, regressors: Mapping[str, Floats], held: Sequence[str], *,
    effects: Mapping[str, Ints] | None = None, instrument: Instrument | None = None,
) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Return coefficient and standard error of each regressor, and of ``moved`` where there is an instrument.

    Parameters
    ----------
    regressors
        Columns by a plain name, shape (n,) each.
    held
        Controls, columns of the sample's frame.
    effects
        Further effects to absorb, by a plain name: a number for each session.

    Raises
    ------
    InputError
        If an instrument is weak.
    """
    lines = [name for name in held if _is_line(sample.frame[name])]
    absorbed = {f"effect{i}": sample.frame[name].astype("category").cat.codes for i, name in enumerate(held)
                if name not in lines and sample.frame[name].nunique() > 1}  # fmt: skip
    columns = {f"line{i}": sample.frame[name].to_numpy(dtype=np.float64) for i, name in enumerate(lines)}
    exogenous = [*regressors, *columns]
    data = pd.DataFrame({"outcome": sample.outcome, "user": sample.users, **regressors, **columns})
    data = data.assign(**{k: np.asarray(v) for k, v in (absorbed | dict(effects or {})).items()})
    parts = [f"outcome ~ {' + '.join(exogenous) or '1'}", " + ".join((*absorbed, *(effects or ())))]
    if instrument is not None:
        data = data.assign(moved=instrument.moved, mover=instrument.by)
        parts.append("moved ~ mover")
    return _feols(" | ".join(part for part in parts if part), data)


def strength(sample: Sample, instrument: Instrument, others: Floats) -> float:
    """Return the first stage's F, clustered by user: the instrument's own t statistic, squared.

    Parameters
    ----------
    others
        Columns held in the first stage, a constant among them, shape (n, columns).

    Raises
    ------
    InputError
        If it is below `WEAK`.
    """
    first = least_squares(np.column_stack([instrument.by, others]), instrument.moved, keep=1)
    found = float((first.coefficients[0] / clustered_error(first.influence[:, 0], sample.users)) ** 2)
    if not found >= WEAK:
        raise InputError(
            f"column {instrument.by_name!r} hardly moves {instrument.moved_name}: F is {found:.1f}, expected"
            f" {WEAK:g} or more; bring more sessions, or something that moves it"
        )
    return found


def _is_line(values: "pd.Series[float]") -> bool:
    return pd.api.types.is_numeric_dtype(values) and values.nunique() > MAX_CATEGORIES


def _feols(formula: str, data: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Fit, kept from speaking: what pyfixest deprecates is not our user's, and what it drops we checked before."""
    from knowntruth.study.estimation.regression import load_feols

    feols = load_feols()
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.filterwarnings("ignore", message="The inplace keyword", category=DeprecationWarning)
        for said in (".*singleton fixed effect", r"\s*\d+ variables dropped"):
            warnings.filterwarnings("ignore", message=said, category=UserWarning)
        model = feols(formula, data, vcov={"CRV1": "user"}, fixef_rm="none", copy_data=False, store_data=False)
        found, errors = model.coef(), model.se()
    return {str(name): (float(found[name]), float(errors[name])) for name in found.index}

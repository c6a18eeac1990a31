"""Regressions with absorbed fixed effects and instruments, by pyfixest, with errors clustered by user.

Numeric controls with many values enter linearly. All others are absorbed, so that people and occupations need no
columns.
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

MIN_F: Final = 10.0
"""First-stage F below which an instrument is called weak (Staiger and Stock 1997, doi:10.2307/2171753)."""

ENDOGENOUS: Final = "endogenous"
"""The name under which the instrumented variable's coefficient is returned."""

MAX_CATEGORIES: Final = 12
"""A numeric control with at most this many distinct values is absorbed; otherwise it enters linearly."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """An endogenous variable and its instrument, each (n,), and the names of their columns."""

    endogenous: Floats
    values: Floats
    endogenous_name: str
    name: str


def regress(
    sample: Sample,
    regressors: Mapping[str, Floats],
    controls: Sequence[str],
    *,
    effects: Mapping[str, Ints] | None = None,
    instrument: Instrument | None = None,
) -> dict[str, tuple[float, float]]:
    """Return coefficient and standard error of each regressor, and of `ENDOGENOUS` where there is an instrument.

    Parameters
    ----------
    regressors
        Columns by a plain name, shape (n,) each.
    controls
        Columns of the sample's frame to adjust for.
    effects
        Further fixed effects to absorb, by a plain name: a group number for each session, shape (n,).

    Raises
    ------
    InputError
        If an instrument is weak.
    """
    lines = [name for name in controls if _is_line(sample.frame[name])]
    absorbed = {
        f"effect{i}": sample.frame[name].astype("category").cat.codes
        for i, name in enumerate(controls)
        if name not in lines and sample.frame[name].nunique() > 1
    }
    columns = {f"line{i}": sample.frame[name].to_numpy(dtype=np.float64) for i, name in enumerate(lines)}
    exogenous = [*regressors, *columns]
    data = pd.DataFrame({"outcome": sample.outcome, "user": sample.users, **regressors, **columns})
    data = data.assign(**{k: np.asarray(v) for k, v in (absorbed | dict(effects or {})).items()})
    parts = [f"outcome ~ {' + '.join(exogenous) or '1'}", " + ".join((*absorbed, *(effects or ())))]
    if instrument is not None:
        data = data.assign(**{ENDOGENOUS: instrument.endogenous, "instrument": instrument.values})
        parts.append(f"{ENDOGENOUS} ~ instrument")
    return _feols(" | ".join(part for part in parts if part), data)


def first_stage_f(sample: Sample, instrument: Instrument, others: Floats) -> float:
    """Return the F statistic of the first stage, clustered by user: the square of the instrument's t statistic.

    Parameters
    ----------
    others
        The other columns of the first stage, a constant among them, shape (n, columns).

    Raises
    ------
    InputError
        If F is below `MIN_F`.
    """
    first = least_squares(np.column_stack([instrument.values, others]), instrument.endogenous, keep=1)
    f = float((first.coefficients[0] / clustered_error(first.influence[:, 0], sample.users)) ** 2)
    if not f >= MIN_F:
        raise InputError(
            f"column {instrument.name!r} is a weak instrument for {instrument.endogenous_name}: F is {f:.1f},"
            f" expected {MIN_F:g} or more; bring more sessions, or a stronger instrument"
        )
    return f


def _is_line(values: "pd.Series[float]") -> bool:
    return pd.api.types.is_numeric_dtype(values) and values.nunique() > MAX_CATEGORIES


def _feols(formula: str, data: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Fit without warnings: pyfixest's deprecations do not concern users, and what it drops was checked before."""
    from knowntruth.study.estimation.regression import load_feols

    feols = load_feols()
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.filterwarnings("ignore", message="The inplace keyword", category=DeprecationWarning)
        for message in (".*singleton fixed effect", r"\s*\d+ variables dropped"):
            warnings.filterwarnings("ignore", message=message, category=UserWarning)
        model = feols(formula, data, vcov={"CRV1": "user"}, fixef_rm="none", copy_data=False, store_data=False)
        coefficients, errors = model.coef(), model.se()
    return {str(name): (float(coefficients[name]), float(errors[name])) for name in coefficients.index}

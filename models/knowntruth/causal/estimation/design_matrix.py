"""Covariates as sparse columns: dummies for categories, less the most common; else a linear term."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError

Covariate = str | tuple[str, ...]

MAX_CATEGORIES: Final = 12
"""A numeric covariate with at most this many distinct values enters as categories, otherwise as a linear term."""


def numeric_column(data: pd.DataFrame, name: str) -> Floats:
    """Return a column as floats of shape (n,).

    Raises
    ------
    InputError
        If it is missing, has gaps, is not numeric or does not vary.
    """
    if name not in data:
        raise InputError(f"column {name!r} is missing; the data have {', '.join(map(str, data.columns))}: add it")
    try:
        column = data[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"column {name!r} is not numeric; treatment and outcome must be: encode it") from error
    if not np.isfinite(column).all():
        raise InputError(f"column {name!r} has gaps or infinite values; keep only rows where it is known")
    if not len(column) or np.ptp(column) == 0:
        raise InputError(
            f"column {name!r} does not vary over {len(column)} rows; an effect needs variation: add rows"
        )
    return column


def covariate_name(covariate: Covariate) -> str:
    """Return a covariate's name in results.

    Examples
    --------
    >>> covariate_name(("mode", "value_band"))
    'mode x value_band'
    """
    return covariate if isinstance(covariate, str) else " x ".join(covariate)


def block(data: pd.DataFrame, covariate: Covariate) -> sparse.csr_array:
    """Return a covariate's columns, shape (n, columns); a tuple means all combinations that occur.

    Text, categories, flags and numbers with few values become dummies, a missing value is one more category;
    any other number becomes one column, centred and scaled.
    """
    if isinstance(covariate, str) and enters_linearly(data[covariate]):
        column = numeric_column(data, covariate)
        return sparse.csr_array(((column - column.mean()) / column.std())[:, None])
    codes = _codes(data, [covariate] if isinstance(covariate, str) else list(covariate))
    rows = np.flatnonzero(codes)
    shape = (len(codes), int(codes.max(initial=0)))
    return sparse.csr_array((np.ones(len(rows)), (rows, codes[rows] - 1)), shape=shape)


def enters_linearly(column: "pd.Series[Any]") -> bool:
    """Return whether a column enters as a linear term: numeric, with more than `MAX_CATEGORIES` values."""
    return pd.api.types.is_numeric_dtype(column) and column.nunique() > MAX_CATEGORIES


def _codes(data: pd.DataFrame, names: Sequence[str]) -> NDArray[np.int64]:
    """Number the combinations that occur, in the order of their text; the most common gets 0."""
    code = np.zeros(len(data), dtype=np.int64)
    for name in names:
        values = data[name].astype("category")
        # By text, so that the order does not depend on how categories are stored.
        order = np.argsort(np.argsort([str(value) for value in values.cat.categories], kind="stable"))
        code = code * (len(order) + 1) + np.append(order, len(order))[values.cat.codes.to_numpy()]
    _, code = np.unique(code, return_inverse=True)
    reference = np.bincount(code).argmax() if len(code) else 0
    return np.where(code == reference, 0, code + (code < reference)).astype(np.int64)

"""Agreement: how often two readings of the same sessions give the same label.

Computed as the study reports it: exact for every label, and for ordered ones also adjacent, where labels one point
apart agree (figures.csv: reference_agreement_*). The module also has the check against telemetry: the share of
sessions labelled as creating or modifying code that have changed lines (figures.csv: telemetry_agreement_code).
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.datasets.schema.categories import CODEBASE
from knowntruth.datasets.schema.observed import Column, observed_columns
from knowntruth.world.audits.rerating import AGAIN, READ
from knowntruth.world.truths.estimands import clustered_mean

if TYPE_CHECKING:
    import pandas as pd

CHANGES_CODE: Final = CODEBASE[:2]
"""Labels of sessions that create or modify code."""

ORDERED: Final = ("rated_expertise", "success_signal", "failure_signal", "value_band")

PUBLISHED: Final = {
    "ordinal exact": "reference_agreement_ordinal_exact",
    "ordinal adjacent": "reference_agreement_ordinal_adjacent",
    "categorical exact": "reference_agreement_categorical",
}
"""Key in figures.csv of the range that the study gives for each statistic of each kind of classifier."""

CLASSIFIERS: Final = (
    "mode", "codebase", "rated_expertise", "user_occupation", "task_occupation", "outcome", "success_signal",
    "failure_signal",
)  # fmt: skip
"""Labels of the classifiers that these ranges are about; the price and derived labels are not."""


def agreement(pairs: "pd.DataFrame") -> "pd.DataFrame":
    """Return for each label how often its two readings agree.

    Parameters
    ----------
    pairs
        From `rerate`: each label, and its second reading under the same name with ``_again``.

    Returns
    -------
    One row per label and statistic: label, kind (ordinal, categorical, flag), statistic (exact, adjacent), value and
    its standard error clustered by user (shares), n, and the key of the published range, if there is one. Sessions
    that either reader left Unclear do not count in n of an ordered label.

    Examples
    --------
    >>> from knowntruth.world.audits.rerating import rerate
    >>> found = agreement(rerate(kt.simulate("published", 300), 200, seed=1))
    >>> list(found)
    ['label', 'kind', 'statistic', 'value', 'error', 'n', 'figure']
    """
    import pandas as pd

    columns = observed_columns()
    rows = [row for name in READ if columns[name].kind != "real" for row in _rows(pairs, columns[name])]
    return pd.DataFrame(rows, columns=["label", "kind", "statistic", "value", "error", "n", "figure"])


def telemetry_agreement(observed: "pd.DataFrame") -> tuple[float, float, int]:
    """Return the share of sessions labelled as changing code that have changed lines, its standard error, and n."""
    labelled = observed[observed["codebase"].astype(str).isin(CHANGES_CODE)]
    lines: Floats = (labelled["lines_added"] + labelled["lines_removed"]).to_numpy(dtype=np.float64)
    return (*_share(np.asarray(lines > 0, dtype=np.float64), labelled), len(labelled))


def _rows(pairs: "pd.DataFrame", column: Column) -> list[tuple[object, ...]]:
    kind = "ordinal" if column.name in ORDERED else "categorical" if column.categories else "flag"
    first, second = _numbers(pairs, column.name), _numbers(pairs, column.name + AGAIN)
    both = np.isfinite(first) & np.isfinite(second)
    apart = np.abs(first - second)[both]
    found = [("exact", apart == 0)] + ([("adjacent", apart <= 1)] if kind == "ordinal" else [])
    among = pairs[both]
    keys = PUBLISHED if column.name in CLASSIFIERS else {}
    return [
        (
            column.name,
            kind,
            statistic,
            *_share(np.asarray(agree, dtype=np.float64), among),
            len(among),
            keys.get(f"{kind} {statistic}", ""),
        )
        for statistic, agree in found
    ]


def _numbers(pairs: "pd.DataFrame", name: str) -> Floats:
    column = observed_columns()[name.removesuffix(AGAIN)]
    if column.categories:
        import pandas as pd

        return pd.Categorical(pairs[name], categories=list(column.categories)).codes.astype(float)
    return pairs[name].to_numpy(dtype=float, na_value=np.nan)


def _share(agree: Floats, among: "pd.DataFrame") -> tuple[float, float]:
    if not len(agree):
        return float("nan"), float("nan")
    return clustered_mean(agree, np.unique(among["user_id"].to_numpy(), return_inverse=True)[1])

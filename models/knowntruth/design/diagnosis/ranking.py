"""Rank strategies over all worlds of a table, with the uncertainty of the ranks.

Strategies that give points and strategies that give ranges are compared by one measure, the interval score (Gneiting
and Raftery 2007, doi:10.1198/016214506000001437): the width of the interval plus, where it misses the truth, the
distance missed times two over the share of misses allowed. The score is proper: it rewards neither too narrow nor too
wide intervals. Ratios are scored as logarithms. A missing answer counts as the worst answer to the same data.

Scores are averaged over worlds as logarithms, so that each world has the same weight whatever its unit. The
uncertainty comes from a bootstrap over replicates, resampled jointly for all worlds and strategies, since they share
their seeds.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.scoring.scores import interval_score
from knowntruth.design.diagnosis.diagnose_table import case_columns

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("estimand", "strategy", "score", "rank", "rank_lower", "rank_upper", "first", "answered")
"""``score`` is relative to the best strategy's; ranks have 95% limits; ``first`` is the share of bootstrap samples in
which the strategy came first; ``answered`` the share of replicates with an answer."""

N_BOOTSTRAP: Final = 1000
"""Bootstrap samples."""

MIN_SCORE: Final = 1e-12
"""Lower limit of a score, so that a score of 0 (an interval equal to the truth) has a logarithm."""


def rank_strategies(table: "pd.DataFrame", confidence: float = 0.95, seed: int = 1) -> "pd.DataFrame":
    """Return one row per estimand and strategy, best first; see `COLUMNS`.

    Raises
    ------
    InputError
        If no strategy has an answer for any replicate.

    Examples
    --------
    >>> two = {"strategy": ["close", "far"] * 2, "lower": [0.0, 5.0] * 2, "upper": [2.0, 7.0] * 2}
    >>> case = {"world": "w", "replicate": [0, 0, 1, 1]}
    >>> table = pd.DataFrame({**case, **two, "estimand": "e", "truth": 1.0, "no_effect": 0.0})
    >>> rank_strategies(table)[["strategy", "rank"]].values.tolist()
    [['close', 1], ['far', 2]]
    """
    import pandas as pd

    parts = []
    for name, rows in table.groupby("estimand", sort=False):
        strategies, scores, answered = _scores(rows, confidence)
        parts.append(_ranked(str(name), strategies, scores, answered, np.random.default_rng(seed)))
    return pd.concat(parts, ignore_index=True)


def _scores(rows: "pd.DataFrame", confidence: float) -> tuple[list[str], Floats, Floats]:
    """Return strategies (s), their scores (s, cases, replicates), and the shares of answers (s)."""
    case = [*case_columns(rows), *(["subgroup"] if "subgroup" in rows else [])]
    rows = rows.assign(case=rows.groupby(case, sort=False, dropna=False).ngroup())
    lower, upper, truth = (_scaled(rows, name) for name in ("lower", "upper", "truth"))
    rows = rows.assign(score=interval_score(lower, upper, truth, confidence))
    wide = rows.pivot_table(index="strategy", columns=["case", "replicate"], values="score", sort=False, dropna=False)
    cases = rows["case"].nunique()
    found = wide.reindex(columns=sorted(wide.columns)).to_numpy().reshape(len(wide), cases, -1)
    finite = np.isfinite(found)
    if not finite.any():
        raise InputError("no strategy has an answer, so there is nothing to rank; see the column error")
    worst = np.where(finite, found, -np.inf).max(axis=0)
    worst = np.where(np.isfinite(worst), worst, found[finite].max())
    return [str(name) for name in wide.index], np.where(finite, found, worst), finite.mean(axis=(1, 2))


def _scaled(rows: "pd.DataFrame", name: str) -> Floats:
    """Return a column, with ratios as logarithms."""
    values: Floats = rows[name].to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(rows["no_effect"].eq(1.0), np.log(values), values)


def _ranked(
    name: str, strategies: list[str], scores: Floats, answered: Floats, rng: np.random.Generator
) -> "pd.DataFrame":
    import pandas as pd

    whole = _overall(scores)
    replicates = scores.shape[2]
    resampled = np.array(
        [_overall(scores[..., rng.integers(replicates, size=replicates)]) for _ in range(N_BOOTSTRAP)]
    )
    places = resampled.argsort(axis=1).argsort(axis=1) + 1
    columns: dict[str, Any] = {
        "estimand": name,
        "strategy": strategies,
        "score": np.exp(whole - whole.min()),
        "rank": whole.argsort().argsort() + 1,
        "rank_lower": np.quantile(places, 0.025, axis=0, method="inverted_cdf"),
        "rank_upper": np.quantile(places, 0.975, axis=0, method="inverted_cdf"),
        "first": (places == 1).mean(axis=0),
        "answered": answered,
    }
    return pd.DataFrame(columns)[list(COLUMNS)].sort_values("rank", kind="stable")


def _overall(scores: Floats) -> Floats:
    """Return the mean over worlds of the logarithm of each strategy's mean score, shape (strategies,)."""
    logs: Floats = np.log(np.maximum(scores.mean(axis=2), MIN_SCORE)).mean(axis=1)
    return logs

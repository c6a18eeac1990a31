"""Which strategy does best over all worlds of a table, and how sure that is.

Strategies that give points and strategies that give ranges are held to one measure, the interval score (Gneiting and
Raftery 2007, doi:10.1198/016214506000001437): the width of the interval, and, where it misses the truth, the miss
times two over the share of misses allowed. Nothing gains by intervals too narrow or too wide. Effects that are ratios
are scored as logarithms. No answer counts as the worst answer that any strategy gave to those data.

Over worlds, scores are averaged as logarithms, so that each world counts the same whatever its unit. The uncertainty
is a bootstrap over replicates, drawn together for all worlds and strategies, since they share their seeds.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.design.diagnosis.diagnose_table import parameters

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("estimand", "strategy", "score", "rank", "rank_lower", "rank_upper", "first", "answered")
"""``score`` is relative to the best strategy's; ranks have 95% limits; ``first`` is the share of bootstrap samples in
which the strategy came first; ``answered`` the share of replicates with an answer."""

SAMPLES: Final = 1000
"""Bootstrap samples."""

MIN_SCORE: Final = 1e-12
"""A score of nothing, as of a strategy that knows the truth, still has a logarithm."""


def ranking(table: "pd.DataFrame", confidence: float = 0.95, seed: int = 1) -> "pd.DataFrame":
    """Return a row an estimand and strategy, the best first; see `COLUMNS`.

    Raises
    ------
    InputError
        If no strategy has an answer to any of the data.

    Examples
    --------
    >>> import pandas as pd
    >>> two = {"strategy": ["close", "far"] * 2, "lower": [0.0, 5.0] * 2, "upper": [2.0, 7.0] * 2}
    >>> case = {"world": "w", "replicate": [0, 0, 1, 1]}
    >>> table = pd.DataFrame({**case, **two, "estimand": "e", "truth": 1.0, "no_effect": 0.0})
    >>> ranking(table)[["strategy", "rank"]].values.tolist()
    [['close', 1], ['far', 2]]
    """
    import pandas as pd

    parts = []
    for name, rows in table.groupby("estimand", sort=False):
        strategies, scores, answered = _scores(rows, 1 - confidence)
        parts.append(_ranked(str(name), strategies, scores, answered, np.random.default_rng(seed)))
    return pd.concat(parts, ignore_index=True)


def interval_score(lower: Floats, upper: Floats, truth: Floats, misses: float) -> Floats:
    """Return the interval score of intervals that may miss the truth with the chance ``misses``; any shape.

    Examples
    --------
    >>> interval_score(np.array([0.0, 1.0]), np.array([2.0, 3.0]), np.array([1.0, 0.5]), 0.05).tolist()
    [2.0, 22.0]
    """
    below, above = np.maximum(lower - truth, 0.0), np.maximum(truth - upper, 0.0)
    return upper - lower + 2 / misses * (below + above)


def _scores(rows: "pd.DataFrame", misses: float) -> tuple[list[str], Floats, Floats]:
    """Return strategies (s), their scores (s, cases, replicates), and the shares of answers (s)."""
    told_by = [*parameters(rows), *(["subgroup"] if "subgroup" in rows else [])]
    rows = rows.assign(case=rows.groupby(told_by, sort=False, dropna=False).ngroup())
    lower, upper, truth = (_scaled(rows, name) for name in ("lower", "upper", "truth"))
    rows = rows.assign(score=interval_score(lower, upper, truth, misses))
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
    """Return a column, as logarithms where effects are ratios."""
    values: Floats = rows[name].to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(rows["no_effect"].eq(1.0), np.log(values), values)


def _ranked(
    name: str, strategies: list[str], scores: Floats, answered: Floats, rng: np.random.Generator
) -> "pd.DataFrame":
    import pandas as pd

    whole = _overall(scores)
    replicates = scores.shape[2]
    drawn = np.array([_overall(scores[..., rng.integers(replicates, size=replicates)]) for _ in range(SAMPLES)])
    places = drawn.argsort(axis=1).argsort(axis=1) + 1
    columns: dict[str, Any] = {
        "estimand": name, "strategy": strategies, "score": np.exp(whole - whole.min()),
        "rank": whole.argsort().argsort() + 1,
        "rank_lower": np.quantile(places, 0.025, axis=0, method="inverted_cdf"),
        "rank_upper": np.quantile(places, 0.975, axis=0, method="inverted_cdf"),
        "first": (places == 1).mean(axis=0), "answered": answered,
    }  # fmt: skip
    return pd.DataFrame(columns)[list(COLUMNS)].sort_values("rank", kind="stable")


def _overall(scores: Floats) -> Floats:
    """Return the mean over worlds of the logarithm of each strategy's mean score, shape (strategies,)."""
    logs: Floats = np.log(np.maximum(scores.mean(axis=2), MIN_SCORE)).mean(axis=1)
    return logs

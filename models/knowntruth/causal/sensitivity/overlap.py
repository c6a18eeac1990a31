"""Rules that describe the region of overlap, learned by DoWhy's OverRule, then tested on other users.

OverRule (Oberst, Johansson, Wei, Gao, Brat, Sontag and Varshney 2020, arXiv:1907.04138) marks the rows whose
propensity is not near 0 or 1, and learns a few rules that hold for nearly all of them, such as "mode is not build". A
reader sees not only how many sessions lack a counterpart, but which. DoWhy gives the rules
(`assess_support_and_overlap`) and no verdict. Here they are learned on one half of the users, one session each, and
tested on the other half: outside the rules, the rarer group must be rarer than overlap allows.

OverRule also has rules of *support*. They compare the rows with simulated ones whose dummies are drawn independently,
so that these have two months or none; they are not used here. DoWhy estimates propensities by random forests on a
grid of settings, which takes a minute for 10,000 rows; the boosted trees of `omitted_variable_bounds` replace them.
"""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import stats

from knowntruth.causal import dowhy_guard
from knowntruth.causal.check import Check
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.design_matrix import enters_linearly
from knowntruth.causal.estimation.weighting import MIN_UPPER_LEVEL
from knowntruth.causal.sensitivity import omitted_variable_bounds
from knowntruth.common.arrays import Floats

MIN_PROPENSITY: Final = 0.05
"""A session with a smaller propensity of either group lacks overlap; also the largest share of such sessions."""

FALSE_ALARMS: Final = 0.01
RULE_ROWS: Final = 4000
"""Sessions, one per user: half to learn the rules, which takes seconds, and half to test them."""

MIN_GROUP: Final = 100
"""The smallest group; with fewer sessions a small propensity cannot be distinguished from zero."""

MAX_RULES_SHOWN: Final = 3
"""The largest number of rules in a note."""

TEMPLATE: Final = Check(
    name="overlap rules",
    question="Which sessions have no counterpart in the other group, given the covariates?",
    treatment="",
    outcome="",
    statistic="share of sessions outside the rules that describe the overlap",
    rule=f"alarm if more than {MIN_PROPENSITY:.0%} lie outside and their rarer group is rarer than propensities of"
    f" {MIN_PROPENSITY:.0%} allow, by a binomial test at {FALSE_ALARMS:.0%}",
    null=f"everyone has a propensity of {MIN_PROPENSITY:.0%} or more for either group",
    false_alarms=FALSE_ALARMS,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules of overlap in words, any of which suffices, and the test sessions outside all of them.

    ``rarer`` states for each test session outside whether it is in the group that is rarer there. No words means that
    nobody in the training half has a counterpart. ``tested`` counts the test sessions.
    """

    words: tuple[str, ...]
    tested: int
    rarer: "np.ndarray[Any, np.dtype[np.bool_]]"


def overlap_rules(analysis: Analysis) -> Iterator[Check]:
    """Yield the rules that describe where the two groups of the treatment overlap, with their verdict."""
    blank = replace(TEMPLATE, treatment=analysis.treatment, outcome=analysis.outcome, n=analysis.whole.n)
    features, upper = _rows(analysis)
    smaller = int(min(upper.sum(), len(upper) - upper.sum()))
    if smaller < MIN_GROUP or features.empty:
        few = f"{smaller} of {len(upper):,} sessions, one per user, in the smaller group; {MIN_GROUP} needed"
        yield replace(blank, verdict="unavailable", note="there are no covariates" if features.empty else few)
        return
    seed = dowhy_guard.stream_seeds(analysis.seed, "rules of overlap", 1)[0]
    yield judge(blank, learn_rules(features, upper, seed), len(upper))


def judge(blank: Check, found: Rules, n: int) -> Check:
    """Return the check: the share outside with its exact 95% interval, and the binomial test of those outside."""
    outside, rare = len(found.rarer), int(found.rarer.sum())
    lower, upper = _exact(outside, found.tested)
    chance = float(stats.binom.cdf(rare, outside, MIN_PROPENSITY)) if outside else 1.0
    alarm = outside > MIN_PROPENSITY * found.tested and chance <= FALSE_ALARMS
    counts = f"{outside:,} of {found.tested:,} test sessions, {rare:,} of them in the group that is rarer there"
    return replace(
        blank,
        value=outside / found.tested,
        lower=lower,
        upper=upper,
        n=n,
        verdict="alarm" if alarm else "pass",
        note=f"{_describe(found.words)}; outside: {counts}; one session per user, {n:,} in all",
    )


def _exact(count: int, of: int) -> tuple[float, float]:
    """Return the exact 95% interval of a share (Clopper and Pearson)."""
    ends = np.asarray(stats.beta.ppf([0.025, 0.975], [count, count + 1], [of - count + 1, of - count]))
    return float(ends[0]) if count else 0.0, float(ends[1]) if count < of else 1.0


def learn_rules(features: pd.DataFrame, upper: Floats, seed: int) -> Rules:
    """Learn the rules on the first half of the rows and test them on the second; rows are in random order.

    Parameters
    ----------
    features
        Covariates, dummies as 0 and 1; shape (n, columns).
    upper
        0 or 1, shape (n,); each half must have both groups.
    """
    half = len(features) // 2
    analyzer = _analyzer(features.iloc[:half], upper[:half], seed)
    fresh, group = features.iloc[half:], upper[half:]
    overlapping = np.asarray(analyzer.raw_overlap_set, dtype=bool)
    if overlapping.all():
        return Rules(("anything",), len(fresh), np.zeros(0, dtype=bool))
    inside = np.zeros(len(fresh), dtype=bool)
    words: tuple[str, ...] = ()
    if overlapping.any():
        inside = np.asarray(analyzer.predict_overlap_support(fresh), dtype=bool)
        words = tuple(" and ".join(map(_atom, rule)) for rule in analyzer.RS_overlap_estimator.rules())
    if inside.all():
        return Rules(words, len(fresh), np.zeros(0, dtype=bool))
    learner = omitted_variable_bounds.propensity_classifier(seed).fit(features.iloc[:half].to_numpy(), upper[:half])
    likely = learner.predict_proba(fresh[~inside].to_numpy())[:, 1] > 0.5
    return Rules(words, len(fresh), np.asarray(likely != (group[~inside] > 0.5), dtype=bool))


def _analyzer(features: pd.DataFrame, upper: Floats, seed: int) -> Any:
    """Return DoWhy's fitted analyser; the assertion that it fails where no row overlaps is caught."""
    with dowhy_guard.quietly(seed):
        from dowhy.causal_refuters.assess_overlap_overrule import (
            OverlapConfig,
            OverruleAnalyzer,
        )

        analyzer = OverruleAnalyzer(
            list(features),
            _GROUP,
            overlap_config=OverlapConfig(),
            prop_estimator=omitted_variable_bounds.propensity_classifier(seed),
            overlap_eps=MIN_PROPENSITY,
            overlap_only=True,
        )
        with contextlib.redirect_stdout(io.StringIO()):  # it prints if there is nothing to learn
            try:
                analyzer.fit(features.assign(**{_GROUP: upper}))
            except AssertionError:
                if np.any(analyzer.raw_overlap_set):
                    raise
    return analyzer


_GROUP: Final = "in the upper group"


def _rows(analysis: Analysis) -> tuple[pd.DataFrame, Floats]:
    """Return covariates and group of one session per user, at most `RULE_ROWS` of them, in random order."""
    rng = np.random.default_rng(dowhy_guard.stream_seeds(analysis.seed, "rows for the rules", 1))
    shuffled = rng.permutation(len(analysis.data))
    _, first = np.unique(analysis.data["user_id"].to_numpy()[shuffled], return_index=True)
    data = analysis.data.iloc[rng.permutation(shuffled[first])[:RULE_ROWS]].reset_index(drop=True)
    upper = (data[analysis.treatment].to_numpy(dtype=np.float64) >= MIN_UPPER_LEVEL).astype(np.float64)
    parts = [_columns(data[name]) for name in analysis.identification.adjustment]
    features = pd.concat(parts, axis=1) if parts else pd.DataFrame(index=data.index)
    return features.loc[:, features.iloc[: len(data) // 2].nunique() > 1], upper


def _columns(column: "pd.Series[Any]") -> pd.DataFrame:
    """Return numbers with many values as they are, and all else as dummies named ``column=value``."""
    if enters_linearly(column):
        return column.astype(np.float64).to_frame()
    return pd.get_dummies(column.astype(str), prefix=str(column.name), prefix_sep="=").astype(np.int64)


def _atom(atom: tuple[str, str, Any]) -> str:
    """Return one condition of DoWhy's in words."""
    name, sign, value = atom
    if sign in ("", "not"):
        column, _, level = name.partition("=")
        return f"{column} is {sign + ' ' if sign else ''}{level}"
    return f"{name} {_SIGNS[sign]} {value:.4g}"


_SIGNS: Final = {"<=": "at most", ">": "above"}


def _describe(words: tuple[str, ...]) -> str:
    if not words:
        return "no session has a counterpart"
    more = f" (and {len(words) - MAX_RULES_SHOWN} rules more)" if len(words) > MAX_RULES_SHOWN else ""
    return f"overlap where {'; or '.join(words[:MAX_RULES_SHOWN])}{more}"

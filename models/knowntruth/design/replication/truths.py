"""Truths: the true values for the answers of a plan, simulated once per world and contrast.

A strategy that studies another treatment is compared with the truth about that treatment. The truth is simulated from
its own seed and sample size, and has a Monte Carlo error.
"""

import json
from typing import TYPE_CHECKING

from knowntruth.design.replication.plan import Plan
from knowntruth.design.sources.source import Source, Truth, TruthQuery
from knowntruth.design.sources.subgroups import EVERYONE
from knowntruth.world.streaming.workers import run_jobs

if TYPE_CHECKING:
    import pyarrow as pa

    from knowntruth.design.replication.store import Store

Contrast = tuple[int, str, str, str]
"""Case, estimand, treatment and levels of the answer, and subgroup."""


def find_truths(plan: Plan, rows: "pa.Table", store: "Store | None") -> dict[Contrast, Truth]:
    """Return the truth of every contrast that was answered in a case; cases of one world share theirs."""
    keys = {contrast: _key(plan, contrast) for contrast in sorted(answered_contrasts(rows))}
    kept = {key: None if store is None else store.truth(key) for key in keys.values()}
    known = {key: truth for key, truth in kept.items() if truth is not None}
    wanted = {key: contrast for contrast, key in keys.items() if key not in known}
    for key, truth in run_jobs(
        _found, [(key, *_asked(plan, wanted[key]), plan.truth_sessions, plan.seed) for key in sorted(wanted)]
    ):
        if store is not None:
            store.keep_truth(key, truth)
        known[key] = truth
    return {contrast: known[key] for contrast, key in keys.items()}


def answered_contrasts(rows: "pa.Table") -> set[Contrast]:
    """Return which contrasts were answered in which cases."""
    names = ("case", "estimand", "effect_of", "subgroup")
    distinct = rows.select(names).group_by(list(names)).aggregate([])
    return {(r["case"], r["estimand"], r["effect_of"], r["subgroup"]) for r in distinct.to_pylist() if r["effect_of"]}


def _found(key: str, source: Source, asked: TruthQuery, sessions: int, seed: int) -> tuple[str, Truth]:
    return key, source.truth(asked, sessions, seed)


def _key(plan: Plan, contrast: Contrast) -> str:
    case, *asked = contrast
    return json.dumps([plan.cases[case].source.truth_key(), *asked, plan.truth_sessions, plan.seed])


def _asked(plan: Plan, contrast: Contrast) -> tuple[Source, TruthQuery]:
    case, estimand, effect_of, subgroup = contrast
    treatment, levels = effect_of.split(" ", 1)
    high, low = levels.split(" vs ")
    named = {question.estimand.name: question.estimand for question in plan.questions}
    of = (None, None) if subgroup == EVERYONE else (plan.by, subgroup)
    return plan.cases[case].source, TruthQuery(named[estimand], treatment, int(high), int(low), *of)

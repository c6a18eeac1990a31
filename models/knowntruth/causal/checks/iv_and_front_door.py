"""Estimates by instrument and by front door, through DoWhy, each with a placebo of its own.

DoWhy's placebo for an instrument is absurd and for a front door changes nothing (its estimates are sound). So the
shuffling is done here: a shuffled instrument must move nothing, and a shuffled treatment must not act through its
mediators. Both estimators know straight lines only.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import networkx as nx
import numpy as np
import pandas as pd

from knowntruth.causal import dowhy_guard
from knowntruth.causal.check import Check
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import standard_errors
from knowntruth.causal.identification.identify import join_names
from knowntruth.causal.identification.instruments import Instrument, find_instruments
from knowntruth.causal.refutation.refute import FALSE_ALARMS, judge_placebo
from knowntruth.common.arrays import Floats

WEAK: Final = 10.0
"""An instrument whose F statistic is lower is weak (Staiger and Stock 1997)."""


def iv_and_front_door(case: Analysis) -> Iterator[Check]:
    """Estimate by the first instrument and by the front door, where the graph offers them and the data have them."""
    columns = {str(name) for name in case.data}
    known = {
        name for name in columns if pd.api.types.is_numeric_dtype(case.data[name]) and case.data[name].notna().all()
    }
    offered = [
        one
        for one in find_instruments(case.graph, case.treatment, case.outcome)
        if one.name in known and columns.issuperset(one.held)
    ]
    if offered:
        yield from _instrument(case, offered[0])
    mediators = case.identification.front_door
    if mediators and known.issuperset(mediators):
        yield from _front_door(case, mediators)


def _instrument(case: Analysis, one: Instrument) -> Iterator[Check]:
    """Estimate by DoWhy on residuals, and ask whether the instrument is strong and its shuffle does nothing."""
    first = partial_out(case.data, one.name, case.treatment, one.held)
    reduced = partial_out(case.data, one.name, case.outcome, one.held)
    frame = pd.DataFrame({
        one.name: first.treatment - first.treatment_score,
        case.treatment: first.outcome - first.outcome_score,
        case.outcome: reduced.outcome - reduced.outcome_score,
    })  # fmt: skip
    value = ratio(frame)
    slope = _slope(frame[one.name], frame[case.treatment])
    left = frame[case.outcome].to_numpy() - value * frame[case.treatment].to_numpy()
    error = _clustered(frame[one.name].to_numpy(), left, first.users) / abs(slope)
    told = case.scaled(value, value - 1.96 * error, value + 1.96 * error)
    yield Check(
        name="instrument", question=f"What is one level worth to those whom {one.name} moves?",
        treatment=case.treatment, outcome=case.outcome, n=first.n, statistic=f"{case.unit}, one level",
        value=told[0], lower=told[1], upper=told[2], note=f"by {one.name}, with {join_names(one.held)} held",
    )  # fmt: skip
    strength = (slope / standard_errors(first, slope)[0]) ** 2
    yield Check(
        name="weak instrument", question=f"Does {one.name} move the treatment by more than chance would?",
        treatment=case.treatment, outcome=case.outcome, n=first.n, value=strength,
        statistic="F of the first stage, clustered by user", verdict="pass" if strength >= WEAK else "alarm",
        rule=f"alarm if below {WEAK:g}", null="the instrument moves the treatment strongly",
    )  # fmt: skip
    yield _shuffled(case, "placebo instrument", f"Does a shuffled {one.name} move the outcome?", first.n, [
        _slope(rng.permutation(frame[one.name]), frame[case.outcome]) for rng in _streams(case, "placebo instrument")
    ])  # fmt: skip


def ratio(frame: pd.DataFrame) -> float:
    """Return DoWhy's estimate of the second column's effect on the third, by the first as the one instrument."""
    instrument, treatment, outcome = frame.columns
    graph: nx.DiGraph[str] = nx.DiGraph([(instrument, treatment), (treatment, outcome)])
    graph.add_edges_from([("hidden cause", treatment), ("hidden cause", outcome)])
    return _dowhy(frame, graph, "iv.instrumental_variable", {"iv_instrument_name": instrument})


def _front_door(case: Analysis, mediators: Sequence[str]) -> Iterator[Check]:
    frame = case.data[[case.treatment, *mediators, case.outcome]].astype(float)
    rng = np.random.default_rng(dowhy_guard.stream_seeds(case.seed, "rows for the front door", 1))
    chosen = np.sort(rng.choice(len(frame), size=min(case.sample.n, len(frame)), replace=False))
    frame = frame.iloc[chosen].reset_index(drop=True)
    value = two_stage(frame)
    yield Check(
        name="front door", question=f"What is one level worth through {join_names(mediators)}?", n=len(frame),
        treatment=case.treatment, outcome=case.outcome, statistic=f"{case.unit}, one level",
        value=case.scaled(value)[0], note="two stages of straight lines",
    )  # fmt: skip
    effects = []
    for stream in _streams(case, "placebo front door"):
        shuffled = frame.assign(**{case.treatment: stream.permutation(frame[case.treatment].to_numpy())})
        effects.append(_through(shuffled, mediators))
    question = "Does a shuffled treatment act through the mediators?"
    yield _shuffled(case, "placebo front door", question, len(frame), effects)


def two_stage(frame: pd.DataFrame) -> float:
    """Return DoWhy's front-door estimate: first column treatment, last outcome, mediators between."""
    treatment, *mediators, outcome = frame.columns
    graph: nx.DiGraph[str] = nx.DiGraph([("hidden cause", treatment), ("hidden cause", outcome)])
    graph.add_edges_from([(treatment, m) for m in mediators] + [(m, outcome) for m in mediators])
    return _dowhy(frame, graph, "frontdoor.two_stage_regression", None)


def _through(frame: pd.DataFrame, mediators: Sequence[str]) -> float:
    """The same by least squares: what treatment does to mediators, times what these do at a given treatment."""
    values = frame.to_numpy()
    ones = np.ones((len(values), 1))
    inner = np.linalg.lstsq(np.hstack([ones, values[:, :1]]), values[:, 1:-1])[0][1]
    outer = np.linalg.lstsq(np.hstack([ones, values[:, :-1]]), values[:, -1])[0][2 : 2 + len(mediators)]
    return float(inner @ outer)


def _dowhy(frame: pd.DataFrame, graph: "nx.DiGraph[str]", method: str, parameters: dict[str, Any] | None) -> float:
    dowhy = dowhy_guard.import_dowhy()
    treatment, outcome = (frame.columns[1] if "iv" in method else frame.columns[0]), frame.columns[-1]
    with dowhy_guard.quietly():
        model = dowhy.CausalModel(data=frame.copy(), treatment=treatment, outcome=outcome, graph=graph)
        estimand = model.identify_effect(proceed_when_unidentifiable=True)
        estimate = model.estimate_effect(
            estimand,
            method_name=method,
            control_value=0,
            treatment_value=1,
            effect_modifiers=[],
            confidence_intervals=False,
            test_significance=False,
            method_params=parameters,
        )
    return float(estimate.value)


def _shuffled(case: Analysis, name: str, question: str, n: int, effects: Sequence[float]) -> Check:
    drawn = judge_placebo(np.array(effects))
    return Check(
        name=name, question=question, treatment=case.treatment, outcome=case.outcome, n=n,
        statistic=f"mean effect over {len(effects)} simulations", value=float(np.mean(effects)), lower=drawn.lower,
        upper=drawn.upper, verdict=drawn.verdict, null="what is shuffled does nothing",
        rule="alarm if the mean effect differs from 0", false_alarms=FALSE_ALARMS, note=drawn.note,
    )  # fmt: skip


def _streams(case: Analysis, name: str) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in dowhy_guard.stream_seeds(case.seed, name, case.simulations)]


def _slope(cause: Any, effect: Any) -> float:
    x, y = (np.asarray(values) - np.mean(values) for values in (cause, effect))
    return float(x @ y / (x @ x))


def _clustered(cause: Floats, residual: Floats, users: Any) -> float:
    """Standard error of the slope of ``residual`` on ``cause``, by user."""
    centred = cause - cause.mean()
    scores = np.bincount(users, weights=centred * (residual - residual.mean()))
    return float(np.sqrt(scores @ scores) / (centred @ centred))

"""Estimates by instrument and by front door, through DoWhy, each with a placebo test.

DoWhy's estimates are sound, but its placebo for an instrument makes no sense and its placebo for a front door changes
nothing. The shuffling is therefore done here: a shuffled instrument must not affect the outcome, and a shuffled
treatment must not act through its mediators. Both estimators are linear.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import networkx as nx
import numpy as np
import pandas as pd

from knowntruth.causal import dowhy_guard
from knowntruth.causal.check import Check
from knowntruth.causal.checks.rows import make_check
from knowntruth.causal.estimation.analysis import Analysis
from knowntruth.causal.estimation.partial_out import partial_out
from knowntruth.causal.estimation.regression import standard_errors
from knowntruth.causal.identification.identify import join_names
from knowntruth.causal.identification.instruments import Instrument, find_instruments
from knowntruth.causal.refutation import placebo
from knowntruth.causal.refutation.base import FALSE_ALARMS
from knowntruth.common.arrays import Floats
from knowntruth.common.intervals import Z_95_ROUNDED

MIN_F: Final = 10.0
"""An instrument whose F statistic is lower is weak (Staiger and Stock 1997)."""


def iv_and_front_door(analysis: Analysis) -> Iterator[Check]:
    """Estimate by the first instrument and by the front door, where the graph has them and the data show them."""
    data = analysis.data
    columns = {str(name) for name in data}
    known = {name for name in columns if pd.api.types.is_numeric_dtype(data[name]) and data[name].notna().all()}
    offered = [
        one
        for one in find_instruments(analysis.graph, analysis.treatment, analysis.outcome)
        if one.name in known and columns.issuperset(one.held)
    ]
    if offered:
        yield from _instrument(analysis, offered[0])
    mediators = analysis.identification.front_door
    if mediators and known.issuperset(mediators):
        yield from _front_door(analysis, mediators)


def _instrument(analysis: Analysis, one: Instrument) -> Iterator[Check]:
    """Estimate by DoWhy on residuals, and test the strength of the instrument and its placebo."""
    first = partial_out(analysis.data, one.name, analysis.treatment, one.held)
    reduced = partial_out(analysis.data, one.name, analysis.outcome, one.held)
    residuals = {
        one.name: first.treatment - first.treatment_score,
        analysis.treatment: first.outcome - first.outcome_score,
        analysis.outcome: reduced.outcome - reduced.outcome_score,
    }
    frame = pd.DataFrame(residuals)
    value = ratio(frame)
    slope = _slope(frame[one.name], frame[analysis.treatment])
    left = frame[analysis.outcome].to_numpy() - value * frame[analysis.treatment].to_numpy()
    error = _clustered(frame[one.name].to_numpy(), left, first.users) / abs(slope)
    margin = Z_95_ROUNDED * error
    value, lower, upper = analysis.scaled(value, value - margin, value + margin)
    yield make_check(
        analysis,
        "instrument",
        f"What is the effect of one level among those whom {one.name} affects?",
        f"{analysis.unit}, one level",
        value=value,
        lower=lower,
        upper=upper,
        n=first.n,
        note=f"instrument {one.name}, adjusted for {join_names(one.held)}",
    )
    strength = (slope / standard_errors(first, slope)[0]) ** 2
    yield make_check(
        analysis,
        "weak instrument",
        f"Does {one.name} affect the treatment by more than chance?",
        "F of the first stage, clustered by user",
        value=strength,
        n=first.n,
        verdict="pass" if strength >= MIN_F else "alarm",
        rule=f"alarm if below {MIN_F:g}",
        null="the instrument affects the treatment strongly",
    )
    effects = [
        _slope(rng.permutation(frame[one.name]), frame[analysis.outcome])
        for rng in _streams(analysis, "placebo instrument")
    ]
    question = f"Does a shuffled {one.name} affect the outcome?"
    yield _placebo(analysis, "placebo instrument", question, first.n, effects)


def ratio(frame: pd.DataFrame) -> float:
    """Return DoWhy's estimate of the effect of the second column on the third, with the first as instrument."""
    instrument, treatment, outcome = frame.columns
    graph: nx.DiGraph[str] = nx.DiGraph([(instrument, treatment), (treatment, outcome)])
    graph.add_edges_from([("hidden cause", treatment), ("hidden cause", outcome)])
    return _estimate(frame, graph, "iv.instrumental_variable", {"iv_instrument_name": instrument})


def _front_door(analysis: Analysis, mediators: Sequence[str]) -> Iterator[Check]:
    frame = analysis.data[[analysis.treatment, *mediators, analysis.outcome]].astype(float)
    rng = np.random.default_rng(dowhy_guard.stream_seeds(analysis.seed, "rows for the front door", 1))
    chosen = np.sort(rng.choice(len(frame), size=min(analysis.sample.n, len(frame)), replace=False))
    frame = frame.iloc[chosen].reset_index(drop=True)
    value = two_stage(frame)
    yield make_check(
        analysis,
        "front door",
        f"What is the effect of one level through {join_names(mediators)}?",
        f"{analysis.unit}, one level",
        n=len(frame),
        value=analysis.scaled(value)[0],
        note="two stages of linear regression",
    )
    effects = []
    for stream in _streams(analysis, "placebo front door"):
        shuffled = frame.assign(**{analysis.treatment: stream.permutation(frame[analysis.treatment].to_numpy())})
        effects.append(_through(shuffled, mediators))
    question = "Does a shuffled treatment act through the mediators?"
    yield _placebo(analysis, "placebo front door", question, len(frame), effects)


def two_stage(frame: pd.DataFrame) -> float:
    """Return DoWhy's front-door estimate: first column treatment, last outcome, mediators between."""
    treatment, *mediators, outcome = frame.columns
    graph: nx.DiGraph[str] = nx.DiGraph([("hidden cause", treatment), ("hidden cause", outcome)])
    graph.add_edges_from([(treatment, m) for m in mediators] + [(m, outcome) for m in mediators])
    return _estimate(frame, graph, "frontdoor.two_stage_regression", None)


def _through(frame: pd.DataFrame, mediators: Sequence[str]) -> float:
    """Return the same by least squares: the effects on the mediators times their effects at a given treatment."""
    values = frame.to_numpy()
    ones = np.ones((len(values), 1))
    inner = np.linalg.lstsq(np.hstack([ones, values[:, :1]]), values[:, 1:-1])[0][1]
    outer = np.linalg.lstsq(np.hstack([ones, values[:, :-1]]), values[:, -1])[0][2 : 2 + len(mediators)]
    return float(inner @ outer)


def _estimate(frame: pd.DataFrame, graph: "nx.DiGraph[str]", method: str, parameters: dict[str, Any] | None) -> float:
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


def _placebo(analysis: Analysis, name: str, question: str, n: int, effects: Sequence[float]) -> Check:
    found = placebo.judge(np.array(effects))
    return make_check(
        analysis,
        name,
        question,
        f"mean effect over {len(effects)} simulations",
        n=n,
        value=float(np.mean(effects)),
        lower=found.lower,
        upper=found.upper,
        verdict=found.verdict,
        null="a shuffled variable has no effect",
        rule="alarm if the mean effect differs from 0",
        false_alarms=FALSE_ALARMS,
        note=found.note,
    )


def _streams(analysis: Analysis, name: str) -> list[np.random.Generator]:
    return [
        np.random.default_rng(seed) for seed in dowhy_guard.stream_seeds(analysis.seed, name, analysis.simulations)
    ]


def _slope(cause: Any, effect: Any) -> float:
    x, y = (np.asarray(values) - np.mean(values) for values in (cause, effect))
    return float(x @ y / (x @ x))


def _clustered(cause: Floats, residual: Floats, users: Any) -> float:
    """Return the standard error of the slope of ``residual`` on ``cause``, clustered by user."""
    centred = cause - cause.mean()
    scores = np.bincount(users, weights=centred * (residual - residual.mean()))
    return float(np.sqrt(scores @ scores) / (centred @ centred))

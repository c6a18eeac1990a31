"""A fit finds what made the figures, says honestly how sure it is, and names what nothing pins."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.stats import binom

from knowntruth.calibration.fitting.gauss_newton import PRIOR_SPREAD, FitTargets, fit
from knowntruth.calibration.fitting.inference import MIN_IDENTIFIED, identification_shares, infer
from knowntruth.calibration.fitting.world_problem import WorldProblem
from knowntruth.calibration.problem.evaluation_cache import EvaluationCache
from knowntruth.calibration.problem.problem import Moment, Outcome, Parameter
from knowntruth.common.arrays import Floats
from knowntruth.world.definition.world import load

REPLICATES = 200
Z = 1.96

TRUE = np.array([0.8, -0.4, 1.5])
ERROR = 0.05


def bent(x: Floats) -> Floats:
    """Return seven moments of three numbers, none of them a straight line."""
    a, b, c = x
    return np.array([a + 0.2 * b * c, np.exp(0.4 * b), np.tanh(c - 0.5), a * c, a - b, np.sin(a + b), 0.5 * c + b**2])


@dataclass
class Formula:
    """`bent` as a problem; the last parameter, where there are four, moves nothing."""

    targets: Floats
    width: int = 3
    calls: list[tuple[float, ...]] = field(default_factory=list)
    truths: Sequence[str] = ()

    @property
    def parameters(self) -> Sequence[Parameter]:
        starts = (0.5, 0.1, 1.0, 0.3)
        return [Parameter(f"p{k}", -1.0, 2.5, starts[k]) for k in range(self.width)]

    @property
    def moments(self) -> Sequence[Moment]:
        return [Moment(f"m{k}", float(t), ERROR) for k, t in enumerate(self.targets)]

    def simulate(self, choice: Floats) -> Outcome:
        self.calls.append(tuple(choice))
        return Outcome(bent(choice[:3]), np.empty(0))


def aim_of(runs, error=ERROR, fitted=None):
    moments = runs.problem.moments
    fitted = list(range(len(moments))) if fitted is None else fitted
    origin = runs.share(np.array([p.start for p in runs.problem.parameters]))
    targets = np.array([moments[k].target for k in fitted])
    return FitTargets(fitted, targets, np.broadcast_to(error, targets.shape).copy(), origin)


def fitted_to(problem, error=ERROR, rounds=8):
    runs = EvaluationCache(problem)
    aim = aim_of(runs, error)
    place = fit(runs, aim, aim.origin, rounds, threads=1)
    return runs, aim, place


def in_band(hits, trials, coverage=0.95):
    """Whether so many hits are what honest intervals give: two-sided, one chance in a thousand of a false alarm."""
    low, high = binom.ppf([0.0005, 0.9995], trials, coverage)
    return low <= hits <= high


def test_exact_figures_give_back_what_made_them():
    runs, _, place = fitted_to(Formula(bent(TRUE)), error=1e-4, rounds=12)
    assert runs.choice(place.point) == pytest.approx(TRUE, abs=2e-3)


def test_intervals_cover_the_truth_as_often_as_they_say():
    rng, hits, narrow = np.random.default_rng(11), np.zeros(3, dtype=int), np.zeros(3, dtype=int)
    for _ in range(REPLICATES):
        runs, aim, place = fitted_to(Formula(bent(TRUE) + ERROR * rng.normal(size=7)))
        error = infer(place, aim).standard_errors(runs.width)
        off = np.abs(runs.choice(place.point) - TRUE)
        hits += off <= Z * error
        narrow += off <= Z * error / 2
    assert all(in_band(h, REPLICATES) for h in hits), hits
    assert not any(in_band(h, REPLICATES) for h in narrow)  # intervals half as wide are found out


def test_what_nothing_pins_stays_where_it_began_and_is_named():
    runs, aim, place = fitted_to(Formula(bent(TRUE), width=4))
    found = infer(place, aim)
    assert runs.choice(place.point)[3] == pytest.approx(0.3, abs=1e-6)
    assert list(found.identified > MIN_IDENTIFIED) == [True, True, True, False]
    assert found.spreads(runs.width)[3] == pytest.approx(PRIOR_SPREAD * runs.width[3])
    assert found.singular[-1] < 1e-6 < found.singular[-2]
    named = identification_shares(found, [f"p{k}" for k in range(4)], [f"m{k}" for k in range(7)], runs.width)
    assert set(named["parameter"]) == {"p0", "p1", "p2"}


def test_the_sensitivity_says_how_far_a_parameter_goes_when_a_figure_moves():
    runs, aim, place = fitted_to(Formula(bent(TRUE)), error=1e-3, rounds=12)
    moves = infer(place, aim).sensitivity * runs.width[:, None]
    for figure in (0, 4):
        moved = bent(TRUE)
        moved[figure] += 1e-3
        again, _, there = fitted_to(Formula(moved), error=1e-3, rounds=12)
        went = again.choice(there.point) - runs.choice(place.point)
        assert went == pytest.approx(moves[:, figure], abs=2e-4)


def test_a_fit_never_leaves_the_ranges():
    far = bent(np.array([0.8, -0.4, 9.0]))
    runs, _, place = fitted_to(Formula(far))
    assert (place.point >= 0).all()
    assert (place.point <= 1).all()
    assert runs.choice(place.point)[2] == pytest.approx(2.5)


def test_the_same_fit_is_the_same_and_an_interrupted_one_goes_on(tmp_path):
    problem = Formula(bent(TRUE))

    def once():
        runs = EvaluationCache(problem, tmp_path)
        aim = aim_of(runs)
        return fit(runs, aim, aim.origin, 3, threads=2).point

    first, asked = once(), len(problem.calls)
    assert np.array_equal(once(), first)
    assert len(problem.calls) == asked


DIALS = (
    ("goal_chance.share", 0.85, 0.98, "no_clear_goal_share"),
    ("planning_share.base", 0.55, 0.9, "user_share_planning_decisions"),
    ("unclear_chance.unclear", 0.2, 0.5, "occupation_unclear_share"),
    ("intended_mode.base.fix", 0.2, 2.2, "mode_share_fix"),
)
"""Four dials of the world, each with the figure that speaks about it."""

SESSIONS = 20_000
"""With fewer, a slope rests on so few sessions that change sides that it errs by a fifth, and the errors with it."""

WORLDS = 30


def small_world(seed, targets, errors):
    moments = [Moment(name, t, e) for (_, _, _, name), t, e in zip(DIALS, targets, errors, strict=True)]
    parameters = [Parameter(dial, low, high, 0.4 * low + 0.6 * high) for dial, low, high, _ in DIALS]
    return WorldProblem(load("published"), parameters, moments, SESSIONS, None, (seed,))


@pytest.mark.slow
def test_dials_of_a_synthetic_world_are_recovered_with_honest_errors():
    truth = np.array([0.9, 0.7, 0.4, 1.0])
    samples = [small_world(1_000 + k, np.zeros(4), np.ones(4)).simulate(truth).moments for k in range(WORLDS)]
    sampling = np.std(samples, axis=0, ddof=1)
    hits = np.zeros(4, dtype=int)
    for k, seen in enumerate(samples):
        runs, aim, place = fitted_to(small_world(k, seen, sampling), error=np.sqrt(2.0) * sampling, rounds=2)
        error = infer(place, aim).standard_errors(runs.width)
        hits += np.abs(runs.choice(place.point) - truth) <= Z * error
    assert all(in_band(h, WORLDS) for h in hits), hits

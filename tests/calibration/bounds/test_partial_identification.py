"""Problems of known answer: what the search for extremes must find, and where a lone search must fail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.optimize import linprog

from knowntruth.calibration.bounds.feasible_set import TOLERANCE, EachFigure, WholeFit
from knowntruth.calibration.bounds.multistart import SearchSettings
from knowntruth.calibration.bounds.partial_identification import Bounds, ConstraintSettings, bounds
from knowntruth.calibration.problem.evaluation_cache import EvaluationCache
from knowntruth.calibration.problem.jacobian import broyden_update, jacobian
from knowntruth.calibration.problem.problem import Moment, Outcome, Parameter
from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError

LITTLE = SearchSettings(starts=2, seed=3, threads=2)


@dataclass
class Formula:
    """A problem written down: moments and truths are functions of the parameters."""

    parameters: Sequence[Parameter]
    moments: Sequence[Moment]
    truths: Sequence[str]
    give: Callable[[Floats], tuple[object, object]]
    runs: list[bytes] = field(default_factory=list)

    def simulate(self, choice: Floats) -> Outcome:
        self.runs.append(choice.tobytes())
        moments, truths = self.give(choice)
        return Outcome(np.atleast_1d(np.asarray(moments, float)), np.atleast_1d(np.asarray(truths, float)))


def formula(
    count: int,
    errors: Sequence[float],
    give: Callable[[Floats], tuple[object, object]],
    truths: Sequence[str] = ("t",),
    targets: Sequence[float] | None = None,
) -> Formula:
    parameters = [Parameter(f"p{k}", -1.0, 1.0, 0.0) for k in range(count)]
    moments = [
        Moment(f"m{k}", target, error)
        for k, (target, error) in enumerate(zip(targets or [0.0] * 99, errors, strict=False))
    ]
    return Formula(parameters, moments, list(truths), give)


def interval(found: Bounds, truth: str = "t") -> tuple[float, float]:
    rows = found.table.query("truth == @truth").set_index("side")["value"]
    return float(rows["smallest"]), float(rows["largest"])


def linear(seed: int = 1, figures: int = 6, parameters: int = 10) -> tuple[Formula, Floats, Floats]:
    rng = np.random.default_rng(seed)
    slopes, gain = rng.normal(size=(figures, parameters)), rng.normal(size=parameters)
    return formula(parameters, [0.2] * figures, lambda x: (slopes @ x, gain @ x)), slopes, gain


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_linear_problem_gives_the_answer_of_its_linear_program(seed: int) -> None:
    problem, slopes, gain = linear(seed)
    found = bounds(problem, np.zeros(10), ConstraintSettings(), LITTLE)
    rows, limits = np.vstack([slopes, -slopes]), np.full(12, 2 * 0.2)
    exact = [linprog(sign * gain, A_ub=rows, b_ub=limits, bounds=[(-1, 1)] * 10).fun for sign in (1, -1)]
    shadow = np.abs(linprog(-gain, A_ub=rows, b_ub=limits, bounds=[(-1, 1)] * 10).ineqlin.marginals).max()
    slip = 0.2 * TOLERANCE * shadow + 4e-3 * (
        -exact[1] - exact[0]
    )  # what the rule and the end of a search leave open
    assert interval(found) == pytest.approx((exact[0], -exact[1]), abs=slip)
    assert found.table["converged"].min() >= 1
    assert found.table["straight"].to_numpy() == pytest.approx([exact[0], -exact[1]], abs=slip)


def test_an_ellipsoid_gives_its_closed_form() -> None:
    rng = np.random.default_rng(5)
    slopes, gain = rng.normal(size=(9, 5)), rng.normal(size=5)
    problem = formula(5, [0.05] * 9, lambda x: (slopes @ x, np.sinh(gain @ x)))
    found = bounds(problem, np.zeros(5), ConstraintSettings("fit", worse=3.84), LITTLE)
    half = np.sqrt(3.84 * gain @ np.linalg.solve(slopes.T @ slopes / 0.05**2, gain))
    assert interval(found) == pytest.approx((-np.sinh(half), np.sinh(half)), rel=0.01)


def test_figures_that_pin_the_effect_leave_nothing_open() -> None:
    problem = formula(
        3, [1e-4, 0.3, 0.3], lambda x: ((x[0] + x[1], x[2], x[1]), np.exp(x[0] + x[1])), targets=[0.3, 0, 0]
    )
    found = bounds(problem, np.array([0.3, 0.0, 0.0]), ConstraintSettings(), LITTLE)
    assert interval(found) == pytest.approx((np.exp(0.3), np.exp(0.3)), abs=4e-4)  # 2 errors of 1e-4, times exp(0.3)


def two_basins() -> Formula:
    """A ring-shaped valley with a wall across it: two basins, of which the far one has the larger truth.

    Worlds are admissible near 0 and near 0.8 on the first parameter; between them no figure is met.
    """
    return formula(2, [0.05, 0.5], lambda x: ((x[0] * (x[0] - 0.8) * 2, x[1]), x[0] + 0.1 * x[1]))


def test_two_basins_need_more_than_one_start() -> None:
    """From 0 alone, no short step out of the first basin is admissible; from many starts the second is found."""
    grid = np.linspace(-1, 1, 20_001)
    admissible = grid[np.abs(grid * (grid - 0.8) * 2) <= 2 * 0.05]
    largest = admissible.max() + 0.1
    near = admissible[admissible < 0.4].max() + 0.1
    alone = bounds(two_basins(), np.zeros(2), ConstraintSettings(), SearchSettings(starts=0))
    assert interval(alone)[1] == pytest.approx(near, abs=0.01)
    many = bounds(two_basins(), np.zeros(2), ConstraintSettings(), SearchSettings(starts=12, seed=2))
    assert interval(many)[1] == pytest.approx(largest, abs=0.01)
    assert many.table.query("side == 'largest'")["spread"].item() > 0.5  # and it says that the searches disagree


def test_a_corner_is_a_start_too() -> None:
    found = bounds(
        two_basins(), np.zeros(2), ConstraintSettings(), SearchSettings(starts=0), corners={"far": {"p0": 0.9}}
    )
    assert interval(found)[1] > 0.85


def test_a_bent_valley_agrees_with_a_fine_grid() -> None:
    """The admissible set is two thin crescents, the arms of a valley that is cut in the middle."""
    problem = formula(2, [0.05, 0.1], lambda x: ((x[1] - x[0] ** 2 * 1.5, x @ x - 0.5), x[0] - x[1]))
    axis = np.linspace(-1, 1, 4001)
    x, y = np.meshgrid(axis, axis)
    inside = (np.abs(y - 1.5 * x**2) <= 0.1) & (np.abs(x**2 + y**2 - 0.5) <= 0.2)
    middle = np.array([x[inside][0], y[inside][0]])
    found = bounds(problem, middle, ConstraintSettings(), SearchSettings(starts=2), corners={"right": {"p0": 0.8}})
    exact = (x - y)[inside].min(), (x - y)[inside].max()
    assert interval(found) == pytest.approx(exact, abs=3 * (axis[1] - axis[0]) + 0.01)


def test_what_the_calibrated_world_misses_is_not_asked_of_others() -> None:
    """A figure that the best world misses by five errors may be missed by five, and by slack more, on that side."""
    rule = EachFigure.around(np.array([5.0, -1.0]), errors=2.0, slack=0.5)
    assert rule.excess(np.array([5.5, -2.0])) == 0.0
    assert rule.excess(np.array([6.0, -2.25])) == pytest.approx(0.75)
    assert rule.excess(np.array([np.nan, 0.0])) == np.inf
    assert WholeFit.around(np.array([3.0, 4.0]), worse=11.0).radius == pytest.approx(6.0)


def test_a_truth_far_beyond_the_figures_is_not_claimed() -> None:
    """Every end is a run that keeps the rule, whatever the search did."""
    problem, slopes, _ = linear(4)
    found = bounds(problem, np.zeros(10), ConstraintSettings(), LITTLE)
    for end in found.ends:
        choice = found.runs.choice(end.point)
        assert np.abs(slopes @ choice / 0.2).max() <= 2.0 + TOLERANCE
        assert problem.simulate(choice).truths[0] == end.value


def test_threads_change_nothing_and_a_hunt_resumes_without_a_run(tmp_path) -> None:  # type: ignore[no-untyped-def]
    problem, _, _ = linear(6)
    first = bounds(
        problem,
        np.zeros(10),
        ConstraintSettings(),
        SearchSettings(starts=2, threads=4),
        runs=EvaluationCache(problem, tmp_path),
    )
    begun = len(problem.runs)
    again = bounds(
        problem,
        np.zeros(10),
        ConstraintSettings(),
        SearchSettings(starts=2, threads=1),
        runs=EvaluationCache(problem, tmp_path),
    )
    assert len(problem.runs) == begun == len(set(problem.runs))
    assert first.table.equals(again.table)


def test_a_run_cut_short_on_disk_is_run_again(tmp_path) -> None:  # type: ignore[no-untyped-def]
    problem, _, _ = linear(7)
    EvaluationCache(problem, tmp_path).at(np.full(10, 0.5))
    kept = EvaluationCache(problem, tmp_path)
    assert len(kept) == 1
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-8])
    broken = EvaluationCache(problem, tmp_path)
    assert len(broken) == 0
    broken.at(np.full(10, 0.25))
    assert len(EvaluationCache(problem, tmp_path)) == 1


def test_other_problems_do_not_share_runs(tmp_path) -> None:  # type: ignore[no-untyped-def]
    problem, _, _ = linear(7)
    EvaluationCache(problem, tmp_path, about="seed 1").at(np.full(10, 0.5))
    assert len(EvaluationCache(problem, tmp_path, about="seed 2")) == 0


def test_slopes_are_measured_and_learnt() -> None:
    matrix = np.arange(6.0).reshape(2, 3)
    point = np.array([0.0, 0.5, 1.0])
    assert jacobian(lambda x: matrix @ x, point) == pytest.approx(matrix)
    move = np.array([0.1, -0.2, 0.0])
    learnt = broyden_update(np.zeros((2, 3)), move, matrix @ move)
    assert learnt @ move == pytest.approx(matrix @ move)
    assert learnt @ np.array([0.2, 0.1, 7.0]) == pytest.approx(np.zeros(2))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"truths": ["no such"]}, "unknown truth 'no such'; allowed: t"),
        ({"corners": {"c": {"q": 1.0}}}, "unknown parameter 'q'"),
        ({"corners": {"c": {"p0": 3.0}}}, "p0 = 3 is out of its range -1 to 1"),
        ({"calibrated": np.zeros(3)}, "one number for each of 10 parameters, got 3"),
        ({"admit": ConstraintSettings("best")}, "rule 'best' is not allowed; give figures or fit"),
        ({"admit": ConstraintSettings(errors=-1.0)}, "must be 0 or more"),
    ],
)
def test_bad_input_is_told(change, says) -> None:  # type: ignore[no-untyped-def]
    problem, _, _ = linear()
    asked = {"calibrated": np.zeros(10), "admit": ConstraintSettings(), **change}
    with pytest.raises(InputError, match=says.split(";")[0]):
        bounds(problem, asked.pop("calibrated"), asked.pop("admit"), LITTLE, **asked)

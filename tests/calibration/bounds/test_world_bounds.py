"""Bounds in worlds: what a run returns, and a small family of worlds whose bounds a grid knows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from knowntruth.calibration.bounds.attribution import attribution, group_of
from knowntruth.calibration.bounds.free_problem import FreeProblem, bounded_ranges
from knowntruth.calibration.bounds.multistart import SearchSettings
from knowntruth.calibration.bounds.partial_identification import Bounds, ConstraintSettings, bounds
from knowntruth.calibration.bounds.value_of_information import ExtraFigures, value_of_information
from knowntruth.calibration.bounds.world_bounds_result import Plan, completeness, world_hash
from knowntruth.calibration.moments import extra_moments, true_effects
from knowntruth.calibration.problem.problem import Moment, Outcome, Parameter
from knowntruth.calibration.simulation.dial_paths import read_dial
from knowntruth.calibration.simulation.incremental_simulation import SAMPLE_VARIABLES, Simulator
from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.estimands import ESTIMANDS
from knowntruth.engine.dials import THREATS
from knowntruth.study.figures import by_key
from knowntruth.world.definition.search_ranges import search_starts
from knowntruth.world.definition.world import World, load
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.running.sampling import sample
from knowntruth.world.truths.estimands import truth

FIGURES = ("a1_coef_col1", "verified_success_raw_novice", "actions_per_prompt_mean", "no_clear_goal_share")


@pytest.fixture(scope="module")
def open_problem() -> FreeProblem:
    moments = [Moment(key, by_key()[key].value, 1.0) for key in FIGURES]
    return FreeProblem(load("published"), moments, 3000, seed=4)


def test_effects_are_the_truth() -> None:
    world = load("published")
    frame = sample(world, 3000, 4)
    values = run(world, frame, true_effects.NEEDED)
    expected = truth(world, 3000, seed=4)
    assert true_effects.effects(world, frame, values) == pytest.approx(expected["value"].to_numpy(), rel=1e-12)
    assert list(true_effects.NAMES) == [f"{row.estimand} {row.contrast}" for row in expected.itertuples()]


def test_a_world_run_from_a_near_one_is_the_same_to_the_last_bit() -> None:
    world = load("published")
    ground, alone = (
        Simulator(2000, 3, 900, (*true_effects.NEEDED, "rated_expertise", *SAMPLE_VARIABLES)) for _ in "ab"
    )
    ground.keep(ground.run(world))
    for turned in (
        world.turn(rated_expertise={"halo": 0.7}),
        world.turn(domain_breadth={"by_ability": 0.9}),
        world.turn(activity={"spread": 1.1}),
    ):
        near, whole = ground.run(turned), alone.run(turned)
        assert (near.near is None) == (turned.dials["activity"] != world.dials["activity"])
        for here, there in zip(near.values, whole.values, strict=True):
            assert all(np.array_equal(here[name], there[name]) for name in there)


def test_an_outcome_does_not_hang_on_what_was_run_before(open_problem: FreeProblem) -> None:
    choice = open_problem.start.copy()
    halo = [p.name for p in open_problem.parameters].index("rated_expertise.halo")
    open_problem.simulate(choice)
    choice[halo] += 0.1
    near = open_problem.simulate(choice)
    fresh = FreeProblem(open_problem.world, open_problem.moments, 3000, seed=4).simulate(choice)
    assert np.array_equal(near.moments, fresh.moments) and np.array_equal(near.truths, fresh.truths)


def test_every_free_dial_is_one_and_belongs_to_a_group(open_problem: FreeProblem) -> None:
    dials = [row.dial for row in bounded_ranges()]
    assert len(set(dials)) == len(dials)
    assert {group_of(dial) for dial in dials} == set(THREATS.values())
    assert len(open_problem.start) == len(dials) + 1
    tree = open_problem.world_at(open_problem.start).values()
    assert [read_dial(tree, dial) for dial in dials] == pytest.approx(open_problem.start[:-1], rel=1e-15)


def test_every_corner_turns_free_dials() -> None:
    dials = {row.dial for row in bounded_ranges()}
    assert all(set(corner) <= dials for corner in search_starts().values())


def test_every_measurement_has_figures_and_errors_that_fall_with_its_size(open_problem: FreeProblem) -> None:
    shown = open_problem.further(open_problem.start)
    names = [each.name for each in shown]
    assert len(set(names)) == len(names)
    for measurement in extra_moments.MEASUREMENTS:
        figures = measurement.figures(names)
        spreads = np.array([each.spread for each in shown if each.name in figures])
        assert len(figures) > 0
        larger = replace(measurement, sessions=4 * measurement.sessions)
        assert (
            measurement.errors(spreads) == pytest.approx(2 * larger.errors(spreads), rel=1e-12)
            or (measurement.errors(spreads) > larger.errors(spreads)).all()
        )
    covered = {name for m in extra_moments.MEASUREMENTS[:-1] for name in m.figures(names)}
    assert covered == set(extra_moments.MEASUREMENTS[-1].figures(names)) == set(names)


def test_a_stronger_encouragement_moves_more(open_problem: FreeProblem) -> None:
    def rating(strength: float) -> float:
        choice = open_problem.start.copy()
        choice[-1] = strength
        return next(f.value for f in open_problem.further(choice) if f.name == "encouraged: rating")

    assert 0.0 < rating(0.2) < rating(0.8)


def test_validation_of_levels_adds_up(open_problem: FreeProblem) -> None:
    cells = [f.value for f in open_problem.further(open_problem.start) if f.name.startswith("agreement:")]
    assert len(cells) == 25 and sum(cells) == pytest.approx(1.0)


@dataclass
class Family:
    """Worlds in which ability and true expertise share the slope that is seen.

    ``skill`` scales what expertise does to requests, ``ability`` what hidden ability does. The one figure is the
    slope of finished work on true expertise, which both feed; the truth is the effect of expertise alone.
    """

    world: World
    sessions: int
    moments: Sequence[Moment] = (Moment("slope", 0.0, 1.0),)
    truths: Sequence[str] = ("effect",)
    parameters: Sequence[Parameter] = (Parameter("skill", 0.0, 1.5, 1.0), Parameter("ability", 0.0, 1.0, 0.15))
    calls: list[Floats] = field(default_factory=list)

    def simulate(self, choice: Floats) -> Outcome:
        skill, ability = map(float, choice)
        levels = [skill * x for x in (-1.2, -0.5, 0.0, 0.45, 0.85)]
        world = self.world.turn(specificity={"by_domain": levels, "by_ability": ability})
        frame = sample(world, self.sessions, 5)
        values = run(world, frame, ("true_success", "domain_expertise", "goal"))
        goal, level = values["goal"], values["domain_expertise"].astype(float)
        slope = np.cov(level[goal], values["true_success"][goal])[0, 1] / level[goal].var(ddof=1)
        high, low = (
            run(world.do(domain_expertise=x), frame, ("true_success",), values)["true_success"][goal].mean()
            for x in (5, 1)
        )
        return Outcome(np.array([100.0 * slope]), np.array([high - low]))


@pytest.mark.slow
def test_a_family_of_worlds_agrees_with_a_grid() -> None:
    """Ability and skill trade off along one figure; the search finds the ends that a fine grid has."""
    family = Family(load("confounded"), 4000)
    start = np.array([1.0, 0.5])
    target = float(family.simulate(start).moments[0])
    family.moments = (Moment("slope", target, 0.2),)
    axes = np.linspace(0, 1.5, 21), np.linspace(0, 1.0, 21)
    outcomes = [family.simulate(np.array([s, a])) for s in axes[0] for a in axes[1]]
    inside = [o.truths[0] for o in outcomes if abs(o.moments[0] - target) <= 0.4]
    found = bounds(family, start, ConstraintSettings(tolerance=0.05), SearchSettings(starts=2, step=0.05))
    low, high = (found.value(0, side) for side in ("smallest", "largest"))
    spacing = max(abs(a.truths[0] - b.truths[0]) for a, b in zip(outcomes, outcomes[21:], strict=False))
    assert low == pytest.approx(min(inside), abs=spacing)
    assert high == pytest.approx(max(inside), abs=spacing)
    assert high - low > 4 * spacing  # the figure leaves something open, and more than the grid's own error


@dataclass
class Lines:
    """Two parameters, a figure that sees their sum, and a further one that sees the first alone."""

    parameters: Sequence[Parameter] = (
        Parameter("rated_expertise.halo", -1.0, 1.0, 0.0),
        Parameter("specificity.by_domain.5", -1.0, 1.0, 0.0),
    )
    moments: Sequence[Moment] = (Moment("sum", 0.0, 0.05),)
    truths: Sequence[str] = ("effect", "further")

    def simulate(self, choice: Floats) -> Outcome:
        return Outcome(np.array([choice.sum()]), np.array([choice[1], choice[0]]))


@pytest.fixture(scope="module")
def lines() -> Bounds:
    return bounds(Lines(), np.zeros(2), ConstraintSettings(), SearchSettings(starts=1), truths=["effect"])


@pytest.mark.parametrize("error", [0.1, 0.02])
def test_a_measurement_of_the_other_cause_leaves_what_is_left_by_arithmetic(lines: Bounds, error: float) -> None:
    """Effect = sum - halo: with halo known to two errors, and the sum to two of its own, both add up."""
    told = value_of_information(
        lines,
        [ExtraFigures("m", ["further"], np.array([error]), "calibrated", lines.middle)],
        ["effect"],
        SearchSettings(),
    )
    assert lines.value(0, "largest") - lines.value(0, "smallest") == pytest.approx(2.0, abs=0.02)
    assert told["smallest"].item() == pytest.approx(-2 * (error + 0.05), abs=0.01)
    assert told["largest"].item() == pytest.approx(2 * (error + 0.05), abs=0.01)
    assert told["share"].item() == pytest.approx(2 * (error + 0.05), abs=0.01)


def test_a_measurement_that_sees_nothing_closes_nothing(lines: Bounds) -> None:
    told = value_of_information(
        lines,
        [ExtraFigures("m", ["further"], np.array([50.0]), "calibrated", lines.middle)],
        ["effect"],
        SearchSettings(),
    )
    assert told["share"].item() == pytest.approx(1.0, abs=0.02)


def test_another_teller_moves_the_interval(lines: Bounds) -> None:
    point = lines.runs.share(np.array([0.5, -0.5]))
    told = value_of_information(
        lines, [ExtraFigures("m", ["further"], np.array([0.02]), "other", point)], ["effect"], SearchSettings()
    )
    assert told["smallest"].item() == pytest.approx(-0.5 - 2 * 0.07, abs=0.01)
    assert told["largest"].item() == pytest.approx(-0.5 + 2 * 0.07, abs=0.01)


def test_the_account_puts_groups_back(lines: Bounds) -> None:
    end = next(end for end in lines.ends if end.side == "largest")
    told = attribution(lines, [end]).set_index("group")
    row = told.loc["what expertise and requests do"]
    assert row["explains"] == pytest.approx(1.0)
    assert row["missed"] == 1  # halo alone, left where it is, breaks the sum


def test_plans_refuse_the_impossible() -> None:
    with pytest.raises(InputError, match="no estimand 'x'; allowed: activity_ratio"):
        Plan(load("published"), estimands=("x",))
    with pytest.raises(InputError, match="starts must be 1 or more, got 0"):
        Plan(load("published"), starts=0)


def test_a_hash_knows_its_world() -> None:
    world = load("published")
    assert world_hash(world) == world_hash(load("published"))
    assert world_hash(world) != world_hash(world.turn(rated_expertise={"halo": 0.77}))


def test_completeness_claims_no_more_than_was_done() -> None:
    record = {"starts": 2, "lost_starts": [], "runs": 10, "admissible": 5, "ends": 4, "ends_reached_twice": 1,
              "ends_converged": 0, "dials_at_limit": 3.0, "free_dials": 9}  # fmt: skip
    words = completeness(record)
    assert "1 were reached by more than one search" in words and "no search can show that it is not wider" in words
    assert len(ESTIMANDS) == 6

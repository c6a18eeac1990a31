"""All laws on every world: they hold, they say so in a table, and they refuse what they cannot judge."""

import numpy as np
import pytest
from scipy import stats

from knowntruth.common.errors import InputError
from knowntruth.engine.mechanism import Mechanism, variable
from knowntruth.world import invariants
from knowntruth.world.definition.world import load, names
from knowntruth.world.invariants import suite
from knowntruth.world.invariants.calibration import calibration
from knowntruth.world.invariants.determinism import determinism
from knowntruth.world.invariants.invariant import FALSE_ALARM, exact, statistical, tolerance


@pytest.mark.parametrize(
    "name", ["published", *(pytest.param(name, marks=pytest.mark.slow) for name in names() if name != "published")]
)
def test_every_named_world_keeps_every_law(name):
    told = []
    found = invariants.run(load(name), 5000, seed=3, progress=lambda what, share: told.append((what, share)))
    assert told[0] == ("consistency", 0.0)
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert [law.note for law in found if not law.holds] == []
    judged = [law for law in found if law.allowed]
    assert len(judged) == 3
    assert all(0 < law.worst < law.allowed for law in judged)


def test_interventions_are_put_aside(monkeypatch):
    monkeypatch.setattr(suite, "INVARIANTS", (calibration,))
    world = load("published")
    assert invariants.run(world, 1000) == invariants.run(world.do(domain_expertise=5, goal=0), 1000)


def test_the_table_is_tidy(monkeypatch):
    monkeypatch.setattr(suite, "INVARIANTS", (calibration, determinism))
    table = invariants.frame(invariants.run(load("null"), 1000, seed=2))
    assert list(table.columns) == ["law", "holds", "worst", "allowed", "n", "question", "note"]
    assert table.law.is_unique
    assert table.question.str.endswith("?").all()


def test_too_few_sessions_are_refused():
    with pytest.raises(InputError, match="1,000 sessions or more, got 999"):
        invariants.run(load("published"), 999)


def test_the_tolerance_is_bonferronis():
    """The chance that the largest of m deviations is beyond it is at most the false alarm, and not far less."""
    for m in (1, 30, 1500):
        beyond = 1 - (1 - 2 * stats.norm.sf(tolerance(m))) ** m
        assert 0.99 * FALSE_ALARM < beyond <= FALSE_ALARM * (1 + 1e-9)


def test_an_answer_names_the_first_breaches_and_counts_the_rest():
    law = exact("a", "b?", [f"x{k}" for k in range(6)], 10)
    assert (law.holds, law.worst, law.allowed) == (False, 6.0, 0.0)
    assert law.note == "x0; x1; x2; x3; and 2 more"
    drawn = statistical("a", "b?", {"x": 9.0, "y": 0.5, "z": np.inf}, 10)
    assert drawn.note == "z (inf SE); x (9.0 SE)"
    assert statistical("a", "b?", {}, 10).holds


def own_difficulty(rule):
    m = Mechanism("difficulty", "session", ("ability",), (variable("difficulty", "SD", "my own"),), rule)
    return load("published").with_mechanism(m)


def test_a_mechanism_of_ones_own_is_judged_like_any_other():
    honest = invariants.run(own_difficulty(lambda dials, at, noise: at.ability + 0.5 * noise.normal()), 1000)
    assert [law.note for law in honest if not law.holds] == []
    crowd = invariants.run(own_difficulty(lambda dials, at, noise: at.ability - at.ability.mean()), 1000)
    broken = {law.name for law in crowd if not law.holds}
    assert "pieces" in broken
    assert "declared parents" not in broken


def test_reading_what_is_not_declared_is_an_error_at_once():
    with pytest.raises(AttributeError, match="'patience', which is not among its declared parents: ability"):
        invariants.run(own_difficulty(lambda dials, at, noise: at.ability + at.patience), 1000)

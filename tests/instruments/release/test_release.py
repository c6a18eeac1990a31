"""The release against an attacker of the tests' own: exact rational algebra on every table that left."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import MODES, MONTHS
from knowntruth.instruments.release.attack import determined, system
from knowntruth.instruments.release.bounds import widths
from knowntruth.instruments.release.cells import FLAGS, LOGS, tables
from knowntruth.instruments.release.release import ALL, release
from knowntruth.instruments.release.rounding import check_rounding
from knowntruth.instruments.release.suppression import primary, protect
from knowntruth.world.definition.world import load
from knowntruth.world.simulate import simulate

K = 4


def rows(counts: np.ndarray, visits: int = 1) -> pd.DataFrame:
    """Sessions whose cells hold so many users (axes: mode, month, tier), each with so many sessions."""
    cells = np.argwhere(counts > 0)
    people = np.repeat(np.arange(len(cells)), counts[counts > 0])
    at = np.repeat(cells[people], visits, axis=0)
    n = len(at)
    frame = pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(len(people)), visits),
            "clear_goal": np.ones(n, dtype=bool),
            "mode": pd.Categorical.from_codes(at[:, 0], list(MODES)),
            "month": pd.Categorical.from_codes(at[:, 1], list(MONTHS)),
            "model_tier": pd.Categorical.from_codes(at[:, 2], ["standard", "large"]),
        }
    )
    rng = np.random.default_rng(n)
    return frame.assign(**{f: rng.random(n) < 0.5 for f in FLAGS}, **{f: 1 + rng.lognormal(2, 1, n) for f in LOGS})


def counts_of(shape):
    cell = st.one_of(st.integers(0, 3), st.integers(0, 30))
    size = int(np.prod(shape))
    return st.lists(cell, min_size=size, max_size=size).map(lambda c: np.array(c).reshape(shape))


TABLES = st.one_of(counts_of((3, 3, 1)), counts_of((4, 3, 1)), counts_of((3, 2, 2)), counts_of((2, 3, 2)))
BY = ("mode", "month", "model_tier")


def suppressed_and_published(table: pd.DataFrame, by: tuple[str, ...], cells: pd.DataFrame):
    """Return the base cells as unknowns, the rows of what left as equations, and of what stayed as targets."""
    base = cells[list(by)].astype(str).to_numpy()
    equations, targets = [], []
    for line in table.itertuples(index=False):
        inside = np.array([all(getattr(line, b) in (ALL, cell[i]) for i, b in enumerate(by)) for cell in base])
        (targets if np.isnan(line.sessions) else equations).append(inside.astype(int))
    return equations, targets


def reduced(line, echelon: dict[int, list[Fraction]]) -> list[Fraction]:
    """What is left of a line when those before it are taken away, over the rationals."""
    left = [Fraction(int(x)) for x in line]
    for column, pivot in sorted(echelon.items()):
        factor = left[column]
        if factor:
            left = [x - factor * y for x, y in zip(left, pivot, strict=True)]
    return left


def exposed(equations, targets) -> int:
    """How many targets are rational combinations of the equations: exact, by another road than the command's."""
    echelon: dict[int, list[Fraction]] = {}
    for line in equations:
        left = reduced(line, echelon)
        column = next((c for c, x in enumerate(left) if x), None)
        if column is not None:
            echelon[column] = [x / left[column] for x in left]
    return sum(not any(reduced(target, echelon)) for target in targets)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(TABLES, st.integers(1, 3))
def test_nothing_that_stays_can_be_had_by_differencing(counts, visits):
    frame = rows(counts, visits) if counts.any() else None
    assume(frame is not None and frame["user_id"].nunique() >= K)
    try:
        table = release(frame, BY, min_users=K).table
    except InputError as error:
        assert "nothing may be released" in str(error)
        return
    cells = frame[list(BY)].drop_duplicates()
    assert exposed(*suppressed_and_published(table, BY, cells)) == 0
    left = table[table["sessions"].notna()]
    shown = {b: frame[b].astype(str).to_numpy() for b in BY}
    for line in left.itertuples(index=False):
        inside = np.logical_and.reduce([(shown[b] == getattr(line, b)) | (getattr(line, b) == ALL) for b in BY])
        assert frame.loc[inside, "user_id"].nunique() == line.users >= K
        assert inside.sum() == line.sessions
        assert line.verified_success == pytest.approx(frame.loc[inside, "verified_success"].mean())
        assert line.price_usd == pytest.approx(np.exp(np.log(frame.loc[inside, "price_usd"]).mean()))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(TABLES)
def test_every_cell_that_stays_is_in_doubt_by_k_people(counts):
    """Bounds by brute force of whole numbers would take for ever; by a linear program for each, from scratch."""
    from scipy.optimize import linprog

    assume(counts.any())
    made = tables(rows(counts), BY)
    try:
        stays = protect(made, K).stays
    except InputError:
        return
    given_ = system(made, stays)
    a, b = given_.equations.toarray(), given_.equations @ given_.people
    for target in given_.targets.toarray():
        ends = [
            linprog(sign * target, A_eq=a if len(a) else None, b_eq=b if len(a) else None, bounds=(1, None))
            for sign in (1, -1)
        ]
        unbounded = any(end.status == 3 for end in ends)
        assert unbounded or -ends[1].fun - ends[0].fun >= K - 1e-6


@settings(max_examples=25, deadline=None)
@given(TABLES)
def test_elimination_modulo_primes_agrees_with_rational_algebra(counts):
    assume(counts.any())
    made = tables(rows(counts), BY)
    given_ = system(made, primary(made, K))
    assume(given_.names)
    equations, targets = (
        given_.equations.toarray().astype(int).tolist(),
        given_.targets.toarray().astype(int).tolist(),
    )
    assert determined(given_).sum() == exposed(equations, targets)


LONE = np.full((3, 3, 1), 20)
LONE[1, 1, 0] = 2


def test_primary_suppression_alone_is_broken_by_the_attack():
    """The negative control: one small cell is its row's total less the rest."""
    made = tables(rows(LONE), ("mode", "month"))
    given_ = system(made, primary(made, K))
    assert len(given_.names) == 1
    assert determined(given_).all()
    assert widths(given_, K).max() < 1e-6
    full = release(rows(LONE), ("mode", "month"), min_users=K)
    assert full.summary["cells_suppressed"] >= 4  # a rectangle


def test_bounds_find_what_no_combination_gives_away():
    """Two by two cells of one person each: no combination gives one away, but each must be one."""
    counts = np.full((3, 3, 1), 20)
    counts[:2, :2, 0] = 1
    made = tables(rows(counts), ("mode", "month"))
    given_ = system(made, primary(made, K))
    assert not determined(given_).any()
    assert widths(given_, K).max() < 1e-6
    stays = protect(made, K).stays
    assert widths(system(made, stays), K).min() >= K - 1e-6


@pytest.mark.parametrize("pair", [*combinations(range(3), 2)])
def test_a_release_that_can_be_attacked_is_not_written(monkeypatch, pair):
    from knowntruth.instruments.release import release as module
    from knowntruth.instruments.release.suppression import Protected

    monkeypatch.setattr(module, "protect", lambda made, k: Protected(primary(made, k), 1, 0.0))
    counts = np.full((3, 3, 1), 20)
    counts[pair[0], pair[1], 0] = 2
    with pytest.raises(InputError, match="attack on this release succeeded"):
        release(rows(counts), ("mode", "month"), min_users=K)


def test_no_share_is_the_size_of_a_cell_that_stays():
    """Three sessions of each mode failed, too few to leave: the share that succeeded would say so."""
    frame = rows(LONE).assign(verified_success=True)
    for mode in frame["mode"].unique():
        frame.loc[frame.index[frame["mode"] == mode][:3], "verified_success"] = False
    shown = release(frame, ("mode",), min_users=K).table
    assert ((1 - shown["verified_success"]) * shown["sessions"]).round().tolist() == [9, 3, 3, 3]
    found = release(frame, ("mode", "verified_success"), min_users=K).table
    assert found.loc[(found != ALL)[["mode", "verified_success"]].all(axis=1), "sessions"].isna().all()
    assert found.loc[found["verified_success"] == ALL, "sessions"].notna().all()
    assert {*FLAGS} & {*found} == {"verified_success"}


@pytest.mark.parametrize(
    ("by", "message"),
    [
        (("user_id",), "keys are never released"),
        (("occupation", "user_id"), "keys are never released"),
        (("session_id", "month"), "keys are never released"),
        (("prompts",), "a measure, not a grouping"),
        (("moth",), "not a column"),
        ((), "1 to 8"),
        (("month", "month"), "different columns"),
    ],
)
def test_keys_and_measures_are_no_columns_to_release_by(by, message):
    with pytest.raises(InputError, match=message):
        release(rows(LONE), by)


@pytest.mark.parametrize(
    ("k", "to", "fits"), [(20, 10, True), (24, 10, False), (4, 5, True), (7, 5, False), (20, 1, False)]
)
def test_rounding_that_gives_the_threshold_away_is_refused(k, to, fits):
    alike = {v for v in range(k, 4 * k) if np.floor(v / to + 0.5) == np.floor(k / to + 0.5)}
    assert (len(alike) > 1) == fits
    if fits:
        check_rounding(to, k)
    else:
        with pytest.raises(InputError, match="--round"):
            check_rounding(to, k)


@settings(max_examples=15, deadline=None)
@given(TABLES, st.integers(0, 10**6))
def test_rounded_margins_say_nothing_about_a_base_cell(counts, seed):
    """Another table with the same rounded base cells and the same total of those that stay rounds to the same."""
    assume(counts.any())
    frame = rows(counts)
    try:
        first = release(frame, BY, min_users=K, to=4).table
    except InputError:
        return
    base = first[(first[list(BY)] != ALL).all(axis=1)]
    for total in first.itertuples(index=False):
        if np.isnan(total.sessions):
            continue
        inside = np.logical_and.reduce([(base[b] == getattr(total, b)) | (getattr(total, b) == ALL) for b in BY])
        held = base[inside]
        staying = held[held["sessions"].isna()]
        exact = sum(
            counts[MODES.index(c.mode), MONTHS.index(c.month), ("standard", "large").index(c.model_tier)]
            for c in staying.itertuples()
        )
        assert total.sessions == held["sessions"].sum() + 4 * np.floor(exact / 4 + 0.5)
    assert (first["sessions"].dropna() % 4 == 0).all()
    assert first.loc[(first[list(BY)] == ALL).any(axis=1), "users"].isna().all()


def test_independent_rounding_of_margins_would_pin_a_cell():
    """The negative control: four cells at the top of their windows, and a margin at the bottom of its own."""
    to, cells = 5, np.array([22, 22, 22, 22])
    shown, total = to * np.floor(cells / to + 0.5), to * np.floor(cells.sum() / to + 0.5)
    largest = shown + (to - 1) // 2
    least_total = total - (to - 1) // 2
    assert least_total == largest.sum()  # so each cell must be at its largest


def test_the_published_world_by_occupation_and_month():
    observed = simulate(load("published"), 20_000, seed=3).observed.to_pandas()
    found = release(observed, ("occupation", "month"), min_users=20)
    assert "user_id" not in found.table
    assert (found.table["users"].dropna() >= 20).all()
    assert 0 < found.summary["share_of_sessions_suppressed"] < 0.1
    total = found.table[(found.table[["user_occupation", "month"]] == ALL).all(axis=1)].iloc[0]
    assert total["sessions"] == observed["clear_goal"].sum()


@pytest.mark.slow
def test_the_full_study_by_three_columns():
    observed = simulate(load("published"), 398_198, seed=1).observed.to_pandas()
    found = release(observed, ("occupation", "month", "mode"), min_users=20)
    assert (found.table["users"].dropna() >= 20).all()
    assert found.summary["share_of_sessions_suppressed"] < 0.06

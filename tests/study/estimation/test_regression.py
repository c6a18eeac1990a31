import logging

import numpy as np
import pandas as pd
import pytest

from knowntruth.study.estimation import regression


def _sample(seed: int = 0, n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    cell = rng.integers(0, 12, n)
    user = rng.integers(0, 150, n)
    x = rng.normal(size=n) + 0.3 * cell
    z = rng.normal(size=n)
    y = 0.5 * x - z + 0.7 * cell + rng.normal(size=150)[user] + rng.normal(size=n)
    return pd.DataFrame({"cell": cell, "user_id": user, "x": x, "z": z, "y": y})


def test_the_fit_is_least_squares_with_a_dummy_for_every_cell() -> None:
    sample = _sample()
    got = regression.fit(sample, "y", ("x", "z"))
    dummies = (sample["cell"].to_numpy()[:, None] == np.arange(12)).astype(float)
    design = np.column_stack([sample[["x", "z"]], dummies])
    solution = np.linalg.lstsq(design, sample["y"].to_numpy(), rcond=None)[0]
    assert got.coefficients == pytest.approx(solution[:2])
    residual = sample["y"].to_numpy() - design @ solution
    total = ((sample["y"] - sample["y"].mean()) ** 2).sum()
    assert got.r_squared == pytest.approx(1 - residual @ residual / total)
    assert (got.sessions, got.cells) == (600, 12)


def test_errors_are_the_clustered_sandwich() -> None:
    sample = _sample()
    got = regression.fit(sample, "y", ("x", "z"))
    x = regression.demean(sample[["x", "z"]].to_numpy(), sample["cell"].to_numpy())
    y = regression.demean(sample[["y"]].to_numpy(), sample["cell"].to_numpy())[:, 0]
    scores = pd.DataFrame(x * (y - x @ got.coefficients)[:, None]).groupby(sample["user_id"]).sum().to_numpy()
    bread = np.linalg.inv(x.T @ x)
    sandwich = bread @ (scores.T @ scores) @ bread
    # Small-sample corrections only: within G/(G-1) · (n-1)/(n-k), here under 4%.
    assert got.covariance == pytest.approx(sandwich, rel=0.04)


def test_what_does_not_vary_within_cells_has_no_coefficient() -> None:
    sample = _sample().assign(fixed=lambda f: f["cell"] * 2.0, copy=lambda f: f["x"] * 3 + f["cell"])
    got = regression.fit(sample, "y", ("fixed", "x", "copy"))
    alone = regression.fit(sample, "y", ("x",))
    assert np.isnan(got.coefficients[[0, 2]]).all()
    assert got.coefficients[1] == pytest.approx(alone.coefficients[0])
    assert np.isnan(got.estimate(0).standard_error)


@pytest.mark.parametrize(
    "break_it",
    [
        lambda f: f.iloc[:0],
        lambda f: f.iloc[:3],
        lambda f: f.assign(user_id=1),
        lambda f: f.assign(y=1.0),
        lambda f: f.assign(cell=range(len(f))),
        lambda f: f.assign(x=0.0, z=0.0),
    ],
    ids=["empty", "three rows", "one user", "constant outcome", "a cell a session", "constant regressors"],
)
def test_a_sample_that_cannot_be_fitted_gives_no_number(break_it) -> None:
    got = regression.fit(break_it(_sample()), "y", ("x", "z"))
    assert np.isnan(got.coefficients).all() and np.isnan(got.covariance).all()


def test_the_global_random_state_and_the_root_logger_are_left_alone() -> None:
    before, level, handlers = np.random.get_state()[1].copy(), logging.root.level, list(logging.root.handlers)  # noqa: NPY002
    regression.fit(_sample(), "y", ("x",))
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert (logging.root.level, list(logging.root.handlers)) == (level, handlers)

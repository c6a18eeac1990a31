"""Rated expertise as a measurement: the true level is summed over, and the rating may depend on the outcome.

    true level t             ordered logistic, by the covariates
    rating r given t         P(r | t), a row of probabilities for each true level, times exp(halo × b × (r - 3))
    verified success b       logistic in t and the covariates
    log(actions per prompt)  normal about its expectation given r, b and the covariates, from its means at each t

*Halo* is the effect of a visible success on the rating: 0 where the rater looks at expertise alone. The data by
themselves hardly separate halo from an effect of expertise, or an accurate rater from an inaccurate one. Knowledge of
either comes from a validation sample (`validation`) and from the table ``measurement`` of the priors, so the answer
must be read with its sensitivity to them (`prior_sensitivity`). Effects are those of the *true* level:

    tree = fit("measurement", observed, load("weak"), covariates=("month",), by=None, validation=sample, seed=1)
    effects.effects(tree)        # of true expertise, as of any other model

where ``sample`` has the columns ``session_id`` and ``domain_expertise``, the true level, and ``observed`` the rating
of all sessions. Both outcomes are explained at once, so one fit answers for both. The likelihood, its formulas and
its references are in `misclassification`.

Sessions of one user are taken as independent given their codes and true levels, so intervals are somewhat too narrow
where users differ beyond them, as in `verified_success`.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.linalg import block_diag
from scipy.special import expit, logit

from knowntruth.bayes.likelihoods import misclassification
from knowntruth.bayes.likelihoods.misclassification import MIN_PROBABILITY
from knowntruth.bayes.models import activity, linear_predictor, verified_success
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.priors import pooling
from knowntruth.bayes.priors.distributions import declare, declare_shares
from knowntruth.bayes.rows import cells
from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.coefficients import STEPS, CoefficientLayout
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import ACTIVITY, VERIFIED, Outcome
from knowntruth.bayes.rows.predictors import coefficient_vectors, draws_as_column, predict, single_draw
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.common.arrays import Floats, Ints
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.priors.tables import Measurement, Priors

if TYPE_CHECKING:
    import xarray as xr

LEVEL_INFORMATION: Final = 0.25
"""Roughly the information of one session on the log odds of its true level; it affects the sampler only.

At even odds a yes/no outcome has information p (1 - p) = ¼ on its log odds.
"""

EQUAL_SHARE: Final = 1.0 / len(LEVELS)
"""The mean at which the dummy of each true level is centred, since shares of true levels are not known."""

RATING_DISTANCE: Final = np.array(LEVELS, dtype=np.float64) - 3.0
"""Distance of each rating from the middle one, in levels."""

BY_SUCCESS: Final = "activity_by_success"


@dataclass(frozen=True, slots=True)
class Data:
    """The compressed sessions, and the pairs of the validation sample.

    ``cells`` are those of the covariates alone, ``whole`` the same with every block, all at level 1 until `at_level`
    sets another. ``crossed`` is the position of each cell's first group × level coefficient, ``kinds`` the sessions
    alike in all codes.
    """

    cells: Cells
    whole: Cells
    crossed: Ints
    kinds: misclassification.SessionKinds
    pairs: Floats


def compress(frame: ModelFrame, sample: ValidationSample) -> Data:
    """Return what the likelihood needs."""
    made, cell = cells.compress(covariate_columns(frame), frame.layout.size)
    made.means[1 : 1 + len(LEVELS)] = EQUAL_SHARE
    success = VERIFIED.values(frame).astype(np.int64)
    codes = np.stack([cell, frame.levels[0], success, frame.known], axis=1)
    kinds = misclassification.compress(codes, ACTIVITY.values(frame))
    crossed = _first_crossed_coefficients(frame.layout, made.columns)
    parts = [np.ones((len(crossed), 1), np.int64), made.columns, crossed[:, None][:, : frame.layout.by is not None]]
    whole = Cells(np.concatenate(parts, axis=1), made.sessions, made.means)
    return Data(made, whole, crossed, kinds, sample.pairs)


def covariate_columns(frame: ModelFrame) -> Ints:
    """Return each session's positions without those of the first treatment, whose true level is latent."""
    layout = frame.layout
    last = 1 + len(layout.treatments) - 1 + len(layout.groups)
    return frame.columns[:, 1:last]


def _first_crossed_coefficients(layout: CoefficientLayout, columns: Ints) -> Ints:
    """Return the position of each cell's first group × level coefficient, -1 where the effect does not vary."""
    if layout.by is None:
        return np.full(len(columns), -1)
    place = layout.position(layout.by)
    codes = columns[:, place - 1] - layout.starts[1 + place]
    return layout.starts[1 + layout.position("crossed")] + codes * len(LEVELS)


def build(frame: ModelFrame, data: Data, priors: Priors) -> Any:
    """Return the PyMC model over the sessions."""
    import pymc as pm

    from knowntruth.bayes.likelihoods.ops import misclassification_likelihood

    own = priors.measurement
    coords = {**linear_predictor.dimensions(frame), "true_level": LEVELS, "rated_level": LEVELS}
    with pm.Model(coords=coords) as built:
        other = linear_predictor.declare_coefficients(
            frame, priors.activity, ACTIVITY.information(frame), "activity_"
        )
        beta = linear_predictor.declare_coefficients(
            frame, priors.verified_success, VERIFIED.information(frame), "verified_success_"
        )
        level = _declare_level_coefficients(frame, own)
        scale = declare("activity_session_scale", priors.activity.session_scale)
        parameters = (beta, other, level, scale, *_declare_ratings(own), declare(BY_SUCCESS, own.activity_by_success))
        maps = linear_predictor.coefficient_matrix(frame, data.cells.means), _level_matrix(frame, data.cells.means)
        value = misclassification_likelihood(parameters, data.pairs, *maps, data.cells, data.crossed, data.kinds)
        linear_predictor.add_likelihood("log_likelihood", value)
    return built


def _declare_ratings(priors: Measurement) -> tuple[Any, Any, Any]:
    """Declare the shares of the true levels in an average group, the probabilities of each rating, and halo.

    The first two are independent gammas: Gamma(α_k, 1) variables over their sum are Dirichlet(α). Their logarithms go
    to the likelihood, which normalises them.
    """
    import pymc as pm
    import pytensor.tensor as pt

    weights = np.array(priors.confusion.weights(len(LEVELS)))
    shares = pm.Gamma("level_parts", alpha=priors.level_shares.concentration, beta=1.0, dims="true_level")
    chances = pm.Gamma("confusion_parts", alpha=weights, beta=1.0, dims=("true_level", "rated_level"))
    return pt.log(shares), pt.log(chances), declare("halo", priors.halo)


def _declare_level_coefficients(frame: ModelFrame, priors: Measurement) -> Any:
    """Declare how the true level depends on the covariates, and on coding expertise where that is a treatment."""
    import pytensor.tensor as pt

    terms = [pt.zeros(1)]
    if len(frame.levels) > 1:
        parts = declare_shares("level_coding_parts", priors.increments, dims="step")
        terms.append(declare("level_coding_effect", priors.coding_effect) * parts)
    if frame.layout.groups:
        terms.append(pooling.declare_contrasts(frame, priors.group_scale, LEVEL_INFORMATION, "level_"))
    return pt.concatenate(terms)


def _level_matrix(frame: ModelFrame, means: Floats) -> Floats:
    """Return the map from these coefficients to those of the layout, centred; levels and slopes get none."""
    levels = np.zeros((len(LEVELS), 0))
    own = block_diag(
        np.ones((1, 1)),
        levels,
        *[linear_predictor.STEPS_TO_LEVELS] * (len(frame.levels) - 1),
        pooling.effect_basis(frame),
    )
    rows = np.concatenate([own, np.zeros((frame.layout.size - len(own), own.shape[1]))])
    rows[0] -= means @ rows
    return rows


def name_draws(draws: "xr.Dataset", frame: ModelFrame) -> "xr.Dataset":
    """Return the draws under the names of the schema; ``confusion`` is P(rating | true level) without success."""
    out = linear_predictor.name_draws(draws, frame, ACTIVITY.information(frame), "activity_")
    out = out.merge(linear_predictor.name_draws(draws, frame, VERIFIED.information(frame), "verified_success_"))
    parts, shares = draws["confusion_parts"], draws["level_parts"]
    out["activity_session_scale"] = draws["activity_session_scale"]
    out["halo"], out[BY_SUCCESS] = draws["halo"], draws[BY_SUCCESS]
    out["confusion"] = (parts / parts.sum("rated_level")).assign_coords(
        true_level=list(LEVELS), rated_level=list(LEVELS)
    )
    if len(frame.levels) > 1:
        steps = draws["level_coding_parts"]
        shares_of_steps = (steps / steps.sum("step")).assign_coords(step=list(STEPS))
        out["level_coding_level_effect"] = linear_predictor.level_effect(
            draws["level_coding_effect"], shares_of_steps
        )
    out["true_level_share"] = (shares / shares.sum("true_level")).assign_coords(true_level=list(LEVELS))
    return out.assign(linear_predictor.name_group_effects(draws, frame, LEVEL_INFORMATION, "level_"))


def sample_prior(rng: np.random.Generator, frame: ModelFrame, priors: Priors, draws: int) -> "xr.Dataset":
    """Return named draws from the priors alone."""
    import xarray as xr

    own, levels = priors.measurement, list(LEVELS)
    out = activity.sample_prior(rng, frame, priors, draws, "activity_", users=False)
    out = out.merge(verified_success.sample_prior(rng, frame, priors, draws, "verified_success_"))
    out["halo"] = linear_predictor.sample_variable(rng, own.halo, draws)
    out[BY_SUCCESS] = linear_predictor.sample_variable(rng, own.activity_by_success, draws)
    rows = np.stack([rng.dirichlet(row, (1, draws)) for row in own.confusion.weights(len(LEVELS))], axis=2)
    dims = ("chain", "draw", "true_level", "rated_level")
    out["confusion"] = xr.DataArray(rows, dims=dims, coords={"true_level": levels, "rated_level": levels})
    shares = rng.dirichlet([own.level_shares.concentration] * len(LEVELS), (1, draws))
    out["true_level_share"] = xr.DataArray(shares, dims=dims[:3], coords={"true_level": levels})
    if len(frame.levels) > 1:
        effect = linear_predictor.sample_variable(rng, own.coding_effect, draws)
        steps = rng.dirichlet([own.increments.concentration] * len(STEPS), (1, draws))
        parts = xr.DataArray(steps, dims=("chain", "draw", "step"), coords={"step": list(STEPS)})
        out["level_coding_level_effect"] = linear_predictor.level_effect(effect, parts)
    return out.assign(linear_predictor.sample_group_effects(rng, frame, own.group_scale, draws, "level_"))


def simulate(rng: np.random.Generator, frame: ModelFrame, draw: "xr.Dataset") -> ModelFrame:
    """Return the sessions with true levels, outcomes and ratings simulated from the model at one draw.

    In the order of the model: level, success given level, rating given both, and log actions about their expectation
    given rating and success, Σ_t π_t (μ_t + δ (b - p_t)); the level of a validated session is known, so its π is 1.
    """
    level = simulate_true_levels(rng, frame, draw)
    log_odds, activities = (_predictors_at_levels(frame, draw, outcome) for outcome in (VERIFIED, ACTIVITY))
    own = np.arange(frame.sessions), level
    made = verified_success.simulate_success(rng, frame, log_odds[own])
    success = made.outcomes[VERIFIED.column].astype(np.int64)
    rating = _simulate_ratings(rng, draw, level, success)
    known = np.where(frame.known > 0, level + 1, 0)
    share = _posterior_of_levels(frame, draw, log_odds, success, rating)
    share[known > 0] = np.eye(len(LEVELS))[level[known > 0]]
    surplus = single_draw(draw, BY_SUCCESS) * (success[:, None] - expit(log_odds))
    expected = (share * (activities + surplus)).sum(axis=1)
    acted = rng.normal(expected, single_draw(draw, "activity_session_scale"))
    made.outcomes[ACTIVITY.column] = np.exp(acted)
    return replace(made, levels=(rating, *frame.levels[1:]), known=known)


def _predictors_at_levels(frame: ModelFrame, draw: "xr.Dataset", outcome: Outcome) -> Floats:
    """Return an outcome's linear predictor of each session at each true level, shape (n, levels)."""
    means = cells.dummy_means(covariate_columns(frame), np.ones(frame.sessions), frame.layout.size)
    means[1 : 1 + len(LEVELS)] = EQUAL_SHARE
    theta = coefficient_vectors(draw, frame.layout, f"{outcome.name}_")
    moved = (frame.layout.at_level(frame.columns, 0, t) for t in range(len(LEVELS)))
    return np.stack([predict(theta, means, columns)[0] for columns in moved], axis=1)


def _posterior_of_levels(
    frame: ModelFrame, draw: "xr.Dataset", log_odds: Floats, success: Ints, rating: Ints
) -> Floats:
    """Return π, the probability of each true level given rating and success, shape (n, levels)."""
    seen = np.where(success[:, None] == 1, expit(log_odds), expit(-log_odds))
    found: Floats = _prior_of_levels(frame, draw) * seen * _rating_probabilities(draw)[success, :, rating]
    return found / found.sum(axis=1, keepdims=True)


def user_log_likelihood(frame: ModelFrame, draws: "xr.Dataset", means: Floats) -> Floats:
    """Return the log likelihood of each user's ratings and outcomes at each draw, true levels summed over.

    Pairs of a validation sample from outside the data belong to no user; where it names sessions, their true level is
    taken as known and not predicted. ``logs`` are log w_t of `misclassification`, ``seen`` is log Σw.
    """
    moved = [frame.layout.at_level(frame.columns, 0, level) for level in range(len(LEVELS))]
    odds, expected = (
        np.stack([predict(theta, means, columns) for columns in moved], axis=2)
        for theta in (coefficient_vectors(draws, frame.layout, f"{o.name}_") for o in (VERIFIED, ACTIVITY))
    )
    success = VERIFIED.values(frame)[:, None]
    logs = np.log(np.maximum(level_probabilities(draws, frame.layout, frame.columns, means), MIN_PROBABILITY))
    logs = logs - np.logaddexp(0.0, np.where(success > 0, -odds, odds)) + _log_rating_probabilities(frame, draws)
    logs[:, (frame.known[:, None] > 0) & (frame.known[:, None] != np.array(LEVELS))] = -np.inf
    seen = np.logaddexp.reduce(logs, axis=2)
    surplus = draws_as_column(draws, BY_SUCCESS)[:, :, None] * (success - expit(odds))
    mean = (np.exp(logs - seen[:, :, None]) * (expected + surplus)).sum(axis=2)
    scale = draws_as_column(draws, "activity_session_scale")
    away = (ACTIVITY.values(frame) - mean) / scale
    return frame.over_users(seen - 0.5 * away**2 - np.log(scale) - 0.5 * np.log(2 * np.pi))


def _log_rating_probabilities(frame: ModelFrame, draws: "xr.Dataset") -> Floats:
    """Return the log probability of each session's rating at each true level and draw, shape (draws, n, levels)."""
    chances = draws["confusion"].transpose("chain", "draw", "true_level", "rated_level").to_numpy()
    success = VERIFIED.values(frame).astype(np.int64)
    pull = draws_as_column(draws, "halo")[:, :, None] * RATING_DISTANCE
    logs = np.log(chances.reshape(-1, 1, len(LEVELS), len(LEVELS))) + np.stack([0 * pull, pull], axis=1)
    logs = logs - np.logaddexp.reduce(logs, axis=3, keepdims=True)
    return logs[:, success, :, frame.levels[0]].transpose(1, 0, 2)


def simulate_true_levels(rng: np.random.Generator, frame: ModelFrame, draw: "xr.Dataset") -> Ints:
    """Return a true level for each session, counted from 0."""
    below = np.cumsum(_prior_of_levels(frame, draw), axis=1)[:, :-1]
    return (rng.random(frame.sessions)[:, None] > below).sum(axis=1)


def _prior_of_levels(frame: ModelFrame, draw: "xr.Dataset") -> Floats:
    """Return the probability of each true level given each session's codes alone, shape (n, levels)."""
    means = cells.dummy_means(frame.columns, np.ones(frame.sessions), frame.layout.size)
    return level_probabilities(draw, frame.layout, frame.columns, means)[0]


def level_probabilities(draws: "xr.Dataset", layout: CoefficientLayout, columns: Ints, means: Floats) -> Floats:
    """Return the probability of each true level in each cell, shape (draws, cells, levels).

    P(t > k) = logistic(logit(share above k) + shift), where the shift is the cell's linear predictor; a level's
    probability is the difference of neighbouring ones (the cumulative logit model).
    """
    shares = draws["true_level_share"].to_numpy().reshape(-1, len(LEVELS))
    theta = np.zeros((len(shares), layout.size))
    own = {name: f"level_{name}_effect" for name in layout.groups}
    own |= {name: "level_coding_level_effect" for name in layout.treatments[1:]}
    for name, variable in own.items():
        start = layout.starts[1 + layout.position(name)]
        values = draws[variable].transpose("chain", "draw", ...).to_numpy().reshape(len(shares), -1)
        theta[:, start : start + values.shape[1]] = values
    shift = predict(theta, means, columns)
    below = np.clip(np.cumsum(shares, axis=1)[:, :-1], 1e-12, 1 - 1e-12)
    above = expit(logit(1.0 - below)[:, None, :] + shift[:, :, None])
    edges = np.concatenate([np.ones_like(above[..., :1]), above, np.zeros_like(above[..., :1])], axis=2)
    return edges[..., :-1] - edges[..., 1:]


def _simulate_ratings(rng: np.random.Generator, draw: "xr.Dataset", level: Ints, success: Ints) -> Ints:
    """Return a rating for each session, counted from 0."""
    below = np.cumsum(_rating_probabilities(draw), axis=2)
    return (rng.random(len(level))[:, None] > below[success, level][:, :-1]).sum(axis=1)


def _rating_probabilities(draw: "xr.Dataset") -> Floats:
    """Return P(rating | true level, success) at one draw, shape (2, 5, 5), success first."""
    chances = draw["confusion"].to_numpy().reshape(len(LEVELS), len(LEVELS))
    both = np.stack([chances, chances * np.exp(single_draw(draw, "halo") * RATING_DISTANCE)])
    return both / both.sum(axis=2, keepdims=True)


MODEL: Final = Model(
    name="measurement",
    description="the rating is a noisy measurement of true expertise, possibly with halo; it affects both outcomes",
    outcomes=(ACTIVITY, VERIFIED),
    topics=("activity", "verified_success", "measurement"),
    compress=compress,
    build=build,
    name_draws=name_draws,
    sample_prior=sample_prior,
    cells=lambda data: data.whole,
    simulate=simulate,
    user_log_likelihood=user_log_likelihood,
    smooth=False,  # a probability near 0 can fall without bound in its logarithm while the likelihood stays the same
    prior_names={
        "measurement.level_shares": "true_level_share",
        "measurement.group_scale": "level_{covariate}_scale",
    },
    level_probabilities=level_probabilities,
)

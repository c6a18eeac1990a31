"""Rated expertise as a measurement: the true level is summed over, and the rating may look at the outcome.

    true level t             ordered logistic, by the covariates
    rating r given t         P(r | t), a row of chances for each true level, multiplied by exp(halo × b × (r - 3))
    verified success b       logistic in t and the covariates
    log(actions per prompt)  normal about what r, b and the covariates lead one to expect, by its means at each t

*Halo* is the pull of a visible success on the rating: 0 where the rater looks at expertise alone. The data by
themselves hardly tell halo from an effect of expertise, nor a sharp rater from a dull one; what is known of either
comes from an audit (`audit`) and from the rows ``measurement`` of the tables of priors, which is why the answer must
be read beside its sensitivity to them. Effects are those of the *true* level:

    tree = fit("measurement", observed, load("weak"), covariates=("month",), by=None, validation=audited, seed=1)
    recovery.effects(tree)        # of true expertise, as of any other model

where ``audited`` has the columns ``session_id`` and ``domain_expertise``, the true level (see `audit`), and
``observed`` the rating of all sessions. Both outcomes are explained at once, so one fit answers for both.

Sessions of one user are taken as independent given their codes and true levels; so intervals are somewhat too narrow
where users differ beyond them, as in `verified`.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.linalg import block_diag
from scipy.special import expit, logit

from knowntruth.bayes.likelihoods import misclassification
from knowntruth.bayes.likelihoods.misclassification import MIN_CHANCE
from knowntruth.bayes.models import activity, linear_predictor, verified_success
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.priors import pooling
from knowntruth.bayes.priors.distributions import declare, declare_shares
from knowntruth.bayes.rows import cells
from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.coefficients import STEPS, CoefficientLayout
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import ACTIVITY, VERIFIED, Outcome
from knowntruth.bayes.rows.predictors import at, of_draws, one_draw, vectors
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.common.arrays import Floats, Ints
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.priors.tables import Measurement, Priors

if TYPE_CHECKING:
    import xarray as xr

LEVEL_INFORMATION: Final = 0.25
"""Roughly what a session tells of the log odds of its true level; it steers the sampler only."""

EVEN: Final = 1.0 / len(LEVELS)
"""What the dummy of each true level is centred at: shares of true levels are not known."""

DISTANCE: Final = np.array(LEVELS, dtype=np.float64) - 3.0
"""How far each rating stands from the middle, in levels."""


BY_SUCCESS: Final = "activity_by_success"


@dataclass(frozen=True, slots=True)
class Data:
    """``cells`` of the covariates alone; where each cell's crossed coefficients begin; kinds of sessions; the audit.

    ``whole`` are the cells with every block in its place, all at level 1 until someone sets them to another.
    """

    cells: Cells
    whole: Cells
    crossed: Ints
    rated: misclassification.Rated
    pairs: Floats


def compress(design: ModelFrame, audit: ValidationSample) -> Data:
    """Return what the likelihood needs."""
    made, cell = cells.compress(covariate_columns(design), design.layout.size)
    made.means[1 : 1 + len(LEVELS)] = EVEN
    success = VERIFIED.values(design).astype(np.int64)
    codes = np.stack([cell, design.levels[0], success, design.known], axis=1)
    rated = misclassification.compress(codes, ACTIVITY.values(design))
    crossed = _crossed(design.layout, made.columns)
    parts = [np.ones((len(crossed), 1), np.int64), made.columns, crossed[:, None][:, : design.layout.by is not None]]
    whole = Cells(np.concatenate(parts, axis=1), made.sessions, made.means)
    return Data(made, whole, crossed, rated, audit.pairs)


def covariate_columns(design: ModelFrame) -> Ints:
    """Return each session's positions but those that hang on the first treatment, whose true level nobody saw."""
    layout = design.layout
    last = 1 + len(layout.treatments) - 1 + len(layout.groups)
    return design.columns[:, 1:last]


def _crossed(layout: CoefficientLayout, columns: Ints) -> Ints:
    """Return where each cell's coefficients of its group × level begin, -1 where the effect does not vary."""
    if layout.by is None:
        return np.full(len(columns), -1)
    place = layout.position(layout.by)
    codes = columns[:, place - 1] - layout.starts[1 + place]
    return layout.starts[1 + layout.position("crossed")] + codes * len(LEVELS)


def build(design: ModelFrame, data: Data, priors: Priors) -> Any:
    """Return the PyMC model over the sessions."""
    import pymc as pm

    from knowntruth.bayes.likelihoods.ops import misclassification_likelihood

    own = priors.measurement
    coords = {**linear_predictor.coordinates(design), "true_level": LEVELS, "rated_level": LEVELS}
    with pm.Model(coords=coords) as built:
        other = linear_predictor.coefficients(design, priors.activity, ACTIVITY.information(design), "activity_")
        beta = linear_predictor.coefficients(
            design, priors.verified_success, VERIFIED.information(design), "verified_success_"
        )
        level = _level_coefficients(design, own)
        scale = declare("activity_session_scale", priors.activity.session_scale)
        parameters = (beta, other, level, scale, *_ratings(own), declare(BY_SUCCESS, own.activity_by_success))
        maps = linear_predictor.matrix(design, data.cells.means), _level_matrix(design, data.cells.means)
        value = misclassification_likelihood(parameters, data.pairs, *maps, data.cells, data.crossed, data.rated)
        linear_predictor.add_likelihood("log_likelihood", value)
    return built


def _ratings(priors: Measurement) -> tuple[Any, Any, Any]:
    """Declare the shares of the true levels in an average group, the chances of each rating, and halo.

    The first two are gammas, which over their sum are a Dirichlet; their logarithms go to the likelihood.
    """
    import pymc as pm
    import pytensor.tensor as pt

    weights = np.array(priors.confusion.weights(len(LEVELS)))
    shares = pm.Gamma("level_parts", alpha=priors.level_shares.concentration, beta=1.0, dims="true_level")
    chances = pm.Gamma("confusion_parts", alpha=weights, beta=1.0, dims=("true_level", "rated_level"))
    return pt.log(shares), pt.log(chances), declare("halo", priors.halo)


def _level_coefficients(design: ModelFrame, priors: Measurement) -> Any:
    """Declare how the true level hangs on the covariates, and on coding expertise where that is a treatment."""
    import pytensor.tensor as pt

    terms = [pt.zeros(1)]
    if len(design.levels) > 1:
        parts = declare_shares("level_coding_parts", priors.increments, dims="step")
        terms.append(declare("level_coding_effect", priors.coding_effect) * parts)
    if design.layout.groups:
        terms.append(pooling.contrasts(design, priors.group_scale, LEVEL_INFORMATION, "level_"))
    return pt.concatenate(terms)


def _level_matrix(design: ModelFrame, means: Floats) -> Floats:
    """Return the map from these coefficients to those of the layout: no level, no slope, centred."""
    levels = np.zeros((len(LEVELS), 0))
    own = block_diag(
        np.ones((1, 1)), levels, *[linear_predictor.TO_LEVELS] * (len(design.levels) - 1), pooling.basis(design)
    )
    rows = np.concatenate([own, np.zeros((design.layout.size - len(own), own.shape[1]))])
    rows[0] -= means @ rows
    return rows


def named(draws: "xr.Dataset", design: ModelFrame) -> "xr.Dataset":
    """Return the draws under the names of the schema; ``confusion`` is P(rating | true level) without success."""
    out = linear_predictor.named(draws, design, ACTIVITY.information(design), "activity_")
    out = out.merge(linear_predictor.named(draws, design, VERIFIED.information(design), "verified_success_"))
    parts, shares = draws["confusion_parts"], draws["level_parts"]
    out["activity_session_scale"] = draws["activity_session_scale"]
    out["halo"], out[BY_SUCCESS] = draws["halo"], draws[BY_SUCCESS]
    out["confusion"] = (parts / parts.sum("rated_level")).assign_coords(
        true_level=list(LEVELS), rated_level=list(LEVELS)
    )
    if len(design.levels) > 1:
        steps = draws["level_coding_parts"]
        shares_of_steps = (steps / steps.sum("step")).assign_coords(step=list(STEPS))
        out["level_coding_level_effect"] = linear_predictor.level_effect(
            draws["level_coding_effect"], shares_of_steps
        )
    out["true_level_share"] = (shares / shares.sum("true_level")).assign_coords(true_level=list(LEVELS))
    return out.assign(linear_predictor.groups_named(draws, design, LEVEL_INFORMATION, "level_"))


def prior(rng: np.random.Generator, design: ModelFrame, priors: Priors, draws: int) -> "xr.Dataset":
    """Return named draws from the priors alone."""
    import xarray as xr

    own, levels = priors.measurement, list(LEVELS)
    out = activity.prior(rng, design, priors, draws, "activity_", users=False)
    out = out.merge(verified_success.prior(rng, design, priors, draws, "verified_success_"))
    out["halo"] = linear_predictor.prior_variable(rng, own.halo, draws)
    out[BY_SUCCESS] = linear_predictor.prior_variable(rng, own.activity_by_success, draws)
    rows = np.stack([rng.dirichlet(row, (1, draws)) for row in own.confusion.weights(len(LEVELS))], axis=2)
    dims = ("chain", "draw", "true_level", "rated_level")
    out["confusion"] = xr.DataArray(rows, dims=dims, coords={"true_level": levels, "rated_level": levels})
    shares = rng.dirichlet([own.level_shares.concentration] * len(LEVELS), (1, draws))
    out["true_level_share"] = xr.DataArray(shares, dims=dims[:3], coords={"true_level": levels})
    if len(design.levels) > 1:
        effect = linear_predictor.prior_variable(rng, own.coding_effect, draws)
        steps = rng.dirichlet([own.increments.concentration] * len(STEPS), (1, draws))
        parts = xr.DataArray(steps, dims=("chain", "draw", "step"), coords={"step": list(STEPS)})
        out["level_coding_level_effect"] = linear_predictor.level_effect(effect, parts)
    return out.assign(linear_predictor.prior_groups(rng, design, own.group_scale, draws, "level_"))


def simulate(rng: np.random.Generator, design: ModelFrame, draw: "xr.Dataset") -> ModelFrame:
    """Return the sessions with true levels, outcomes and ratings made by the model at one draw."""
    level = true_levels(rng, design, draw)
    log_odds, activities = (_at_levels(design, draw, outcome) for outcome in (VERIFIED, ACTIVITY))
    own = np.arange(design.sessions), level
    made = verified_success.succeeded(rng, design, log_odds[own])
    success = made.outcomes[VERIFIED.column].astype(np.int64)
    rating = _rated(rng, draw, level, success)
    known = np.where(design.known > 0, level + 1, 0)
    share = _given(design, draw, log_odds, success, rating)
    share[known > 0] = np.eye(len(LEVELS))[level[known > 0]]
    surplus = one_draw(draw, BY_SUCCESS) * (success[:, None] - expit(log_odds))
    expected = (share * (activities + surplus)).sum(axis=1)
    acted = rng.normal(expected, one_draw(draw, "activity_session_scale"))
    made.outcomes[ACTIVITY.column] = np.exp(acted)
    return replace(made, levels=(rating, *design.levels[1:]), known=known)


def _at_levels(design: ModelFrame, draw: "xr.Dataset", outcome: Outcome) -> Floats:
    """Return an outcome's linear predictor of each session at each true level, shape (n, levels)."""
    means = cells.centre(covariate_columns(design), np.ones(design.sessions), design.layout.size)
    means[1 : 1 + len(LEVELS)] = EVEN
    theta = vectors(draw, design.layout, f"{outcome.name}_")
    moved = (design.layout.at_level(design.columns, 0, t) for t in range(len(LEVELS)))
    return np.stack([at(theta, means, columns)[0] for columns in moved], axis=1)


def _given(design: ModelFrame, draw: "xr.Dataset", log_odds: Floats, success: Ints, rating: Ints) -> Floats:
    """Return the chance of each true level given what is seen of each session, shape (n, levels)."""
    seen = np.where(success[:, None] == 1, expit(log_odds), expit(-log_odds))
    found: Floats = _before(design, draw) * seen * _tilted(draw)[success, :, rating]
    return found / found.sum(axis=1, keepdims=True)


def by_user(design: ModelFrame, draws: "xr.Dataset", means: Floats) -> Floats:
    """Return the log likelihood of each user's ratings and outcomes at each draw, true levels summed over.

    An audit whose pairs stand beside the data is no user's; where it is given by session, the true level is taken
    as known and not as predicted.
    """
    moved = [design.layout.at_level(design.columns, 0, level) for level in range(len(LEVELS))]
    odds, expected = (
        np.stack([at(theta, means, columns) for columns in moved], axis=2)
        for theta in (vectors(draws, design.layout, f"{o.name}_") for o in (VERIFIED, ACTIVITY))
    )
    success = VERIFIED.values(design)[:, None]
    logs = np.log(np.maximum(level_chances(draws, design.layout, design.columns, means), MIN_CHANCE))
    logs = logs - np.logaddexp(0.0, np.where(success > 0, -odds, odds)) + _log_ratings(design, draws)
    logs[:, (design.known[:, None] > 0) & (design.known[:, None] != np.array(LEVELS))] = -np.inf
    seen = np.logaddexp.reduce(logs, axis=2)
    surplus = of_draws(draws, BY_SUCCESS)[:, :, None] * (success - expit(odds))
    mean = (np.exp(logs - seen[:, :, None]) * (expected + surplus)).sum(axis=2)
    scale = of_draws(draws, "activity_session_scale")
    away = (ACTIVITY.values(design) - mean) / scale
    return design.over_users(seen - 0.5 * away**2 - np.log(scale) - 0.5 * np.log(2 * np.pi))


def _log_ratings(design: ModelFrame, draws: "xr.Dataset") -> Floats:
    """Return the log chance of each session's rating at each true level and draw, shape (draws, n, levels)."""
    chances = draws["confusion"].transpose("chain", "draw", "true_level", "rated_level").to_numpy()
    success = VERIFIED.values(design).astype(np.int64)
    pull = of_draws(draws, "halo")[:, :, None] * DISTANCE
    logs = np.log(chances.reshape(-1, 1, len(LEVELS), len(LEVELS))) + np.stack([0 * pull, pull], axis=1)
    logs = logs - np.logaddexp.reduce(logs, axis=3, keepdims=True)
    return logs[:, success, :, design.levels[0]].transpose(1, 0, 2)


def true_levels(rng: np.random.Generator, design: ModelFrame, draw: "xr.Dataset") -> Ints:
    """Return a true level for each session, counted from 0."""
    below = np.cumsum(_before(design, draw), axis=1)[:, :-1]
    return (rng.random(design.sessions)[:, None] > below).sum(axis=1)


def _before(design: ModelFrame, draw: "xr.Dataset") -> Floats:
    """Return the chance of each true level by each session's codes alone, shape (n, levels)."""
    means = cells.centre(design.columns, np.ones(design.sessions), design.layout.size)
    return level_chances(draw, design.layout, design.columns, means)[0]


def level_chances(draws: "xr.Dataset", layout: CoefficientLayout, columns: Ints, means: Floats) -> Floats:
    """Return the chance of each true level in each cell, shape (draws, cells, levels)."""
    shares = draws["true_level_share"].to_numpy().reshape(-1, len(LEVELS))
    theta = np.zeros((len(shares), layout.size))
    own = {name: f"level_{name}_effect" for name in layout.groups}
    own |= {name: "level_coding_level_effect" for name in layout.treatments[1:]}
    for name, variable in own.items():
        start = layout.starts[1 + layout.position(name)]
        values = draws[variable].transpose("chain", "draw", ...).to_numpy().reshape(len(shares), -1)
        theta[:, start : start + values.shape[1]] = values
    lean = at(theta, means, columns)
    below = np.clip(np.cumsum(shares, axis=1)[:, :-1], 1e-12, 1 - 1e-12)
    above = expit(logit(1.0 - below)[:, None, :] + lean[:, :, None])
    edges = np.concatenate([np.ones_like(above[..., :1]), above, np.zeros_like(above[..., :1])], axis=2)
    return edges[..., :-1] - edges[..., 1:]


def _rated(rng: np.random.Generator, draw: "xr.Dataset", level: Ints, success: Ints) -> Ints:
    """Return a rating for each session, counted from 0."""
    below = np.cumsum(_tilted(draw), axis=2)
    return (rng.random(len(level))[:, None] > below[success, level][:, :-1]).sum(axis=1)


def _tilted(draw: "xr.Dataset") -> Floats:
    """Return P(rating | true level, success) at one draw, shape (2, 5, 5), success first."""
    chances = draw["confusion"].to_numpy().reshape(len(LEVELS), len(LEVELS))
    both = np.stack([chances, chances * np.exp(one_draw(draw, "halo") * DISTANCE)])
    return both / both.sum(axis=2, keepdims=True)


MODEL: Final = Model(
    name="measurement",
    says="the rating is a noisy, possibly halo-tainted measurement of true expertise, which moves both outcomes",
    outcomes=(ACTIVITY, VERIFIED),
    topics=("activity", "verified_success", "measurement"),
    compress=compress,
    build=build,
    named=named,
    prior=prior,
    cells=lambda data: data.whole,
    simulate=simulate,
    by_user=by_user,
    smooth=False,  # a chance that is all but 0 can be lowered without end, and the likelihood stays as it is
)

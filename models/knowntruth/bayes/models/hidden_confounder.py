"""Both outcomes with a hidden cause of expertise and outcome: priors on how strong it may be, and what is then left.

A hidden trait, one standard deviation its unit, is higher by γ among experts than among novices with the same codes,
and moves log actions by λ_a and the log odds of success by λ_v. So a session at level k shows

    (effect + γ λ) × (ζ_1 + … + ζ_{k-1})

where only ``effect`` is due to expertise: the trait is taken to climb over the levels as the outcome does. The data
tell the sum and nothing of its parts; γ and λ are known from elsewhere, if at all, and stand as rows in the tables of
priors (*bias parameters*). The answer is the posterior given those rows: probabilistic bias analysis (Greenland 2005,
doi:10.1111/j.1467-985X.2004.00349.x; Lash et al. 2014, doi:10.1093/ije/dyu149). A sampler would crawl along a ridge
where effect and γλ cancel; it is given their sum, whose prior is the effect's moved by γλ, which is the same model.

λ_v is meant as it stands after averaging over the rest of the trait, so no attenuation is left to compute.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.models import activity, linear_predictor, verified_success
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.priors.distributions import declare
from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import ACTIVITY, VERIFIED
from knowntruth.bayes.rows.predictors import predictors
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.common.arrays import Floats
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True)
class Data:
    """What each outcome's own model needs; the cells remember each session's own level."""

    activity: activity.Data
    verified: verified_success.Data
    cells: Cells


def with_hidden(design: ModelFrame) -> ModelFrame:
    """Return the sessions with a block of coefficients for what the hidden cause adds at a session's own level."""
    return replace(design, layout=replace(design.layout, hidden=True))


def compress(design: ModelFrame, audit: ValidationSample) -> Data:
    """Return what the likelihood needs, and the cells in which the effect and the hidden cause stand apart."""
    own = verified_success.compress(design, audit)
    apart = with_hidden(design)
    levels = own.cells.columns[:, :1] + (apart.layout.starts[-2] - 1)
    means = np.concatenate([own.cells.means, own.cells.means[1 : 1 + len(LEVELS)]])
    columns = np.concatenate([own.cells.columns, levels], axis=1)
    return Data(activity.compress(design, audit), own, Cells(columns, own.cells.sessions, means))


def build(design: ModelFrame, data: Data, priors: Priors) -> Any:
    """Return the PyMC model over compressed sessions."""
    import pymc as pm

    from knowntruth.bayes.likelihoods.ops import binomial_likelihood

    with pm.Model(coords=linear_predictor.coordinates(design)) as built:
        climb = declare("hidden_by_level", priors.bias.hidden_by_level)
        betas = {}
        for outcome in (ACTIVITY, VERIFIED):
            own = getattr(priors, outcome.name)
            strength = declare(f"{outcome.name}_by_hidden", getattr(priors.bias, f"{outcome.name}_by_hidden"))
            whole = declare(f"{outcome.name}_whole", own.effect, shift=climb * strength)
            information = outcome.information(design)
            betas[outcome] = linear_predictor.coefficients(design, own, information, f"{outcome.name}_", effect=whole)
        activity.add_likelihood(design, data.activity, priors.activity, betas[ACTIVITY], "activity_")
        centred = linear_predictor.matrix(design, data.verified.cells.means)
        value = binomial_likelihood(betas[VERIFIED], centred, data.verified.cells, data.verified.successes)
        linear_predictor.add_likelihood("verified_success_log_likelihood", value)
    return built


def named(draws: "xr.Dataset", design: ModelFrame) -> "xr.Dataset":
    """Return the draws under the names of the schema; ``confounding`` is what the hidden cause adds for an expert."""
    parts = {}
    for outcome in (ACTIVITY, VERIFIED):
        prefix = f"{outcome.name}_"
        parts[f"{prefix}confounding"] = draws["hidden_by_level"] * draws[f"{prefix}by_hidden"]
        parts[f"{prefix}effect"] = draws[f"{prefix}whole"] - parts[f"{prefix}confounding"]
    drawn = draws.assign(parts)
    out = activity.named(drawn, design, "activity_")
    out = out.merge(linear_predictor.named(drawn, design, VERIFIED.information(design), "verified_success_"))
    kept = ("hidden_by_level", "activity_by_hidden", "verified_success_by_hidden")
    return out.merge(draws[list(kept)]).assign({name: parts[name] for name in parts if name.endswith("confounding")})


def prior(rng: np.random.Generator, design: ModelFrame, priors: Priors, draws: int) -> "xr.Dataset":
    """Return named draws from the priors alone."""
    out = activity.prior(rng, design, priors, draws, "activity_")
    out = out.merge(verified_success.prior(rng, design, priors, draws, "verified_success_"))
    for name, row in priors.bias:
        out[name] = linear_predictor.prior_variable(rng, row, draws)
    for outcome in (ACTIVITY, VERIFIED):
        out[f"{outcome.name}_confounding"] = out["hidden_by_level"] * out[f"{outcome.name}_by_hidden"]
    return out


def simulate(rng: np.random.Generator, design: ModelFrame, draw: "xr.Dataset") -> ModelFrame:
    """Return the sessions with both outcomes made by the model at one draw."""
    apart = with_hidden(design)
    made = activity.simulate(rng, apart, draw, "activity_")
    log_odds: Floats = predictors(draw, apart.layout, apart.columns, "verified_success_")[0]
    return replace(verified_success.succeeded(rng, made, log_odds), layout=design.layout)


def by_user(design: ModelFrame, draws: "xr.Dataset", means: Floats) -> Floats:
    """Return the log likelihood of each user's sessions at each draw."""
    apart = with_hidden(design)
    acted = activity.by_user(apart, draws, means, "activity_")
    return acted + verified_success.by_user(apart, draws, means, "verified_success_")


MODEL: Final = Model(
    name="bias",
    says="a hidden cause, as strong as its priors say, stands behind expertise and both outcomes",
    outcomes=(ACTIVITY, VERIFIED),
    topics=("activity", "verified_success", "bias"),
    compress=compress,
    build=build,
    named=named,
    prior=prior,
    cells=lambda data: data.cells,
    simulate=simulate,
    by_user=by_user,
)

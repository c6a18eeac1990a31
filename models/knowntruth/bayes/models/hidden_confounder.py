"""Both outcomes with a hidden confounder: priors on its strength, and the effect of expertise that remains.

A hidden cause, in units of its standard deviation, is higher by γ among experts than among novices with the same
codes, and affects log actions by λ_a and the log odds of success by λ_v. So a session at level k shows

    (effect + γ λ) × (ζ_1 + … + ζ_{k-1})

where only ``effect`` is due to expertise: the hidden cause is assumed to rise over the levels as the outcome does.
The data identify the sum and not its parts; γ and λ are known from elsewhere, if at all, and are rows of the table
``bias`` of the priors (*bias parameters*). The answer is the posterior given those rows: probabilistic bias analysis
(Greenland 2005, doi:10.1111/j.1467-985X.2004.00349.x; Lash et al. 2014, doi:10.1093/ije/dyu149). A sampler would move
slowly along a ridge where effect and γλ cancel; it samples their sum, whose prior is the effect's shifted by γλ: the
same model.

λ_v is defined after averaging over the rest of the hidden cause, so there is no attenuation to compute.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.bayes.models import activity, linear_predictor, verified_success
from knowntruth.bayes.models.base import Model
from knowntruth.bayes.priors.distributions import declare
from knowntruth.bayes.rows.cells import Cells
from knowntruth.bayes.rows.coefficients import CoefficientLayout
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import ACTIVITY, VERIFIED
from knowntruth.bayes.rows.predictors import predict_centred
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.common.arrays import Floats
from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.priors.tables import Priors

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True)
class Data:
    """The data of each outcome's own model; the cells also keep each session's own level."""

    activity: activity.Data
    verified: verified_success.Data
    cells: Cells


def with_hidden_block(frame: ModelFrame) -> ModelFrame:
    """Return the sessions with a block of coefficients for the confounding at a session's own level."""
    return replace(frame, layout=effect_layout(frame.layout))


def effect_layout(layout: CoefficientLayout) -> CoefficientLayout:
    """Return the layout with a block for the confounding, which stays as it is when a treatment is set."""
    return replace(layout, hidden=True)


def compress(frame: ModelFrame, sample: ValidationSample) -> Data:
    """Return what the likelihood needs, and cells in which effect and confounding have blocks of their own."""
    own = verified_success.compress(frame, sample)
    apart = with_hidden_block(frame)
    levels = own.cells.columns[:, :1] + (apart.layout.starts[-2] - 1)
    means = np.concatenate([own.cells.means, own.cells.means[1 : 1 + len(LEVELS)]])
    columns = np.concatenate([own.cells.columns, levels], axis=1)
    return Data(activity.compress(frame, sample), own, Cells(columns, own.cells.sessions, means))


def build(frame: ModelFrame, data: Data, priors: Priors) -> Any:
    """Return the PyMC model over compressed sessions."""
    import pymc as pm

    from knowntruth.bayes.likelihoods.ops import binomial_likelihood

    with pm.Model(coords=linear_predictor.dimensions(frame)) as built:
        gamma = declare("hidden_by_level", priors.bias.hidden_by_level)
        betas = {}
        for outcome in (ACTIVITY, VERIFIED):
            own = getattr(priors, outcome.name)
            strength = declare(f"{outcome.name}_by_hidden", getattr(priors.bias, f"{outcome.name}_by_hidden"))
            whole = declare(f"{outcome.name}_whole", own.effect, shift=gamma * strength)
            information = outcome.information(frame)
            betas[outcome] = linear_predictor.declare_coefficients(
                frame, own, information, f"{outcome.name}_", effect=whole
            )
        activity.add_likelihood(frame, data.activity, priors.activity, betas[ACTIVITY], "activity_")
        centred = linear_predictor.coefficient_matrix(frame, data.verified.cells.means)
        value = binomial_likelihood(betas[VERIFIED], centred, data.verified.cells, data.verified.successes)
        linear_predictor.add_likelihood("verified_success_log_likelihood", value)
    return built


def name_draws(draws: "xr.Dataset", frame: ModelFrame) -> "xr.Dataset":
    """Return the draws under the names of the schema; ``confounding`` is γλ, the hidden cause's part."""
    parts = {}
    for outcome in (ACTIVITY, VERIFIED):
        prefix = f"{outcome.name}_"
        parts[f"{prefix}confounding"] = draws["hidden_by_level"] * draws[f"{prefix}by_hidden"]
        parts[f"{prefix}effect"] = draws[f"{prefix}whole"] - parts[f"{prefix}confounding"]
    drawn = draws.assign(parts)
    out = activity.name_draws(drawn, frame, "activity_")
    out = out.merge(linear_predictor.name_draws(drawn, frame, VERIFIED.information(frame), "verified_success_"))
    kept = ("hidden_by_level", "activity_by_hidden", "verified_success_by_hidden")
    return out.merge(draws[list(kept)]).assign({name: parts[name] for name in parts if name.endswith("confounding")})


def sample_prior(rng: np.random.Generator, frame: ModelFrame, priors: Priors, draws: int) -> "xr.Dataset":
    """Return named draws from the priors alone."""
    out = activity.sample_prior(rng, frame, priors, draws, "activity_")
    out = out.merge(verified_success.sample_prior(rng, frame, priors, draws, "verified_success_"))
    for name, row in priors.bias:
        out[name] = linear_predictor.sample_variable(rng, row, draws)
    for outcome in (ACTIVITY, VERIFIED):
        out[f"{outcome.name}_confounding"] = out["hidden_by_level"] * out[f"{outcome.name}_by_hidden"]
    return out


def simulate(rng: np.random.Generator, frame: ModelFrame, draw: "xr.Dataset") -> ModelFrame:
    """Return the sessions with both outcomes simulated from the model at one draw."""
    apart = with_hidden_block(frame)
    made = activity.simulate(rng, apart, draw, "activity_")
    log_odds: Floats = predict_centred(draw, apart.layout, apart.columns, "verified_success_")[0]
    return replace(verified_success.simulate_success(rng, made, log_odds), layout=frame.layout)


def user_log_likelihood(frame: ModelFrame, draws: "xr.Dataset", means: Floats) -> Floats:
    """Return the log likelihood of each user's sessions at each draw."""
    apart = with_hidden_block(frame)
    acted = activity.user_log_likelihood(apart, draws, means, "activity_")
    return acted + verified_success.user_log_likelihood(apart, draws, means, "verified_success_")


MODEL: Final = Model(
    name="hidden_confounder",
    description="a hidden cause, as strong as its priors state, affects expertise and both outcomes",
    outcomes=(ACTIVITY, VERIFIED),
    topics=("activity", "verified_success", "bias"),
    compress=compress,
    build=build,
    name_draws=name_draws,
    sample_prior=sample_prior,
    cells=lambda data: data.cells,
    simulate=simulate,
    user_log_likelihood=user_log_likelihood,
    effect_layout=effect_layout,
    stream="bias",  # key of random streams: the model's first name; changing it changes every number of `sbc`
)

"""What a model's row lacks, in words: the contract that every model of the registry keeps."""

import numpy as np
import pytest
import xarray as xr
from pytensor.compile.mode import Mode

from knowntruth.bayes.models.log_prior import log_prior
from knowntruth.bayes.rows.model_frame import model_frame
from knowntruth.bayes.rows.predictors import coefficient_vectors
from knowntruth.bayes.rows.validation import ValidationSample
from knowntruth.priors.load import load
from knowntruth.priors.tables import Priors

PLAIN = Mode(linker="py", optimizer=None)
DRAWS = 3


def missing_parts(row, observed):
    """Return what a model's row lacks, in words; an empty list where it is whole."""
    unknown = [topic for topic in row.topics if topic not in Priors.model_fields]
    if unknown:
        return [f"topics names the table {unknown[0]!r}, which priors/tables.py lacks: add a class and a field there"]
    frame = model_frame(observed, [outcome.column for outcome in row.outcomes], ("mode",), by="mode")
    priors = load("weak")
    data = row.compress(frame, ValidationSample())
    drawn = row.sample_prior(np.random.default_rng(1), frame, priors, DRAWS)
    found = [*lacks_in_cells(row, frame, data), *lacks_in_draws(row, frame, priors, drawn)]
    if found:  # what follows needs them
        return found
    return [*lacks_in_sampler(row, frame, priors, data, drawn), *lacks_in_likelihood(row, frame, data, drawn)]


def lacks_in_cells(row, frame, data):
    """`cells` gives what effects are averaged over."""
    cells, blocks = row.cells(data), row.effect_layout(frame.layout).blocks
    if cells.columns.shape[1] != len(blocks):
        yield (
            f"cells have {cells.columns.shape[1]} positions, and the layout has blocks {', '.join(blocks)}: return"
            " one position each, or give effect_layout"
        )
    if cells.sessions.sum() != frame.sessions:
        yield f"cells hold {cells.sessions.sum():g} sessions of {frame.sessions}: count each session in one cell"


def lacks_in_draws(row, frame, priors, drawn):
    """`sample_prior` names draws as `effects` and `log_prior` look for them."""
    if dict(drawn.sizes).get("chain") != 1 or drawn.sizes.get("draw") != DRAWS:
        yield f"sample_prior returned {dict(drawn.sizes)}: give the dimensions chain (1) and draw (as asked)"
        return
    densities = log_prior(drawn, row, frame.layout, priors)
    for outcome in row.outcomes:
        try:
            coefficient_vectors(drawn, row.effect_layout(frame.layout), row.prefix(outcome))
        except KeyError as error:
            yield f"sample_prior lacks {error} of {outcome.name}: `linear_predictor.sample_prior` gives it, prefixed"
    if not densities.data_vars:
        yield "no row of the priors is a parameter of the draws: name parameters as rows, or give prior_names"
    for topic in row.topics:
        if not any(str(name).startswith(f"{topic}.") for name in densities.data_vars):
            yield f"no row of the table {topic} is a parameter of the draws: give prior_names, or leave the table out"


def lacks_in_sampler(row, frame, priors, data, drawn):
    """`build` declares the likelihood, and `name_draws` names as `sample_prior` does."""
    built = row.build(frame, data, priors)
    values = built.compile_fn(built.unobserved_value_vars, mode=PLAIN, on_unused_input="ignore")(
        built.initial_point(0)
    )
    names = [variable.name for variable in built.unobserved_value_vars]
    if not any(name.endswith("log_likelihood") for name in names):
        yield "build keeps no log likelihood: add it by `linear_predictor.add_likelihood`, named …log_likelihood"
    found = {}
    for name, value in zip(names, values, strict=True):
        own = built.named_vars_to_dims.get(name) or [f"{name}_dim_{k}" for k in range(np.ndim(value))]
        found[name] = (("chain", "draw", *own), np.asarray(value)[None, None])
    named = row.name_draws(xr.Dataset(found), frame)
    for missing in sorted(set(drawn.data_vars) - set(named.data_vars)):
        yield f"name_draws lacks {missing}, which sample_prior gives: both must name the same parameters"


def lacks_in_likelihood(row, frame, data, drawn):
    """`simulate` and `user_log_likelihood` take one draw, or several."""
    made = row.simulate(np.random.default_rng(2), frame, drawn.isel(draw=[0]))
    for outcome in row.outcomes:
        if np.array_equal(made.outcomes[outcome.column], frame.outcomes[outcome.column]):
            yield f"simulate leaves {outcome.column} as it was observed: draw it from the model"
    logs = row.user_log_likelihood(frame, drawn, row.cells(data).means)
    if logs.shape != (DRAWS, frame.users) or not np.isfinite(logs).all():
        wanted = DRAWS, frame.users
        yield f"user_log_likelihood has the shape {logs.shape}: give finite numbers, (draws, users) {wanted}"


@pytest.fixture(scope="session")
def lacks():
    return missing_parts

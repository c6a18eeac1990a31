"""Difference-in-differences around a release: accounts that got a new model early against those that got it late.

The treatment here is the model, not expertise. The strategy is included because a staggered release is an experiment
that a provider runs anyway. Between the two dates the waves differ in model through no choice of the users. The extra
difference in outcomes between these dates, divided by the difference in adoption, is the effect of the new model
against the one before (a Wald difference-in-differences).
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question, with_treatment
from knowntruth.strategies.base.sample import Sample
from knowntruth.strategies.base.select_sample import numeric_column, select_sample
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.fixed_effects import ENDOGENOUS, Instrument, first_stage_f, regress
from knowntruth.strategies.estimators.linear import control_columns

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "difference_in_differences"
TREATMENT: Final = "model_generation"
NEEDED: Final = (TREATMENT, "release_wave", "month")
EARLY_WAVE: Final = 1

MIN_SHARE_GAP: Final = 0.5
"""A month lies between the two dates if the waves' shares of the newest model differ by more than this."""


def difference_in_differences(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the effect of the newest model generation against the one before.

    Raises
    ------
    InputError
        If a column is missing or constant, or the waves differ in model in no month.
    """
    sample = select_sample(observed, question, needed=NEEDED, varying=NEEDED[1:], treatment=TREATMENT, ends=False)
    newest = int(sample.level.max())
    early = (numeric_column(sample.frame, "release_wave") == EARLY_WAVE).astype(np.float64)
    new = (sample.level == newest).astype(np.float64)
    between = months_between(sample, new, early)
    instrument = Instrument(new, early * between, TREATMENT, "release_wave")
    first_stage_f(sample, instrument, control_columns(sample.frame, NEEDED[1:]))
    effect, error = regress(sample, {}, NEEDED[1:], instrument=instrument)[ENDOGENOUS]
    notes = f"generation {newest} against {newest - 1}, not expertise; between the dates: {_months(sample, between)}"
    return with_treatment(question, TREATMENT, newest, newest - 1).point_estimate(
        NAME, effect, error, sample, notes=notes
    )


def months_between(sample: Sample, new: Floats, early: Floats) -> Floats:
    """Return 1 for sessions in months in which only the early wave has the newest model, else 0; shape (n,).

    Raises
    ------
    InputError
        If all months are of this kind, or none.
    """
    month = sample.frame["month"].astype("category").cat.codes.to_numpy()
    shares = [
        np.bincount(month, weights=new * wave) / np.maximum(np.bincount(month, weights=wave), 1.0)
        for wave in (early, 1.0 - early)
    ]
    between = (shares[0] - shares[1] > MIN_SHARE_GAP)[month]
    if not between.any() or between.all():
        raise InputError(
            "column 'release_wave': expected months in which only the early wave has the newest model_generation,"
            f" and others; the largest difference in its share is {float((shares[0] - shares[1]).max()):.2f}"
        )
    return np.asarray(between, dtype=np.float64)


def _months(sample: Sample, between: Floats) -> str:
    return ", ".join(sorted({str(month) for month in sample.frame["month"][between > 0].unique()}))


STRATEGY: Final = Strategy(
    name=NAME,
    title="Difference-in-differences around a release",
    arrows="release_wave -> model_generation; month -> model_generation; month -> outcome; release_wave -> outcome;"
    " model_generation -> outcome",
    assumptions=(
        "without the release both waves would have followed parallel trends, on the scale of the analysis",
        "nobody delays work until the new model is released, or joins because of it",
        "between the dates nobody in the late wave uses a model older than the one before the newest",
    ),
    estimate=difference_in_differences,
    source="de Chaisemartin and D'Haultfoeuille 2018 (doi:10.1093/restud/rdx049)",
    needed=NEEDED,
    treatment=TREATMENT,
    rating=TREATMENT,
)

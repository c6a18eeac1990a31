"""Difference-in-differences around a release: accounts that got a new model early against those that got it late.

Of expertise this says nothing: its treatment is the model. It stands among the strategies because a staggered release
is the one experiment that a provider runs anyway, and because it answers what changed when the agent did. Between the
two dates the waves differ in model by no choice of their own; how their outcomes part then, beyond how they differ
always, over how much their models part, is the effect of the new model against the one before.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.common.errors import InputError
from knowntruth.strategies.base.estimate import Estimate
from knowntruth.strategies.base.question import Question, of_treatment
from knowntruth.strategies.base.sample import Sample, enter, number
from knowntruth.strategies.base.strategy import Strategy
from knowntruth.strategies.estimators.fixed_effects import Instrument, regress, strength
from knowntruth.strategies.estimators.linear import controls

if TYPE_CHECKING:
    import pandas as pd

NAME: Final = "release"
TREATMENT: Final = "model_generation"
NEEDED: Final = (TREATMENT, "release_wave", "month")
EARLY: Final = 1

PARTED: Final = 0.5
"""Difference between the waves in the share of the newest model, from which a month lies between the two dates."""


def release(observed: "pd.DataFrame", question: Question) -> Estimate:
    """Return the effect of the newest model generation against the one before.

    Raises
    ------
    InputError
        If a column is missing or constant, or in no month the waves differ in model.
    """
    sample = enter(observed, question, needed=NEEDED, varying=NEEDED[1:], treatment=TREATMENT, ends=False)
    newest = int(sample.level.max())
    early = (number(sample.frame, "release_wave") == EARLY).astype(np.float64)
    new = (sample.level == newest).astype(np.float64)
    between = months_between(sample, new, early)
    instrument = Instrument(new, early * between, TREATMENT, "release_wave")
    strength(sample, instrument, controls(sample.frame, NEEDED[1:]))
    effect, error = regress(sample, {}, NEEDED[1:], instrument=instrument)["moved"]
    notes = f"generation {newest} against {newest - 1}, not expertise; {_named(sample, between)} between the dates"
    return of_treatment(question, TREATMENT, newest, newest - 1).answer(NAME, effect, error, sample, notes=notes)


def months_between(sample: Sample, new: Floats, early: Floats) -> Floats:
    """Return 1 for sessions in a month in which the early wave has the newest model and the late one has not.

    Raises
    ------
    InputError
        If there is no such month, or no other.
    """
    month = sample.frame["month"].astype("category").cat.codes.to_numpy()
    shares = [np.bincount(month, weights=new * wave) / np.maximum(np.bincount(month, weights=wave), 1.0)
              for wave in (early, 1.0 - early)]  # fmt: skip
    parted = (shares[0] - shares[1] > PARTED)[month]
    if not parted.any() or parted.all():
        raise InputError(
            "column 'release_wave': expected months in which the early wave alone has the newest model_generation,"
            f" and others; the waves part by {float((shares[0] - shares[1]).max()):.2f} at the most"
        )
    return np.asarray(parted, dtype=np.float64)


def _named(sample: Sample, between: Floats) -> str:
    return ", ".join(sorted({str(month) for month in sample.frame["month"][between > 0].unique()}))


STRATEGY: Final = Strategy(
    name=NAME,
    title="Difference-in-differences around a release",
    arrows="release_wave -> model_generation; month -> model_generation; month -> outcome; release_wave -> outcome;"
    " model_generation -> outcome",
    assumptions=(
        "without the release both waves would have moved in parallel, on the scale of the analysis",
        "nobody waits for the new model, nor comes for it",
        "between the dates nobody in the late wave uses a model older than the one before the newest",
    ),
    answer=release,
    source="de Chaisemartin and D'Haultfoeuille 2018 (doi:10.1093/restud/rdx049)",
    needed=NEEDED,
    treatment=TREATMENT,
    rating=TREATMENT,
)

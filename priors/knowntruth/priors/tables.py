"""Which rows a table of priors must have: one class per topic, one field per parameter, typed by its support.

The classes are the schema of the TOML files. A new topic (a new model) is a new class here and a new table in the
files; a new prior of a known parameter is only a new row in a file.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from knowntruth.priors.distributions import ConfusionPrior, PositivePrior, RealPrior, SimplexPrior


class Topic(BaseModel):
    """One table of a prior file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Activity(Topic):
    """Parameters of log actions per prompt of a session, all in log units.

    ``effect`` is the whole difference from novice to expert, ``increments`` the shares of its four steps,
    ``slope_scale`` the spread of the effect over occupations, ``coding_effect`` that of coding expertise where it is
    a treatment too, ``group_scale`` the spread of occupations, modes, bands or months, ``user_scale`` the spread of
    users and ``session_scale`` that of one user's sessions.
    """

    intercept: RealPrior
    effect: RealPrior
    increments: SimplexPrior
    slope_scale: PositivePrior
    coding_effect: RealPrior
    group_scale: PositivePrior
    user_scale: PositivePrior
    session_scale: PositivePrior


class VerifiedSuccess(Topic):
    """Parameters of the log odds of verified success, named as in `Activity`."""

    intercept: RealPrior
    effect: RealPrior
    increments: SimplexPrior
    slope_scale: PositivePrior
    coding_effect: RealPrior
    group_scale: PositivePrior
    user_scale: PositivePrior


class Joint(Topic):
    """Dependence between the outcomes: Fisher's z (arctanh) of the correlation of a user's traits."""

    user_correlation: RealPrior


class Measurement(Topic):
    """The rating as a measurement of the true level.

    ``confusion`` are the chances of each rating at each true level, ``halo`` what a verified success adds to the log
    odds of one rating against the next lower, ``activity_by_success`` what it adds to log actions at the same level.
    ``level_shares`` are the shares of the true levels in an average group, ``group_scale`` the spread of groups in
    the log odds of a higher level, ``coding_effect`` and ``increments`` how coding expertise moves them where it is
    a treatment too.
    """

    confusion: ConfusionPrior
    halo: RealPrior
    activity_by_success: RealPrior
    level_shares: SimplexPrior
    group_scale: PositivePrior
    coding_effect: RealPrior
    increments: SimplexPrior


class Bias(Topic):
    """Bias parameters: a hidden trait in standard deviations, and what one of them moves.

    ``hidden_by_level`` is how much higher it stands among experts than among novices with the same codes.
    """

    hidden_by_level: RealPrior
    activity_by_hidden: RealPrior
    verified_success_by_hidden: RealPrior


class Priors(BaseModel):
    """A whole prior file: ``name`` is the file's stem, ``title`` states its purpose in one line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: Annotated[str, Field(min_length=1)]
    activity: Activity
    verified_success: VerifiedSuccess
    joint: Joint
    measurement: Measurement
    bias: Bias

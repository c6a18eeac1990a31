"""Which rows a table of priors must have: one class a topic, one field a parameter, typed by its support.

The classes are the schema of the TOML files. A new topic (a new model) is a new class here and a new table in the
files; a new belief about a known parameter is only a new row in a file.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from knowntruth.priors.distributions import PositivePrior, RealPrior, SimplexPrior


class Topic(BaseModel):
    """One table of a prior file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Activity(Topic):
    """Parameters of log actions per prompt of a session, all in log units.

    ``effect`` is the whole step from novice to expert, ``increments`` the shares of its four steps,
    ``group_scale`` the spread of occupations, modes, bands or months, ``user_scale`` the spread of users and
    ``session_scale`` that of one user's sessions.
    """

    intercept: RealPrior
    effect: RealPrior
    increments: SimplexPrior
    group_scale: PositivePrior
    user_scale: PositivePrior
    session_scale: PositivePrior


class VerifiedSuccess(Topic):
    """Parameters of the log odds of verified success, named as in `Activity`."""

    intercept: RealPrior
    effect: RealPrior
    increments: SimplexPrior
    group_scale: PositivePrior


class Priors(BaseModel):
    """A whole prior file: ``name`` is the file's stem, ``title`` says in a line what it is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: Annotated[str, Field(min_length=1)]
    activity: Activity
    verified_success: VerifiedSuccess

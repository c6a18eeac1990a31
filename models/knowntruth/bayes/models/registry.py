"""The models by name. A new one is a file of its own and a row here."""

from collections.abc import Mapping
from typing import Final

from knowntruth.bayes.models import activity, hidden_confounder, joint, measurement, verified_success
from knowntruth.bayes.models.base import Model
from knowntruth.common.errors import InputError
from knowntruth.common.names import look_up

MODELS: Final[Mapping[str, Model]] = {
    row.name: row
    for row in (activity.MODEL, verified_success.MODEL, joint.MODEL, measurement.MODEL, hidden_confounder.MODEL)
}

RENAMED: Final = {"bias": "hidden_confounder"}
"""Names of models in earlier versions, in saved fits too, and what they are called now."""


def model(name: str) -> Model:
    """Return the model called ``name``.

    Raises
    ------
    InputError
        With the allowed names, if there is none of that name.

    Examples
    --------
    >>> model("joint").description
    'expertise affects both outcomes; user effects on the two are correlated'
    >>> model("bias")
    Traceback (most recent call last):
    knowntruth.common.errors.InputError: the model 'bias' is now called 'hidden_confounder'; use that name
    """
    if name in RENAMED and name not in MODELS:
        raise InputError(f"the model {name!r} is now called {RENAMED[name]!r}; use that name")
    return look_up("there is no model", name, MODELS)
